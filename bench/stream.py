"""From a record to a changed answer, and a steady stream: `make bench-stream`.

A year of a million events is loaded and built. Then a stand-in for Kinesis serves a stream of two
shards, `readership follow` reads it, and `readership serve` answers, all on the machine's cores.

First, batches of 5,000 events are put, one after another: how long until `/v2/realtime/posts`
answers differently. Then 5,000 events a second are put for ten minutes, one to a record, while
`readership follow --no-publish` loads and builds: how far the tables are behind what was put. At
the end every event must be there. The stand-in shares the cores, so its work counts as well.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from operator import itemgetter
from pathlib import Path
from statistics import median

import duckdb

from bench.events import DAYS, Events, lines_of
from bench.figures import DATA, Figures, run
from bench.follow import (
    check,
    following,
    history,
    most_viewed_site,
    p95,
    seconds_to_answer,
)
from bench.options import Options
from bench.serve import served
from tests.support.kinesis_server import FIRST_SHARD, KinesisServer

STREAM = "kinesis://events"
BATCH_EVENTS = 5_000
BATCHES = 12
WARM_UP = 2
EVENTS_A_SECOND = 5_000
SECONDS = 600
_TICK_SECONDS = 0.1
_RETENTION_SECONDS = 120
_MOST_LAG_SECONDS = 60
_MOST_ANSWER_SECONDS = 10
_EVENT_ID = re.compile(rb'("event_id":"0x)[0-9a-f]{4}')
_LOADED = re.compile(r"with ([\d,]+) events? loaded")


def main() -> int:
    """Measure, print the figures and return the exit code."""
    parser = Options("stream", __doc__)
    parser.add_argument(
        "--seconds", type=int, default=SECONDS, help="how long the steady stream is (%(default)s)"
    )
    parser.add_argument("--batches", type=int, default=BATCHES, help="batches (%(default)s)")
    options = parser.parse_args()
    figures = Figures()
    print(f"{os.cpu_count()} cores, shared by all processes", flush=True)
    place = DATA / "stream"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    os.environ |= {
        "READERSHIP_WAREHOUSE": str(place / "warehouse.duckdb"),
        "DBT_TARGET_PATH": str(place / "target"),
        "DBT_LOG_PATH": str(place / "logs"),
    }
    events = history(1)
    run("-m", "readership", "run", *map(str, events.days(1, DAYS)))
    later = Later(events)
    with two_shards() as server:
        answers = answered(place, server, later, options.batches)
        figures.note("stream_answer_p50", median(answers), "s")
        figures.note("stream_answer_p95", p95(answers), "s", _MOST_ANSWER_SECONDS, "at most")
        steady = flowing(place, server, later, options.seconds)
    figures.note("stream_rate", steady.rate, "events/s", 0.99 * EVENTS_A_SECOND)
    figures.note("stream_lag_p50", median(steady.lags), "s")
    figures.note("stream_lag_most", max(steady.lags), "s", _MOST_LAG_SECONDS, "at most")
    half = len(steady.lags) // 2
    growth = max(steady.lags[half:]) / max(steady.lags[:half])
    figures.note("stream_lag_late_of_early", growth, "ratio", 1.5, "at most")
    figures.note("stream_caught_up", steady.caught_up, "s", _MOST_LAG_SECONDS, "at most")
    figures.note("stream_events_missing", later.given - loaded(place), "events", 0, "at most")
    return figures.exit_code()


@contextmanager
def two_shards() -> Iterator[KinesisServer]:
    """Serve a stream of two shards, which the environment names, until the block ends."""
    server = KinesisServer()
    server.add_shard()
    os.environ |= {
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }
    try:
        yield server
    finally:
        server.stop()


class Later(Iterator[bytes]):
    """The events after the year, again and again with ids of their own.

    Attributes:
        given: How many were given.

    """

    def __init__(self, events: Events) -> None:
        self.given = 0
        self._lines = _turns(events)

    def __next__(self) -> bytes:
        self.given += 1
        return next(self._lines)


def _turns(events: Events) -> Iterator[bytes]:
    lines = [line.rstrip() for line in lines_of(*events.after(DAYS))]
    for at, line in enumerate(cycle(lines)):
        turn = at // len(lines)
        # The id is all that tells one turn from another.
        yield _EVENT_ID.sub(rb"\g<1>%04x" % turn, line, count=1) if turn else line


def put(server: KinesisServer, records: list[bytes]) -> None:
    """Put events into the two shards."""
    for shard in range(2):
        name = f"{FIRST_SHARD[:-1]}{shard}"
        server.put(*records[shard::2], shard=name, at=time.time())


def answered(
    place: Path, server: KinesisServer, later: Iterator[bytes], batches: int
) -> list[float]:
    """Put batches one after another; return the seconds until the answer to a call changed."""
    warehouse = place / "warehouse.duckdb"
    site = most_viewed_site(warehouse)
    seconds: list[float] = []
    with served(warehouse) as port, following(place, STREAM) as (process, log):
        call = f"http://127.0.0.1:{port}/v2/realtime/posts?apikey={site}&limit=100"
        for number in range(batches + WARM_UP):
            batch = list(islice(later, BATCH_EVENTS))
            answer = seconds_to_answer(call, partial(put, server, batch), process, log)
            print(f"batch {number + 1}: {answer:.1f} s, {log.read_text().splitlines()[-1]}")
            if number >= WARM_UP:
                seconds.append(answer)
    return seconds


@dataclass
class Steady:
    """What a steady stream was like.

    Attributes:
        lags: For each round, how old the oldest event was that it brought, when it was built.
        rate: Events put a second.
        caught_up: Seconds from the last event put until all were built.

    """

    lags: list[float] = field(default_factory=list)
    rate: float = 0.0
    caught_up: float = 0.0


class Producer(threading.Thread):
    """Puts events at a steady rate; forgets those that have long been read.

    Attributes:
        counts: When so many events had been put.

    """

    def __init__(self, server: KinesisServer, later: Iterator[bytes], seconds: int) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._later = later
        self._seconds = seconds
        self.counts: list[tuple[float, int]] = []

    def run(self) -> None:
        """Put events until the time is over."""
        started, total = time.monotonic(), 0
        while (now := time.monotonic()) - started < self._seconds:
            due = int((now - started) * EVENTS_A_SECOND) - total
            put(self._server, list(islice(self._later, due)))
            total += due
            self.counts.append((time.monotonic(), total))
            for shard in self._server.shards.values():
                old = bisect_left(
                    shard.records, time.time() - _RETENTION_SECONDS, key=itemgetter(2)
                )
                if old > EVENTS_A_SECOND:
                    self._server.trim(shard.id, old)
            time.sleep(_TICK_SECONDS)

    def put_at(self, number: int) -> float:
        """Return when the event of this number had been put."""
        return self.counts[bisect_left(self.counts, number, key=itemgetter(1))][0]


def flowing(place: Path, server: KinesisServer, later: Iterator[bytes], seconds: int) -> Steady:
    """Put events at a steady rate, and look how far the rounds are behind."""
    steady = Steady()
    with following(place, STREAM, "--no-publish") as (process, log):
        lines = len(log.read_text().splitlines())
        producer = Producer(server, later, seconds)
        started = time.monotonic()
        producer.start()
        built = 0
        while producer.is_alive() or built < producer.counts[-1][1]:
            for line in log.read_text().splitlines()[lines:]:
                print(line, flush=True)
                lines += 1
                if found := _LOADED.search(line):
                    steady.lags.append(time.monotonic() - producer.put_at(built + 1))
                    built += int(found[1].replace(",", ""))
            check(process, time.monotonic(), log)
            if time.monotonic() - started > 2 * seconds + 300:
                sys.exit(f"{built:,} of {producer.counts[-1][1]:,} events are there")
        at, total = producer.counts[-1]
        steady.rate = total / (at - started)
        steady.caught_up = time.monotonic() - at
    return steady


def loaded(place: Path) -> int:
    """Count the events of the stream in the warehouse."""
    with duckdb.connect(str(place / "warehouse.duckdb"), read_only=True) as connection:
        ((count,),) = connection.execute(
            "select count(*) from raw.events where _file like 'kinesis://%'"
        ).fetchall()
    return int(count)


if __name__ == "__main__":
    sys.exit(main())
