"""The forms that dates come in, and the stretch of time that a call is about.

A stretch starts after an instant and ends with one, in UTC. The present is that of the site's
data, so an answer is the same whenever it is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from service.errors import BAD_PARAMETER, CallError

FORMS: Final = (
    "YYYY-MM-DD, YYYY-MM-DDThh:mm, either with an offset such as %2B02:00, "
    "or Nm, Nh, Nd, Nw before the present of the data"
)
"""How a date may be written, for whoever reads the description of a call."""

RELATIVE: Final = re.compile(r"([1-9][0-9]{0,5})([mhdw])", re.ASCII)
_UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
# A plus sign that nobody has escaped comes as a space.
_ABSOLUTE: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<time>\d\d:\d\d(?P<seconds>:\d\d)?))?"
    r"(?P<offset>Z|[-+ ]\d\d:\d\d)?",
    re.ASCII,
)
_INSTANT: Final = timedelta(microseconds=1)
_REALTIME: Final = (timedelta(minutes=5), timedelta(hours=24))
# Offsets and what is added may not leave the calendar.
_YEARS: Final = range(2, 9999)


class Zone(Protocol):
    """A site's time zone, as the database that its data is in knows it."""

    def instant(self, wall: datetime, *, is_last: bool) -> datetime:
        """Give the UTC instant of a wall-clock time, the first or last of one that comes twice."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What a site's dates are read by.

    Attributes:
        zone: The site's time zone.
        as_of_at: The present of its data, in UTC, without a zone.
        as_of_date: The day of it in the site's time zone.

    """

    zone: Zone
    as_of_at: datetime
    as_of_date: date


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time: what is after the one instant and not after the other, in UTC."""

    starts_after_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        """How long it is; negative when it ends before it starts."""
        return self.ends_at - self.starts_after_at


def check(name: str, text: str) -> None:
    """Refuse a text that is no date.

    Raises:
        CallError: It has none of the forms, or is a day that does not exist.

    """
    _parsed(name, text)


def check_time(text: str) -> str:
    """Refuse a text that is no time back from the present.

    Raises:
        CallError: It is none.

    """
    if not RELATIVE.fullmatch(text):
        raise CallError(BAD_PARAMETER, f"time: {text[:40]!r} is no time; write Nm, Nh, Nd or Nw")
    return text


def check_realtime(text: str) -> str:
    """Refuse a text that is no time from 5 minutes to 24 hours.

    Raises:
        CallError: It is none.

    """
    if not RELATIVE.fullmatch(text) or not _REALTIME[0] <= _length(text) <= _REALTIME[1]:
        raise CallError(BAD_PARAMETER, f"time: {text[:40]!r} is no time from 5m to 24h")
    return text


def today(clock: Clock) -> Stretch:
    """Give the day of the present of a site's data."""
    day = clock.as_of_date.isoformat()
    return period(day, day, "1d", clock)


def period(start: str | None, end: str | None, default: str, clock: Clock) -> Stretch:
    """Give the stretch of a period, of which either end may be left out.

    An end that is left out is the present; a start, so long before the end as `default` says.
    """
    ends_at = clock.as_of_at if end is None else min(_end("period_end", end, clock), clock.as_of_at)
    if start is None:
        return Stretch(_back("period_start", default, ends_at), ends_at)
    if RELATIVE.fullmatch(start):
        return Stretch(_back("period_start", start, clock.as_of_at), ends_at)
    return Stretch(_start("period_start", start, clock) - _INSTANT, ends_at)


def published_from(text: str, clock: Clock) -> datetime:
    """Give the first instant of a range of publication, which is in it."""
    return _start("pub_date_start", text, clock)


def published_to(text: str, clock: Clock) -> datetime:
    """Give the last instant of a range of publication, which is in it."""
    return _end("pub_date_end", text, clock)


def _start(name: str, text: str, clock: Clock) -> datetime:
    if RELATIVE.fullmatch(text):
        return _back(name, text, clock.as_of_at)
    wall, offset, _ = _parsed(name, text)
    return _instant(wall, offset, clock, is_last=False)


def _end(name: str, text: str, clock: Clock) -> datetime:
    """Give the last instant of the day, minute or second that the text names."""
    if RELATIVE.fullmatch(text):
        return _back(name, text, clock.as_of_at)
    wall, offset, unit = _parsed(name, text)
    return _instant(wall + unit, offset, clock, is_last=unit < _UNITS["d"]) - _INSTANT


def _back(name: str, text: str, since: datetime) -> datetime:
    try:
        return since - _length(text)
    except OverflowError:
        raise CallError(BAD_PARAMETER, f"{name}: {text!r} is before all calendars") from None


def _length(text: str) -> timedelta:
    found = RELATIVE.fullmatch(text)
    assert found is not None
    return int(found[1]) * _UNITS[found[2]]


def _parsed(name: str, text: str) -> tuple[datetime, timedelta | None, timedelta]:
    """Give the wall-clock time, the offset if there is one, and the unit that is named."""
    if RELATIVE.fullmatch(text):
        return datetime.min, None, _INSTANT
    found = _ABSOLUTE.fullmatch(text)
    if found is None:
        raise CallError(BAD_PARAMETER, f"{name}: {text[:40]!r} is no date; write {FORMS}")
    try:
        wall = datetime.fromisoformat(f"{found['day']}T{found['time'] or '00:00'}")
        offset = None if found["offset"] is None else _offset(found["offset"])
    except ValueError:
        raise CallError(BAD_PARAMETER, f"{name}: {text!r} does not exist") from None
    if wall.year not in _YEARS:
        raise CallError(BAD_PARAMETER, f"{name}: {text!r} is outside the calendar")
    if found["time"] is None:
        return wall, offset, _UNITS["d"]
    return wall, offset, timedelta(seconds=1) if found["seconds"] else _UNITS["m"]


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta(0)
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 14 or minutes > 59:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if text[0] == "-" else offset


def _instant(wall: datetime, offset: timedelta | None, clock: Clock, *, is_last: bool) -> datetime:
    if offset is not None:
        return wall - offset
    return clock.zone.instant(wall, is_last=is_last)
