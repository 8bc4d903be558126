"""Day folders: which part of a tree of `YYYY/MM/DD` folders lies in a range of days."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_TWO_DIGITS = re.compile(r"\d\d", re.ASCII)


class Days(NamedTuple):
    """A range of days in UTC, both ends among them; None for an end that is open."""

    since: date | None = None
    until: date | None = None

    @property
    def limited(self) -> bool:
        """Whether any day lies outside."""
        return self != (None, None)

    def overlap(self, first: date, last: date) -> bool:
        """Whether any day from first to last lies in the range."""
        return (self.since is None or last >= self.since) and (
            self.until is None or first <= self.until
        )

    def cover(self, first: date, last: date) -> bool:
        """Whether every day from first to last lies in the range."""
        return (self.since is None or first >= self.since) and (
            self.until is None or last <= self.until
        )

    def __str__(self) -> str:
        ends = [f"from {self.since}"] if self.since else []
        return " ".join([*ends, f"to {self.until}"] if self.until else ends)


def span_of(folders: Sequence[str]) -> tuple[date, date] | None:
    """Give the first and last day of the year, month or day that the path of folders ends in.

    None when it ends in none of them. `.../2024` is a year whatever holds it.
    """
    for length in (3, 2, 1):
        tail = folders[-length:]
        if len(tail) == length and (days := _days_of(*tail)):
            return days
    return None


def day_of(folders: Sequence[str], root: int) -> date | None:
    """Give the day whose folder holds what lies in this path of folders, None without one.

    The first day folder below the root counts; where there is none, the last one in the root.

    Args:
        folders: The names of the folders, from the top down.
        root: How many of them make up the root.

    """
    found = None
    for end in range(3, len(folders) + 1):
        if days := _days_of(*folders[end - 3 : end]):
            found = days[0]
            if end > root:
                break
    return found


def _days_of(year: str, month: str = "", day: str = "") -> tuple[date, date] | None:
    if not _YEAR.fullmatch(year):
        return None
    if not month:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    if not _TWO_DIGITS.fullmatch(month) or not 1 <= int(month) <= 12:
        return None
    last = calendar.monthrange(int(year), int(month))[1]
    if not day:
        return date(int(year), int(month), 1), date(int(year), int(month), last)
    if not _TWO_DIGITS.fullmatch(day) or not 1 <= int(day) <= last:
        return None
    only = date(int(year), int(month), int(day))
    return only, only
