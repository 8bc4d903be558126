"""Plays, conversions and custom events with late parts, one visitor per case.

The events come in three loads, with a build after each.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.events import SITE, event
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.warehouses import Warehouse

DAY = "2026-03-31"
CLIP = {
    "videostart_id": "clip",
    "metadata_title": "A clip",
    "metadata_canonical_url": f"https://{SITE}/video/clip",
    "metadata_duration": 60,
}


def conversion(visitor: str, at: str, kind: str = "purchase", **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    return event(visitor, at, "conversion", extra_data={"_conversion_type": kind}, **fields)


def watched(visitor: str, at: str, seconds: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    return event(visitor, at, "vheartbeat", engaged_time_inc=seconds, **fields)


MOVED = {"event_id": "0x" + "cd" * 16}
LOADS: list[list[dict[str, Any]]] = [
    [
        # watch time whose start comes in the next load
        event("late start", f"{DAY} 10:00:00"),
        watched("late start", f"{DAY} 10:00:20", 15, **CLIP),
        # watch time without a start
        watched("no start", f"{DAY} 10:00:00", 8, name="one", videostart_id="lost"),
        watched("no start", f"{DAY} 10:00:00", 7, name="two", videostart_id="lost"),
        # a start without watch time, on a page with a query in its URL
        event("no watching", f"{DAY} 10:00:00", url=f"https://{SITE}/a?utm_source=x"),
        event("no watching", f"{DAY} 10:00:05", "videostart", url=f"https://{SITE}/a#player",
              **(CLIP | {"videostart_id": None, "pageview_id": None})),
        # a conversion without known events before it
        conversion("late views", f"{DAY} 10:10:00", path="/buy", pageview_id=None,
                   metadata_title="Buy", metadata_canonical_url=f"https://{SITE}/buy",
                   metadata_page_type="index"),
        # a conversion that an earlier copy assigns to another visitor
        event("moved from", f"{DAY} 10:00:00"),
        conversion("moved from", f"{DAY} 10:10:00", **MOVED),
        event("moved to", f"{DAY} 10:00:00"),
        # custom events, some with extra_data that is not an object
        event("own", f"{DAY} 10:00:00", "share", extra_data={"subscriber_type": "trial"}),
        event("own", f"{DAY} 10:00:01", "share", extra_data="gold"),
        event("own", f"{DAY} 10:00:02", "share", extra_data='{"subscriber_type": "tr'),
        event("own", f"{DAY} 10:00:03", "save", extra_data=["subscriber_type"]),
    ],
    [
        event("late start", f"{DAY} 10:00:02", "videostart", **CLIP),
        event("late views", f"{DAY} 10:05:00", path="/post", pageview_id="p2"),
        conversion("moved to", f"{DAY} 10:05:00", **MOVED),
        event("own", f"{DAY} 10:00:00", path="/a"),
    ],
    [
        watched("late start", f"{DAY} 10:00:20", 15, **CLIP),
        watched("late start", f"{DAY} 10:00:30", 9, **CLIP),
        event("late views", "2026-03-11 10:00:00", path="/early", session=0),
        event("late views", "2026-03-01 10:09:59", path="/too-early", session=0),
        # the event of another visitor shows that /post is not a post
        event("teller", f"{DAY} 11:00:00", path="/post", metadata_title="All posts",
              metadata_canonical_url=f"https://{SITE}/post", metadata_page_type="index"),
        event("own", f"{DAY} 10:00:03", "save", extra_data=["subscriber_type"]),
    ],
]  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(module_warehouse: Warehouse) -> Warehouse:
    return module_warehouse


def of(warehouse: Warehouse, visitor: str, table: str, columns: str) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        f"select {columns} from {table} as rows_of join dim_visitors using (visitor_key) "
        "where visitor_site_id = ? order by all",
        visitor,
    )


def plays(warehouse: Warehouse, visitor: str) -> list[tuple[Any, ...]]:
    columns = (
        "plays, watch_seconds, watch_category, watched_share, video_title, "
        "pageview_key is not null, strftime(started_at, '%H:%M:%S')"
    )
    return of(warehouse, visitor, "fct_video_plays", columns)


def conversions(warehouse: Warehouse, visitor: str) -> list[tuple[Any, ...]]:
    columns = "is_attributable, pageviews_before, posts_before"
    return of(warehouse, visitor, "fct_conversions", columns)


def credit(warehouse: Warehouse, visitor: str) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        "select position, replace(canonical_url, ?, ''), first_touch, round(linear, 3), "
        "last_touch, last_post_touched from fct_conversion_touchpoints "
        "join dim_posts using (post_key) join dim_visitors using (visitor_key) "
        "where visitor_site_id = ? order by 1",
        f"https://{SITE}",
        visitor,
    )


def test_the_first_load_gives_the_expected_rows(warehouse: Warehouse) -> None:
    warehouse.load_events(LOADS[0])
    warehouse.build()
    assert plays(warehouse, "late start") == [(0, 15, None, 0.25, "A clip", True, "10:00:20")]
    assert plays(warehouse, "no start") == [(0, 15, None, None, None, False, "10:00:00")]
    assert plays(warehouse, "no watching") == [(1, 0, "skim", 0, "A clip", True, "10:00:05")]
    assert conversions(warehouse, "late views") == [(False, 0, 0)]
    assert credit(warehouse, "late views") == []
    assert conversions(warehouse, "moved from") == [(True, 1, 1)]


def test_the_second_load_gives_the_expected_rows(warehouse: Warehouse) -> None:
    warehouse.load_events(LOADS[1])
    warehouse.build()
    assert plays(warehouse, "late start") == [(1, 15, "skim", 0.25, "A clip", True, "10:00:02")]
    assert conversions(warehouse, "late views") == [(True, 1, 1)]
    assert credit(warehouse, "late views") == [
        (1, "/post", 1, 0.5, 0, 1),
        (2, "/buy", 0, 0.5, 1, 0),
    ]
    assert conversions(warehouse, "moved from") == []
    assert conversions(warehouse, "moved to") == [(True, 1, 1)]
    assert credit(warehouse, "moved from") == []
    assert credit(warehouse, "moved to") == [(1, "/a", 1, 1, 1, 1)]


def test_the_third_load_gives_the_expected_rows(warehouse: Warehouse) -> None:
    warehouse.load_events(LOADS[2])
    warehouse.build()
    assert plays(warehouse, "late start") == [(1, 24, "watch", 0.4, "A clip", True, "10:00:02")]
    assert conversions(warehouse, "late views") == [(True, 2, 2)]
    assert credit(warehouse, "late views") == [
        (1, "/early", 1, 0.333, 0, 1),
        (2, "/post", 0, 0.333, 0, 0),
        (3, "/buy", 0, 0.333, 1, 0),
    ]


def test_custom_events_are_kept_with_any_extra_data(warehouse: Warehouse) -> None:
    columns = "action, extra_data, pageview_key is not null"
    assert of(warehouse, "own", "fct_custom_events", columns) == [
        ("save", '["subscriber_type"]', True),
        ("share", '"gold"', True),
        ("share", '"{\\"subscriber_type\\": \\"tr"', True),
        ("share", '{"subscriber_type": "trial"}', True),
    ]
    assert of(warehouse, "own", "fct_custom_event_values", "action, key, text_value") == [
        ("share", "subscriber_type", "trial")
    ]


def test_the_chosen_keys_may_change_without_a_full_refresh(warehouse: Warehouse) -> None:
    warehouse.build(
        "--select", "fct_custom_event_values", custom_event_keys=[{"key": "none", "type": "number"}]
    )
    assert warehouse.rows("select * from fct_custom_event_values") == []
    warehouse.build("--select", "fct_custom_event_values")


def test_three_builds_give_the_rows_of_a_full_refresh(warehouse: Warehouse) -> None:
    assert_equal_to_a_full_refresh(warehouse)
