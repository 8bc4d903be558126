"""Which rows dbt's statements read, by DuckDB's own profiler."""

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
        node: The dbt node whose statement it was, by name; empty for dbt's own.
        table: The table, by its last name.
        rows: Rows that the scan handed on: what its filters, those that joins push down among
            them, let through.
        rows_let_in: Rows of the row groups that the scan had to open.

    """

    node: str
    table: str
    rows: int
    rows_let_in: int


@contextmanager
def recorded_scans() -> Iterator[list[Scan]]:
    """Record the scans of everything that dbt runs in this process, until the block ends."""
    scans: list[Scan] = []
    plain = local.DuckDBCursorWrapper.execute
    with tempfile.TemporaryDirectory() as folder:
        nodes: dict[Path, str] = {}

        def collect(file: Path) -> None:
            if file.exists() and (text := file.read_text()):
                scans.extend(scans_of(json.loads(text), nodes[file]))
            file.unlink(missing_ok=True)

        def execute(self: Any, sql: str, bindings: Any = None) -> Any:  # noqa: ANN401
            file = Path(folder) / f"{threading.get_ident()}.json"
            # The profile of a statement is written when its result has been fetched.
            collect(file)
            nodes[file] = node_of(sql)
            self._cursor.execute("pragma enable_profiling = 'json'")
            self._cursor.execute(f"pragma profiling_output = '{file}'")
            return plain(self, sql, bindings)

        local.DuckDBCursorWrapper.execute = execute
        try:
            yield scans
        finally:
            local.DuckDBCursorWrapper.execute = plain
            for file in Path(folder).iterdir():
                collect(file)


def node_of(sql: str) -> str:
    """Give the name of the node that a statement of dbt's is of; empty for dbt's own."""
    named = re.search(r'"node_id": "[a-z_]+[.]\w+[.](\w+)', sql)
    return named.group(1) if named else ""


def scans_of(profile: dict[str, Any], node: str) -> list[Scan]:
    """Give the table scans in a profile of DuckDB."""
    found = []
    operators = list(profile.get("operator", []))
    while operators:
        operator = operators.pop()
        operators.extend(operator.get("children", []))
        table = operator.get("extra_info", {}).get("Table")
        if operator.get("type") == "TABLE_SCAN" and table:
            found.append(
                Scan(
                    node,
                    table.rpartition(".")[2],
                    operator.get("intermediate_rows", 0),
                    operator.get("rows_scanned", 0),
                )
            )
    return found
