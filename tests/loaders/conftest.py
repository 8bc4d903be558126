"""What the loader's tests share: a warehouse of their own, event files written by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from loading_fixtures import Load, Query, Write

from loaders import pipeline
from loaders.pipeline import Wanted
from loaders.progress import Progress
from loaders.targets import DuckDbFile


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Give the path of a warehouse that does not exist yet."""
    return tmp_path / "warehouse" / "test.duckdb"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a function that writes an event file: dicts as JSON lines, text or bytes as is."""

    def write_file(name: str, *lines: dict[str, Any] | str | bytes) -> Path:
        path = tmp_path / "events" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = b"".join(_bytes_of(line) for line in lines)
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return write_file


def _bytes_of(line: dict[str, Any] | str | bytes) -> bytes:
    if isinstance(line, bytes):
        return line
    return (json.dumps(line) if isinstance(line, dict) else line).encode() + b"\n"


@pytest.fixture
def load(warehouse: Path) -> Load:
    """Give a function that loads paths into the warehouse."""

    def load_paths(*paths: Path | str, **wanted: Any) -> pipeline.Summary:  # noqa: ANN401
        return pipeline.load(
            Wanted(tuple(map(str, paths)), **wanted), DuckDbFile(warehouse), Progress()
        )

    return load_paths


@pytest.fixture
def query(warehouse: Path) -> Query:
    """Give a function that asks the warehouse."""

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return ask
