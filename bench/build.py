"""What a full build costs, beside a limit written by hand: `make bench-build`.

A year of a million messy events is loaded in one load, and copies of that file are built: by the
hand-written limit, narrow and with a wide table (limit.sql, limit_wide.sql); by dbt's command; and
by dbt in this process, one node at a time, to see which of its statements the cores and the memory
go to. The totals of the limit and of the marts have to be the same. Then ten million events, by
the command alone; and on each size one day more, and ten minutes.
"""

from __future__ import annotations

import argparse
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
from bench.scans import node_of
from bench.warehouse import BUILD, WHOLE, InOneProcess, Warehouse

MILLION = 1_000_000
# What the narrow limit works out too.
CORE_MODELS = (
    "base_event_rows", "base_event_copies", "int_event_attribution", "int_pageviews",
    "int_sessions", "fct_pageviews", "fct_sessions", "fct_engaged_time",
)  # fmt: skip


def main() -> int:
    """Measure, print the figures, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.build", description=__doc__)
    parser.add_argument(
        "--millions", type=float, nargs="+", default=[1, 10],
        help="sizes, in millions of events; the limit is measured at the first",
    )  # fmt: skip
    wanted = parser.parse_args()
    figures = Figures()
    print(f"{os.cpu_count()} cores, DuckDB with 2 threads", flush=True)
    cpu_per_event: dict[float, float] = {}
    for millions in wanted.millions:
        events = a_year_of(millions)
        raw = Warehouse(f"{millions:g}m-raw")
        raw.load(*events.days(1, DAYS))
        build = full_build(figures, millions, raw)
        if millions == wanted.millions[0]:
            beside_the_limit(figures, raw, build)
        cpu_per_event[millions] = build.cpu_seconds / events_in(raw)
        raw.remove()
        increments(figures, millions, events, build.warehouse)
        build.warehouse.remove()
    if {1, 10} <= cpu_per_event.keys():
        ratio = cpu_per_event[10] / cpu_per_event[1]
        figures.note("build_10m_of_1m_per_event", ratio, "ratio of CPU", 1.0, "at most")
    return figures.exit_code()


def a_year_of(millions: float) -> Events:
    """Make a year of so many messy events, and two days more."""
    events = int(millions * MILLION * (DAYS + 2) / DAYS)
    return simulated(f"{millions:g}m", DAYS + 2, events, mess=True)


@dataclass(frozen=True, slots=True)
class Build:
    """A full build by the command."""

    warehouse: Warehouse
    cpu_seconds: float
    totals: dict[str, int]


def full_build(figures: Figures, millions: float, raw: Warehouse) -> Build:
    """Build by the command."""
    name = f"build_{millions:g}m"
    size = raw.size()
    warehouse = Warehouse(f"{millions:g}m-built", raw)
    # What is parsed stays for the next command.
    warehouse.dbt("--quiet", "parse")
    done = warehouse.dbt(*WHOLE)
    note_run(figures, name, done, {10: 6.0}.get(millions))
    of_raw = "file_of_raw" if millions == 1 else f"file_of_raw_{millions:g}m"
    figures.note(of_raw, warehouse.size() / size, "ratio", 2.5, "at most")
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        return Build(warehouse, done.cpu_seconds, totals_of(connection, TOTALS_OF_MARTS))


def beside_the_limit(figures: Figures, raw: Warehouse, build: Build) -> None:
    """Run the limit, and the build statement by statement, on the same events."""
    narrow = limit(figures, "narrow_limit", raw, build)
    wide = limit(figures, "wide_limit", raw, build, "--wide")
    used = statements_of_a_build(raw)
    print("the statements of each node, one node at a time (* what the narrow limit does too):")
    for name, of in sorted(used.items(), key=lambda item: -item[1].cpu_seconds):
        mark = "*" if name in CORE_MODELS else " "
        print(
            f"  {name:28}{mark}{of.cpu_seconds:9.2f} s CPU{of.peak_bytes / GIB:8.2f} GiB peak"
            f"{of.statements:6} statements"
        )
    core = sum(used[name].cpu_seconds for name in CORE_MODELS if name in used)
    figures.note("core_models_cpu", core, "s")
    figures.note("statements_cpu", sum(of.cpu_seconds for of in used.values()), "s")
    figures.note("core_models_cpu_of_narrow_limit", core / narrow, "ratio", 2.5, "at most")
    figures.note("build_cpu_of_wide_limit", build.cpu_seconds / wide, "ratio", 2.0, "at most")


def limit(figures: Figures, name: str, raw: Warehouse, build: Build, *arguments: str) -> float:
    """Run a limit on a copy, hold its totals to the marts', and give its seconds of the cores."""
    warehouse = Warehouse("limit", raw)
    done = run("-m", "bench.limit", str(warehouse.path), *arguments)
    warehouse.remove()
    *by_statement, last = done.output.splitlines()
    print(f"{name}, by statement:", *by_statement, sep="\n")
    told: dict[str, Any] = json.loads(last)
    if told["totals"] != build.totals:
        sys.exit(f"the totals differ:\n  limit {told['totals']}\n  marts {build.totals}")
    figures.note(f"{name}_cpu", told["cpu_seconds"], "s")
    figures.note(f"{name}_peak", done.peak_bytes / GIB, "GiB")
    return float(told["cpu_seconds"])


