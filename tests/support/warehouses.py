"""Warehouses for tests, loaded and built in this process, with the project parsed once."""

from __future__ import annotations

import atexit
import gc
import json
import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
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
from readership.statements import Listener, Recordings
from tests.support.postgres_server import PostgresServer
from tests.support.quick_dbt import copied, quick_dbt

ROOT = Path(__file__).parents[2]
# Tests have few rows and share the cores, so more threads only add overhead.
THREADS = {"threads": "1"}
# The database that the manifest is parsed for, with a name as long as all have.
PARSED_DATABASE = "test_of_parse"
# A machine that goes down takes the tests with it.
UNSYNCED = {"fsync_mode": "NONE"}
# The same settings as in profiles.yml.
PLANNING = {"disabled_optimizers": "projection_placement,projection_pullup", **THREADS}
# Relations of a file with the queries that copy tables, and those of views.
STORED = """
select schema_name || '.' || table_name, 'from stored.' || schema_name || '.' || table_name
from duckdb_tables() where database_name = 'stored' and not internal
union all
select schema_name || '.' || view_name, substring(sql, position(' AS ' in sql) + 4)
from duckdb_views() where database_name = 'stored' and not internal
"""


@cache
def relations_in(query: str) -> tuple[str, ...]:
    """Return the relations that a query reads, as `schema.name`."""
    names = duckdb.get_table_names(query, qualified=True)
    return tuple(".".join(name.replace('"', "").split(".")[-2:]) for name in sorted(names))


@dataclass
class Dbt:
    """Runs dbt on this project, with one parse and shared recordings.

    Attributes:
        target: Folder of dbt's artifacts.
        shared: Folder of files that the first test process creates for all.
        engine: Target of the profile.
        recordings: Recorded runs to replay; None to always run dbt.
        profiles: Folder of profiles.yml.
        variables: Variables of the project, for the parse and for every build.
        database: The name of its PostgreSQL database. All databases share one parse; without it,
            the parse has the name that the environment gives.

    """

    target: Path
    shared: Path
    engine: str = "duckdb"
    recordings: Recordings | None = None
    profiles: Path = ROOT / "profiles"
    variables: dict[str, object] = field(default_factory=dict)
    database: str = ""

    @cached_property
    def manifest(self) -> Manifest:
        """The parsed project, shared by all runs."""
        manifest = pickle.loads(self.manifest_file.read_bytes())
        # It lives as long as the process. Otherwise every full collection visits its million
        # objects, which takes a tenth of a run of dbt.
        gc.collect()
        gc.freeze()
        atexit.register(gc.unfreeze)
        return manifest

    @property
    def manifest_file(self) -> Path:
        """The pickled manifest, for other processes."""
        parsed = self._create_once(f"manifest {self.engine}", lambda: pickle.dumps(self._parsed()))
        if not self.database:
            return parsed
        # Names of one length, so that the pickle stays one.
        assert len(self.database) == len(PARSED_DATABASE)
        named = parsed.read_bytes().replace(PARSED_DATABASE.encode(), self.database.encode())
        return self._create_once(f"manifest {self.database}", lambda: named)

    def _parsed(self) -> Manifest:
        # The manifest contains the name of the database, which on DuckDB is that of the file.
        os.environ["READERSHIP_WAREHOUSE"] = str(self.target / "warehouse.duckdb")
        named = {"READERSHIP_POSTGRES_DATABASE": PARSED_DATABASE} if self.database else {}
        options = ("--no-partial-parse", *self._project_options)
        with mock.patch.dict(os.environ, named):
            parsed = dbtRunner().invoke(
                ["--quiet", "parse", *options, "--vars", json.dumps(self.variables)]
            )
        assert parsed.success, parsed.exception
        # dbt 1.11 cannot copy selectors and disabled nodes, and no test uses them.
        parsed.result.selectors = {}
        parsed.result.disabled = {}
        return parsed.result

    @cached_property
    def data_tests(self) -> dict[str, str]:
        """Queries of the data tests with severity `error`, by name, compiled once.

        Each query counts the violating rows.
        """
        file = self._create_once("data_tests", lambda: json.dumps(self._compiled_tests()).encode())
        return json.loads(file.read_bytes())

    def _compiled_tests(self) -> dict[str, str]:
        warehouse = self.target / "warehouse.duckdb"
        nodes = [r.node for r in self(warehouse, "compile", "--select", "test_type:data")]
        # Make sure that none is missing: those in tests/data, and those of every public model.
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

    def _create_once(self, name: str, make: Callable[[], bytes]) -> Path:
        file = self.shared / name
        with FileLock(f"{file}.lock"):
            if not file.exists():
                file.write_bytes(make())
        return file

    def __call__(
        self, warehouse: Path, *arguments: str, listener: Listener | None = None
    ) -> list[Any]:
        """Run one dbt command on a warehouse and return its node results.

        Raises:
            DbtFailedError: The command failed.

        """
        callbacks = [print_event, listener] if listener else [print_event]
        runner = dbtRunner(manifest=copied(self.manifest), callbacks=callbacks)
        os.environ["READERSHIP_WAREHOUSE"] = str(warehouse)
        # Without loggers, for which dbt renders every line of every level.
        quiet = ["--log-level", "none", "--log-level-file", "none", "--no-write-json"]
        with quick_dbt():
            done = runner.invoke([*quiet, *arguments, *self._project_options])
        # Otherwise dbt keeps the file open until the process ends.
        DuckDBConnectionManager.close_all_connections()
        failed = [r for r in done.result or [] if r.status not in ("success", "pass", "skipped")]
        if not done.success:
            errors = done.exception or [
                (r.node.name, r.message) if hasattr(r, "node") else str(r) for r in failed
            ]
            raise DbtFailedError(errors)
        return list(done.result)

    @property
    def _project_options(self) -> list[str]:
        options = {
            "--project-dir": ROOT,
            "--profiles-dir": self.profiles,
            "--target": self.engine,
            "--target-path": self.target,
            "--log-path": self.target / "logs",
        }
        return [str(part) for pair in options.items() for part in pair]


