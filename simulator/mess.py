"""Defects of real deliveries, from the browser to the bucket, at known rates."""

from __future__ import annotations

import re
from bisect import bisect
from itertools import accumulate, count
from random import Random
from typing import Any

from simulator.rhythm import DAY, MINUTE, SECOND, utc_text
from simulator.truth import BLANK, HEARTBEAT, PAGEVIEW, REFUSED, REJECTED, Label
from simulator.writer import Shelf

# kind -> (rate, unit that the rate is a share of)
LINE_KINDS: dict[str, tuple[float, str]] = {
    "duplicate_same_file": (0.005, "event"),
    "duplicate_later_file": (0.005, "event"),
    "duplicate_differs": (0.002, "event with a pageview_id"),
    "late_event": (0.010, "event"),
    "out_of_order": (0.010, "event"),
    "missing_action": (0.0008, "event"),
    "missing_engaged_time": (0.0012, "heartbeat"),
    "engaged_time_out_of_bounds": (0.0012, "heartbeat"),
    "malformed_event_id": (0.0008, "event"),
    "unparsable_url": (0.0008, "event"),
    "reserved_conversion_key": (0.0008, "event that is no conversion"),
    "broken_json": (0.0008, "event"),
    "wrong_type": (0.0008, "event"),
    "invalid_utf8": (0.0006, "event"),
    "number_as_text": (0.0020, "event"),
    "unknown_field": (0.0030, "event"),
    "not_an_object": (0.0006, "event"),
    "blank_line": (0.0010, "event"),
}
SESSION_KINDS: dict[str, tuple[float, str]] = {
    "two_tabs": (0.015, "session with pageview ids and a post that is read"),
    "heartbeat_without_pageview": (0.015, "session with pageview ids and heartbeats"),
    "pageview_without_heartbeat": (0.015, "session with pageview ids and heartbeats"),
    "null_pageview_id": (0.015, "session with pageview ids"),
    "clock_skew": (0.010, "session"),
}
BOT_RATE = 0.010
STAFF_RATE = 0.008
LATE_METADATA_RATE = 0.10
OTHER_KINDS: dict[str, tuple[float, str]] = {
    "bot": (BOT_RATE, "session"),
    "staff": (STAFF_RATE, "visitor"),
    "late_metadata": (LATE_METADATA_RATE, "post published in the period"),
    "truncated_gzip": (0.0, "file: one, or two when there are more than eight"),
}
# Additional event lines per event.
EXTRA_LINES = sum(
    LINE_KINDS[kind][0]
    for kind in ("duplicate_same_file", "duplicate_later_file", "duplicate_differs")
)

_KINDS = tuple(LINE_KINDS)
_CUM = tuple(accumulate(rate for rate, _ in LINE_KINDS.values()))
_ANY = _CUM[-1]
_FLAWS = tuple(SESSION_KINDS)
_FLAW_CUM = tuple(accumulate(rate for rate, _ in SESSION_KINDS.values()))
_LOSES_EVENT = {
    "missing_action", "malformed_event_id", "unparsable_url", "reserved_conversion_key",
    "broken_json", "wrong_type", "invalid_utf8",
}  # fmt: skip
# Kinds of mess that remain visible in a refused event.
_STILL_VISIBLE = {"bot", "staff", "clock_skew", "late_metadata"}
_NOT_OBJECTS = (b"[]", b'["pageview","heartbeat"]', b'"pageview"', b"42", b"null", b"true")
_BLANKS = (b"", b"", b"   ", b"\t")
_UNKNOWN = (b'"slot_x":412,', b'"app_build":"7.4.1-beta",', b'"flags":{"is_test":false},')
_URL = re.compile(rb'"url":"[^"]*"')
_EVENT_ID = re.compile(rb'"event_id":"(0x)([0-9a-f]{32})"')
_INC = re.compile(rb'"engaged_time_inc":(?:\d+|null)')
_SESSION_START = re.compile(rb'"session_timestamp":(\d+)')
LONGEST_DELAY = 60 * DAY


def report(counts: dict[str, int]) -> dict[str, dict[str, Any]]:
    """Return the rate of each kind of mess, its unit, and the number of lines that show it."""
    kinds = LINE_KINDS | SESSION_KINDS | OTHER_KINDS
    return {
        kind: {"rate": rate, "share_of": share, "count": counts.get(kind, 0)}
        for kind, (rate, share) in kinds.items()
    }


