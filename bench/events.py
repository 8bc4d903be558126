"""Simulated events for benchmarks, kept between runs."""

from __future__ import annotations

import gzip
import json
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from bench.figures import DATA, run

START = date(2026, 6, 1)
DAYS = 365


@dataclass(frozen=True, slots=True)
class Events:
    """Event files of the simulator, in one folder per day of delivery."""

    folder: Path

    def days(self, first: int, last: int) -> list[Path]:
        """Return the existing folders of a range of days, counted from 1."""
        dates = (START + timedelta(days=number - 1) for number in range(first, last + 1))
        folders = (self.folder / day.strftime("%Y/%m/%d") for day in dates)
        return [folder for folder in folders if folder.exists()]

    def day(self, number: int) -> Path:
        """Return the folder of one day."""
        (folder,) = self.days(number, number)
        return folder

    def after(self, number: int) -> list[Path]:
        """Return the folders of all days after one, including those of late deliveries only."""
        earlier = self.days(1, number)
        folders = sorted({file.parent for file in self.folder.rglob("*.jsonl*")})
        return [folder for folder in folders if folder not in earlier]


def simulated(name: str, days: int, events: int, *, mess: bool = False) -> Events:
    """Simulate events, unless an earlier run has done so."""
    folder = DATA / name / "events"
    if not (folder / "done").exists():
        print(f"simulating {events:,} events ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        run(
            *("-m", "simulator", "--events", str(events), "--days", str(days)),
            *("--start", START.isoformat(), "--out", str(folder), *(["--mess"] if mess else [])),
        )
        (folder / "done").touch()
    return Events(folder)


def lines_of(*places: Path) -> Iterator[bytes]:
    """Yield the lines of files, or of the files in folders.

    Of a messy file that breaks off, those before.
    """
    for place in places:
        for file in [place] if place.is_file() else sorted(place.rglob("*.jsonl*")):
            with (
                suppress(EOFError),
                gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream,
            ):
                yield from stream


def count(*places: Path) -> int:
    """Count the lines of files, or of the files in folders."""
    return sum(1 for _ in lines_of(*places))


def first_lines(folders: Iterable[Path], lines: int, into: Path) -> Path:
    """Write the first lines of some folders to a new file."""
    return _write(into, islice(lines_of(*folders), lines))


def around_midnight(events: Events, number: int, lines: int, into: Path) -> Path:
    """Write the last events of a day and the first of the next, half of the lines each."""
    evening, morning = (
        sorted(lines_of(events.day(day)), key=_received_ms) for day in (number, number + 1)
    )
    return _write(into, evening[-lines // 2 :] + morning[: lines // 2])


def ten_minutes(day: Path, events: int, into: Path) -> Path:
    """Write the first events of a day as new events of the next day."""

    def moved() -> Iterator[bytes]:
        for number, line in enumerate(islice(lines_of(day), events)):
            record: dict[str, Any] = json.loads(line)
            at_ms = _received_ms(line) + 86_400_000
            record |= {
                "event_id": f"0x{number:032x}",
                "ts_action": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at_ms / 1000)),
                "timestamp_info_nginx_ms": at_ms,
            }
            yield json.dumps(record).encode() + b"\n"

    return _write(into, moved())


def _received_ms(line: bytes) -> int:
    return int(json.loads(line)["timestamp_info_nginx_ms"])


def _write(file: Path, lines: Iterable[bytes]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(lines))
    return file