def print_event(message: EventMsg) -> None:
    """Print the output of macros, and errors."""
    if message.info.name == "PrintEvent" or message.info.level == "error":
        print(message.info.msg)


class DbtFailedError(Exception):
    """A dbt command failed."""


@dataclass
class Warehouse:
    """A DuckDB file, with methods to load, build and query it.

    Attributes:
        folder: Its folder.
        dbt: Runs dbt.
        is_by_dbt: Whether dbt always runs, instead of replaying recordings.
        loads: Number of event files loaded so far.

    """

    folder: Path
    dbt: Dbt
    is_by_dbt: bool = False
    loads: int = field(default=0)

    @property
    def path(self) -> Path:
        """The DuckDB file. All have the same name, because dbt's manifest contains it."""
        return self.folder / "warehouse.duckdb"

    @property
    def schema(self) -> str:
        """The schema of dbt's tables."""
        return "main"

    @property
    def destination(self) -> Target:
        """The target of the loader."""
        return DuckDbFile(self.path)

    def init(self) -> None:
        """Create the empty raw tables."""
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
        """Build seeds and models, from recordings if possible.

        Args:
            arguments: Further options of `dbt build`.
            variables: Variables of the project.

        """
        command = (
            *("build", "--exclude-resource-type", "test", "unit_test", *arguments),
            *("--vars", json.dumps(self.dbt.variables | variables, sort_keys=True)),
        )
        if self.is_by_dbt or not self.dbt.recordings:
            self.run_dbt(*command)
        else:
            # Printed output may depend on rows, so it cannot be recorded.
            run_dbt = partial(self._run_for_recording, command)
            self.dbt.recordings.run(self.path, command, run_dbt, lambda: self.dbt.manifest)

    def _run_for_recording(self, command: tuple[str, ...], listener: Listener) -> None:
        # Only the statements of a single thread are in an order that can be replayed.
        with self._settings():
            self.dbt(self.path, *command, "--threads", "1", listener=listener)

    def test(self, *arguments: str, **variables: object) -> None:
        """Run the data tests."""
        self.run_dbt(
            *("test", "--select", "test_type:data", *arguments),
            *("--vars", json.dumps(self.dbt.variables | variables)),
        )

    @contextmanager
    def copied(self, *names: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a copy in memory with views as tables, so that each is computed only once.

        Args:
            names: The relations of dbt that are needed, which are copied with those that they read;
                by default, all relations of the file are.

        """
        with duckdb.connect(config=PLANNING) as connection:
            connection.execute(f"attach '{self.path}' as stored (read_only)")
            # dbt's queries contain the name of the database, which is that of the file.
            connection.execute(f"attach ':memory:' as {self.path.stem}")
            connection.execute(f"use {self.path.stem}")
            queries = dict(connection.execute(STORED).fetchall())
            for schema in {relation.partition(".")[0] for relation in queries}:
                connection.execute(f"create schema if not exists {schema}")

            def copy(relation: str) -> None:
                # Views read copies of other views.
                if query := queries.pop(relation, None):
                    for parent in relations_in(query):
                        copy(parent)
                    connection.execute(f"create table {relation} as {query}")

            for relation in [f"{self.schema}.{name}" for name in names] or list(queries):
                copy(relation)
            yield connection

    def check(self, copy: duckdb.DuckDBPyConnection | None = None) -> None:
        """Run the data tests with severity `error` and default variables.

        This does the same as `dbt test` in a fraction of the time: tests are compiled once, and the
        copy does not recompute views for each test.

        Args:
            copy: An open copy of the warehouse; by default, one is created.

        """
        with nullcontext(copy) if copy else self.copied() as connection:
            broken = {
                name: count
                for name, sql in self.dbt.data_tests.items()
                if (count := connection.execute(sql).fetchall()[0][0])
            }
        assert broken == {}, broken

    def run_dbt(self, *arguments: str) -> list[Any]:
        """Run one dbt command and return its node results."""
        with self._settings():
            return self.dbt(self.path, *arguments)

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run a query and return its rows."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    @contextmanager
    def reader(self) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
        """Give a function like `rows` for many queries, on a copy."""
        with self.copied() as copy:
            yield lambda sql: copy.execute(sql).fetchall()

    def execute(self, sql: str) -> None:
        """Execute a statement."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(sql)

    def one(self, sql: str, *parameters: object) -> Any:  # noqa: ANN401
        """Return the single row of a query: its value, or a tuple of several values."""
        (row,) = self.rows(sql, *parameters)
        return row[0] if len(row) == 1 else row

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows of all public tables and views, in a fixed order.

        Operations tables are left out: they describe loads, which depend on how events were split.
        """
        public = ("fct_", "dim_", "bridge_", "trending_", "evergreen_", "api_")
        return self.ordered(*(name for name in self.names() if name.startswith(public)))

    def ordered(
        self, *names: str, copy: duckdb.DuckDBPyConnection | None = None
    ) -> dict[str, list[tuple[Any, ...]]]:
        """Return the sorted rows of relations by name, from an open copy if given."""
        with nullcontext(copy) if copy else self.copied(*names) as connection:
            return {
                name: connection.execute(f"select * from {name} order by all").fetchall()
                for name in names
            }

    def names(self) -> list[str]:
        """Return the names of all tables and views of dbt."""
        rows = self.rows(
            "select table_name from information_schema.tables "
            f"where table_schema = '{self.schema}' order by 1"
        )
        return [name for (name,) in rows]

    @contextmanager
    def _settings(self, **settings: str) -> Iterator[None]:
        """Set the environment variables that dbt and the loader need for this warehouse."""
        with mock.patch.dict(os.environ, settings):
            yield


@dataclass
class PostgresWarehouse(Warehouse):
    """A PostgreSQL database. It needs a manifest of its own, which contains its name."""

    server: PostgresServer = field(kw_only=True)
    database: str = field(kw_only=True)

    @property
    def schema(self) -> str:
        """The schema of dbt's tables."""
        return "readership"

    @property
    def destination(self) -> Target:
        """The target of the loader."""
        return NamedDestination("postgres")

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run a query with the planner settings of the models.

        They are in macros/engine/shared/planning.sql.
        """
        return self.server.rows(
            f"set search_path = {self.schema}; set enable_nestloop = off; {sql}",
            *parameters,
            database=self.database,
        )

    @contextmanager
    def reader(self) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
        """Give a function like `rows` for many queries, in one session."""
        with self.server.session(self.database) as run:
            run(f"set search_path = {self.schema}; set enable_nestloop = off")
            yield run

    def execute(self, sql: str) -> None:
        """Execute a statement."""
        self.rows(sql)

    def ordered(
        self, *names: str, copy: duckdb.DuckDBPyConnection | None = None
    ) -> dict[str, list[tuple[Any, ...]]]:
        """Return the sorted rows of relations by name."""
        assert copy is None
        return {name: sorted(self.rows(f"select * from {name}"), key=repr) for name in names}

    @contextmanager
    def _settings(self, **settings: str) -> Iterator[None]:
        settings |= {
            f"READERSHIP_POSTGRES_{'DATABASE' if name == 'dbname' else name.upper()}": str(value)
            for name, value in self.server.parts(self.database).items()
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        # The loader keeps its state in the working directory.
        with super()._settings(**settings), chdir(self.folder):
            yield
