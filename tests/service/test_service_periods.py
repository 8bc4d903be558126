"""Days of the sites' own time zones, held to DuckDB's; clocks that are changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from service.periods import Clock, Stretch, period, today

FAR = datetime(2090, 1, 1)
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    "zone",
    ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu",
     "Africa/Cairo", "Asia/Beirut"],
)  # fmt: skip
def test_days_begin_when_the_database_says(zone: str) -> None:
    clock = Clock(ZoneInfo(zone), FAR)
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(2 * 365)]
    with duckdb.connect() as connection:
        begin = connection.execute(
            "select (day::timestamp at time zone $zone) at time zone 'UTC' "
            "from (select unnest($days) as day) as days order by day",
            {"zone": zone, "days": [*days, days[-1] + timedelta(days=1)]},
        ).fetchall()
    for number, day in enumerate(days):
        assert period(f"{day}", f"{day}", "3d", clock) == Stretch(
            begin[number][0] - MICROSECOND, begin[number + 1][0] - MICROSECOND
        )


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        # The clocks go forward on March 8 and back on November 1: 23, 25 and 2 hours.
        ("2026-03-08", "2026-03-08", 23),
        ("2026-11-01", "2026-11-01", 25),
        ("2026-11-01T01:00", "2026-11-01T01:59", 2),
        ("2026-11-01T01:00-04:00", "2026-11-01T01:59-04:00", 1),
    ],
)
def test_days_on_which_clocks_change_have_other_lengths(start: str, end: str, hours: int) -> None:
    clock = Clock(ZoneInfo("America/New_York"), FAR)
    assert period(start, end, "3d", clock).length == timedelta(hours=hours)


def test_today_is_the_day_of_the_present_of_the_data() -> None:
    # 03:59:59 UTC is still the day before in New York.
    clock = Clock(ZoneInfo("America/New_York"), datetime(2026, 3, 10, 3, 59, 59))
    assert today(clock) == Stretch(
        datetime(2026, 3, 9, 4) - MICROSECOND, datetime(2026, 3, 10, 3, 59, 59)
    )
