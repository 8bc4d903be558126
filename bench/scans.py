"""The rows that dbt's statements read, according to DuckDB's profiler."""

from __future__ import annotations

import json
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.environments import local


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan of one table by one statement.

    Attributes:
        node: Name of the dbt node of the statement; empty for dbt's own statements.
        table: Unqualified name of the table.
        rows: Rows that passed the filters of the scan, including those that joins push down.
        rows_scanned: Rows of the row groups that the scan had to open.

    """

    node: str
    table: str
    rows: int
    rows_scanned: int


@contextmanager
def recorded_scans() -> Iterator[list[Scan]]:
    """Record the scans of all statements of dbt in this process until the block ends."""
    scans: list[Scan] = []
    original = local.DuckDBCursorWrapper.execute
    with tempfile.TemporaryDirectory() as folder:
        nodes: dict[Path, str] = {}

        def collect(file: Path) -> None:
            if file.exists() and (text := file.read_text()):
                scans.extend(scans_of(json.loads(text), nodes[file]))
            file.unlink(missing_ok=True)

        def execute(self: Any, sql: str, bindings: Any = None) -> Any:  # noqa: ANN401
            file = Path(folder) / f"{threading.get_ident()}.json"
            # DuckDB writes the profile of a statement once its result has been fetched.
            collect(file)
            nodes[file] = node_of(sql)
            self._cursor.execute("pragma enable_profiling = 'json'")
            self._cursor.execute(f"pragma profiling_output = '{file}'")
            return original(self, sql, bindings)

        local.DuckDBCursorWrapper.execute = execute
        try:
            yield scans
        finally:
            local.DuckDBCursorWrapper.execute = original
            for file in Path(folder).iterdir():
                collect(file)


def node_of(sql: str) -> str:
    """Return the node of a statement from dbt's comment in it; empty if there is none."""
    match = re.search(r'"node_id": "[a-z_]+[.]\w+[.](\w+)', sql)
    return match.group(1) if match else ""


def scans_of(profile: dict[str, Any], node: str) -> list[Scan]:
    """Return the table scans in a DuckDB profile."""
    scans = []
    operators = list(profile.get("operator", []))
    while operators:
        operator = operators.pop()
        operators.extend(operator.get("children", []))
        table = operator.get("extra_info", {}).get("Table")
        if operator.get("type") == "TABLE_SCAN" and table:
            scans.append(
                Scan(
                    node,
                    table.rpartition(".")[2],
                    operator.get("intermediate_rows", 0),
                    operator.get("rows_scanned", 0),
                )
            )
    return scans
