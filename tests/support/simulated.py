"""Read event files independently of the simulator's own code."""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import crawleruseragents

from loaders.fields import FIELDS

DAY = 86_400_000
GAP = 1_800_000
Event = dict[str, Any]


@dataclass
class Reading:
    """The contents of a folder of event files."""

    out: Path
    truth: dict[str, Any]
    lines: int = 0
    blank: int = 0
    rejected: list[bytes] = field(default_factory=list)
    truncated: list[Path] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)  # typed, with _file and _line

    def refused(self) -> Counter[str]:
        """Count the events that break each rule."""
        return Counter(rule for event in self.events if (rule := broken_rule(event)))

    def valid(self) -> list[Event]:
        """Return the events that break no rule, including copies."""
        return [event for event in self.events if broken_rule(event) is None]

    def counted(self) -> list[Event]:
        """Return the events that count: valid, not from bots, and the earliest of each event id."""
        first: dict[tuple[str, str], Event] = {}
        for event in self.valid():
            key = (event["apikey"], event["event_id"])
            if key not in first or _time(event) < _time(first[key]):
                first[key] = event
        return [event for event in first.values() if not is_bot(event)]


_BOTS: dict[str, bool] = {}


def is_bot(event: Event) -> bool:
    """Check whether the package of crawler user agents matches the event's user agent."""
    agent = event["user_agent"]
    if agent not in _BOTS:
        _BOTS[agent] = crawleruseragents.is_crawler(agent)
    return _BOTS[agent]


def _time(event: Event) -> int:
    return event["timestamp_info_nginx_ms"]


def _typed(name: str, value: Any) -> Any:  # noqa: ANN401
    """Return the value as the type of its field.

    Raises:
        ValueError: The value has another type.

    """
    kind = FIELDS.get(name)
    if value is None or kind in (None, "json"):
        return value
    if kind == "text" and isinstance(value, str):
        return value
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "bigint" and not isinstance(value, bool) and isinstance(value, int | str):
        return int(value)
    if kind == "double" and isinstance(value, int | float):
        return float(value)
    raise ValueError(name)


def broken_rule(event: Event) -> str | None:
    """Return the name of the rule that an event breaks; None if it is valid."""
    if event["action"] is None:
        return "missing_action"
    if not re.fullmatch("0x[0-9a-f]{32}", event["event_id"]):
        return "malformed_event_id"
    url = urlsplit(event["url"])
    if not (url.scheme and url.netloc):
        return "unparsable_url"
    if event["action"] == "heartbeat":
        if event["engaged_time_inc"] is None:
            return "missing_engaged_time"
        if not 0 < event["engaged_time_inc"] <= 3600:
            return "engaged_time_out_of_bounds"
    if event["action"] != "conversion" and "_conversion_type" in (event["extra_data"] or {}):
        return "reserved_conversion_key"
    return None


def read_back(out: Path) -> Reading:
    """Read every file below a folder; truncated files as far as possible."""
    reading = Reading(out, json.loads((out / "truth.json").read_text(encoding="utf-8")))
    for path in sorted(out.rglob("*.jsonl.gz")):
        reader = zlib.decompressobj(31)
        text = reader.decompress(path.read_bytes())
        if not reader.eof:
            reading.truncated.append(path)
        lines = text.split(b"\n")
        if not lines[-1]:
            lines.pop()
        for number, line in enumerate(lines):
            _read_line(reading, path, number, line)
    return reading


def _read_line(reading: Reading, path: Path, number: int, line: bytes) -> None:
    reading.lines += 1
    if not line.strip():
        reading.blank += 1
        return
    try:
        event = json.loads(line.decode("utf-8"))
        if not isinstance(event, dict):
            raise TypeError
        typed = {name: _typed(name, value) for name, value in event.items()}
    except (ValueError, TypeError):
        reading.rejected.append(line)
        return
    reading.events.append(typed | {"_file": str(path.relative_to(reading.out)), "_line": number})


def recount(events: list[Event]) -> list[dict[str, Any]]:
    """Compute the days of the truth from the events that count."""
    days: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    visitors: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    sessions: dict[tuple, int] = {}
    views: defaultdict[tuple, list[int]] = defaultdict(list)
    beats: list[tuple[tuple, int, int]] = []
    last: dict[tuple[str, str], tuple[int, tuple]] = {}
    for event in sorted(events, key=_time):
        site, visitor, time = event["apikey"], event["visitor_site_id"], _time(event)
        day = (site, time // DAY)
        visitors[day].add(visitor)
        if event["session_id"] is not None:
            session: tuple = (site, visitor, event["session_id"], event["session_timestamp"])
        else:
            before, session = last.get((site, visitor), (time - GAP, ()))
            if time - before >= GAP:
                session = (site, visitor, time)
            last[site, visitor] = (time, session)
        sessions.setdefault(session, time)
        view = (*session, event["pageview_id"] or event["url"])
        match event["action"]:
            case "pageview":
                days[day]["pageviews"] += 1
                views[view].append(time)
            case "heartbeat":
                beats.append((view, time, event["engaged_time_inc"]))
            case "videostart":
                days[day]["video_starts"] += 1
            case "vheartbeat":
                days[day]["video_watch_seconds"] += event["engaged_time_inc"]
            case "conversion":
                days[day]["conversions"] += 1
    for key, ids in visitors.items():
        days[key]["visitors"] = len(ids)
    for session, time in sessions.items():
        days[session[0], time // DAY]["sessions"] += 1
    orphans: dict[tuple, int] = {}
    for view, time, seconds in beats:
        at = max((start for start in views.get(view, ()) if start <= time), default=None)
        if at is None:
            at = orphans.setdefault(view, time)
        days[view[0], at // DAY]["engaged_seconds"] += seconds
    names = (
        "pageviews", "visitors", "sessions", "engaged_seconds", "video_starts",
        "video_watch_seconds", "conversions",
    )  # fmt: skip
    return [
        {"site_id": site, "day": day} | {name: days[site, day][name] for name in names}
        for site, day in sorted(days)
    ]
