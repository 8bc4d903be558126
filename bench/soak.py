"""Everything at once, for minutes or hours: `make soak MINUTES=60`.

Events keep arriving by a stream of two shards (or as files, with `--files`), `readership follow`
loads, builds and publishes them, and `readership serve` is called all the time. At the end every
table has the rows of a full refresh, neither process has grown, files on disk have not become more,
and no call has failed. A stand-in for Kinesis serves the stream, in this process.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles
from urllib.request import urlopen

import duckdb

from bench.events import Events, lines_of, simulated
from bench.figures import DATA, Figures, run
from bench.follow import check, following, resident
from bench.options import Options
from bench.serve import served
from bench.stream import STREAM, put, two_shards
from tests.support.comparing import OF_LOADS
from tests.support.replacements import ONLY_FOR_BUILDS

BATCH_EVENTS = 200
EVERY_SECONDS = 5
HISTORY_DAYS = 20
ALL_DAYS = 60
# Later values are compared with those after this share of the time, when caches are full.
WARM_UP = 0.25
_CALLS_A_SECOND = 10
_MEBIBYTE = 1 << 20
_CALLS = (
    "/v2/realtime/posts?apikey={site}&limit=20",
    "/v2/analytics/posts?apikey={site}&limit=20&period_start=7d",
    "/v2/analytics/authors?apikey={site}&period_start=3d",
    "/v2/analytics/tags?apikey={site}&period_start=24h",
    "/v2/analytics/site?apikey={site}&period_start=1h",
    "/v2/referrers/social?apikey={site}",
    "/health",
)

Deliver = Callable[[int, list[bytes]], None]
"""Brings a batch of lines, named by a number, to where `follow` looks for them."""


def main() -> int:
    """Measure, print the figures and return the exit code."""
    parser = Options("soak", __doc__)
    parser.add_argument(
        "--minutes", type=float, default=6, help="how long events arrive (%(default)s)"
    )
    parser.add_argument("--files", action="store_true", help="events arrive as files")
    options = parser.parse_args()
    minutes = options.minutes
    figures = Figures()
    place = DATA / "soak"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    os.environ |= {
        "READERSHIP_WAREHOUSE": str(place / "warehouse.duckdb"),
        "DBT_TARGET_PATH": str(place / "target"),
        "DBT_LOG_PATH": str(place / "logs"),
    }
    events = history(minutes)
    run("-m", "readership", "run", *map(str, events.days(1, HISTORY_DAYS)))
    with by_files(place) if options.files else by_stream() as (source, deliver):
        soaked = soak(place, source, events, minutes * 60, deliver)
    report(figures, soaked)
    figures.note("soak_tables_that_differ", len(differing(place)), "tables", 0, "at most")
    return figures.exit_code()


def history(minutes: float) -> Events:
    """Return days to start from, and more after them than can arrive in the time."""
    later = int(minutes * 60 / EVERY_SECONDS) * BATCH_EVENTS
    wanted = max(30_000, 2 * later * ALL_DAYS // (ALL_DAYS - HISTORY_DAYS))
    return simulated(f"soak_{wanted}", ALL_DAYS, wanted, mess=True)


@contextmanager
def by_files(place: Path) -> Iterator[tuple[Path, Deliver]]:
    """Give the folder to follow, and what writes a batch into it."""
    inbox = place / "inbox"
    inbox.mkdir()

    def deliver(number: int, batch: list[bytes]) -> None:
        hidden = inbox / "batch.part"
        hidden.write_bytes(b"".join(batch))
        hidden.rename(inbox / f"{number:05}.jsonl")

    yield inbox, deliver


@contextmanager
def by_stream() -> Iterator[tuple[str, Deliver]]:
    """Give the stream to follow, and what puts a batch into it, a record for each line."""
    with two_shards() as server:
        yield STREAM, lambda _, batch: put(server, batch)


@dataclass(slots=True)
class Sample:
    """What was seen after a round.

    Attributes:
        follow_bytes: Memory of the process that loads and builds.
        serve_bytes: Memory of the process that answers.
        files: Number of files beside the events.
        kept_bytes: Bytes of those that do not hold events: logs, state, dbt's target.

    """

    follow_bytes: int
    serve_bytes: int
    files: int
    kept_bytes: int


@dataclass(slots=True)
class Soaked:
    """What was seen in all of the time."""

    samples: list[Sample] = field(default_factory=list)
    rounds: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def soak(
    place: Path, source: Path | str, events: Events, seconds: float, deliver: Deliver
) -> Soaked:
    """Let events arrive for a time, and call the service all the while."""
    soaked = Soaked()
    later = lines_of(*events.after(HISTORY_DAYS))
    warehouse = place / "warehouse.duckdb"
    with served(warehouse) as port, following(place, source) as (process, log):
        server = listener(port)
        ended = threading.Event()
        caller = threading.Thread(target=call, args=(port, sites(warehouse), soaked, ended))
        caller.start()
        try:
            until = time.monotonic() + seconds
            number = 0
            while time.monotonic() < until and (batch := list(islice(later, BATCH_EVENTS))):
                lines = len(log.read_text().splitlines())
                started = time.monotonic()
                deliver(number, batch)
                while len(log.read_text().splitlines()) == lines:
                    check(process, started, log)
                soaked.rounds.append(time.monotonic() - started)
                soaked.samples.append(sample(place, process.pid, server))
                number += 1
                time.sleep(max(0.0, started + EVERY_SECONDS - time.monotonic()))
        finally:
            ended.set()
            caller.join()
    # Builds that dbt makes show how far they are; what else is there is a round that failed.
    soaked.failures += [
        line
        for line in (place / "follow.err").read_text().splitlines()
        if not line.startswith("readership build: ") and ": stopped: " not in line
    ]
    return soaked


def call(port: int, site_ids: list[str], soaked: Soaked, ended: threading.Event) -> None:
    """Call the service until the end; remember the seconds and what failed."""
    paths = cycle([path.format(site=site) for path in _CALLS for site in site_ids])
    while not ended.wait(1 / _CALLS_A_SECOND):
        path = next(paths)
        started = time.monotonic()
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as response:
                answer = json.loads(response.read())
        except (OSError, ValueError) as error:
            soaked.failures.append(f"{path}: {error}")
            continue
        soaked.calls.append(time.monotonic() - started)
        # Refusals have their code in the body.
        if answer.get("code") or answer.get("success") is False:
            soaked.failures.append(f"{path}: {answer}")


def sites(warehouse: Path) -> list[str]:
    """Return all sites."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute("select site_id from dim_sites order by site_id").fetchall()
    return [str(site) for (site,) in found]


