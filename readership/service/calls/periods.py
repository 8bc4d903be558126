"""Parsing of dates and periods in parameters.

A time range excludes its start and includes its end, both in UTC. The current time is that of the
site's newest event, so a response does not depend on when it is requested.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from readership.service.calls.errors import BAD_PARAMETER, CallError

FORMS: Final = (
    "YYYY-MM-DD, YYYY-MM-DDThh:mm, either with an offset such as %2B02:00, "
    "or Nm, Nh, Nd, Nw before the newest event"
)
"""The accepted forms of a date, for descriptions and messages."""

RELATIVE: Final = re.compile(r"([1-9][0-9]{0,5})([mhdw])", re.ASCII)
_UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
# An unescaped plus sign arrives as a space.
_ABSOLUTE: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<time>\d\d:\d\d(?P<seconds>:\d\d)?))?"
    r"(?P<offset>Z|[-+ ]\d\d:\d\d)?",
    re.ASCII,
)
_RESOLUTION: Final = timedelta(microseconds=1)
_REALTIME: Final = (timedelta(minutes=5), timedelta(hours=24))
# Leaves room for offsets and durations within the range of datetime.
_YEARS: Final = range(2, 9999)


class Zone(Protocol):
    """A time zone, with the rules of the database that holds the data."""

    def instant(self, local: datetime, *, is_last: bool) -> datetime:
        """Return the UTC instant of a local time.

        A local time that occurs twice has a first and a last instant.
        """


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of a site, by which its dates are interpreted.

    Attributes:
        zone: The site's time zone.
        as_of_at: The site's current time: its newest event, as naive UTC.
        as_of_date: The date of that time in the site's time zone.

    """

    zone: Zone
    as_of_at: datetime
    as_of_date: date


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range of time, without its start and with its end, in naive UTC."""

    starts_after_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        """The length of the range; negative if it ends before it starts."""
        return self.ends_at - self.starts_after_at


def check_date(name: str, text: str) -> None:
    """Check that a parameter is a date.

    Args:
        name: Name of the parameter.
        text: Its value.

    Raises:
        CallError: The value has none of the accepted forms, or the date does not exist.

    """
    _parsed(name, text)


def check_time(text: str) -> str:
    """Check that the parameter `time` is a relative time, and return it.

    Raises:
        CallError: It is not.

    """
    if not RELATIVE.fullmatch(text):
        raise CallError(BAD_PARAMETER, f"time: {text[:40]!r} is not a time; use Nm, Nh, Nd or Nw")
    return text


def check_realtime(text: str) -> str:
    """Check that the parameter `time` is from 5 minutes to 24 hours, and return it.

    Raises:
        CallError: It is not.

    """
    if not RELATIVE.fullmatch(text) or not _REALTIME[0] <= _length(text) <= _REALTIME[1]:
        raise CallError(BAD_PARAMETER, f"time: {text[:40]!r} is no time from 5m to 24h")
    return text


def today(clock: Clock) -> TimeRange:
    """Return the day of a site's newest event."""
    day = clock.as_of_date.isoformat()
    return period(day, day, "1d", clock)


def period(start: str | None, end: str | None, default: str, clock: Clock) -> TimeRange:
    """Return the time range of a period.

    Args:
        start: Start of the period; None for the default length before the end.
        end: End of the period; None for the site's current time.
        default: Default length, in relative form.
        clock: The clock of the site.

    Raises:
        CallError: A date is out of range.

    """
    ends_at = clock.as_of_at if end is None else min(_end("period_end", end, clock), clock.as_of_at)
    if start is None:
        return TimeRange(_back("period_start", default, ends_at), ends_at)
    if RELATIVE.fullmatch(start):
        return TimeRange(_back("period_start", start, clock.as_of_at), ends_at)
    return TimeRange(_start("period_start", start, clock) - _RESOLUTION, ends_at)


def published_from(text: str, clock: Clock) -> datetime:
    """Return the first instant of a range of publication dates, inclusive."""
    return _start("pub_date_start", text, clock)


def published_to(text: str, clock: Clock) -> datetime:
    """Return the last instant of a range of publication dates, inclusive."""
    return _end("pub_date_end", text, clock)


def _start(name: str, text: str, clock: Clock) -> datetime:
    if RELATIVE.fullmatch(text):
        return _back(name, text, clock.as_of_at)
    local, offset, _ = _parsed(name, text)
    return _instant(local, offset, clock, is_last=False)


def _end(name: str, text: str, clock: Clock) -> datetime:
    """Return the last instant of the day, minute or second in the text."""
    if RELATIVE.fullmatch(text):
        return _back(name, text, clock.as_of_at)
    local, offset, unit = _parsed(name, text)
    return _instant(local + unit, offset, clock, is_last=unit < _UNITS["d"]) - _RESOLUTION


def _back(name: str, text: str, since: datetime) -> datetime:
    try:
        return since - _length(text)
    except OverflowError:
        raise CallError(BAD_PARAMETER, f"{name}: {text!r} is before all calendars") from None


def _length(text: str) -> timedelta:
    match = RELATIVE.fullmatch(text)
    assert match is not None
    return int(match[1]) * _UNITS[match[2]]


def _parsed(name: str, text: str) -> tuple[datetime, timedelta | None, timedelta]:
    """Return the local time, the UTC offset if there is one, and the unit it is given to."""
    if RELATIVE.fullmatch(text):
        return datetime.min, None, _RESOLUTION
    match = _ABSOLUTE.fullmatch(text)
    if match is None:
        raise CallError(BAD_PARAMETER, f"{name}: {text[:40]!r} is no date; write {FORMS}")
    try:
        local = datetime.fromisoformat(f"{match['day']}T{match['time'] or '00:00'}")
        offset = None if match["offset"] is None else _offset(match["offset"])
    except ValueError:
        raise CallError(BAD_PARAMETER, f"{name}: {text!r} does not exist") from None
    if local.year not in _YEARS:
        raise CallError(BAD_PARAMETER, f"{name}: {text!r} is outside the calendar")
    if match["time"] is None:
        return local, offset, _UNITS["d"]
    return local, offset, timedelta(seconds=1) if match["seconds"] else _UNITS["m"]


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta(0)
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 14 or minutes > 59:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if text[0] == "-" else offset


def _instant(local: datetime, offset: timedelta | None, clock: Clock, *, is_last: bool) -> datetime:
    if offset is not None:
        return local - offset
    return clock.zone.instant(local, is_last=is_last)