class SessionMess:
    """Chooses the defect of a session; a session has at most one."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def is_bot(self) -> bool:
        """Decide whether the next session is that of a crawler."""
        return self._rng.random() < BOT_RATE

    def flaw(self, has_pageview_ids: bool) -> str | None:
        """Choose the kind of mess of a session; None for a clean one."""
        place = bisect(_FLAW_CUM, self._rng.random())
        if place == len(_FLAWS):
            return None
        flaw = _FLAWS[place]
        return flaw if has_pageview_ids or flaw == "clock_skew" else None

    def skew(self) -> int:
        """Draw the error of a reader's clock in ms: minutes to days, in either direction."""
        size = int(MINUTE * 2 * (3 * DAY / (2 * MINUTE)) ** self._rng.random())
        return size if self._rng.random() < 0.5 else -size


class LineMess:
    """Adds events to the shelf, some of them with defects."""

    def __init__(self, rng: Random, shelf: Shelf) -> None:
        self._rng = rng
        self._shelf = shelf
        self._copies = count(1)

    def add(self, line: bytes, label: Label, without_ids: bool) -> None:
        """Add an event to the shelf.

        Args:
            line: The event as JSON.
            label: What is known about the event.
            without_ids: Whether its session sends no pageview ids.

        """
        draw = self._rng.random()
        if draw >= _ANY:
            self._shelf.add(label.time, line, label)
            return
        kind = _KINDS[bisect(_CUM, draw)]
        if without_ids and (
            kind == "duplicate_differs" or (label.kind == PAGEVIEW and kind in _LOSES_EVENT)
        ):
            # Without ids, heartbeats are assigned by their pageview, which must be intact.
            self._shelf.add(label.time, line, label)
        elif kind.startswith("duplicate"):
            self._duplicate(kind, line, label)
        elif kind in ("late_event", "out_of_order"):
            self._delay(kind, line, label)
        elif kind in ("not_an_object", "blank_line"):
            self._shelf.add(label.time, line, label)
            text, outcome = self._rng.choice(_NOT_OBJECTS), REJECTED
            if kind == "blank_line":
                text, outcome = self._rng.choice(_BLANKS), BLANK
            self._shelf.add(label.time, text, label._replace(outcome=outcome, mess=(kind,)))
        else:
            self._damage(kind, line, label)

    def _duplicate(self, kind: str, line: bytes, label: Label) -> None:
        rng, shelf, time = self._rng, self._shelf, label.time
        label = label._replace(copy_of=next(self._copies))
        shelf.add(time, line, label)
        copy = label._replace(mess=(*label.mess, kind))
        if kind == "duplicate_same_file":
            arrival = min(time + rng.randrange(0, 2 * MINUTE), shelf.window_end(time) - 1)
        else:
            arrival = shelf.window_end(time) + self._long(10 * DAY)
        if kind == "duplicate_differs":
            later = time + rng.randrange(2 * SECOND, 5 * MINUTE)
            line = _at(line, time, later)
            copy = copy._replace(time=later)
            if rng.random() < 0.5:
                arrival = later
        shelf.add(arrival, line, copy)

    def _delay(self, kind: str, line: bytes, label: Label) -> None:
        shelf, time = self._shelf, label.time
        end = shelf.window_end(time)
        if kind == "late_event":
            arrival = max(end, time + 5 * MINUTE + self._long(LONGEST_DELAY - 5 * MINUTE))
        else:
            arrival = min(time + self._rng.randrange(MINUTE, 15 * MINUTE), end - 1)
            if arrival < time + MINUTE:
                shelf.add(time, line, label)
                return
        shelf.add(arrival, line, label._replace(mess=(*label.mess, kind)))

    def _long(self, longest: int) -> int:
        """Draw a delay in ms from 1 minute to `longest`, log-uniformly: short delays prevail."""
        return int(MINUTE * (longest / MINUTE) ** self._rng.random())

    def _damage(self, kind: str, line: bytes, label: Label) -> None:
        damaged, outcome, rule = line, label.outcome, None
        if kind in ("broken_json", "wrong_type", "invalid_utf8"):
            damaged, outcome = self._unreadable(kind, line, label), REJECTED
        elif kind == "number_as_text":
            damaged = self._as_text(line, label)
        elif kind == "unknown_field":
            damaged = b"{" + self._rng.choice(_UNKNOWN) + line[1:]
        else:
            damaged, outcome, rule = self._refusable(kind, line, label), REFUSED, kind
        if damaged == line:
            self._shelf.add(label.time, line, label)
            return
        visible = label.mess
        if outcome == REJECTED:
            visible = ()
        elif outcome == REFUSED:
            visible = tuple(other for other in visible if other in _STILL_VISIBLE)
        label = label._replace(outcome=outcome, rule=rule, mess=(*visible, kind))
        self._shelf.add(label.time, damaged, label)

    def _refusable(self, kind: str, line: bytes, label: Label) -> bytes:
        """Return the event with one rule broken; unchanged if the rule does not apply to it."""
        rng = self._rng
        if kind == "missing_action":
            return re.sub(rb'"action":"[^"]*"', b'"action":null', line, count=1)
        if kind == "malformed_event_id":
            change = rng.choice((rb'"event_id":"\2"', rb'"event_id":"0xzz\2"', rb'"event_id":"\1"'))
            return _EVENT_ID.sub(change, line, count=1)
        if kind == "unparsable_url":
            return _URL.sub(b'"url":"not a url"', line, count=1)
        if kind == "reserved_conversion_key":
            if b'"_conversion_type"' in line:
                return line
            key = rng.choice((b"purchase", b"custom"))
            added = b'"extra_data":{"_conversion_type":"%s"' % key
            if b'"extra_data":null' in line:
                return line.replace(b'"extra_data":null', added + b"}", 1)
            return line.replace(b'"extra_data":{', added + b",", 1)
        if label.kind != HEARTBEAT:
            return line
        value = b"null"
        if kind == "engaged_time_out_of_bounds":
            value = rng.choice((b"-3", b"0", b"100000"))
        return _INC.sub(b'"engaged_time_inc":' + value, line, count=1)

    def _unreadable(self, kind: str, line: bytes, label: Label) -> bytes:
        rng = self._rng
        if kind == "invalid_utf8":
            return line.replace(b'"apikey":"', b'"apikey":"\xc3\x28\xff', 1)
        if kind == "broken_json":
            return rng.choice(
                (
                    line[: int(len(line) * rng.uniform(0.1, 0.95))],
                    line[:-1],
                    line[:-1] + b",}",
                    line.replace(b'":', b'" ', 1),
                    line + b"}",
                )
            )
        choices = [_URL.sub(b'"url":{"href":"/"}', line, count=1)]
        if label.kind == HEARTBEAT:
            choices.append(_INC.sub(b'"engaged_time_inc":{"a":1}', line, count=1))
        if label.session >= 0:
            choices.append(re.sub(rb'"session_id":\d+', b'"session_id":"six"', line, count=1))
        return rng.choice(choices)

    def _as_text(self, line: bytes, label: Label) -> bytes:
        rng = self._rng
        if label.kind == HEARTBEAT and rng.random() < 0.5:
            return _INC.sub(b'"engaged_time_inc":"%d"' % label.seconds, line, count=1)
        if label.session >= 0 and rng.random() < 0.5:
            return _SESSION_START.sub(
                lambda match: b'"session_timestamp":"%s"' % _grouped(int(match[1])), line, count=1
            )
        field = b'"timestamp_info_nginx_ms":%d' % label.time
        return line.replace(field, b'"timestamp_info_nginx_ms":"%s"' % _grouped(label.time), 1)


def _grouped(number: int) -> bytes:
    return f"{number:_}".encode()


def _at(line: bytes, time: int, later: int) -> bytes:
    """Return the line with its times moved to a later moment."""
    pixel = re.search(rb'"timestamp_info_pixel_ms":(-?\d+)', line)
    if pixel is None:
        return line
    moved = int(pixel[1]) + later - time
    for old, new in (
        (pixel[0], b'"timestamp_info_pixel_ms":%d' % moved),
        (b'"timestamp_info_nginx_ms":%d' % time, b'"timestamp_info_nginx_ms":%d' % later),
        (b'"ts_action":"%s"' % utc_text(time), b'"ts_action":"%s"' % utc_text(later)),
    ):
        line = line.replace(old, new, 1)
    return line
