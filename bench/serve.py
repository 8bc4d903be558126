"""Latency of the service with 32 connections on 10 million pageviews: `make bench-serve`.

The service command serves a published snapshot in a separate process, and this process calls it
over HTTP. Both share the machine's cores. Each connection sends its next call as soon as it has the
response.

Most calls are for posts, then authors, sections, tags and referrers, with several metrics, limits
and sites. Two thirds are for periods up to 24 hours, the others for 7 and 30 days. Popular calls
are repeated more often. One call in 100 is new, with a time range of its own; one in ten of these
is for 7 or 30 days.

Then all calls are new, with time ranges that end at any minute of the last 90 days: first for up to
24 hours, then one in ten for 7 or 30 days. A sample of them is compared with the queries of the
exports, and calls for hours before the first event show what a call costs at least.
"""

from __future__ import annotations

import asyncio
import math
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice
from pathlib import Path
from statistics import quantiles
from urllib.parse import parse_qsl, urlencode

from bench import exports
from bench.figures import ROOT, Figures, run
from bench.options import Options
from readership.service import ENDPOINTS as SERVED
from readership.service import (
    SnapshotInfo,
    answer,
    current_snapshot,
    open_snapshot,
    publish,
    snapshot_folder,
    snapshot_query,
)

CONNECTIONS = 32
SECONDS = 60
NEW_SHARE = 0.01
SHORT = ("10m", "1h", "4h", "24h")
LONG = ("7d", "30d")
SORTS = ("views", "visitors", "avg_engaged", "search_refs")
LIMITS = (5, 10, 50)
ENDPOINTS = {
    "posts": 12, "authors": 3, "sections": 2, "tags": 2, "referrers": 1,
}  # fmt: skip
LENGTHS = {
    "10m": timedelta(minutes=10), "1h": timedelta(hours=1), "4h": timedelta(hours=4),
    "24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30),
}  # fmt: skip
# Weights of periods among new calls.
NEW_WEIGHTS = (9, 9, 9, 9, 2, 2)
SHORT_WEIGHTS = (9, 9, 9, 9, 0, 0)
SAMPLE = 100
SEED = 5


@dataclass(frozen=True, slots=True)
class Response:
    """The latency of one call.

    Attributes:
        period: The period, or the length of the time range of a new call.
        is_new: Whether the call was never made before.
        seconds: Time from the first byte sent to the last byte received.

    """

    period: str
    is_new: bool
    seconds: float


def main() -> int:
    """Measure, print the figures and return the exit code."""
    parser = Options("serve", __doc__)
    parser.add_argument(
        "--warehouse", type=Path, help="a built warehouse to serve; by default, one is created"
    )
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="duration of the mixed calls (%(default)s)"
    )
    options = parser.parse_args()
    figures = Figures()
    warehouse = (options.warehouse or default_warehouse()).absolute()
    print(f"{os.cpu_count()} cores, shared with {CONNECTIONS} connections", flush=True)
    started = time.monotonic()
    info = publish(warehouse, whole=True)
    figures.note("publish", time.monotonic() - started, "s")
    figures.note("snapshot", info.bytes / 1e6, "MB")
    calls = Calls(info)
    figures.note("pageviews", calls.pageviews, "views")
    with served(warehouse) as port:
        # Every call of the mix once, one after the other, as after a new snapshot.
        first = asyncio.run(make_calls(port, iter(calls.pool), 1))
        report_percentiles(figures, "first", first)
        end = time.monotonic() + options.seconds
        mixed = calls.mixed(end)
        responses = asyncio.run(make_calls(port, mixed, CONNECTIONS))
        repeated_calls = calls.mixed(time.monotonic() + options.seconds / 4, new_share=0)
        repeated = asyncio.run(make_calls(port, repeated_calls, CONNECTIONS))
        measure_new_calls(figures, calls, port, options.seconds / 2)
        figures.note("different", asyncio.run(differing(port, calls, info)), "calls", 0, "at most")
    with served(warehouse, "--processes", "2") as port:
        end = time.monotonic() + options.seconds / 2
        made = asyncio.run(make_calls(port, calls.new(end, SHORT_WEIGHTS), CONNECTIONS))
        figures.note("new_requests_of_two_processes", 2 * len(made) / options.seconds, "per second")
    figures.note("repeated_requests", len(repeated) / (options.seconds / 4), "per second")
    figures.note("requests", len(responses) / options.seconds, "per second")
    report_percentiles(figures, "mixed", responses, bars=(0.05, 0.5))
    new = [response for response in responses if response.is_new]
    report_percentiles(figures, "mixed_new", new)
    if current_snapshot(snapshot_folder(warehouse)) != info:
        sys.exit("another snapshot was published during the benchmark")
    return figures.exit_code()


