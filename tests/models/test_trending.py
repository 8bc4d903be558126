"""Trending posts on a site with constructed traffic, one post per case.

Each post is read every third hour, six times as often at noon. The newest event is just before
13:00 on the ninth day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.support.events import event, heartbeat, millis
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.warehouses import Warehouse

FIRST_DAY = datetime(2026, 3, 2)
DAYS = 8  # before the last one
LAST_HOUR = FIRST_DAY + timedelta(days=DAYS, hours=12)
PUBLISHED_LONG_AGO = {
    "metadata_title": "How to boil an egg",
    "metadata_canonical_url": "https://cases.example.com/egg",
    "metadata_pub_date_tmsp": millis("2025-10-01 12:00:00"),
}
names = count()


def views(path: str, hour: datetime, number: int, **fields: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Yield views within one hour, each by another visitor; the last one in its last second."""
    for view in range(1, number + 1):
        at = hour + timedelta(seconds=view * 3600 // number - 1)
        yield event(f"visitor {next(names)}", f"{at}", path=path, **fields)


def usual(path: str, number: int, **fields: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Yield the usual views of a post up to the last hour, every third hour and most at noon."""
    hour = FIRST_DAY
    while hour < LAST_HOUR:
        yield from views(path, hour, 6 * number if hour.hour == 12 else number, **fields)
        hour += timedelta(hours=3)


def events_by_post() -> dict[str, list[dict[str, Any]]]:
    """Return the events of each post."""
    posts = {
        "/peak": [*usual("/peak", 10), *views("/peak", LAST_HOUR, 60)],
        "/surge": [*usual("/surge", 2), *views("/surge", LAST_HOUR, 60)],
        "/dropped": [*usual("/dropped", 6), *views("/dropped", LAST_HOUR, 6)],
        "/three": [*views("/three", LAST_HOUR, 3)],
        "/egg": [
            *usual("/egg", 3, **PUBLISHED_LONG_AGO),
            *views("/egg", LAST_HOUR, 18, **PUBLISHED_LONG_AGO),
        ],
        "/hit": [
            *views("/hit", LAST_HOUR - timedelta(hours=3), 30),
            *views("/hit", LAST_HOUR, 180),
        ],
    }
    # A new post is published at six every day, and each is read like the others.
    for day in range(DAYS + 1):
        path = f"/daily-{day}"
        for hour, number in ((6, 8), (9, 10), (12, 36), (15, 4), (18, 2)):
            at = FIRST_DAY + timedelta(days=day, hours=hour)
            if at <= LAST_HOUR:
                posts.setdefault(path, []).extend(views(path, at, number))
    return posts


def states(warehouse: Warehouse) -> dict[str, str]:
    return dict(
        warehouse.rows(
            "select regexp_extract(canonical_url, '/[^/]*$'), state from trending_posts "
            "order by position"
        )
    )


EXPECTED = {
    "/peak": "steady",
    "/surge": "rising",
    "/dropped": "fading",
    "/egg": "evergreen",
    f"/daily-{DAYS}": "new",
    "/hit": "rising",
}


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    """All events in three loads: the second has most late events, the third names a post."""
    events = [record for records in events_by_post().values() for record in records]
    module_warehouse.load_events(events[::2])
    module_warehouse.build()
    module_warehouse.load_events(events[1::2])
    module_warehouse.build()
    early = FIRST_DAY + timedelta(days=3, hours=23, minutes=50)
    module_warehouse.load_events(
        [
            event("late", f"{early}", path="/egg", **PUBLISHED_LONG_AGO),
            heartbeat("late", f"{early + timedelta(minutes=20)}", 30, path="/egg"),
            event(
                "namer", f"{early}", path="/peak?again",
                metadata_title="Peak", metadata_post_id="peak",
                metadata_canonical_url="https://cases.example.com/peak",
            ),
        ]
    )  # fmt: skip
    module_warehouse.build()
    return module_warehouse


def test_each_post_has_the_expected_state(built: Warehouse) -> None:
    assert states(built) == EXPECTED


def test_a_surge_is_first_and_the_same_volume_at_the_usual_peak_is_steady(
    built: Warehouse,
) -> None:
    found = built.rows(
        "select views, state from trending_posts where canonical_url like '%/peak' "
        "or canonical_url like '%/surge' order by position"
    )
    assert found == [(60, "rising"), (60, "steady")]
    assert next(iter(states(built))) == "/surge"


def test_regular_traffic_is_expected_within_a_tenth(built: Warehouse) -> None:
    for path in ("/peak", "/egg", f"/daily-{DAYS}"):
        read, expected = built.one(
            "select views, expected_views from trending_posts where canonical_url like ?",
            f"%{path}",
        )
        assert abs(read - expected) < read / 10, path


def test_rebuilt_days_equal_a_full_refresh(built: Warehouse) -> None:
    assert built.one("select sum(views) from int_post_days") == built.one(
        "select sum(views) from fct_pageviews"
    )
    assert_equal_to_a_full_refresh(built)


def test_an_earlier_as_of_ignores_later_events(built: Warehouse) -> None:
    built.build(as_of=f"{LAST_HOUR - timedelta(hours=2)}")
    assert states(built)["/hit"] == "rising"
    assert "/surge" not in states(built)
    assert built.one("select views from trending_posts where canonical_url like '%/hit'") == 30
