"""DuckDB files of the bench, and dbt on them: as a command, or in one process."""

from __future__ import annotations

import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

import loaders
from bench.figures import DATA, Run, run
from loaders import DuckDbFile, LoadRequest, Progress

BUILD = ["run", "--selector", "frequent"]
WHOLE = ["build", "--exclude-resource-type", "test", "unit_test"]


class Warehouse:
    """A warehouse file of the bench, new or a copy of another.

    Every file has the same name, since dbt's manifest holds it.
    """

    def __init__(self, name: str, copied: Warehouse | None = None) -> None:
        self.path = DATA / name / "warehouse.duckdb"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.remove()
        if copied is not None:
            copied.checkpoint()
            shutil.copy(copied.path, self.path)

    def remove(self) -> None:
        """Remove the file and what stands beside it."""
        for file in self.path.parent.glob(f"{self.path.name}*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()

    def load(self, *events: Path) -> None:
        """Load files, or folders of them, as one load."""
        loaders.load(LoadRequest(tuple(map(str, events))), DuckDbFile(self.path), Progress())

    def checkpoint(self) -> None:
        """Bring what still waits in the log into the file."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("checkpoint")

    def size(self) -> int:
        """How many bytes the file has."""
        self.checkpoint()
        return self.path.stat().st_size

    def dbt(self, *arguments: str) -> Run:
        """Run dbt as a command."""
        return run("-m", "bench.dbt", *arguments, READERSHIP_WAREHOUSE=str(self.path))


@dataclass(frozen=True, slots=True)
class Took:
    """What one run of dbt took, of the clock and of the cores."""

    seconds: float
    cpu_seconds: float


class InOneProcess:
    """Dbt in this process, with the project parsed once."""

    def __init__(self, warehouse: Warehouse) -> None:
        os.environ["READERSHIP_WAREHOUSE"] = str(warehouse.path)
        parsed = dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse"])
        if not parsed.success:
            sys.exit(str(parsed.exception))
        self._manifest: Any = parsed.result

    def __call__(self, warehouse: Warehouse, *arguments: str) -> Took:
        """Run one command; tell what it took."""
        os.environ["READERSHIP_WAREHOUSE"] = str(warehouse.path)
        started, cpu_started = time.monotonic(), time.process_time()
        done = dbtRunner(manifest=self._manifest).invoke(["--quiet", *arguments])
        took = Took(time.monotonic() - started, time.process_time() - cpu_started)
        # The loader is to open the file next.
        DuckDBConnectionManager.close_all_connections()
        if not done.success:
            sys.exit(str(done.exception or [r.message for r in done.result if r.message]))
        return took
