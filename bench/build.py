"""Cost of a full build, compared with hand-written SQL as its lower bound: `make bench-build`.

One load brings a year of a million events in messy deliveries. Copies of that warehouse are built
in three ways: by the lower bound, narrow and with a wide table (limit.sql, limit_wide.sql); by the
dbt command; and by dbt in this process, one node at a time, to attribute CPU time and memory to
statements. The totals of the lower bound and of the marts must be equal. Ten million events are
built by the dbt command only. On each size, one more day and ten more minutes are built.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.environments import local

from bench.events import DAYS, Events, simulated, ten_minutes
from bench.figures import DATA, GIB, Figures, Run, run
from bench.limit import TOTALS_OF_MARTS, cpu_seconds, totals_of
from bench.options import Options
from bench.scans import node_of
from bench.warehouse import BUILD, WHOLE, InOneProcess, Warehouse

MILLION = 1_000_000
# The models whose results the narrow lower bound computes too.
CORE_MODELS = (
    "base_event_rows", "base_event_copies", "int_event_attribution", "int_pageviews",
    "int_sessions", "fct_pageviews", "fct_sessions", "fct_engaged_time",
)  # fmt: skip


def main() -> int:
    """Measure, print the figures and return the exit code."""
    parser = Options("build", __doc__)
    parser.add_argument(
        "--millions", type=float, nargs="+", default=[1, 10],
        help="sizes, in millions of events; the lower bound is measured at the first",
    )  # fmt: skip
    options = parser.parse_args()
    figures = Figures()
    print(f"{os.cpu_count()} cores, DuckDB with 2 threads", flush=True)
    cpu_per_event: dict[float, float] = {}
    for millions in options.millions:
        events = simulated_year(millions)
        raw = Warehouse(f"{millions:g}m-raw")
        raw.load(*events.days(1, DAYS))
        build = full_build(figures, millions, raw)
        if millions == options.millions[0]:
            compare_with_limit(figures, raw, build)
        cpu_per_event[millions] = build.cpu_seconds / events_in(raw)
        raw.remove()
        increments(figures, millions, events, build.warehouse)
        build.warehouse.remove()
    if {1, 10} <= cpu_per_event.keys():
        ratio = cpu_per_event[10] / cpu_per_event[1]
        figures.note("build_10m_of_1m_per_event", ratio, "ratio of CPU", 1.0, "at most")
    return figures.exit_code()


def simulated_year(millions: float) -> Events:
    """Simulate a year with this many events in messy deliveries, and two more days."""
    events = int(millions * MILLION * (DAYS + 2) / DAYS)
    return simulated(f"{millions:g}m", DAYS + 2, events, mess=True)


@dataclass(frozen=True, slots=True)
class Build:
    """A full build by the dbt command.

    Attributes:
        warehouse: The built warehouse.
        cpu_seconds: User and system CPU time.
        totals: Totals of the marts, by name.

    """

    warehouse: Warehouse
    cpu_seconds: float
    totals: dict[str, int]


def full_build(figures: Figures, millions: float, raw: Warehouse) -> Build:
    """Build a copy of a warehouse with raw events by the dbt command."""
    name = f"build_{millions:g}m"
    size = raw.size()
    warehouse = Warehouse(f"{millions:g}m-built", raw)
    # The build reuses the parsed project.
    warehouse.dbt("--quiet", "parse")
    result = warehouse.dbt(*WHOLE)
    report_run(figures, name, result, {10: 6.0}.get(millions))
    figure = "file_of_raw" if millions == 1 else f"file_of_raw_{millions:g}m"
    figures.note(figure, warehouse.size() / size, "ratio", 2.5, "at most")
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        return Build(warehouse, result.cpu_seconds, totals_of(connection, TOTALS_OF_MARTS))


def compare_with_limit(figures: Figures, raw: Warehouse, build: Build) -> None:
    """Run the lower bound, and a build with statistics of its statements, on the same events."""
    narrow = limit(figures, "narrow_limit", raw, build)
    wide = limit(figures, "wide_limit", raw, build, "--wide")
    usage = usage_by_node(raw)
    print("statements of each node, one node at a time (* also computed by the narrow limit):")
    for name, node in sorted(usage.items(), key=lambda item: -item[1].cpu_seconds):
        mark = "*" if name in CORE_MODELS else " "
        print(
            f"  {name:28}{mark}{node.cpu_seconds:9.2f} s CPU{node.peak_bytes / GIB:8.2f} GiB peak"
            f"{node.statements:6} statements"
        )
    core = sum(usage[name].cpu_seconds for name in CORE_MODELS if name in usage)
    figures.note("core_models_cpu", core, "s")
    figures.note("statements_cpu", sum(node.cpu_seconds for node in usage.values()), "s")
    figures.note("core_models_cpu_of_narrow_limit", core / narrow, "ratio", 2.5, "at most")
    figures.note("build_cpu_of_wide_limit", build.cpu_seconds / wide, "ratio", 2.0, "at most")


def limit(figures: Figures, name: str, raw: Warehouse, build: Build, *arguments: str) -> float:
    """Run a lower bound on a copy and return its CPU seconds; its totals must equal the marts'."""
    warehouse = Warehouse("limit", raw)
    result = run("-m", "bench.limit", str(warehouse.path), *arguments)
    warehouse.remove()
    *by_statement, last = result.output.splitlines()
    print(f"{name}, by statement:", *by_statement, sep="\n")
    measured: dict[str, Any] = json.loads(last)
    if measured["totals"] != build.totals:
        sys.exit(f"the totals differ:\n  limit {measured['totals']}\n  marts {build.totals}")
    figures.note(f"{name}_cpu", measured["cpu_seconds"], "s")
    figures.note(f"{name}_peak", result.peak_bytes / GIB, "GiB")
    return float(measured["cpu_seconds"])


