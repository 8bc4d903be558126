"""What a year of history does to the cost of a day: `make bench-models`.

A year is built day by day: each day is loaded, then `dbt run` of the tables that new events
change (selector `frequent`), in one process in which the project has been parsed. Then one more
batch of a day's size is built by the command a scheduler would run, dbt's start among its time.
Last, a table of sizes: a year of so many events built at once, one more day, ten more minutes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from bench.figures import ROOT, Figures, run
from bench.scans import Scan, recorded_scans
from loaders import pipeline
from loaders.pipeline import Wanted
from loaders.progress import Progress
from loaders.targets import DuckDbFile

DAYS = 365
DAILY_EVENTS = 5_000
EARLY, LATE = range(5, 16), range(355, 366)
START = date(2026, 6, 1)
MILLION = 1_000_000
GIB = 1024**3
# Which event is of which session, page and load; looked up in whole to find what is touched.
KEY_TABLES = {
    "base_alias_lists", "base_bot_evidence", "base_bot_visitors", "base_event_rows",
    "base_page_names", "base_page_posts", "base_touched_rows", "taken_loads",
}  # fmt: skip

DATA = ROOT / "data" / "bench"
BUILD = ["run", "--selector", "frequent"]
WHOLE = ["build", "--exclude-resource-type", "test", "unit_test"]


def main() -> int:
    """Measure, print the figures, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.models", description=__doc__)
    parser.add_argument(
        "--millions", type=int, nargs="*", default=[1, 10],
        help="sizes of the table, in millions of events; none for the year alone",
    )  # fmt: skip
    parser.add_argument("--no-year", action="store_true", help="the table of sizes alone")
    wanted = parser.parse_args()
    figures = Figures()
    print(f"{os.cpu_count()} cores, DuckDB with 2 threads", flush=True)
    if not wanted.no_year:
        year(figures)
    for millions in wanted.millions:
        size(figures, millions)
    return figures.exit_code()


def year(figures: Figures) -> None:
    """Build a year day by day, then one more batch.

    The early days are built once more beside the late ones, turn by turn, on the warehouse as it
    was before them: what else the machine does meanwhile falls on both.
    """
    events = simulated("year", DAYS + 1, DAILY_EVENTS)
    warehouse, young = Warehouse("year"), Warehouse("young")
    dbt = InOneProcess(warehouse)
    for number in range(1, LATE.start):
        if number == EARLY.start:
            warehouse.copy_to(young.path)
        took = dbt.day(warehouse, day(events, number), WHOLE if number == 1 else BUILD)
        if number % 20 == 0:
            print(f"day {number:3}: {took.seconds:5.2f} s", flush=True)
    early: list[Took] = []
    late: list[Took] = []
    for early_number, late_number in zip(EARLY, LATE, strict=True):
        early.append(dbt.day(young, day(events, early_number), BUILD))
        late.append(dbt.day(warehouse, day(events, late_number), BUILD))
    young.remove()
    for name, bar in (("seconds", 1.3), ("cpu_seconds", None)):
        early_median = median(getattr(took, name) for took in early)
        late_median = median(getattr(took, name) for took in late)
        figures.note(f"day_early_{name}", early_median, "s")
        figures.note(f"day_late_{name}", late_median, "s")
        figures.note(
            f"day_late_of_early_{name}", late_median / early_median, "ratio", bar, "at most"
        )

    warehouse.load(day(events, DAYS + 1))
    warehouse.copy_to(warehouse.path.with_suffix(".before"))
    with recorded_scans() as scans:
        dbt(warehouse, *BUILD)
    batch = events_in(day(events, DAYS + 1))
    note_rows_read(figures, scans, batch, dbt.incremental_models())

    # The same batch as a scheduler builds it, on the warehouse as it was before it.
    shutil.move(warehouse.path.with_suffix(".before"), warehouse.path)
    start = warehouse.command("run", "--select", "taken_loads")
    micro_batch = warehouse.command(*BUILD)
    figures.note("micro_batch_events", batch, "events")
    figures.note("micro_batch", micro_batch, "s", 15, "at most")
    figures.note("micro_batch_start_of_dbt", start, "s")


def note_rows_read(figures: Figures, scans: list[Scan], batch: int, following: set[str]) -> None:
    """Print what the run of one day read: by model and table, then the figures.

    Key tables are looked through for what is touched, so they stand apart. Models that follow what
    is new are held to a multiple of the day's events, each of them. A table that is made anew in
    each run is not: what it reads is bounded by its window (`trending_posts`: the weeks that it
    compares) or by the posts there are.
    """
    read: Counter[tuple[str, str]] = Counter()
    for scan in scans:
        if scan.node and "__dbt_tmp" not in scan.table and scan.table not in KEY_TABLES:
            read[scan.node, scan.table] += scan.rows
    print(f"rows read outside key tables by the run of a day of {batch:,} events:")
    for (node, table), rows in read.most_common(25):
        print(f"  {node:26} of {table:26}{rows:10,}{rows / batch:8.1f} per event")
    by_model: Counter[str] = Counter()
    for (node, _), rows in read.items():
        by_model[node] += rows
    for name, of_models in (
        ("rows_read_by_a_model_that_follows", by_model.keys() & following),
        ("rows_read_by_a_table_made_anew", by_model.keys() - following),
    ):
        largest = max(of_models, key=by_model.__getitem__)
        print(f"largest: {largest}")
        bar = 5 if name.endswith("follows") else None
        figures.note(name, by_model[largest] / batch, "per event of the day", bar, "at most")
    figures.note("rows_read_in_all", by_model.total() / batch, "per event of the day")


