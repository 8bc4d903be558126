"""Warehouses of the benchmarks, and dbt on them: as a command or in this process."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

import loaders
from bench.figures import DATA, Run, run
from loaders import DuckDbFile, LoadRequest, Progress
from readership import builder

BUILD = ["run", "--selector", "frequent"]
WHOLE = ["build", "--exclude-resource-type", "test", "unit_test"]


class Warehouse:
    """A DuckDB file, new or copied from another.

    All files have the same name, because dbt's manifest contains it.
    """

    def __init__(self, name: str, copied: Warehouse | None = None) -> None:
        self.path = DATA / name / "warehouse.duckdb"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.remove()
        if copied is not None:
            copied.checkpoint()
            shutil.copy(copied.path, self.path)

    def remove(self) -> None:
        """Remove the file and the files that belong to it."""
        for file in self.path.parent.glob(f"{self.path.name}*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()

    def load(self, *events: Path) -> None:
        """Load files, or folders of them, as one load."""
        loaders.load(LoadRequest(tuple(map(str, events))), DuckDbFile(self.path), Progress())

    def checkpoint(self) -> None:
        """Write the write-ahead log to the file."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("checkpoint")

    def size(self) -> int:
        """Return the size of the file in bytes."""
        self.checkpoint()
        return self.path.stat().st_size

    def dbt(self, *arguments: str) -> Run:
        """Run dbt as a command."""
        return run("-m", "bench.dbt", *arguments, READERSHIP_WAREHOUSE=str(self.path))


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Wall time and CPU time of one run of dbt."""

    seconds: float
    cpu_seconds: float


class InOneProcess:
    """Runs dbt in this process, with the project parsed once."""

    def __init__(self, warehouse: Warehouse) -> None:
        os.environ["READERSHIP_WAREHOUSE"] = str(warehouse.path)
        parsed = dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse"])
        if not parsed.success:
            sys.exit(str(parsed.exception))
        self._manifest: Any = parsed.result

    def __call__(self, warehouse: Warehouse, *arguments: str) -> Elapsed:
        """Run one command, and return its time."""
        os.environ["READERSHIP_WAREHOUSE"] = str(warehouse.path)
        started, cpu_started = time.monotonic(), time.process_time()
        result = dbtRunner(manifest=self._manifest).invoke(["--quiet", *arguments])
        elapsed = Elapsed(time.monotonic() - started, time.process_time() - cpu_started)
        # DuckDB locks the file; the loader opens it next.
        DuckDBConnectionManager.close_all_connections()
        if not result.success:
            sys.exit(str(result.exception or [r.message for r in result.result if r.message]))
        return elapsed


class Followed:
    """A warehouse that is built again and again as `readership follow` does.

    What dbt writes for it, and the recorded statements, are in a folder beside its file.

    Args:
        warehouse: The warehouse.
        earlier: The same of the warehouse that it is a copy of; its recordings are copied too.

    """

    def __init__(self, warehouse: Warehouse, earlier: Followed | None = None) -> None:
        self.warehouse = warehouse
        self._target = warehouse.path.parent / "target"
        shutil.rmtree(self._target, ignore_errors=True)
        if earlier is not None:
            shutil.copytree(earlier._target, self._target)
        with self._environment():
            self._project = builder.ResidentProject(builder.Progress(sys.stderr), warehouse.path)

    def load(self, *events: Path) -> None:
        """Load files, or folders of them, as one load."""
        self.warehouse.load(*events)

    def build(self, *, is_whole: bool = False) -> Elapsed:
        """Build everything, or what the loads since the last build change; return its time."""
        with self._environment():
            started, cpu_started = time.monotonic(), time.process_time()
            if is_whole:
                self._project.build_all()
            else:
                self._project.build_changed()
            return Elapsed(time.monotonic() - started, time.process_time() - cpu_started)

    @contextmanager
    def _environment(self) -> Iterator[None]:
        names = {
            "READERSHIP_WAREHOUSE": self.warehouse.path,
            "DBT_TARGET_PATH": self._target,
            "DBT_LOG_PATH": self._target,
        }
        before = {name: os.environ.get(name) for name in names}
        os.environ.update({name: str(path) for name, path in names.items()})
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
