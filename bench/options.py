"""The options of a benchmark."""

from __future__ import annotations

import argparse
from typing import NoReturn


class Options(argparse.ArgumentParser):
    """A parser of the options of `python -m bench.NAME`; an unknown one is refused in one line.

    Args:
        name: The name of the module.
        description: Its docstring, which `--help` prints.

    """

    def __init__(self, name: str, description: str | None) -> None:
        super().__init__(
            prog=f"python -m bench.{name}",
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Print the error in one line and exit with 2."""
        self.exit(2, f"{self.prog}: {message}\n")
