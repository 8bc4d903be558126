"""Warehouses for tests: loaded by the loader, built by dbt, in one process, parsed once."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg
from filelock import FileLock

import loaders
from loaders import DuckDbFile, LoadRequest, NamedDestination, Target
from loaders.commands.progress import progress_for
from statements.runs import Listener, Recordings
from tests.postgres_server import PostgresServer

ROOT = Path(__file__).parent.parent
# Rows are few, and the processes of the tests share the cores: more threads only cost.
THREADS = {"threads": "1"}
# As profiles.yml has it.
PLANNING = {"disabled_optimizers": "projection_placement,projection_pullup", **THREADS}


@dataclass
class Dbt:
    """dbt on this project, with what one parse and one run give for all runs.

    Attributes:
        target: The folder for what dbt writes.
        shared: The folder for what is made once, by whichever process of the tests comes first.
        engine: Which output of the profile is meant.
        recordings: Runs that were recorded, if runs may be sent again.

    """

    target: Path
    shared: Path
    engine: str = "duckdb"
    recordings: Recordings | None = None

    @cached_property
    def manifest(self) -> Manifest:
        """The project as dbt parsed it, once for all runs."""
        return pickle.loads(self.manifest_file.read_bytes())

    @property
    def manifest_file(self) -> Path:
        """The manifest, pickled, for other processes."""
        return self._made_once("manifest", lambda: pickle.dumps(self._parsed()))

    def _parsed(self) -> Manifest:
        # The manifest holds the name of the database, and so of the file.
        os.environ["READERSHIP_WAREHOUSE"] = str(self.target / "warehouse.duckdb")
        parsed = dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse", *self._places])
        assert parsed.success, parsed.exception
        # dbt 1.11 cannot copy them, and no test selects by them.
        parsed.result.selectors = {}
        return parsed.result

    @cached_property
    def data_tests(self) -> dict[str, str]:
        """The data tests of which a failure is an error, compiled once: queries by their names.

        Each counts the rows that break it.
        """
        made = self._made_once("data_tests", lambda: json.dumps(self._compiled_tests()).encode())
        return json.loads(made.read_bytes())

    def _compiled_tests(self) -> dict[str, str]:
        warehouse = self.target / "warehouse.duckdb"
        nodes = [r.node for r in self(warehouse, "compile", "--select", "test_type:data")]
        # All of them: those that lie in tests/data, and those of every model that people read.
        names = {node.name for node in nodes}
        assert {file.stem for file in (ROOT / "tests/data").glob("*.sql")} <= names
        tested = {parent for node in nodes for parent in node.depends_on.nodes}
        models = [n for n in self.manifest.nodes.values() if n.resource_type == "model"]
        assert {n.unique_id for n in models if n.access == "public"} <= tested
        assert {(n.config.fail_calc, n.config.error_if) for n in nodes} == {("count(*)", "!= 0")}
        return {
            node.name: f"select count(*) from ({node.compiled_code}) as broken"
            for node in nodes
            if node.config.severity.lower() == "error"
        }

    def _made_once(self, name: str, make: Callable[[], bytes]) -> Path:
        file = self.shared / name
        with FileLock(f"{file}.lock"):
            if not file.exists():
                file.write_bytes(make())
        return file

    def __call__(
        self, warehouse: Path, *arguments: str, listener: Listener | None = None
    ) -> list[Any]:
        """Run one dbt command against a warehouse and give its node results."""
        callbacks = [tell, listener] if listener else [tell]
        runner = dbtRunner(manifest=self.manifest.deepcopy(), callbacks=callbacks)
        os.environ["READERSHIP_WAREHOUSE"] = str(warehouse)
        # Without loggers: dbt makes up every line of every level for one, and then drops it.
        plain = ["--log-level", "none", "--log-level-file", "none", "--no-write-json"]
        done = runner.invoke([*plain, *arguments, *self._places])
        # dbt keeps the file open for the life of the process.
        DuckDBConnectionManager.close_all_connections()
        failed = [r for r in done.result or [] if r.status not in ("success", "pass", "skipped")]
        if not done.success:
            told = done.exception or [
                (r.node.name, r.message) if hasattr(r, "node") else str(r) for r in failed
            ]
            raise DbtFailedError(told)
        return list(done.result)

    @property
    def _places(self) -> list[str]:
        places = {
            "--project-dir": ROOT,
            "--profiles-dir": ROOT / "profiles",
            "--target": self.engine,
            "--target-path": self.target,
            "--log-path": self.target / "logs",
        }
        return [str(part) for pair in places.items() for part in pair]


def tell(message: EventMsg) -> None:
    """Print what macros print, and errors."""
    if message.info.name == "PrintEvent" or message.info.level == "error":
        print(message.info.msg)


class DbtFailedError(Exception):
    """A dbt command did not succeed."""


@dataclass
class Warehouse:
    """A warehouse with the means to fill it, build it and ask it: a DuckDB file.

    Attributes:
        folder: Where it is.
        dbt: What builds it.
        is_by_dbt: Whether dbt itself makes every run, and none is sent again from a recording.
        loads: The files of events that were loaded.

    """

    folder: Path
    dbt: Dbt
    is_by_dbt: bool = False
    loads: int = field(default=0)

    @property
    def path(self) -> Path:
        """The DuckDB file; every one has the same name, since dbt's manifest holds it."""
        return self.folder / "warehouse.duckdb"

    @property
    def schema(self) -> str:
        """Where dbt puts its tables."""
        return "main"

    @property
    def destination(self) -> Target:
        """What the loader calls it."""
        return DuckDbFile(self.path)

    def init(self) -> None:
        """Make the empty tables."""
        with self._settings():
            loaders.init(self.destination)

    def load(self, *paths: Path | str) -> loaders.LoadSummary:
        """Load event files."""
        request = LoadRequest(tuple(map(str, paths)))
        with self._settings():
            return loaders.load(request, self.destination, progress_for())

    def load_events(self, events: Iterable[dict[str, Any] | str]) -> loaders.LoadSummary:
        """Load events (or raw lines) as one new file."""
        self.loads += 1
        file = self.folder / "events" / f"{self.loads:03}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = (e if isinstance(e, str) else json.dumps(e) for e in events)
        file.write_text("".join(f"{line}\n" for line in lines))
        return self.load(file)

    def build(self, *arguments: str, **variables: object) -> None:
        """Run the seeds and models, with variables of one's own.

        By recorded statements, where there are some that fit and dbt itself is not asked for.
        """
        command = (
            *("build", "--exclude-resource-type", "test", "unit_test", *arguments),
            *("--vars", json.dumps(variables, sort_keys=True)),
        )
        if self.is_by_dbt or not self.dbt.recordings:
            self.run_dbt(*command)
        else:
            # What a run prints may depend on rows, and cannot be recorded.
            command = (*command, "--no-print")
            by_dbt = partial(self._recorded, command)
            self.dbt.recordings.run(self.path, command, by_dbt, lambda: self.dbt.manifest)

    def _recorded(self, command: tuple[str, ...], listener: Listener) -> None:
        # Statements of one thread alone are in an order in which they can be sent again.
        with self._settings():
            self.dbt(self.path, *command, "--threads", "1", listener=listener)

    def test(self, *arguments: str, **variables: object) -> None:
        """Run the data tests."""
        self.run_dbt(
            *("test", "--select", "test_type:data", *arguments),
            *("--vars", json.dumps(variables)),
        )

    @contextmanager
    def copied(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a copy in memory in which views are tables, so that each is worked out once."""
        with duckdb.connect(config=PLANNING) as connection:
            connection.execute(f"attach '{self.path}' as stored (read_only)")
            # dbt's queries name the database, which is called as the file is.
            connection.execute(f"attach ':memory:' as {self.path.stem}")
            for schema, name in connection.execute(
                "select table_schema, table_name from information_schema.tables "
                "where table_catalog = 'stored'"
            ).fetchall():
                connection.execute(f"create schema if not exists {self.path.stem}.{schema}")
                connection.execute(
                    f"create table {self.path.stem}.{schema}.{name} as from stored.{schema}.{name}"
                )
            connection.execute(f"use {self.path.stem}")
            yield connection

    def check(self, copy: duckdb.DuckDBPyConnection | None = None) -> None:
        """Hold every row to the data tests, with default variables; a copy may be at hand.

        As `dbt test` does, in a fraction of its time: they are compiled once, and ask a copy, in
        which no view is worked out for each test of a column.
        """
        with nullcontext(copy) if copy else self.copied() as connection:
            broken = {
                name: count
                for name, sql in self.dbt.data_tests.items()
                if (count := connection.execute(sql).fetchall()[0][0])
            }
        assert broken == {}, broken

    def run_dbt(self, *arguments: str) -> list[Any]:
        """Run one dbt command and give its node results."""
        with self._settings():
            return self.dbt(self.path, *arguments)

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Ask a question."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    def execute(self, sql: str) -> None:
        """Change something by hand."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(sql)

    def one(self, sql: str, *parameters: object) -> Any:  # noqa: ANN401
        """Ask for a single value, or a single row as a tuple."""
        (row,) = self.rows(sql, *parameters)
        return row[0] if len(row) == 1 else row

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every public table and view, in a fixed order.

        Operations tables tell of loads, which differ by how the events were cut.
        """
        public = ("fct_", "dim_", "bridge_", "trending_", "evergreen_", "api_")
        return self.ordered(*(name for name in self.names() if name.startswith(public)))

    def ordered(
        self, *names: str, copy: duckdb.DuckDBPyConnection | None = None
    ) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of relations, by name, in an order of their own; a copy may be at hand."""
        with (
            nullcontext(copy)
            if copy
            else duckdb.connect(str(self.path), read_only=True, config=PLANNING)
        ) as connection:
            return {
                name: connection.execute(f"select * from {name} order by all").fetchall()
                for name in names
            }

    def names(self) -> list[str]:
        """The tables and views that dbt made."""
        found = self.rows(
            "select table_name from information_schema.tables "
            f"where table_schema = '{self.schema}' order by 1"
        )
        return [name for (name,) in found]

    @contextmanager
    def _settings(self, **settings: str) -> Iterator[None]:
        """Set what names the warehouse to dbt and the loader, beside the file."""
        with mock.patch.dict(os.environ, settings):
            yield


@dataclass
class PostgresWarehouse(Warehouse):
    """A database of a Postgres server; dbt's manifest is of this one alone."""

    server: PostgresServer = field(kw_only=True)
    database: str = field(kw_only=True)

    @property
    def schema(self) -> str:
        """Where dbt puts its tables."""
        return "readership"

    @property
    def destination(self) -> Target:
        """What the loader calls it."""
        return NamedDestination("postgres")

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Ask a question, planned as the models' own statements are: macros/engine/planning.sql."""
        return self.server.rows(
            f"set search_path = {self.schema}; set enable_nestloop = off; {sql}",
            *parameters,
            database=self.database,
        )

    def execute(self, sql: str) -> None:
        """Change something by hand."""
        self.rows(sql)

    def ordered(
        self, *names: str, copy: duckdb.DuckDBPyConnection | None = None
    ) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of relations, by name, in an order of their own."""
        assert copy is None
        return {name: sorted(self.rows(f"select * from {name}"), key=repr) for name in names}

    @contextmanager
    def _settings(self, **settings: str) -> Iterator[None]:
        settings |= {
            f"READERSHIP_POSTGRES_{'DATABASE' if name == 'dbname' else name.upper()}": str(value)
            for name, value in self.server.parts(self.database).items()
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        # The loader works in the folder that it is started in.
        with super()._settings(**settings), chdir(self.folder):
            yield
