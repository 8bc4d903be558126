"""Days in the time zones of the sites, with changes to and from daylight saving time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest

from readership.service.calls.periods import Clock, TimeRange, period, today
from readership.service.snapshots import (
    Snapshot,
    SnapshotZone,
    current_snapshot,
    open_snapshot,
    snapshot_folder,
)
from tests.support.warehouses import Warehouse

FAR = datetime(2090, 1, 1)
MICROSECOND = timedelta(microseconds=1)
FIRST, LAST = date(2020, 1, 1), date(2030, 1, 1)

# Days near a change of the UTC offset: their true start, and the start that the macro returns.
SEARCHED = """
with days as (
    select
        name as zone,
        cast(unnest(generate_series($first, $last, interval 1 day)) as timestamp) as day
    from pg_timezone_names()
    where name like '%/%'
),

changing as (
    select zone, day
    from days
    where
        ((day - interval 36 hour) at time zone 'UTC') at time zone zone + interval 72 hour
        <> ((day + interval 36 hour) at time zone 'UTC') at time zone zone
),

quarters as (
    select
        zone,
        day,
        unnest(generate_series(
            day - interval 24 hour, day + interval 24 hour, interval 15 minute
        )) as utc
    from changing
),

searched as (
    select zone, day, min(utc) as begins_at
    from quarters
    where date_trunc('day', (utc at time zone 'UTC') at time zone zone) = day
    group by zone, day
)

select zone, day, begins_at, answers.first_instant(day, zone) as recorded_at from searched
"""

ClockOf = Callable[..., Clock]


@pytest.fixture(scope="module")
def snapshot(newsrooms: Warehouse) -> Iterator[Snapshot]:
    info = current_snapshot(snapshot_folder(newsrooms.path))
    assert info is not None
    snapshot = open_snapshot(info)
    yield snapshot
    snapshot.retire()


@pytest.fixture(scope="module")
def clock_of(snapshot: Snapshot) -> ClockOf:
    def clock(zone: str, as_of_at: datetime = FAR, as_of_date: date = LAST) -> Clock:
        return Clock(SnapshotZone(zone, snapshot.cursor()), as_of_at, as_of_date)

    return clock


def test_a_day_in_any_time_zone_starts_at_its_first_instant(snapshot: Snapshot) -> None:
    """The starts are searched in steps of 15 minutes, around each change of an offset."""
    with snapshot.cursor() as cursor:
        days = cursor.execute(SEARCHED, {"first": FIRST, "last": LAST}).fetchall()
    assert {zone for zone, *_ in days} >= {"Atlantic/Azores", "America/Havana", "Africa/Cairo"}
    assert [day for day in days if day[2] != day[3]] == []


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Atlantic/Azores", "Africa/Cairo"])
def test_a_day_ends_where_the_next_one_starts(clock_of: ClockOf, zone: str) -> None:
    clock = clock_of(zone)
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(366)]
    starts = [clock.zone.instant(datetime(*day.timetuple()[:3]), is_last=False) for day in days]
    for number, day in enumerate(days[:-1]):
        assert period(f"{day}", f"{day}", "3d", clock) == TimeRange(
            starts[number] - MICROSECOND, starts[number + 1] - MICROSECOND
        )


@pytest.mark.parametrize(
    ("zone", "start", "end", "hours"),
    [
        # The clocks go forward on March 8 and back on November 1: 23, 25 and 2 hours.
        ("America/New_York", "2026-03-08", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", "2026-11-01", 25),
        ("America/New_York", "2026-11-01T01:00", "2026-11-01T01:59", 2),
        ("America/New_York", "2026-11-01T01:00-04:00", "2026-11-01T01:59-04:00", 1),
        # Midnight occurs twice.
        ("Atlantic/Azores", "2026-10-25", "2026-10-25", 25),
        ("Atlantic/Azores", "2026-10-24", "2026-10-24", 24),
        ("America/Havana", "2026-11-01", "2026-11-01", 25),
        # The first half hour occurs twice.
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-05", 24.5),
    ],
)
def test_days_with_a_change_of_the_offset_have_their_true_length(
    clock_of: ClockOf, zone: str, start: str, end: str, hours: float
) -> None:
    assert period(start, end, "3d", clock_of(zone)).length == timedelta(hours=hours)


def test_today_is_the_day_of_the_newest_event(clock_of: ClockOf) -> None:
    # 03:59:59 UTC is still the day before in New York.
    clock = clock_of("America/New_York", datetime(2026, 3, 10, 3, 59, 59), date(2026, 3, 9))
    assert today(clock) == TimeRange(
        datetime(2026, 3, 9, 4) - MICROSECOND, datetime(2026, 3, 10, 3, 59, 59)
    )
