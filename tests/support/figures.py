"""Figures that tests note and a run with `--long` prints."""

from collections.abc import Callable

Figure = Callable[[str, int, str, int], None]
"""Notes a count: its name, value, unit, and the least that it may be with `--long`."""
