"""Builds on PostgreSQL that die in a model, lose the server, or are three at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.histories import BUILT, NEXT
from tests.support.replacements import everything, write_version
from tests.support.warehouses import ROOT, PostgresWarehouse

# The models up to pageviews have every kind of statement; all models with `--long`.
SOME = ("--select", "+int_pageviews")

# dbt in a process that kills itself after a number of statements that change rows or tables. With 0
# it lives, and prints how many there were.
KILLED = """
import os, pathlib, pickle, re, signal, sys
from dbt.adapters.sql.connections import SQLConnectionManager
from dbt.cli.main import dbtRunner
original, last, done = SQLConnectionManager.add_query, int(sys.argv[1]), [0]
changing = "(insert|delete|update|merge|create|alter|drop|truncate|do) "
def add_query(self, sql, *arguments, **options):
    result = original(self, sql, *arguments, **options)
    if re.match(changing, re.sub("^ */[*].*?[*]/", "", sql, flags=re.S).strip().lower() + " "):
        done[0] += 1
        if done[0] == last:
            os.kill(os.getpid(), signal.SIGKILL)
    return result
SQLConnectionManager.add_query = add_query
manifest = pickle.loads(pathlib.Path(sys.argv[2]).read_bytes()).deepcopy()
assert dbtRunner(manifest=manifest).invoke(sys.argv[3:]).success
print(done[0])
"""


@dataclass(frozen=True)
class History:
    """A database with a load that is not built yet.

    Attributes:
        warehouse: The warehouse; its database is copied anew for each build.
        original: The name of the database that is copied.
        selection: Options of its builds.
        statements: How many statements of a build change something.
        rows: Its rows after a full refresh.

    """

    warehouse: PostgresWarehouse
    original: str
    selection: tuple[str, ...]
    statements: int
    rows: Mapping[str, list[tuple[Any, ...]]]

    def restore(self) -> PostgresWarehouse:
        """Make the database what it was before the build."""
        name = self.warehouse.database
        self.warehouse.server.rows(f"drop database {name} with (force)")
        self.warehouse.server.rows(f"create database {name} template {self.original}")
        return self.warehouse


@pytest.fixture(scope="module")
def history(postgres_warehouse: PostgresWarehouse, is_long: bool) -> History:
    """Takes over 20 s: dbt builds three times on PostgreSQL."""
    selection = () if is_long else SOME
    for number, files in enumerate((BUILT, NEXT), start=1):
        folder = postgres_warehouse.folder / "events"
        postgres_warehouse.load(
            *(write_version(folder / name, lines, number) for name, lines in files.items())
        )
        if number == 1:
            postgres_warehouse.build(*selection)
    server, name = postgres_warehouse.server, postgres_warehouse.database
    original = f"{name}_original"
    server.rows(f"create database {original} template {name}")
    statements = int(started(postgres_warehouse, 0, selection).communicate()[0].split()[-1])
    postgres_warehouse.build("--full-refresh", *selection)
    return History(
        postgres_warehouse, original, selection, statements, everything(postgres_warehouse)
    )


def started(
    warehouse: PostgresWarehouse, last: int, selection: tuple[str, ...]
) -> subprocess.Popen[str]:
    """Start a build in another process, which dies after its last statement."""
    with warehouse._settings():
        return subprocess.Popen(
            [
                *(sys.executable, "-c", KILLED, str(last), str(warehouse.dbt.manifest_file)),
                *("--quiet", "build", "--exclude-resource-type", "test", "unit_test"),
                *("--threads", "1", *selection, *warehouse.dbt._project_options),
            ],
            cwd=ROOT,
            env=dict(os.environ),
            stdout=subprocess.PIPE,
            text=True,
        )


def test_a_build_killed_in_a_model_is_complete_after_the_next(
    history: History, is_long: bool
) -> None:
    """Takes over 20 s: dbt builds on PostgreSQL, half of it and the rest."""
    step = 10 if is_long else history.statements
    for last in range(step // 2 + 1, history.statements, step):
        warehouse = history.restore()
        process = started(warehouse, last, history.selection)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert warehouse.rows("select * from claimed_loads") == []
        warehouse.build(*history.selection)
        for name, rows in everything(warehouse).items():
            assert rows == history.rows[name], (last, name)


def test_three_builds_at_once_store_no_row_twice(history: History) -> None:
    """Takes over 20 s: three processes of dbt on PostgreSQL."""
    warehouse = history.restore()
    incremental = ("--select", "base_event_rows", "base_event_copies", "base_alias_lists")
    processes = [started(warehouse, 0, incremental) for _ in range(3)]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    warehouse.build(*history.selection)
    for name, rows in everything(warehouse).items():
        assert rows == history.rows[name], name


def test_a_build_during_which_the_server_restarts_is_complete_after_the_next(
    history: History,
) -> None:
    """Takes over 20 s: dbt builds on PostgreSQL, half of it and the rest."""
    warehouse = history.restore()
    finished = "select count(distinct model) from processed_loads where load_id = ({})".format(
        "select max(load_id) from raw._dlt_loads"
    )
    before = warehouse.one(finished)
    process = started(warehouse, 0, history.selection)
    while warehouse.one(finished) < before + 3:
        assert process.poll() is None
        time.sleep(0.05)
    warehouse.server.stop()
    warehouse.server.start()
    process.communicate()
    assert process.returncode != 0
    assert warehouse.one(finished) > before
    warehouse.build(*history.selection)
    for name, rows in everything(warehouse).items():
        assert rows == history.rows[name], name
