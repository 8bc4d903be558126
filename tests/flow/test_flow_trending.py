"""What trends on a site of which everything is known: planted posts, each with its own fate.

Readers come at noon: in every hour but that a post has a sixth of its views or less. The present is
just before 13:00 on the sixteenth day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.events import event, heartbeat, millis
from tests.replacements import assert_equal_to_a_full_refresh
from tests.warehouses import Warehouse

FIRST_DAY = datetime(2026, 3, 2)
DAYS = 15  # before the last one
NOW = FIRST_DAY + timedelta(days=DAYS, hours=13)
PUBLISHED_LONG_AGO = {
    "metadata_title": "How to boil an egg",
    "metadata_canonical_url": "https://cases.example.com/egg",
    "metadata_pub_date_tmsp": millis("2025-10-01 12:00:00"),
}
names = count()


def views(path: str, hour: datetime, number: int, **fields: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """So many views within one hour, each by another visitor; the last in its last second."""
    for view in range(1, number + 1):
        at = hour + timedelta(seconds=view * 3600 // number - 1)
        yield event(f"visitor {next(names)}", f"{at}", path=path, **fields)


def usual(path: str, at_noon: int, otherwise: int, **fields: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """A post's days up to the last hour: so many views at noon, so many in every sixth hour else."""
    hour = FIRST_DAY
    while hour < NOW - timedelta(hours=1):
        number = at_noon if hour.hour == 12 else otherwise if hour.hour % 6 == 0 else 0
        yield from views(path, hour, number, **fields)
        hour += timedelta(hours=1)


def planted() -> dict[str, list[dict[str, Any]]]:
    """The events of each post."""
    last = NOW - timedelta(hours=1)
    posts = {
        "/peak": [*usual("/peak", 60, 5), *views("/peak", last, 60)],
        "/surge": [*usual("/surge", 12, 1), *views("/surge", last, 60)],
        "/dropped": [*usual("/dropped", 36, 3), *views("/dropped", last, 6)],
        "/three": [*views("/three", last, 3)],
        "/egg": [
            *usual("/egg", 18, 2, **PUBLISHED_LONG_AGO),
            *views("/egg", last, 18, **PUBLISHED_LONG_AGO),
        ],
    }
    # A new post comes out at ten every day, and each is read alike; but for one that is not.
    for day in range(DAYS + 1):
        for hour, number in ((10, 16), (11, 12), (12, 20), (13, 4), (18, 2)):
            at = FIRST_DAY + timedelta(days=day, hours=hour)
            if at < NOW:
                path = f"/daily-{day}"
                posts.setdefault(path, []).extend(views(path, at, number))
    posts["/hit"] = [*views("/hit", last - timedelta(hours=1), 70), *views("/hit", last, 200)]
    return posts


def states(warehouse: Warehouse) -> dict[str, str]:
    return dict(
        warehouse.rows(
            "select regexp_extract(canonical_url, '/[^/]*$'), state from trending_posts order by position"
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
    """Everything in three loads; the second has most of what is late, the third names a post."""
    events = [record for records in planted().values() for record in records]
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


def test_each_post_is_in_the_state_that_was_planted(built: Warehouse) -> None:
    assert states(built) == EXPECTED


def test_a_surge_is_first_and_the_same_volume_at_the_usual_peak_is_steady(
    built: Warehouse,
) -> None:
    found = built.rows(
        "select views, state from trending_posts where canonical_url like '%/peak' "
        "or canonical_url like '%/surge' order by position"
    )
    assert found == [(60, "rising"), (60, "steady")]
    assert list(states(built))[:2] == ["/hit", "/surge"]


def test_what_comes_as_it_always_does_is_expected_to_the_view_or_so(built: Warehouse) -> None:
    for path in ("/peak", "/egg", f"/daily-{DAYS}"):
        views, expected = built.one(
            "select views, expected_views from trending_posts where canonical_url like ?", f"%{path}"
        )
        assert abs(views - expected) < views / 10 + 1, path


def test_days_are_rebuilt_as_a_full_refresh_would(built: Warehouse) -> None:
    assert built.one("select sum(views) from int_post_days") == built.one(
        "select sum(views) from fct_pageviews"
    )
    assert_equal_to_a_full_refresh(built)
    built.test("--select", "trending_posts", "evergreen_posts", "post_days_add_up")


def test_a_present_before_it_knows_nothing_of_what_came_after(built: Warehouse) -> None:
    built.build(as_of=f"{NOW - timedelta(hours=1)}")
    found = states(built)
    assert found["/hit"] == "rising"
    assert "/surge" not in found
    assert built.one("select views from trending_posts where canonical_url like '%/hit'") == 70
