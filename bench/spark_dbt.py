"""dbt on Spark in one process of `.venv-spark`, and what Spark spent: `python -m bench.spark_dbt`.

Prints one line of JSON: the CPU seconds of Java, the bytes that each model moved between tasks, and
the seconds that Spark spent before it ran anything, by phase: reading statements (`parsing`),
finding what they name (`analysis`), rewriting them (`optimization`) and choosing how to run them
(`planning`).
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

from readership.spark import register, spark_session

_TICK = os.sysconf("SC_CLK_TCK")
# dbt writes it into a comment of each statement.
_NODE = re.compile(r'"node_id": "[^".]+[.][^".]+[.]([^"]+)"')


class Phases:
    """Adds up the phases of every query that Spark plans, told by its session and by itself.

    Spark calls a listener when a query has run. What a statement only names, such as a view, is
    never run: its phases are read from the statement.
    """

    def __init__(self, spark: Any) -> None:  # noqa: ANN401
        from pyspark.java_gateway import ensure_callback_server_started
        from pyspark.sql import SparkSession

        self.seconds: dict[str, float] = defaultdict(float)
        self._seen: set[int] = set()
        self._jvm = spark._jvm
        ensure_callback_server_started(spark.sparkContext._gateway)
        spark._jsparkSession.listenerManager().register(self)
        original = SparkSession.sql

        def sql(session: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
            node = _NODE.search(str(arguments[0]))
            session.sparkContext.setJobDescription(node[1].replace(".", "_") if node else "other")
            frame = original(session, *arguments, **options)
            self._add(frame._jdf.queryExecution())
            return frame

        SparkSession.sql = sql

    def onSuccess(self, function: str, query: Any, nanoseconds: int) -> None:  # noqa: ANN401, N802
        """Add the phases of a query that has run."""
        self._add(query)

    def onFailure(self, function: str, query: Any, error: Any) -> None:  # noqa: ANN401, N802
        """Add the phases of a query that has failed."""
        self._add(query)

    def _add(self, query: Any) -> None:  # noqa: ANN401
        tracker = query.tracker()
        phases = tracker.phases()
        which = self._jvm.System.identityHashCode(tracker)
        for name in ("parsing", "analysis", "optimization", "planning"):
            if phases.contains(name) and (which, name) not in self._seen:
                self._seen.add((which, name))
                self.seconds[name] += phases.apply(name).durationMs() / 1000

    class Java:
        """What py4j calls it by."""

        implements = ("org.apache.spark.sql.util.QueryExecutionListener",)


def shuffled(spark: Any) -> dict[str, int]:  # noqa: ANN401
    """Return the bytes that the stages of each model wrote for other tasks to read."""
    context, jvm = spark.sparkContext, spark._jvm
    stages = (
        context._jsc.sc()
        .statusStore()
        .stageList(
            None, False, False, context._gateway.new_array(jvm.double, 0), jvm.java.util.ArrayList()
        )
    )
    found: dict[str, int] = defaultdict(int)
    for place in range(stages.size()):
        stage = stages.apply(place)
        node = stage.description()
        found[node.get() if node.isDefined() else "other"] += stage.shuffleWriteBytes()
    return {node: size for node, size in found.items() if size}


def measured() -> int:
    """Run dbt with the arguments, or register the raw tables of a DuckDB file."""
    spark = spark_session(Path("profiles.yml"))
    spark.sparkContext.setLogLevel("ERROR")
    phases = Phases(spark)
    command, *arguments = sys.argv[1:]
    if command == "register":
        warehouse, folder = map(Path, arguments)
        register(spark, warehouse, folder)
    else:
        done = dbtRunner().invoke([command, *arguments, "--target", "spark"])
        if not done.success:
            failed = [
                f"{one.node.name}: {one.message}"
                for one in getattr(done.result, "results", None) or []
                if str(one.status) in ("error", "fail")
            ]
            print("\n".join(failed) or done.exception, file=sys.stderr)
            return 1
    spark.sparkContext._jsc.sc().listenerBus().waitUntilEmpty()
    java = spark._jvm.java.lang.ProcessHandle.current().pid()
    fields = Path(f"/proc/{java}/stat").read_text().rpartition(")")[2].split()
    print(json.dumps({
        "java_cpu": (int(fields[11]) + int(fields[12])) / _TICK,
        "shuffled": shuffled(spark),
        **{name: round(seconds, 3) for name, seconds in phases.seconds.items()},
    }))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(measured())