def measure_new_calls(figures: Figures, calls: Calls, port: int, seconds: float) -> None:
    """Measure calls that were never made before."""
    empty = asyncio.run(make_calls(port, calls.before_all(SAMPLE), 1))
    middle = quantiles([response.seconds for response in empty], n=2)[0]
    figures.note("new_empty_p50", 1000 * middle, "ms", 4, "at most")
    for name, weights, bars in (
        ("new", SHORT_WEIGHTS, (0.15, None)), ("new_and_long", NEW_WEIGHTS, (None, 0.6)),
    ):  # fmt: skip
        end = time.monotonic() + seconds
        made = asyncio.run(make_calls(port, calls.new(end, weights), CONNECTIONS))
        bar = 150 if name == "new" else None
        figures.note(f"{name}_requests", len(made) / seconds, "per second", bar)
        report_percentiles(figures, name, made, bars)


async def differing(port: int, calls: Calls, info: SnapshotInfo) -> int:
    """Return how many of a sample of new calls have another body than the query of the export."""
    snapshot = open_snapshot(info)
    wrong = 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for period, _, call in islice(calls.new(math.inf, NEW_WEIGHTS), SAMPLE):
        writer.write(f"GET {call} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        body = await _body(reader, call)
        _, _, query_string = call.partition("?")
        parameters = dict(parse_qsl(query_string))
        (endpoint,) = (e for e in SERVED if call.startswith(f"/v2/{e.path}?"))
        query = snapshot_query(
            endpoint, endpoint.parameters(**parameters), snapshot.sites[parameters["apikey"]].clock
        )
        with snapshot.cursor() as cursor:
            if answer(snapshot, cursor, query).body != body:
                print(f"another body for {period}: {call}", flush=True)
                wrong += 1
    writer.close()
    snapshot.retire()
    return wrong


def default_warehouse() -> Path:
    """Return the warehouse of `make bench-exports`, with its answers; create it if necessary."""
    warehouse = exports.DATA / "warehouse.duckdb"
    if not warehouse.exists():
        exports.build(warehouse)
    run(
        "-m", "bench.dbt", "--quiet", "run-operation", "publish_answers",
        READERSHIP_WAREHOUSE=str(warehouse),
    )  # fmt: skip
    return warehouse


def report_percentiles(
    figures: Figures,
    name: str,
    responses: list[Response],
    bars: tuple[float | None, float | None] = (None, None),
) -> None:
    """Print latency percentiles of periods up to 24 hours, of 7 days and of 30 days."""
    for group, periods, bar in (
        ("24h", SHORT, bars[0]), ("7d", ("7d",), None), ("30d", ("30d",), bars[1]),
    ):  # fmt: skip
        seconds = [response.seconds for response in responses if response.period in periods]
        if len(seconds) < 2:
            continue
        cuts = quantiles(seconds, n=100, method="inclusive")
        for percent in (50, 95, 99):
            figures.note(
                f"{name}_{group}_p{percent}", 1000 * cuts[percent - 1], "ms",
                1000 * bar if bar is not None and percent == 95 else None, "at most",
            )  # fmt: skip


class Calls:
    """The mix of calls for the sites of a snapshot."""

    def __init__(self, info: SnapshotInfo) -> None:
        snapshot = open_snapshot(info)
        with snapshot.cursor() as cursor:
            ((self.pageviews,),) = cursor.execute(
                "select cast(sum(views) as bigint) from int_hourly_views"
            ).fetchall()
        sites = {name: site.clock.as_of_at for name, site in snapshot.sites.items()}
        snapshot.retire()
        self._random = random.Random(SEED)
        self._sites = sites
        self._numbers = count(1)
        self.pool = [
            (period, False, path(site, endpoint, period_start=period, sort=sort, limit=limit))
            for site in sites
            for endpoint in ENDPOINTS
            for period in (*SHORT, *LONG)
            for sort in SORTS[: 4 if endpoint == "posts" else 1]
            for limit in LIMITS[: 3 if endpoint == "posts" else 1]
        ]

    def mixed(self, end: float, new_share: float = NEW_SHARE) -> Iterator[tuple[str, bool, str]]:
        """Yield calls until a moment of the monotonic clock."""
        shuffled = self._random.sample(self.pool, len(self.pool))
        # Zipf's law: the n-th call is made 1/n times as often as the first; long periods half that.
        weights = [
            (1 if period in SHORT else 0.5) / place
            for place, (period, _, _) in enumerate(shuffled, 1)
        ]
        while time.monotonic() < end:
            if self._random.random() < new_share:
                yield self._new(next(self._numbers))
            else:
                (call,) = self._random.choices(shuffled, weights)
                yield call

    def new(self, end: float, weights: tuple[int, ...]) -> Iterator[tuple[str, bool, str]]:
        """Yield calls for some time of the last 90 days, until a moment of the monotonic clock."""
        minutes = self._random.sample(range(90 * 24 * 60), 90 * 24 * 60)
        while time.monotonic() < end and minutes:
            yield self._new(minutes.pop(), weights)

    def before_all(self, number: int) -> Iterator[tuple[str, bool, str]]:
        """Yield calls for an hour long before the first event."""
        for _ in range(number):
            yield self._new(60 * 24 * 3650 + next(self._numbers), (0, 1, 0, 0, 0, 0))

    def _new(self, minutes: int, weights: tuple[int, ...] = NEW_WEIGHTS) -> tuple[str, bool, str]:
        """Return a call whose time range ends this many minutes before the newest event."""
        site, as_of_at = self._random.choice(list(self._sites.items()))
        (endpoint,) = self._random.choices(list(ENDPOINTS), list(ENDPOINTS.values()))
        (period,) = self._random.choices((*SHORT, *LONG), weights)
        ends_at = as_of_at - timedelta(minutes=minutes)
        starts_at = ends_at - LENGTHS[period]
        between = {"period_start": _minute(starts_at), "period_end": _minute(ends_at)}
        return period, True, path(site, endpoint, **between)


def path(site: str, endpoint: str, **parameters: object) -> str:
    """Return the path and query of a call."""
    return f"/v2/analytics/{endpoint}?{urlencode({'apikey': site, **parameters})}"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M}Z"


