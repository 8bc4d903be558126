"""From an event file to a changed answer, with a resident process: `make bench-follow`.

A year of events is loaded and built at once. Then `readership follow` and `readership serve` run as
separate processes, and batches of 5,000 events appear one after another in the folder that
`follow` watches. Measured for each: until its rows are in the tables, and until
`/v2/realtime/posts` answers differently. Both processes and this one share the machine's cores.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from urllib.request import urlopen

import duckdb

import loaders
from bench.events import DAYS, Events, lines_of, simulated
from bench.figures import DATA, ROOT, Figures, run
from bench.options import Options
from bench.serve import served
from readership.builder import Progress, ResidentProject
from readership.rounds import Rounds

BATCH_EVENTS = 5_000
ROUNDS = 30
WARM_UP = 2
# Enough later days for all batches, at a million events a year.
DAYS_AFTER = 60
EVERY_SECONDS = 1
_POLL_SECONDS = 0.05
_TIMEOUT_SECONDS = 300
_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """How long after its file appeared a batch was where it should be, in seconds."""

    rows: float
    answer: float


def main() -> int:
    """Measure, print the figures and return the exit code."""
    parser = Options("follow", __doc__)
    parser.add_argument(
        "--millions", type=int, default=1, help="events of the year, in millions (%(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="batches (%(default)s)")
    options = parser.parse_args()
    figures = Figures()
    print(f"{os.cpu_count()} cores, shared by all processes", flush=True)
    place = DATA / f"follow-{options.millions}m"
    shutil.rmtree(place, ignore_errors=True)
    inbox = place / "inbox"
    inbox.mkdir(parents=True)
    environment = {
        "READERSHIP_WAREHOUSE": str(place / "warehouse.duckdb"),
        "DBT_TARGET_PATH": str(place / "target"),
        "DBT_LOG_PATH": str(place / "logs"),
    }
    os.environ.update(environment)
    events = history(options.millions)
    first = run("-m", "readership", "run", *map(str, events.days(1, DAYS)))
    figures.note("follow_first_run", first.seconds, "s")
    arrivals, memory = followed(place, inbox, events, options.rounds)
    # The bars are for a million; other sizes show how the figures grow.
    report(figures, arrivals, memory, has_bars=options.millions == 1)
    figures.note("follow_nothing_new", nothing_new(place, inbox), "s", 0.3, "at most")
    return figures.exit_code()


def history(millions: int) -> Events:
    """Return a year of events and some days after it."""
    days = DAYS + DAYS_AFTER
    return simulated(f"follow_{millions}m", days, millions * 1_000_000 * days // DAYS)


def followed(
    place: Path, inbox: Path, events: Events, rounds: int
) -> tuple[list[Arrival], list[int]]:
    """Let batches appear, and measure each, and the memory of the process after each."""
    warehouse = place / "warehouse.duckdb"
    site = most_viewed_site(warehouse)
    later = lines_of(*events.after(DAYS))
    arrivals: list[Arrival] = []
    memory: list[int] = []
    with served(warehouse) as port, following(place, inbox) as (process, log):
        call = f"http://127.0.0.1:{port}/v2/realtime/posts?apikey={site}&limit=100"
        for number in range(rounds + WARM_UP):
            batch = b"".join(islice(later, BATCH_EVENTS))
            hidden = inbox / "batch.part"
            hidden.write_bytes(batch)
            appear = partial(hidden.rename, inbox / f"{number:03}.jsonl")
            answer = seconds_to_answer(call, appear, process, log)
            arrival = Arrival(steps_before_publishing(log), answer)
            print(f"batch {number + 1}: {log.read_text().splitlines()[-1]}", flush=True)
            if number >= WARM_UP:
                arrivals.append(arrival)
                memory.append(resident(process.pid))
    return arrivals, memory


def check(process: subprocess.Popen[bytes], started: float, log: Path) -> None:
    """Wait a moment; stop when the process has ended or nothing comes."""
    time.sleep(_POLL_SECONDS)
    if process.poll() is not None or time.monotonic() - started > _TIMEOUT_SECONDS:
        sys.exit(f"follow stopped or takes too long:\n{log.read_text()}")


def seconds_to_answer(
    call: str, bring: Callable[[], object], process: subprocess.Popen[bytes], log: Path
) -> float:
    """Bring new events; return the seconds until a call is answered differently.

    When it returns, the round that brought them has written its line.
    """
    before, lines = body(call), len(log.read_text().splitlines())
    bring()
    started = time.monotonic()
    while body(call) == before:
        check(process, started, log)
    answer = time.monotonic() - started
    while len(log.read_text().splitlines()) == lines:
        check(process, started, log)
    return answer


def steps_before_publishing(log: Path) -> float:
    """Return the seconds of loading and building that the last line of a round names."""
    *steps, _ = re.findall(r"(\d+\.\d)(?= \+| s$)", log.read_text().splitlines()[-1])
    return sum(map(float, steps))


def report(figures: Figures, arrivals: list[Arrival], memory: list[int], *, has_bars: bool) -> None:
    """Print the figures of all batches."""
    rows, answers = ([getattr(a, name) for a in arrivals] for name in ("rows", "answer"))
    figures.note("follow_rows_p50", median(rows), "s")
    figures.note("follow_rows_p95", p95(rows), "s", 5 if has_bars else None, "at most")
    figures.note("follow_answer_p50", median(answers), "s")
    figures.note("follow_answer_p95", p95(answers), "s", 10 if has_bars else None, "at most")
    half = len(memory) // 2
    figures.note("follow_memory", max(memory) / _MEBIBYTE, "MiB")
    growth = median(memory[half:]) / median(memory[:half])
    figures.note("follow_memory_late_of_early", growth, "ratio", 1.1, "at most")


def p95(values: list[float]) -> float:
    """Return the value that 19 of 20 do not exceed."""
    return quantiles(values, n=20, method="inclusive")[-1]


def nothing_new(place: Path, inbox: Path) -> float:
    """Return the median seconds of a round that finds nothing new."""
    warehouse = place / "warehouse.duckdb"
    rounds = Rounds(
        loaders.LoadRequest((str(inbox),)),
        loaders.DuckDbFile(warehouse),
        warehouse,
        ResidentProject(Progress(sys.stderr), warehouse),
        hours=24,
        publishes=False,
        progress=loaders.Progress,
    )
    rounds.next()
    seconds = []
    for _ in range(11):
        started = time.monotonic()
        if rounds.next().has_work:
            sys.exit("a round found something new")
        seconds.append(time.monotonic() - started)
    return median(seconds)


@contextmanager
def following(
    place: Path, source: Path | str, *more: str
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run `readership follow` until the block ends; yields the process and its output."""
    log = place / "follow.log"
    command = ["-m", "readership", "follow", str(source), "--every", str(EVERY_SECONDS), *more]
    with (
        log.open("wb") as stream,
        (place / "follow.err").open("wb") as errors,
        subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=stream, stderr=errors) as it,
    ):
        try:
            # The first round builds what the start of the process does not know to be built.
            started = time.monotonic()
            while not log.read_text():
                check(it, started, log)
            yield it, log
        finally:
            it.terminate()


def most_viewed_site(warehouse: Path) -> str:
    """Return the site with the most pageviews."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ((site,),) = connection.execute(
            "select site_id from fct_pageviews group by site_id order by count(*) desc limit 1"
        ).fetchall()
    return str(site)


def body(call: str) -> bytes:
    """Return the body of the response to a call."""
    with urlopen(call) as response:
        return bytes(response.read())


def resident(process: int) -> int:
    """Return the memory of a process in bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
