"""Cost of incremental runs as the history grows: `make bench-models`.

A year is built day by day. Each day is loaded, and the tables that new events change (selector
`frequent`) are updated as `readership follow` does: in one process that replays dbt's recorded
statements. One year has clean deliveries; another has all the defects of real deliveries
(`simulator --mess`), whose events affect many dates. A third year, of a million such events, is
built at once.

Each of these histories then gets 5,000 events around midnight, as many from messy deliveries, and a
run without new events. These are built by the command that a scheduler would run, including the
start of dbt, and once more in this process to record which rows the run reads.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from statistics import median

from bench.events import DAYS, Events, around_midnight, count, first_lines, simulated
from bench.figures import DATA, Figures
from bench.options import Options
from bench.scans import Scan, recorded_scans
from bench.warehouse import BUILD, WHOLE, Elapsed, Followed, InOneProcess, Warehouse

DAILY_EVENTS = 5_000
BATCH_EVENTS = 5_000
AT_ONCE_EVENTS = 1_000_000
# Number of early and of late days that are compared. The very first days are skipped, because all
# tables are small then.
COMPARED = 11
SKIPPED = 4


def main() -> int:
    """Measure, print the figures and return the exit code."""
    parser = Options("models", __doc__)
    parser.add_argument(
        "--days", type=int, default=DAYS, help="days of each history; fewer for a quick run"
    )
    parser.add_argument(
        "--histories", nargs="*", default=["clean", "mess", "at_once"],
        choices=["clean", "mess", "at_once"], help="only these histories",
    )  # fmt: skip
    options = parser.parse_args()
    if options.days < SKIPPED + 2:
        parser.error(f"--days must be at least {SKIPPED + 2}")
    figures = Figures()
    print(f"{os.cpu_count()} cores, DuckDB with 2 threads", flush=True)
    days = options.days
    suffix = "" if days == DAYS else f"_{days}"
    clean, mess = (
        simulated(f"{name}{suffix}", days + 2, (days + 2) * DAILY_EVENTS, mess=name == "mess")
        for name in ("clean", "mess")
    )
    batches = {
        "two_days": around_midnight(
            clean, days + 1, BATCH_EVENTS, DATA / f"clean{suffix}" / "two-days.jsonl"
        ),
        "mess": first_lines(mess.after(days), BATCH_EVENTS, DATA / f"mess{suffix}" / "after.jsonl"),
    }
    dbt = InOneProcess(Warehouse("parsed"))
    for name in options.histories:
        if name == "at_once":
            warehouse = at_once(days, suffix, dbt)
        else:
            warehouse = day_by_day(figures, name, mess if name == "mess" else clean, days)
        for batch, file in batches.items():
            measure(figures, f"{batch}_on_{name}", warehouse, file, dbt)
        warehouse.remove()
    return figures.exit_code()


def day_by_day(figures: Figures, name: str, events: Events, days: int) -> Warehouse:
    """Build days one by one, and compare the late ones with the early ones.

    The early days are built again, alternating with the late ones, on a copy of the warehouse from
    before them. So other load on the machine affects both alike.
    """
    compared = min(COMPARED, (days - SKIPPED) // 2)
    first_early, first_late = SKIPPED + 1, days - compared + 1
    history = Followed(Warehouse(f"history-{name}"))
    young = history
    for number in range(1, first_late):
        if number == first_early:
            copy = Warehouse(f"history-{name}-young", history.warehouse)
            young = Followed(copy, history)
        history.load(events.day(number))
        elapsed = history.build(is_whole=number == 1)
        if number % 20 == 0:
            print(f"day {number:3}: {elapsed.seconds:5.2f} s", flush=True)
    early: list[Elapsed] = []
    late: list[Elapsed] = []
    for turn in range(compared):
        young.load(events.day(first_early + turn))
        early.append(young.build())
        history.load(events.day(first_late + turn))
        late.append(history.build())
    young.warehouse.remove()
    for unit, bar in (("seconds", 1.15), ("cpu_seconds", None)):
        early_median = median(getattr(elapsed, unit) for elapsed in early)
        late_median = median(getattr(elapsed, unit) for elapsed in late)
        figures.note(f"day_early_{unit}_{name}", early_median, "s")
        figures.note(f"day_late_{unit}_{name}", late_median, "s")
        ratio = late_median / early_median
        figures.note(f"day_late_of_early_{unit}_{name}", ratio, "ratio", bar, "at most")
    return history.warehouse


def at_once(days: int, suffix: str, dbt: InOneProcess) -> Warehouse:
    """Build a history in one load and one run."""
    events = simulated(f"1m{suffix}", days + 2, AT_ONCE_EVENTS * (days + 2) // DAYS, mess=True)
    warehouse = Warehouse("history-at-once")
    warehouse.load(*events.days(1, days))
    dbt(warehouse, *WHOLE)
    return warehouse


def measure(
    figures: Figures, name: str, history: Warehouse, batch: Path, dbt: InOneProcess
) -> None:
    """Build one batch on copies of a history: with the command, then with the scans recorded."""
    events = count(batch)
    figures.note(f"{name}_events", events, "events")
    warehouse = Warehouse("batch", history)
    warehouse.load(batch)
    read = Warehouse("read", warehouse)
    # Later commands reuse the parsed project, so parsing is measured separately.
    start = warehouse.dbt("--quiet", "ls", "--select", "processed_loads")
    figures.note(f"{name}_start_of_dbt", start.seconds, "s")
    for step, bar in (("batch", 10), ("nothing_new", 7)):
        result = warehouse.dbt(*BUILD)
        figures.note(f"{name}_{step}", result.seconds, "s", bar, "at most")
        figures.note(f"{name}_{step}_cpu", result.cpu_seconds, "s")
    warehouse.remove()
    with recorded_scans() as scans:
        dbt(read, *BUILD)
    read.remove()
    report_rows_read(figures, name, scans, events)


def report_rows_read(figures: Figures, name: str, scans: list[Scan], events: int) -> None:
    """Print the rows that a run read by model and table, and their sum as a figure.

    All rows of the row groups that a scan had to open count, whatever its filters left of them, and
    those of key tables too. Temporary tables of the run do not count.
    """
    read: Counter[tuple[str, str]] = Counter()
    for scan in scans:
        if "__dbt_tmp" not in scan.table:
            read[scan.node or "(dbt)", scan.table] += scan.rows_scanned
    by_model: Counter[str] = Counter()
    for (node, _), rows in read.items():
        by_model[node] += rows
    print(f"rows read per new event, by model ({name}):")
    for node, rows in by_model.most_common():
        tables = [(table, count) for (model, table), count in read.most_common() if model == node]
        of_tables = ", ".join(f"{table} {count / events:.1f}" for table, count in tables[:4])
        print(f"  {node:28}{rows / events:9.1f}   {of_tables}")
    figures.note(f"{name}_rows_read", by_model.total() / events, "per event", 300, "at most")


if __name__ == "__main__":
    sys.exit(main())