# ---------- client


async def make_calls(
    port: int, calls: Iterator[tuple[str, bool, str]], connections: int
) -> list[Response]:
    """Make the calls over this many connections, and return the latencies."""
    responses: list[Response] = []
    await asyncio.gather(*(_connection(port, calls, responses) for _ in range(connections)))
    return responses


async def _connection(
    port: int, calls: Iterator[tuple[str, bool, str]], responses: list[Response]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for period, is_new, call in calls:
        started = time.perf_counter()
        writer.write(f"GET {call} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await _body(reader, call)
        responses.append(Response(period, is_new, time.perf_counter() - started))
    writer.close()


async def _body(reader: asyncio.StreamReader, call: str) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    assert length is not None, head
    body = await reader.readexactly(int(length[1]))
    if not body.startswith(b'{"success":true'):
        sys.exit(f"{call}: {body[:200]!r}")
    return body


@contextmanager
def served(warehouse: Path, *more: str) -> Iterator[int]:
    """Run the service command until the block ends; yields its port."""
    command = [
        "-m", "readership", "serve", "--warehouse", str(warehouse), "--open", "--port", "0", *more,
    ]  # fmt: skip
    log = warehouse.with_suffix(".log")
    with log.open("w") as stream, subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, stderr=stream, stdout=stream
    ) as process:  # fmt: skip
        try:
            while (match := re.search(r"answering at http://[^:]+:(\d+)", log.read_text())) is None:
                if process.poll() is not None:
                    sys.exit(log.read_text())
                time.sleep(0.1)
            yield int(match[1])
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    sys.exit(main())
