"""A stream in thousands of small loads, beside daily files of the same: `make bench-batches`.

First, batches of 20 to 200 events are loaded one by one from a stand-in for Kinesis, and the same
events once more as daily files: how many parts DuckDB's file has for either, how large it is, and
what it takes to read one date, and the last load, as an incremental run does.

Then a small warehouse gets the accounts of many earlier loads, as of a year of a load every ten
seconds, without their events. What does one more load take, and the run that builds it, of what it
took before? Seconds are those of the cores, so that other work on the machine matters little.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median

import duckdb

import loaders
from bench.events import Events, lines_of, simulated
from bench.figures import Figures
from bench.options import Options
from bench.stream import STREAM, put, two_shards
from bench.warehouse import Followed, Warehouse
from loaders import DuckDbFile, LoadRequest, Progress
from tests.support.kinesis_server import FIRST_SHARD, KinesisServer

BATCHES = 1_000
LOADS = 1_000_000
_SHARDS = 2
_HISTORY_DAYS = 15
_DAYS = 30
_TURNS = 7
_ONE_DATE = (
    "select count(distinct event_id), count(distinct url), max(length(user_agent)) from raw.events "
    "where timestamp_info_nginx_ms >= {first} and timestamp_info_nginx_ms < {first} + 86400000"
)
_LAST_LOAD = (
    "select count(distinct event_id), max(length(url)) from raw.events "
    "where _dlt_load_id = (select max(load_id) from raw._dlt_loads)"
)


def main() -> int:
    """Measure, print the figures and return the exit code."""
    parser = Options("batches", __doc__)
    parser.add_argument("--batches", type=int, default=BATCHES, help="small loads (%(default)s)")
    parser.add_argument(
        "--loads", type=int, nargs="+", default=[LOADS], help="earlier loads (%(default)s)"
    )
    options = parser.parse_args()
    figures = Figures()
    print(f"{os.cpu_count()} cores, DuckDB with 2 threads", flush=True)
    # A batch has 110 events at the mean; the last of them may be larger.
    events = simulated(f"batches_{options.batches}", _DAYS, 125 * options.batches)
    if options.batches:
        with two_shards() as server:
            small_and_daily(figures, server, events, options.batches)
    with two_shards() as server:
        many_loads(figures, server, options.loads)
    return figures.exit_code()


def load(warehouse: Path) -> float:
    """Load what is new in the stream; return the seconds of the cores."""
    started = time.process_time()
    loaders.load(LoadRequest((STREAM,)), DuckDbFile(warehouse), Progress())
    return time.process_time() - started


def small_and_daily(figures: Figures, server: KinesisServer, events: Events, batches: int) -> None:
    """Load batches one by one, the same events as files, and compare how they are read."""
    small, daily = Warehouse("batches-small"), Warehouse("batches-daily")
    lines, random = lines_of(*events.days(1, _DAYS)), Random(1)
    files = daily.path.parent / "days"
    files.mkdir(exist_ok=True)
    for file in files.iterdir():
        file.unlink()
    seconds: list[float] = []
    for number in range(batches):
        batch = list(islice(lines, random.randint(20, 200)))
        put(server, batch)
        seconds.append(load(small.path))
        with (files / f"{number * _DAYS // batches:02}.jsonl").open("ab") as day:
            day.writelines(batch)
        if (number + 1) % 100 == 0:
            print(f"batch {number + 1}: {row_groups(small.path)} parts", flush=True)
    for file in sorted(files.iterdir()):
        daily.load(file)
    tenth = max(1, batches // 10)
    growth = median(seconds[-tenth:]) / median(seconds[tenth : 2 * tenth])
    figures.note("batches_load", median(seconds), "s of the cores")
    figures.note("batches_load_late_of_early", growth, "ratio", 1.15, "at most")
    figures.note("batches_parts", row_groups(small.path), "row groups")
    figures.note("batches_parts_of_daily", row_groups(daily.path), "row groups")
    # Every table has some blocks of its own, whatever it holds.
    figures.note("batches_file_of_daily", small.size() / daily.size(), "ratio", 1.5, "at most")
    for name, query in (("one_date", _ONE_DATE), ("last_load", _LAST_LOAD)):
        read, again = alternately(
            partial(reading, small.path, query), partial(reading, daily.path, query)
        )
        figures.note(f"batches_{name}", 1000 * read, "ms of the cores")
        bar = 1.25 if name == "one_date" else None
        figures.note(f"batches_{name}_of_daily", read / again, "ratio", bar, "at most")


def alternately(*measured: Callable[[], float]) -> list[float]:
    """Measure several things in turns; return the median of each."""
    turns = [[one() for one in measured] for _ in range(_TURNS)]
    return [median(values) for values in zip(*turns, strict=True)]


def row_groups(warehouse: Path) -> int:
    """Count the parts in which the events are stored."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ((count,),) = connection.execute(
            "select count(distinct row_group_id) from pragma_storage_info('raw.events')"
        ).fetchall()
    return int(count)


