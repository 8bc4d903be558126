"""Loads that are killed: how, and what the warehouse may hold after them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from loaders.tables import TABLES

ROOT = Path(__file__).parents[2]


def contents(warehouse: Path) -> dict[str, list[Any]]:
    """Every raw row in a fixed order, without the names and times of loads."""
    found: dict[str, list[Any]] = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for table in TABLES:
            left_out, put_in = ("_dlt_load_id", "")
            if table == "files":
                left_out, put_in = "_dlt_load_id, replaced_by", ", replaced_by is not null"
            found[table] = connection.execute(
                f"select * exclude ({left_out}){put_in} from raw.{table} order by all"
            ).fetchall()
        found["loads"] = connection.execute("select distinct status from raw._dlt_loads").fetchall()
    return found


def check_what_others_see(warehouse: Path) -> None:
    """Finished loads alone: each file's rows are those of its accounts in force."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        if not connection.execute(
            "select 1 from information_schema.tables where table_schema = 'raw' "
            "and table_name = '_dlt_loads'"
        ).fetchall():
            return
        finished = "_dlt_load_id in (select load_id from raw._dlt_loads where status = 0)"
        accounts = connection.execute(
            "select file, _dlt_load_id, events, rejected, lines = events + rejected + blank "
            f"from raw.files where {finished} and replaced_by is null and lines > 0 order by all"
        ).fetchall()
        found = connection.execute(
            "select _file, _dlt_load_id, count(*) filter (is_event), count(*) filter (not is_event)"
            ", true from ("
            f"select _file, _dlt_load_id, true as is_event from raw.events where {finished} "
            "union all select _file, _dlt_load_id, false from raw.rejected_lines "
            f"where {finished}) group by all order by all"
        ).fetchall()
        assert found == accounts


def die_at(call: int, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "tests/support/kill_after_calls.py"), str(call), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def points(count: int) -> Iterator[float]:
    return ((at + 0.5) / count for at in range(count))