@dataclass(slots=True)
class Used:
    """What the statements of one node used.

    Attributes:
        cpu_seconds: Of the cores, user and system, by this process meanwhile.
        peak_bytes: The most memory that this process held meanwhile, what DuckDB keeps of tables
            read before among it.
        statements: How many there were.

    """

    cpu_seconds: float = 0
    peak_bytes: int = 0
    statements: int = field(default=0)


def statements_of_a_build(raw: Warehouse) -> dict[str, Used]:
    """Build once more, one node at a time, and give what the statements of each used."""
    warehouse = Warehouse("statements", raw)
    dbt = InOneProcess(warehouse)
    with recorded_use() as used:
        dbt(warehouse, *WHOLE, "--threads", "1")
    warehouse.remove()
    return used


@contextmanager
def recorded_use() -> Iterator[dict[str, Used]]:
    """Record what the statements that dbt runs use, node by node, until the block ends.

    While a statement runs, nothing else in this process does: dbt has one thread for nodes, and its
    first thread waits for that one.
    """
    used: dict[str, Used] = defaultdict(Used)
    nodes: dict[int, str] = {}
    plain = local.DuckDBCursorWrapper.execute

    def execute(self: Any, sql: str, bindings: Any = None) -> Any:  # noqa: ANN401
        # Statements of a transaction's begin and end have no comment of their own.
        thread = threading.get_ident()
        node = nodes[thread] = node_of(sql) or nodes.get(thread, "(dbt)")
        of = used[node]
        before = cpu_seconds()
        Path("/proc/self/clear_refs").write_text("5")
        try:
            return plain(self, sql, bindings)
        finally:
            of.cpu_seconds += cpu_seconds() - before
            of.peak_bytes = max(of.peak_bytes, _peak_bytes())
            of.statements += 1

    local.DuckDBCursorWrapper.execute = execute
    try:
        yield used
    finally:
        local.DuckDBCursorWrapper.execute = plain


def _peak_bytes() -> int:
    """Give the most memory that this process held since its mark was last reset."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the kernel tells of no VmHWM")


def increments(figures: Figures, millions: float, events: Events, warehouse: Warehouse) -> None:
    """Build a day more on a full build, then ten minutes."""
    minutes = ten_minutes(
        events.day(DAYS + 1),
        int(millions * MILLION / DAYS / 144),
        DATA / f"{millions:g}m" / "minutes.jsonl",
    )
    for step, files in (("new_day", events.days(DAYS + 1, DAYS + 1)), ("ten_minutes", [minutes])):
        warehouse.load(*files)
        note_run(figures, f"{step}_on_{millions:g}m", warehouse.dbt(*BUILD))


def note_run(figures: Figures, name: str, done: Run, peak_bar: float | None = None) -> None:
    """Print what a command took."""
    figures.note(f"{name}_seconds", done.seconds, "s")
    figures.note(f"{name}_cpu", done.cpu_seconds, "s")
    figures.note(f"{name}_peak", done.peak_bytes / GIB, "GiB", peak_bar, "at most")


def events_in(warehouse: Warehouse) -> int:
    """How many events have been loaded."""
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        ((events,),) = connection.execute("select count(*) from raw.events").fetchall()
    return int(events)


if __name__ == "__main__":
    sys.exit(main())