def reading(warehouse: Path, query: str) -> float:
    """Return the seconds of the cores that a query takes, ten times in a new connection."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set threads = 2")
        ((first,),) = connection.execute(
            "select quantile_disc(timestamp_info_nginx_ms, 0.5) // 86400000 * 86400000 "
            "from raw.events"
        ).fetchall()
        started = time.process_time()
        for _ in range(10):
            connection.execute(query.format(first=first)).fetchall()
        return (time.process_time() - started) / 10


def many_loads(figures: Figures, server: KinesisServer, numbers: list[int]) -> None:
    """Measure one more load and run after many others, of what they took before these."""
    events = simulated("ledger", 2 * _HISTORY_DAYS, 60_000)
    followed = Followed(Warehouse("ledger"))
    followed.load(*events.days(1, _HISTORY_DAYS))
    followed.build(is_whole=True)
    later = lines_of(*events.after(_HISTORY_DAYS))
    for _ in range(3):
        one_more(server, later, followed)
    early = [one_more(server, later, followed) for _ in range(_TURNS)]
    figures.note("ledger_load", median(load for load, _ in early), "s of the cores")
    figures.note("ledger_run", median(run for _, run in early), "s of the cores")
    before = 0
    for number in numbers:
        remember(followed.warehouse.path, before, number)
        before = number
        # The first run settles them all.
        one_more(server, later, followed)
        late = [one_more(server, later, followed) for _ in range(_TURNS)]
        for at, name in enumerate(("load", "run")):
            seconds, of = (median(turn[at] for turn in turns) for turns in (late, early))
            figures.note(f"ledger_{name}_after_{number}_loads", seconds, "s of the cores")
            figures.note(
                f"ledger_{name}_after_{number}_loads_of_early", seconds / of, "ratio", 1.15,
                "at most",
            )  # fmt: skip


def one_more(
    server: KinesisServer, later: Iterator[bytes], followed: Followed
) -> tuple[float, float]:
    """Load and build fifty events; return the seconds of the cores of both."""
    put(server, list(islice(later, 50)))
    return load(followed.warehouse.path), followed.build().cpu_seconds


def remember(warehouse: Path, first: int, end: int) -> None:
    """Write the accounts of loads that every model has processed."""
    numbers = f"range({first}, {end}) as numbers(number)"
    load_id = "(1700000000 + number * 10)::varchar || '.000001'"
    at = "timestamptz '2025-01-01 00:00:00+00' + interval (number * 10) second"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set threads = 2")
        connection.execute(
            f"insert into raw._dlt_loads by name select {load_id} as load_id, "
            f"'readership' as schema_name, 0 as status, {at} as inserted_at, "
            f"'none' as schema_version_hash from {numbers}"
        )
        for shard in range(_SHARDS):
            connection.execute(
                "insert into raw.files by name select "
                f"'{STREAM}/{FIRST_SHARD[:-1]}{shard}/' || lpad(number::varchar, 56, '0') "
                "as file, "
                f"lpad((number + 1)::varchar, 56, '0') as version, 0 as size_bytes, "
                f"{at} as modified_at, 0 as lines, 0 as events, 0 as rejected, 0 as blank, "
                f"'loaded' as status, {load_id} as _dlt_load_id from {numbers}"
            )
        connection.execute(
            "insert into processed_loads by name "
            f"select model, {load_id} as load_id, 'earlier' as invocation_id from {numbers}, "
            "(select distinct model from processed_loads where model <> '(settled)')"
        )


if __name__ == "__main__":
    sys.exit(main())
