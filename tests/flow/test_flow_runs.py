"""Runs that are cut short, come in parts, or come twice."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.events import event, heartbeat, without_session
from tests.warehouses import DbtFailedError, Warehouse

MORNING = [
    event("ada", "2026-03-02 10:00:00"),
    heartbeat("ada", "2026-03-02 10:00:20", 20),
    without_session(event("bob", "2026-03-02 10:00:00")),
]
EVENING = [
    heartbeat("ada", "2026-03-02 10:00:40", 15),
    without_session(event("bob", "2026-03-02 10:20:00", path="/b")),
    event("cleo", "2026-03-02 20:00:00"),
]
NIGHT = [event("cleo", "2026-03-02 20:01:00", path="/c", pageview_id="p2")]


@pytest.fixture(scope="module")
def whole(module_warehouse: Warehouse) -> dict[str, list[tuple]]:
    """What one load and one build give."""
    module_warehouse.load_events([*MORNING, *EVENING, *NIGHT])
    module_warehouse.build()
    return module_warehouse.contents()


def test_a_failed_run_leaves_raw_data_and_nothing_taken_and_the_next_run_is_whole(
    warehouse: Warehouse, whole: dict[str, list[tuple]]
) -> None:
    warehouse.load_events([*MORNING, *EVENING, *NIGHT])
    with pytest.raises(DbtFailedError, match="base_event_rows"):
        warehouse.build(earliest_event_date="2000-02-31")
    assert warehouse.one("select count(*) from raw.events") == 7
    assert warehouse.one("select count(*) from taken_loads") == 0
    warehouse.build()
    assert warehouse.contents() == whole


def test_a_run_that_fails_between_models_is_taken_up_where_it_broke_off(
    warehouse: Warehouse, whole: dict[str, list[tuple]]
) -> None:
    warehouse.load_events(MORNING)
    warehouse.build()
    warehouse.load_events([*EVENING, *NIGHT])
    warehouse.execute("alter table fct_pageviews rename column views to looks")
    with pytest.raises(DbtFailedError, match="fct_pageviews"):
        warehouse.build()
    warehouse.execute("alter table fct_pageviews rename column looks to views")
    warehouse.build()
    assert warehouse.contents() == whole


def test_a_part_and_then_the_rest_is_the_same_as_all(
    warehouse: Warehouse, whole: dict[str, list[tuple]]
) -> None:
    warehouse.load_events(MORNING)
    warehouse.build()
    warehouse.load_events(EVENING)
    warehouse.build("--select", "staging")
    warehouse.load_events(NIGHT)
    warehouse.build("--select", "base_event_rows+1")
    warehouse.build("--select", "fct_pageviews")
    warehouse.build("--select", "int_sessions+")
    warehouse.build()
    assert warehouse.contents() == whole


def test_an_empty_run_in_between_changes_nothing(
    warehouse: Warehouse, whole: dict[str, list[tuple]]
) -> None:
    warehouse.load_events(MORNING)
    warehouse.build("--empty")
    warehouse.load_events([*EVENING, *NIGHT])
    warehouse.build("--empty")
    warehouse.build()
    warehouse.build("--empty")
    warehouse.build()
    assert warehouse.contents() == whole


def test_a_new_site_built_room_by_room_has_its_rows(warehouse: Warehouse) -> None:
    warehouse.load_events(MORNING)
    warehouse.build()
    warehouse.load_events([event("dora", "2026-03-02 11:00:00", apikey="new.example.com")])
    for room in ("staging", "intermediate", "fct_pageviews", "fct_sessions"):
        warehouse.build("--select", room)
    warehouse.build()
    in_rooms = warehouse.contents()
    warehouse.build("--full-refresh")
    assert in_rooms == warehouse.contents()
    assert warehouse.one("select count(*) from fct_pageviews where site_id like 'new%'") == 1


def test_a_post_named_in_a_load_that_a_model_takes_late_has_its_name_everywhere(
    warehouse: Warehouse,
) -> None:
    named = {"path": "/x", "metadata_title": "X", "metadata_post_id": "77"}
    warehouse.load_events([event("ada", "2026-03-02 10:00:00", path="/x")])
    warehouse.build()
    warehouse.load_events([event("bob", "2026-03-02 11:00:00", **named)])
    warehouse.build("--select", "staging", "intermediate")
    warehouse.load_events([event("cleo", "2026-03-02 12:00:00", **named)])
    warehouse.build("--select", "base_event_rows", "stg_events", "base_page_posts")
    warehouse.build("--select", "fct_pageviews")
    warehouse.build()
    assert warehouse.one("select count(distinct post_key), sum(views) from fct_pageviews") == (1, 3)
    in_parts = warehouse.contents()
    warehouse.build("--full-refresh")
    assert in_parts == warehouse.contents()


def test_a_day_delivered_again_under_another_name_changes_nothing(
    warehouse: Warehouse, whole: dict[str, list[tuple]]
) -> None:
    warehouse.load_events([*MORNING, *EVENING, *NIGHT])
    warehouse.build()
    again = warehouse.folder / "again.jsonl.gz"
    lines = [json.dumps(record) for record in reversed([*MORNING, *EVENING, *NIGHT])]
    again.write_bytes(gzip.compress("\n".join(lines).encode()))
    warehouse.load(again)
    warehouse.build()
    assert warehouse.contents() == whole
    assert warehouse.one("select sum(duplicate_events) from ops_loads") == 7


def test_an_empty_warehouse_builds(warehouse: Warehouse) -> None:
    warehouse.init()
    warehouse.build()
    assert not any(warehouse.contents().values())
    warehouse.test()
