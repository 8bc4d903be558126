"""Runs dbt and Spark in one process of `.venv-spark`, by commands from standard input.

Each line is a command in JSON; the answer is a line of JSON on the output that was standard output
at the start, while what Spark and dbt print goes to standard error. One process spares the start of
a Java machine and a parse for every run.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

from readership.spark import register, spark_session

ROOT = Path(__file__).parents[2]
TARGET = Path(os.environ["DBT_TARGET_PATH"])
runner = dbtRunner()


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


def dbt(arguments: list[str]) -> dict[str, Any]:
    """Run dbt; return the status and the seconds of each node."""
    started = time.monotonic()
    options = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT), "--target", "spark"]
    done = runner.invoke([*arguments, *options, "--target-path", str(TARGET)])
    nodes = [
        [r.node.name, str(r.status), round(r.execution_time, 2), (r.message or "")[:3000]]
        for r in getattr(done.result, "results", None) or []
    ]
    failed = [node for node in nodes if node[1] not in ("success", "pass", "skipped", "warn")]
    return {
        "success": done.success,
        "exception": str(done.exception or ""),
        "seconds": round(time.monotonic() - started, 1),
        "failed": failed,
        "nodes": nodes,
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


COMMANDS = {"raw": raw, "dbt": dbt, "dump": dump, "sql": sql}


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