@dataclass(slots=True)
class Usage:
    """Resources that the statements of one node used.

    Attributes:
        cpu_seconds: User and system CPU time of this process during the statements.
        peak_bytes: Peak memory of this process during the statements, including what DuckDB caches
            of tables read earlier.
        statements: Number of statements.

    """

    cpu_seconds: float = 0
    peak_bytes: int = 0
    statements: int = field(default=0)


def usage_by_node(raw: Warehouse) -> dict[str, Usage]:
    """Build a copy, one node at a time, and return the usage of each node's statements."""
    warehouse = Warehouse("statements", raw)
    dbt = InOneProcess(warehouse)
    with recorded_usage() as usage:
        dbt(warehouse, *WHOLE, "--threads", "1")
    warehouse.remove()
    return usage


@contextmanager
def recorded_usage() -> Iterator[dict[str, Usage]]:
    """Record the resources used by dbt's statements, by node, until the block ends.

    The usage of the process is that of the statement: dbt has a single thread for nodes, and its
    main thread waits for that one.
    """
    usage: dict[str, Usage] = defaultdict(Usage)
    nodes: dict[int, str] = {}
    original = local.DuckDBCursorWrapper.execute

    def execute(self: Any, sql: str, bindings: Any = None) -> Any:  # noqa: ANN401
        # `begin` and `commit` have no comment with a node; the thread's last node applies.
        thread = threading.get_ident()
        node = nodes[thread] = node_of(sql) or nodes.get(thread, "(dbt)")
        node_usage = usage[node]
        before = cpu_seconds()
        Path("/proc/self/clear_refs").write_text("5")
        try:
            return original(self, sql, bindings)
        finally:
            node_usage.cpu_seconds += cpu_seconds() - before
            node_usage.peak_bytes = max(node_usage.peak_bytes, _peak_bytes())
            node_usage.statements += 1

    local.DuckDBCursorWrapper.execute = execute
    try:
        yield usage
    finally:
        local.DuckDBCursorWrapper.execute = original


def _peak_bytes() -> int:
    """Return the peak memory of this process since it was last reset (`/proc/self/clear_refs`)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the kernel does not report VmHWM")


def increments(figures: Figures, millions: float, events: Events, warehouse: Warehouse) -> None:
    """Build one more day on a full build, then ten more minutes."""
    minutes = ten_minutes(
        events.day(DAYS + 1),
        int(millions * MILLION / DAYS / 144),
        DATA / f"{millions:g}m" / "minutes.jsonl",
    )
    for step, files in (("new_day", events.days(DAYS + 1, DAYS + 1)), ("ten_minutes", [minutes])):
        warehouse.load(*files)
        report_run(figures, f"{step}_on_{millions:g}m", warehouse.dbt(*BUILD))


def report_run(figures: Figures, name: str, result: Run, peak_bar: float | None = None) -> None:
    """Print the time and memory of a command."""
    figures.note(f"{name}_seconds", result.seconds, "s")
    figures.note(f"{name}_cpu", result.cpu_seconds, "s")
    figures.note(f"{name}_peak", result.peak_bytes / GIB, "GiB", peak_bar, "at most")


def events_in(warehouse: Warehouse) -> int:
    """Count the loaded events."""
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        ((events,),) = connection.execute("select count(*) from raw.events").fetchall()
    return int(events)


if __name__ == "__main__":
    sys.exit(main())
