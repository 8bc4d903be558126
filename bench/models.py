"""What a history does to the cost of what is new: `make bench-models`.

A year is built day by day: each day is loaded, then `dbt run` of the tables that new events
change (selector `frequent`), in one process in which the project has been parsed. Once of clean
days, once of days with all that goes wrong in deliveries (`simulator --mess`), whose events touch
many dates. A third year, of a million such events, is built at once.

On each of these histories come 5,000 events around a midnight, as many with a mess, and a run that
finds nothing new: by the command a scheduler would run, dbt's start among its time, and once more
in this process to see which rows the run reads.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path
from statistics import median

from bench.events import DAYS, Events, around_midnight, count, first_lines, simulated
from bench.figures import DATA, Figures
from bench.scans import Scan, recorded_scans
from bench.warehouse import BUILD, WHOLE, InOneProcess, Took, Warehouse

DAILY_EVENTS = 5_000
BATCH_EVENTS = 5_000
AT_ONCE_EVENTS = 1_000_000
# So many of the first and of the last days are compared, but for the very first, in which
# everything is small.
COMPARED = 11
LEFT_OUT = 4


def main() -> int:
    """Measure, print the figures, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.models", description=__doc__)
    parser.add_argument(
        "--days", type=int, default=DAYS, help="days of each history; fewer to try it out"
    )
    parser.add_argument(
        "--histories", nargs="*", default=["clean", "mess", "at_once"],
        choices=["clean", "mess", "at_once"], help="some of the histories alone",
    )  # fmt: skip
    wanted = parser.parse_args()
    if wanted.days < LEFT_OUT + 2:
        parser.error(f"--days must be at least {LEFT_OUT + 2}")
    figures = Figures()
    print(f"{os.cpu_count()} cores, DuckDB with 2 threads", flush=True)
    days = wanted.days
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
    for name in wanted.histories:
        if name == "at_once":
            warehouse = at_once(days, suffix, dbt)
        else:
            warehouse = day_by_day(figures, name, mess if name == "mess" else clean, days, dbt)
        for batch, file in batches.items():
            measure(figures, f"{batch}_on_{name}", warehouse, file, dbt)
        warehouse.remove()
    return figures.exit_code()


def day_by_day(
    figures: Figures, name: str, events: Events, days: int, dbt: InOneProcess
) -> Warehouse:
    """Build days one by one, and compare the last ones with the first.

    The early days are built once more beside the late ones, turn by turn, on the warehouse as it
    was before them: what else the machine does meanwhile falls on both.
    """
    compared = min(COMPARED, (days - LEFT_OUT) // 2)
    first_early, first_late = LEFT_OUT + 1, days - compared + 1
    warehouse = Warehouse(f"history-{name}")
    young = warehouse
    for number in range(1, first_late):
        if number == first_early:
            young = Warehouse(f"history-{name}-young", warehouse)
        took = built(dbt, warehouse, events.day(number), command=WHOLE if number == 1 else BUILD)
        if number % 20 == 0:
            print(f"day {number:3}: {took.seconds:5.2f} s", flush=True)
    early: list[Took] = []
    late: list[Took] = []
    for turn in range(compared):
        early.append(built(dbt, young, events.day(first_early + turn)))
        late.append(built(dbt, warehouse, events.day(first_late + turn)))
    young.remove()
    for unit, bar in (("seconds", 1.15), ("cpu_seconds", None)):
        early_median = median(getattr(took, unit) for took in early)
        late_median = median(getattr(took, unit) for took in late)
        figures.note(f"day_early_{unit}_{name}", early_median, "s")
        figures.note(f"day_late_{unit}_{name}", late_median, "s")
        ratio = late_median / early_median
        figures.note(f"day_late_of_early_{unit}_{name}", ratio, "ratio", bar, "at most")
    return warehouse


def at_once(days: int, suffix: str, dbt: InOneProcess) -> Warehouse:
    """Build a history in one load and one run."""
    events = simulated(f"1m{suffix}", days + 2, AT_ONCE_EVENTS * (days + 2) // DAYS, mess=True)
    warehouse = Warehouse("history-at-once")
    built(dbt, warehouse, *events.days(1, days), command=WHOLE)
    return warehouse


def built(
    dbt: InOneProcess, warehouse: Warehouse, *files: Path, command: list[str] = BUILD
) -> Took:
    """Load files and run dbt; tell what dbt took."""
    warehouse.load(*files)
    return dbt(warehouse, *command)


def measure(
    figures: Figures, name: str, history: Warehouse, batch: Path, dbt: InOneProcess
) -> None:
    """Take one batch in on copies of a history: by the command, then with eyes on what is read."""
    events = count(batch)
    figures.note(f"{name}_events", events, "events")
    warehouse = Warehouse("batch", history)
    warehouse.load(batch)
    read = Warehouse("read", warehouse)
    # What is parsed stays for the next command; the first one is not measured.
    start = warehouse.dbt("--quiet", "ls", "--select", "processed_loads")
    figures.note(f"{name}_start_of_dbt", start.seconds, "s")
    for step, bar in (("batch", 10), ("nothing_new", 7)):
        done = warehouse.dbt(*BUILD)
        figures.note(f"{name}_{step}", done.seconds, "s", bar, "at most")
        figures.note(f"{name}_{step}_cpu", done.cpu_seconds, "s")
    warehouse.remove()
    with recorded_scans() as scans:
        dbt(read, *BUILD)
    read.remove()
    note_rows_read(figures, name, scans, events)


def note_rows_read(figures: Figures, name: str, scans: list[Scan], events: int) -> None:
    """Print which rows a run read, by model and table, and the figure.

    Counted are the rows of the row groups that a scan had to open, whatever its filters then left,
    of key tables too; not those of what a run makes for itself and drops again.
    """
    read: Counter[tuple[str, str]] = Counter()
    for scan in scans:
        if "__dbt_tmp" not in scan.table:
            read[scan.node or "(dbt)", scan.table] += scan.rows_let_in
    by_model: Counter[str] = Counter()
    for (node, _), rows in read.items():
        by_model[node] += rows
    print(f"rows read per new event, by model ({name}):")
    for node, rows in by_model.most_common():
        tables = [(table, of) for (model, table), of in read.most_common() if model == node]
        of_tables = ", ".join(f"{table} {of / events:.1f}" for table, of in tables[:4])
        print(f"  {node:28}{rows / events:9.1f}   {of_tables}")
    figures.note(f"{name}_rows_read", by_model.total() / events, "per event", 300, "at most")


if __name__ == "__main__":
    sys.exit(main())
