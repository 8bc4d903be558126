"""A warehouse on Spark for tests: a process of `.venv-spark` with the raw rows of another one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from tests.support.comparing import BOOKKEEPING, OF_LOADS
from tests.support.warehouses import PLANNING, ROOT, Warehouse

PYTHON = ROOT / ".venv-spark" / "bin" / "python"
SCHEMA = "readership"
# Of the relations of the small case, those that have rows for every load.
SMALL = ("--select", "+fct_sessions", "+fct_pageviews")
# Few rows and long plans: the better compiler of Java costs more than it saves.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dderby.system.durability=test"
INTERPRETED = "-Dspark.sql.codegen.wholeStage=false -Dspark.sql.codegen.factoryMode=NO_CODEGEN"
BUILD = ("build", "--exclude-resource-type", "test", "unit_test")


def reason_not_to_run() -> str | None:
    """Return what is missing here to run Spark; None if nothing is."""
    if shutil.which("java") is None:
        return "there is no Java: as root, apt-get install openjdk-17-jre-headless"
    if not (PYTHON.parents[1] / ".ready").exists():
        return "there is no .venv-spark: make setup-spark"
    return None


class SparkFailedError(Exception):
    """A command in the process of Spark failed."""


class SparkEndedError(SparkFailedError):
    """The process of Spark ended."""


@dataclass
class SparkWarehouse:
    """The process of Spark, and the folder with its tables.

    Attributes:
        folder: Its folder.
        settings: Environment variables of the profile.
        process: The process of tests/support/spark_driver.py.

    """

    folder: Path
    settings: Mapping[str, str]
    process: subprocess.Popen[str] = field(init=False)

    def start(self) -> None:
        """Start the process, in a group of its own."""
        with (self.folder / "messages").open("a") as messages:
            self.process = subprocess.Popen(
                [str(PYTHON), "-m", "tests.support.spark_driver"],
                cwd=ROOT,
                env={**os.environ, **self.settings},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=messages,
                text=True,
                start_new_session=True,
            )

    def end(self) -> None:
        """End the process, whatever it does."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process.stdout.close()

    def ask(self, command: str, **arguments: object) -> Any:  # noqa: ANN401
        """Let the process run a command, and return its answer.

        Raises:
            SparkFailedError: The command failed.

        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([command, arguments]), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SparkEndedError(f"the process ended; its messages are in {self.folder}/messages")
        answer = json.loads(line)
        if "error" in answer:
            raise SparkFailedError(answer["error"])
        return answer["answer"]

    def dbt(self, *arguments: str) -> list[list[Any]]:
        """Run a dbt command; return name, status, seconds and message of its nodes."""
        done = self.ask("dbt", arguments=[*arguments])
        if not done["success"]:
            raise SparkFailedError(done["failed"] or done["exception"])
        return done["nodes"]

    def build(self, *arguments: str) -> list[list[Any]]:
        """Build seeds and models, without tests."""
        return self.dbt(*BUILD, *arguments)

    def die(self, last: int | str, *arguments: str, is_killed: bool = False) -> list[str]:
        """Build until it dies, as the process does it; return the statements that were done.

        If the process is killed, there are none, and another one is started.
        """
        try:
            done = self.ask("dbt", arguments=[*BUILD, *arguments], last=last, is_killed=is_killed)
        except SparkEndedError:
            assert is_killed
            assert self.process.wait() == -signal.SIGKILL
            self.end()
            self.start()
            return []
        assert not is_killed
        assert not done["success"], f"the build did not die after {last}"
        return done["statements"]

    def register(self, warehouse: Warehouse, statements: int | None = None) -> dict[str, int]:
        """Give Spark the raw tables of a DuckDB file; die after some statements if told so."""
        return self.ask(
            "raw", warehouse=str(warehouse.path), folder=str(self.folder / "raw"),
            statements=statements,
        )  # fmt: skip

    def differences(self, warehouse: Warehouse, names: Iterable[str]) -> dict[str, Any]:
        """Return some rows that only one warehouse has, by relation."""
        folder = self.folder / "rows"
        shutil.rmtree(folder, ignore_errors=True)
        names = [name for name in names if name not in BOOKKEEPING]
        self.ask("dump", folder=str(folder), schema=SCHEMA, names=names)
        found: dict[str, Any] = {}
        with duckdb.connect(config=PLANNING) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach '{warehouse.path}' as stored (read_only)")
            connection.execute("use stored")
            for name in names:
                here = _rows(connection, f"stored.main.{name}")
                there = _rows(connection, f"read_parquet('{folder}/{name}/*.parquet')")
                if here[0] != there[0]:
                    found[name] = here[0], there[0]
                elif here[1] != there[1]:
                    one, other = set(here[1]), set(there[1])
                    found[name] = (
                        len(here[1]), len(there[1]),
                        sorted(one - other)[:2], sorted(other - one)[:2],
                    )  # fmt: skip
        return found


def _rows(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[list[str], list[str]]:
    """Return the columns of a relation and the `repr` of its rows, keys as text."""
    described = connection.execute(f"describe select * from {relation}").fetchall()
    columns = [
        (name, kind)
        for name, kind, *_ in described
        if name not in OF_LOADS and not name.endswith("load_id")
    ]
    read = [f"cast({name} as varchar)" if kind == "UUID" else name for name, kind in columns]
    rows = connection.execute(f"select {', '.join(read)} from {relation}").fetchall()
    return [name for name, _ in columns], sorted(map(repr, rows))


@contextmanager
def running_spark(
    folder: Path, *, is_compiled: bool = True, **settings: str
) -> Iterator[SparkWarehouse]:
    """Start a process of Spark with an empty warehouse, and end it.

    Args:
        folder: The folder for its tables, catalog and messages; is created.
        is_compiled: Whether Spark makes Java of each plan, which takes longer than some hundred
            rows do. Otherwise it interprets them.
        settings: Environment variables of the profile.

    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = {
        "READERSHIP_SPARK_FOLDER": str(folder / "spark"),
        "READERSHIP_SPARK_MASTER": "local[1]",
        "READERSHIP_SPARK_PARTITIONS": "1",
        "JAVA_TOOL_OPTIONS": " ".join([JAVA, *([] if is_compiled else [INTERPRETED])]),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "PYTHONPATH": str(ROOT),
        "DO_NOT_TRACK": "1",
        **settings,
    }
    warehouse = SparkWarehouse(folder, environment)
    warehouse.start()
    try:
        yield warehouse
    finally:
        warehouse.end()