def size(figures: Figures, millions: int) -> None:
    """Build a year of so many events at once, then one more day, then ten more minutes."""
    name = f"{millions}m"
    daily = millions * MILLION // DAYS
    events = simulated(name, DAYS + 1, daily)
    warehouse = Warehouse(name)
    last = day(events, DAYS + 1)
    aside = DATA / name / "last"
    if not aside.exists():
        shutil.move(last, aside)
    minutes = DATA / name / "minutes"
    ten_minutes(aside, minutes, daily // 144)
    warehouse.load(events)
    for step, brought, command in (
        ("full_build", None, WHOLE),
        ("new_day", aside, BUILD),
        ("ten_minutes", minutes, BUILD),
    ):
        if brought is not None:
            warehouse.load(brought)
        done = run("-m", "bench.dbt", *command, READERSHIP_WAREHOUSE=str(warehouse.path))
        figures.note(f"{name}_{step}", done.seconds, "s")
        figures.note(f"{name}_{step}_peak", done.peak_bytes / GIB, "GiB")
    warehouse.remove()


class Warehouse:
    """A warehouse file of the bench, new."""

    def __init__(self, name: str) -> None:
        self.path = DATA / name / "warehouse.duckdb"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.remove()

    def remove(self) -> None:
        """Remove the file and what stands beside it."""
        for file in self.path.parent.glob(f"{self.path.name}*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()

    def load(self, events: Path) -> None:
        """Load files."""
        pipeline.load(Wanted((str(events),)), DuckDbFile(self.path), Progress())

    def copy_to(self, path: Path) -> None:
        """Copy the file, with what still waits in its log."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("checkpoint")
        shutil.copy(self.path, path)

    def command(self, *arguments: str) -> float:
        """Run dbt as a command; give the seconds it took."""
        return run("-m", "bench.dbt", *arguments, READERSHIP_WAREHOUSE=str(self.path)).seconds


@dataclass(frozen=True, slots=True)
class Took:
    """What one run of dbt took, of the clock and of the cores."""

    seconds: float
    cpu_seconds: float


class InOneProcess:
    """Dbt in this process, with the project parsed once.

    Every warehouse file has the same name, since dbt's manifest holds it.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        os.environ["READERSHIP_WAREHOUSE"] = str(warehouse.path)
        parsed = dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse"])
        if not parsed.success:
            sys.exit(str(parsed.exception))
        self._manifest = parsed.result

    def incremental_models(self) -> set[str]:
        """Give the names of the models that follow what is new."""
        return {
            node.name
            for node in self._manifest.nodes.values()
            if node.config.materialized == "incremental"
        }

    def day(self, warehouse: Warehouse, files: Path, command: list[str]) -> Took:
        """Load the files of a day and run a command; tell what the command took."""
        warehouse.load(files)
        started, cpu_started = time.monotonic(), time.process_time()
        self(warehouse, *command)
        return Took(time.monotonic() - started, time.process_time() - cpu_started)

    def __call__(self, warehouse: Warehouse, *arguments: str) -> None:
        """Run one command."""
        os.environ["READERSHIP_WAREHOUSE"] = str(warehouse.path)
        done = dbtRunner(manifest=self._manifest).invoke(["--quiet", *arguments])
        # The loader is to open the file next.
        DuckDBConnectionManager.close_all_connections()
        if not done.success:
            sys.exit(str(done.exception or [r.message for r in done.result if r.message]))


def simulated(name: str, days: int, daily: int) -> Path:
    """Make the events once."""
    folder = DATA / name / "events"
    if not (folder / "done").exists():
        print(f"making {days * daily:,} events ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        run(
            *("-m", "simulator", "--events", str(days * daily), "--days", str(days)),
            *("--start", START.isoformat(), "--out", str(folder)),
        )
        (folder / "done").touch()
    return folder


def day(events: Path, number: int) -> Path:
    """Give the folder of a day, counted from 1."""
    return events / (START + timedelta(days=number - 1)).strftime("%Y/%m/%d")


def lines_of(folder: Path) -> Iterator[str]:
    """Read the lines of the files in a folder."""
    for file in sorted(folder.rglob("*.gz")):
        with gzip.open(file, "rt") as lines:
            yield from lines


def events_in(folder: Path) -> int:
    """How many events the files in a folder hold."""
    return sum(1 for _ in lines_of(folder))


def ten_minutes(of_day: Path, folder: Path, events: int) -> None:
    """Write so many events of a day as events of the day after."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "part.jsonl").open("w") as file:
        for number, line in enumerate(lines_of(of_day)):
            if number == events:
                break
            record = json.loads(line)
            moved = int(record["timestamp_info_nginx_ms"]) + 86_400_000
            at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(moved / 1000))
            record |= {
                "event_id": f"0x{number:032x}", "ts_action": at, "timestamp_info_nginx_ms": moved,
            }  # fmt: skip
            file.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    sys.exit(main())
