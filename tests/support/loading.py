"""The types of the fixtures in conftest.py, which cannot be imported by its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from loaders.pipeline import LoadSummary

Write = Callable[..., Path]
Load = Callable[..., LoadSummary]
Query = Callable[[str], list[tuple[Any, ...]]]
