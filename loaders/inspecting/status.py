"""How a warehouse stands: what was loaded, how far the events reach, what waits for somebody."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, get_args

from loaders.inspecting.queries import Queries, Selection, State
from loaders.reading import Status as FileStatus

STATES: Final[tuple[FileStatus, ...]] = get_args(FileStatus)
"""What can have become of a file."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# As text or, since the loader takes those, as a whole number; the first one that a line has.
_SITE: Final = re.compile(rb'"apikey"\s*:\s*("(?:[^"\\]|\\.){1,256}"|-?[0-9]{1,256})', re.DOTALL)


class Load(NamedTuple):
    """A load, and when it ended or, of a broken one, began."""

    load_id: str
    at: datetime


class Site(NamedTuple):
    """What there is of a site.

    Attributes:
        site: Its `apikey`; None for the events and rejected lines that do not say.
        events: Its events.
        newest_at: When its newest event was received; None when no event says.
        rejected: Rejected lines that name it.

    """

    site: str | None
    events: int
    newest_at: datetime | None
    rejected: int


class Field(NamedTuple):
    """A field that is not in the list, and the line where it was first seen."""

    field: str
    file: str
    line_number: int


@dataclass(frozen=True, slots=True)
class Status:
    """How a warehouse stands.

    Attributes:
        place: The warehouse.
        now: When it was looked at.
        states: The accounts in force by state, added up; every state of `STATES` is there.
        replaced: Accounts that newer ones have replaced.
        last_load: The newest finished load; None before the first.
        broken_loads: Loads that were begun and not finished, the newest first.
        newest_at: When the newest event was received; None when no event says.
        reasons: Rejected lines by reason, the reason with the most first.
        fields: Fields that are not in the list, by name.
        sites: The sites, the one with the most events first.

    """

    place: str
    now: datetime
    states: dict[str, State]
    replaced: int
    last_load: Load | None
    broken_loads: list[Load]
    newest_at: datetime | None
    reasons: dict[str, int]
    fields: list[Field]
    sites: list[Site]

    @property
    def total(self) -> State:
        """The accounts in force of all states together."""
        return State(*(sum(counts) for counts in zip(*self.states.values(), strict=True)))

    def seconds_since(self, at: datetime | None) -> int | None:
        """Give the seconds from a time to the present, negative when it is to come."""
        return None if at is None else round((self.now - at).total_seconds())


def status_of(queries: Queries, place: str, now: datetime) -> Status:
    """Look up how a warehouse stands.

    Args:
        queries: On the warehouse.
        place: What a person calls the warehouse.
        now: The present, with its time zone.

    """
    found = queries.states()
    finished = queries.finished_loads()
    sites = _sites(queries)
    return Status(
        place=place,
        now=now.astimezone(UTC),
        states={state: found.get(state, State(0, 0, 0, 0, 0)) for state in STATES},
        replaced=queries.replaced(),
        last_load=Load(*finished[0]) if finished else None,
        broken_loads=[Load(*load) for load in queries.broken_loads()],
        newest_at=max((site.newest_at for site in sites if site.newest_at), default=None),
        reasons=queries.reasons(Selection()),
        fields=[Field(*field) for field in queries.fields()],
        sites=sites,
    )


def status_json(status: Status) -> str:
    """Give a status as one JSON object: times ISO 8601 in UTC, lags in seconds.

    Keys: `warehouse`, `now`; `files`, the number of accounts by state, `replaced` among them;
    `lines`, `events`, `rejected`, `blank`; `last_load` (`load_id`, `finished_at`) or null;
    `broken_loads`, each `load_id` and `begun_at`; `newest_event_at` and `lag_seconds`, or null;
    `rejected_by_reason`; `unknown_fields`, each `field`, `file` and `line_number`; `sites`, each
    `site` (null: not said), `events`, `newest_event_at`, `lag_seconds` and `rejected`.
    """
    total = status.total
    return json.dumps(
        {
            "warehouse": status.place,
            "now": iso(status.now),
            "files": {
                **{state: counts.files for state, counts in status.states.items()},
                "replaced": status.replaced,
            },
            "lines": total.lines,
            "events": total.events,
            "rejected": total.rejected,
            "blank": total.blank,
            "last_load": status.last_load
            and {"load_id": status.last_load.load_id, "finished_at": iso(status.last_load.at)},
            "broken_loads": [
                {"load_id": load.load_id, "begun_at": iso(load.at)} for load in status.broken_loads
            ],
            **_newest(status, status.newest_at),
            "rejected_by_reason": status.reasons,
            "unknown_fields": [field._asdict() for field in status.fields],
            "sites": [
                {
                    "site": site.site,
                    "events": site.events,
                    **_newest(status, site.newest_at),
                    "rejected": site.rejected,
                }
                for site in status.sites
            ],
        },
        indent=2,
    )


def iso(at: datetime) -> str:
    """Give a time as ISO 8601 in UTC, such as `2026-06-14T23:58:32.125Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def site_in(line: bytes) -> str | None:
    """Give the site that a rejected line names, None when it does not say or not readably."""
    found = _SITE.search(line)
    if found is None:
        return None
    try:
        site = json.loads(found[1].decode())
    except ValueError:
        return None
    return str(site) or None


def _newest(status: Status, at: datetime | None) -> dict[str, Any]:
    return {
        "newest_event_at": None if at is None else iso(at),
        "lag_seconds": status.seconds_since(at),
    }


def _sites(queries: Queries) -> list[Site]:
    rejected = Counter(
        site_in(kept.line) for lines in queries.kept_lines(Selection()) for kept in lines
    )
    sites = [
        Site(row.site, row.events, _time(row.newest_ms), rejected.pop(row.site, 0))
        for row in queries.sites()
    ]
    return sites + [Site(site, 0, None, count) for site, count in rejected.most_common()]


def _time(milliseconds: int | None) -> datetime | None:
    """Give the time of so many milliseconds since 1970; None for what no calendar has."""
    if milliseconds is None:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
