"""Runs dbt and Spark in one process of `.venv-spark`, by commands from standard input.

Each line is a command in JSON; the answer is a line of JSON on the output that was standard output
at the start, while what Spark and dbt print goes to standard error. One process spares the start of
a Java machine and a parse for every run.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from dbt.adapters.spark.session import Cursor
from dbt.cli.main import dbtRunner

from readership.spark import register, spark_session
from tests.support.quick_dbt import quick_dbt

ROOT = Path(__file__).parents[2]
TARGET = Path(os.environ["DBT_TARGET_PATH"])
COMMENTS = re.compile(r"/\*.*?\*/|^\s*--[^\n]*", re.DOTALL | re.MULTILINE)
CHANGING = re.compile(r"(insert|delete|update|merge|create|alter|drop)\b", re.I)
runner = dbtRunner()


class DeadError(Exception):
    """What every statement gets after the one at which a run has died."""


@contextmanager
def dying(last: int | str | None, *, is_killed: bool) -> Iterator[list[str]]:
    """Let a run of dbt die after one of its statements; yield those that were done.

    Args:
        last: The number of the last statement that is done, or a pattern that it matches, among
            those that change something. With None, the run lives.
        is_killed: Whether the process ends then. Else no later statement reaches Spark, which
            leaves the same tables.

    """
    done: list[str] = []
    is_dead = [False]
    execute = Cursor.execute

    def counting(cursor: Cursor, text: str, *parameters: object) -> None:
        if is_dead[0]:
            raise DeadError("this run has died")
        execute(cursor, text, *parameters)
        statement = COMMENTS.sub("", text).strip()
        if CHANGING.match(statement):
            done.append(" ".join(statement.split()))
            is_dead[0] = (
                len(done) == last
                if isinstance(last, int)
                else bool(last and re.search(last, done[-1]))
            )
            if is_dead[0] and is_killed:
                os.killpg(0, signal.SIGKILL)

    with mock.patch.object(Cursor, "execute", counting):
        yield done


def raw(warehouse: str, folder: str, statements: int | None = None) -> dict[str, int]:
    """Register the raw tables of a DuckDB file; die after some statements if a number is given."""
    spark = spark_session(ROOT / "profiles.yml")
    spark.sparkContext.setLogLevel("ERROR")
    left = [statements]

    def run(statement: str) -> Any:  # noqa: ANN401
        if left[0] is not None:
            if left[0] == 0:
                raise InterruptedError(f"before {statement[:80]}")
            left[0] -= 1
        return spark.sql(statement)

    done = register(spark, Path(warehouse), Path(folder), run)
    return {"added": done.added, "dropped": done.dropped}


def dbt(
    arguments: list[str], last: int | str | None = None, *, is_killed: bool = False
) -> dict[str, Any]:
    """Run dbt, until it dies as `dying` has it; return the status and the seconds of each node."""
    started = time.monotonic()
    options = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT), "--target", "spark"]
    with quick_dbt(), dying(last, is_killed=is_killed) as statements:
        done = runner.invoke([*arguments, *options, "--target-path", str(TARGET)])
    nodes = [
        [r.node.name, str(r.status), round(r.execution_time, 2), (r.message or "")[:3000]]
        for r in getattr(done.result, "results", None) or []
    ]
    failed = [node for node in nodes if node[1] in ("error", "fail", "runtime error")]
    return {
        "success": done.success,
        "exception": str(done.exception or ""),
        "seconds": round(time.monotonic() - started, 1),
        "failed": failed,
        "nodes": nodes,
        "statements": statements,
    }


def dump(folder: str, schema: str, names: list[str] | None = None) -> list[str]:
    """Write every relation of a schema as a Parquet file; return their names."""
    spark = spark_session(ROOT / "profiles.yml")
    written = []
    for row in spark.sql(f"show tables in {schema}").collect():
        if not row.isTemporary and (names is None or row.tableName in names):
            frame = spark.table(f"{schema}.{row.tableName}")
            frame.coalesce(1).write.mode("overwrite").parquet(f"{folder}/{row.tableName}")
            written.append(row.tableName)
    return sorted(written)


def sql(text: str) -> list[list[Any]]:
    """Run a statement; return its rows."""
    rows = spark_session(ROOT / "profiles.yml").sql(text).collect()
    return [list(row) for row in rows]


def executors() -> dict[str, int]:
    """Return how many tasks each executor has done, without the driver."""
    store = spark_session(ROOT / "profiles.yml").sparkContext._jsc.sc().statusStore()
    listed = store.executorList(False)
    found = [listed.apply(place) for place in range(listed.size())]
    return {one.id(): one.completedTasks() for one in found if one.id() != "driver"}


COMMANDS = {"raw": raw, "dbt": dbt, "dump": dump, "sql": sql, "executors": executors}


def main() -> None:
    """Answer commands until the input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for line in sys.stdin:
        name, arguments = json.loads(line)
        try:
            answer = {"answer": COMMANDS[name](**arguments)}
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"[:3000]}
        print(json.dumps(answer, default=str), file=answers)


if __name__ == "__main__":
    main()
