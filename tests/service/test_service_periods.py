"""Days of the sites' own time zones, as the models have them; clocks that are changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest

from service.periods import Clock, Stretch, period, today
from service.snapshots import Snapshot, SnapshotZone, folder_of, in_force, open_snapshot
from tests.warehouses import Warehouse

FAR = datetime(2090, 1, 1)
MICROSECOND = timedelta(microseconds=1)
FIRST, LAST = date(2020, 1, 1), date(2030, 1, 1)

# Days around which an offset changes, where they begin, and where they are told to.
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
    named = in_force(folder_of(newsrooms.path))
    assert named is not None
    snapshot = open_snapshot(named)
    yield snapshot
    snapshot.retire()


@pytest.fixture(scope="module")
def clock_of(snapshot: Snapshot) -> ClockOf:
    def clock(zone: str, as_of_at: datetime = FAR, as_of_date: date = LAST) -> Clock:
        return Clock(SnapshotZone(zone, snapshot.cursor()), as_of_at, as_of_date)

    return clock


def test_a_day_of_any_zone_begins_with_its_first_instant(snapshot: Snapshot) -> None:
    """Looked for by quarters of an hour around each day on which an offset changes."""
    with snapshot.cursor() as cursor:
        days = cursor.execute(SEARCHED, {"first": FIRST, "last": LAST}).fetchall()
    assert {zone for zone, *_ in days} >= {"Atlantic/Azores", "America/Havana", "Africa/Cairo"}
    assert [each for each in days if each[2] != each[3]] == []


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Atlantic/Azores", "Africa/Cairo"])
def test_a_day_goes_from_its_first_instant_to_the_next_days(clock_of: ClockOf, zone: str) -> None:
    clock = clock_of(zone)
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(366)]
    starts = [clock.zone.instant(datetime(*day.timetuple()[:3]), is_last=False) for day in days]
    for number, day in enumerate(days[:-1]):
        assert period(f"{day}", f"{day}", "3d", clock) == Stretch(
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
        # Midnight comes twice.
        ("Atlantic/Azores", "2026-10-25", "2026-10-25", 25),
        ("Atlantic/Azores", "2026-10-24", "2026-10-24", 24),
        ("America/Havana", "2026-11-01", "2026-11-01", 25),
        # And half an hour of it.
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-05", 24.5),
    ],
)
def test_days_on_which_clocks_change_have_other_lengths(
    clock_of: ClockOf, zone: str, start: str, end: str, hours: float
) -> None:
    assert period(start, end, "3d", clock_of(zone)).length == timedelta(hours=hours)


def test_today_is_the_day_of_the_present_of_the_data(clock_of: ClockOf) -> None:
    # 03:59:59 UTC is still the day before in New York.
    clock = clock_of("America/New_York", datetime(2026, 3, 10, 3, 59, 59), date(2026, 3, 9))
    assert today(clock) == Stretch(
        datetime(2026, 3, 9, 4) - MICROSECOND, datetime(2026, 3, 10, 3, 59, 59)
    )
