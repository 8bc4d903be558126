"""The simulation: a loop over hours and sites that writes the files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from simulator import mess as messing
from simulator.content import Newsroom
from simulator.readers import Audience
from simulator.rhythm import DAY, HOUR, Site, hourly_weights, make_sites
from simulator.truth import Truth
from simulator.visits import VisitMaker, write_line
from simulator.writer import Packers, Shelf, count_readable, write_truncated

LINES_PER_FILE = 12_000  # about; a day has 4 to 24 files
MOST_LOST = 0.004  # share of all events that one truncated file may lose
TRUTH_FILE = "truth.json"
VERSION = 1  # changes whenever the same arguments yield other bytes


@dataclass(frozen=True)
class Arguments:
    """The arguments of a run, which determine every byte of the output."""

    sites: int
    days: int
    events: int
    seed: int
    start: date
    mess: bool

    def as_json(self) -> dict[str, Any]:
        """Return the arguments as they are recorded in truth.json."""
        return asdict(self) | {"start": self.start.isoformat(), "version": VERSION}


@dataclass(frozen=True)
class Summary:
    """The result of a run."""

    events: int
    files: int
    size: int  # bytes
    seconds: float
    truth: Path


class _SiteRun:
    """The generators of one site, and its targets by hour."""

    def __init__(
        self, site: Site, arguments: Arguments, start: int, events: int, numbers: count[int]
    ) -> None:
        def stream(purpose: str) -> Random:
            # Seeding by text does not depend on PYTHONHASHSEED.
            return Random(f"{arguments.seed}/{site.index}/{purpose}")

        per_day = max(8, min(40, events // arguments.days // 150))
        hours = arguments.days * 24
        late = messing.LATE_METADATA_RATE if arguments.mess else 0.0
        staff = messing.STAFF_RATE if arguments.mess else 0.0
        self.site = site
        self.newsroom = Newsroom(site, stream("content"), start, arguments.days, per_day, late)
        self.maker = VisitMaker(
            site,
            self.newsroom,
            Audience(site, stream("readers"), staff, numbers),
            stream("visits"),
            messing.SessionMess(stream("session mess")) if arguments.mess else None,
            numbers,
        )
        self.rng = stream("events")
        weights = hourly_weights(site, start, hours)
        total, so_far = sum(weights), 0.0
        self.targets = []  # cumulative number of events at the end of each hour
        for weight in weights:
            so_far += weight
            self.targets.append(round(events * so_far / total))
        self.targets[-1] = events
        self.events = events
        self.made = 0


def simulate(
    arguments: Arguments, out: Path, progress: Callable[[int], None] = lambda made: None
) -> Summary:
    """Write all files and truth.json to a folder.

    Args:
        arguments: The arguments of the run.
        out: The folder.
        progress: Callback that gets the number of events so far.

    """
    started = time.perf_counter()
    start = int(datetime.combine(arguments.start, datetime.min.time(), UTC).timestamp()) * 1000
    end = start + arguments.days * DAY
    sites = make_sites(arguments.sites)
    truth = Truth(sites)
    shelf = Shelf(start, arguments.days, _files_per_day(arguments))
    line_mess = None
    events = arguments.events
    cuts = _Cuts(arguments)
    if arguments.mess:
        line_mess = messing.LineMess(Random(f"{arguments.seed}/line mess"), shelf)
        events = max(1, round(events / (1 + messing.EXTRA_LINES)))
    numbers = count(1)
    runs = [
        _SiteRun(site, arguments, start, share, numbers)
        for site, share in zip(sites, _shares(sites, events), strict=True)
    ]
    packers = Packers(out)
    for hour in range(arguments.days * 24):
        now = start + hour * HOUR
        for run in runs:
            _run_hour(run, hour, now, end, shelf, line_mess)
        for window in shelf.due(now + HOUR):
            _pack(shelf, window, packers, truth, cuts)
        progress(sum(run.made for run in runs))
    for window in shelf.due(None):
        _pack(shelf, window, packers, truth, cuts)
    packers.close()
    counted = truth.close()
    record = {
        "arguments": arguments.as_json(),
        "sites": [{"site_id": site.site_id, "timezone": site.timezone} for site in sites],
        "totals": counted["totals"],
        "mess": messing.report(truth.mess) if arguments.mess else {},
        "days": counted["days"],
    }
    path = out / TRUTH_FILE
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)
    return Summary(
        truth.totals["events"], packers.files, packers.size, time.perf_counter() - started, path
    )


def _run_hour(
    run: _SiteRun,
    hour: int,
    now: int,
    end: int,
    shelf: Shelf,
    line_mess: messing.LineMess | None,
) -> None:
    if run.made >= run.targets[hour]:
        return
    run.newsroom.open_hour(now)
    rng, site = run.rng, run.site
    while run.made < run.targets[hour]:
        visit = run.maker.make(now + int(rng.random() * HOUR))
        room = run.events - run.made
        drafts = [draft for draft in visit.drafts[:room] if draft.time < end]
        run.made += len(drafts)
        for draft in drafts:
            line, label = write_line(draft, visit, rng, site)
            if line_mess is None:
                shelf.add(draft.time, line, label)
            else:
                line_mess.add(line, label, visit.without_ids)


def _pack(shelf: Shelf, window: int, packers: Packers, truth: Truth, cuts: _Cuts) -> None:
    path, lines, labels = shelf.take(window)
    share = cuts.share(window, len(lines))
    if share is None:
        packers.add(path, lines)
        truth.count(labels)
    else:
        count_readable(labels, write_truncated(packers, path, lines, share), truth)


class _Cuts:
    """Chooses the files that arrive truncated."""

    def __init__(self, arguments: Arguments) -> None:
        self._rng = Random(f"{arguments.seed}/truncated")
        self._events = arguments.events
        self._after: list[float] = []
        if arguments.mess:
            files = arguments.days * _files_per_day(arguments)
            first = int(datetime.combine(arguments.start, datetime.min.time(), UTC).timestamp())
            self._after = sorted(
                first * 1000 + self._rng.uniform(0.1, 0.7) * arguments.days * DAY
                for _ in range(2 if files > 8 else 1)
            )

    def share(self, window: int, lines: int) -> float | None:
        """Return the share of a file's packed bytes that arrived, or None for a whole file."""
        if lines < 50 or not self._after or window < self._after[0]:
            return None
        self._after.pop(0)
        # Limits the loss to a small share of all events, even if a file holds many of them.
        return max(self._rng.uniform(0.5, 0.9), 1 - MOST_LOST * self._events / lines)


def _files_per_day(arguments: Arguments) -> int:
    needed = arguments.events / arguments.days / LINES_PER_FILE
    return next((number for number in (4, 6, 8, 12, 24) if number >= needed), 24)


def _shares(sites: list[Site], events: int) -> list[int]:
    """Return the number of events of each site. They add up to all events."""
    total, so_far, assigned, shares = sum(site.share for site in sites), 0.0, 0, []
    for site in sites:
        so_far += site.share
        shares.append(round(events * so_far / total) - assigned)
        assigned += shares[-1]
    return shares