def listener(port: int) -> int:
    """Return the id of the process that this one has started and that listens on a port."""
    wanted = f":{port:04X}"
    inodes = {
        columns[9]
        for columns in map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
        if columns[1].endswith(wanted) and columns[3] == "0A"
    }
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    for child in map(int, children):
        for handle in Path(f"/proc/{child}/fd").iterdir():
            if str(handle.readlink()) in {f"socket:[{inode}]" for inode in inodes}:
                return child
    sys.exit("no process listens")


def sample(place: Path, follow: int, server: int) -> Sample:
    """Look at the processes and at the folder."""
    sizes: dict[Path, int] = {}
    for folder, _, names in os.walk(place):
        if Path(folder) != place / "inbox":
            for name in names:
                path = Path(folder, name)
                # A file may have gone since it was listed.
                if path.exists():
                    sizes[path] = path.stat().st_size
    kept = sum(size for path, size in sizes.items() if "duckdb" not in path.name)
    return Sample(resident(follow), resident(server), len(sizes), kept)


def report(figures: Figures, soaked: Soaked) -> None:
    """Print the figures, and the first failures."""
    for failure in soaked.failures[:10]:
        print(f"failed: {failure}", flush=True)
    samples = soaked.samples[int(len(soaked.samples) * WARM_UP) :]
    figures.note("soak_rounds", len(soaked.rounds), "rounds")
    figures.note("soak_round_p95", _p95(soaked.rounds), "s")
    figures.note("soak_calls", len(soaked.calls), "calls")
    figures.note("soak_call_p95", 1000 * _p95(soaked.calls), "ms")
    figures.note("soak_failures", len(soaked.failures), "failures", 0, "at most")
    third = max(1, len(samples) // 3)
    for name in ("follow", "serve"):
        memory = [getattr(one, f"{name}_bytes") for one in samples]
        figures.note(f"soak_{name}_memory", max(memory) / _MEBIBYTE, "MiB")
        growth = median(memory[-third:]) / median(memory[:third])
        figures.note(f"soak_{name}_memory_late_of_early", growth, "ratio", 1.1, "at most")
    files = [one.files for one in samples]
    figures.note("soak_files", max(files), "files")
    growth = max(files[-third:]) / max(files[:third])
    figures.note("soak_files_late_of_early", growth, "ratio", 1.1, "at most")
    kept = max(one.kept_bytes for one in samples) / _MEBIBYTE
    # dbt's log turns over at 10 MiB and keeps five.
    figures.note("soak_logs_and_state", kept, "MiB", 100, "at most")


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1]


def differing(place: Path) -> list[str]:
    """Return the tables whose rows are not those of a full refresh; views follow from them."""
    followed, fresh = place / "warehouse.duckdb", place / "fresh" / "warehouse.duckdb"
    # Rounds leave related posts to builds of everything, which are daily.
    run("-m", "readership", "build", READERSHIP_WAREHOUSE=str(followed))
    fresh.parent.mkdir()
    shutil.copy2(followed, fresh)
    run("-m", "readership", "build", "--full-refresh", READERSHIP_WAREHOUSE=str(fresh))
    return compared(followed, fresh)


def compared(followed: Path, fresh: Path) -> list[str]:
    """Return the tables of two warehouses whose rows differ, whatever run has written them."""
    wrong: list[str] = []
    compared_tables = 0
    with duckdb.connect() as connection:
        connection.execute(f"attach '{followed}' as followed (read_only)")
        connection.execute(f"attach '{fresh}' as fresh (read_only)")
        relations = connection.execute(
            "select table_name, list(column_name order by column_index) from duckdb_columns() "
            "inner join duckdb_tables() using (database_name, schema_name, table_name) "
            "where database_name = 'followed' and schema_name = 'main' "
            "group by table_name order by table_name"
        ).fetchall()
        for name, columns in relations:
            # The rows of tables for builds alone say how they came about.
            if name in ONLY_FOR_BUILDS:
                continue
            compared_tables += 1
            shown = ", ".join(
                f'"{one}"' for one in columns if one not in OF_LOADS and not one.endswith("load_id")
            )
            ((count,),) = connection.execute(
                f"select count(*) from (select {shown} from followed.main.{name} except all "
                f"select {shown} from fresh.main.{name} union all (select {shown} from "
                f"fresh.main.{name} except all select {shown} from followed.main.{name}))"
            ).fetchall()
            if count:
                print(f"{name}: {count} rows differ", flush=True)
                wrong.append(name)
    print(f"{compared_tables} tables compared", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
