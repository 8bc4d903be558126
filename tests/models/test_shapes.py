"""Events in the forms that exports, data frames, pages and clocks write, up to the exports.

Each site is one case. Its events come in two loads, with a build after each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from readership.service import publish
from tests.support.events import event, heartbeat, millis
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.serving import Service, keys_of, running
from tests.support.warehouses import Warehouse

DAY = "2026-03-02"


def post(site: str, number: int, **metadata: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a view of a separate post, with metadata."""
    url = f"https://{site}/p{number}"
    return event(
        f"{site} {number}", f"{DAY} 10:{number:02}:00", apikey=site, url=url,
        metadata_canonical_url=url, metadata_title=f"Post {number}",
        **{f"metadata_{name}": value for name, value in metadata.items()},
    )  # fmt: skip


NAMES = "names.example"
AUTHORS = "authors.example"
TIMES = "times.example"
NUMBERS = "numbers.example"
TEXTS = "texts.example"
HALVES = "halves.example"
CLOCKS = "clocks.example"
TABS = "tabs.example"

EVENTS: dict[str, list[dict[str, Any] | str]] = {
    NAMES: [
        post(NAMES, 1, section="Business &amp; Technology", tags=["R&amp;D"], authors=["O'Neill"]),
        post(NAMES, 2, section="Business & Technology", tags=["R&D"], authors=["O&#039;Neill"]),
        post(NAMES, 3, section=" Business\n&amp;amp; Technology\u200b", tags=["R&D ", "R&amp;D"],
             authors="O\u2060'Neill"),
    ],
    AUTHORS: [
        post(AUTHORS, 1, authors=["Zo\u00eb Bell", "Bo, jr."]),
        post(AUTHORS, 2, authors=[{"@type": "Person", "name": "Zoe\u0308 Bell"}]),
        post(AUTHORS, 3, authors=json.dumps([{"@type": "Person", "name": "Bo, jr."}])),
        post(AUTHORS, 4, authors={"@type": "Person", "name": "Zo&euml; Bell"}),
    ],
    TIMES: [
        event(f"{TIMES} {number}", f"{DAY} 10:00:0{number}", apikey=TIMES, ts_action=text)
        for number, text in enumerate([
            f"{DAY} 10:00:00 UTC",
            f"{DAY} 10:00:01.250000 UTC",
            f"{DAY} 10:00:02.000 +0000",
            f"{DAY} 10:00:03.000 Z",
            f"{DAY} 10:00:04+00",
            f"{DAY}T10:00:05.000Z",
            f"{DAY}t10:00:06z",
            f"{DAY} 10:00:06.999999",
        ])
    ],
    NUMBERS: [
        event("v", f"{DAY} 10:00:00", apikey=NUMBERS, pageview_id=559017744.0, session_id="1.0"),
        heartbeat("v", f"{DAY} 10:00:05", 5, apikey=NUMBERS, pageview_id="559017744",
                  session_id=1.0),
        heartbeat("v", f"{DAY} 10:00:09", 7, apikey=NUMBERS, pageview_id="559017744.0"),
    ],
    TEXTS: [
        post(TEXTS, 1, authors='["Ana", "Bo"]', tags="['x']")
        | {"flags_is_amp": "false", "extra_data": '{"subscriber_type": "gold"}'},
        post(TEXTS, 2, authors='["Ana", "Bo"]', tags="{x}")
        | {"flags_is_amp": 0, "extra_data": {"subscriber_type": "gold"}, "engaged_time_inc": ""},
    ],
    HALVES: [
        json.dumps(post(HALVES, 1, authors=["Ana \ud83d"])),
        json.dumps(event("b", f"{DAY} 10:01:00", apikey=HALVES, extra_data={"x": "\ude00"})),
        json.dumps(event("c", f"{DAY} 10:02:00", apikey=HALVES, utm_campaign="late \ud83d")),
    ],
    CLOCKS: [
        *[event(f"v{n}", f"{DAY} 11:{n:02}:00", apikey=CLOCKS) for n in range(60)],
        event("fast", f"{DAY} 11:59:30", apikey=CLOCKS, ts_action=None,
              timestamp_info_override_ms=millis("2026-03-03 07:00:00")),
        event("faster", f"{DAY} 11:59:31", apikey=CLOCKS, ts_action="2031-01-01 00:00:00"),
    ],
    TABS: [
        event("v", f"{DAY} 10:00:00", apikey=TABS, pageview_id="same", path="/a"),
        heartbeat("v", f"{DAY} 10:00:05", 5, apikey=TABS, pageview_id="same", path="/a"),
        event("v", f"{DAY} 10:01:00", apikey=TABS, pageview_id="same", path="/b"),
        heartbeat("v", f"{DAY} 10:01:05", 7, apikey=TABS, pageview_id="same", path="/a"),
        heartbeat("v", f"{DAY} 10:01:10", 7, apikey=TABS, pageview_id="same", path="/b"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(module_warehouse: Warehouse) -> Warehouse:
    for part in range(2):
        module_warehouse.load_events(each for events in EVENTS.values() for each in events[part::2])
        module_warehouse.build()
    return module_warehouse


@pytest.fixture(scope="module")
def service(warehouse: Warehouse) -> Iterator[Service]:
    warehouse.run_dbt("run-operation", "publish_answers")
    publish(warehouse.path)
    with running(warehouse.path, AUTHORS, keys_of(*EVENTS)) as found:
        yield found


def test_every_event_is_accepted(warehouse: Warehouse) -> None:
    assert warehouse.rows("select * from raw.rejected_lines") == []
    assert warehouse.rows("select * from stg_event_rejections") == []
    assert dict(warehouse.rows("select site_id, count(*) from stg_events group by 1")) == {
        site: len(events) for site, events in EVENTS.items()
    }


def test_differently_encoded_names_become_one(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select section, tags, authors, count(*) from dim_posts where site_id = ? group by all",
        NAMES,
    ) == [("Business & Technology", '["R&D"]', '["O\'Neill"]', 3)]


def test_authors_are_found_by_name(service: Service) -> None:
    assert sorted(service.views("/analytics/authors", "author")) == [
        ("Bo, jr.", 2),
        ("Zo\u00eb Bell", 3),
    ]
    for name, found in [("Zo\u00eb Bell", {1, 2, 4}), ("Bo, jr.", {1, 3})]:
        response = service.call(f"/analytics/author/{name}/detail")
        assert {row["title"] for row in response["data"]} == {f"Post {number}" for number in found}


def test_times_are_read_in_every_exported_form(warehouse: Warehouse) -> None:
    assert [
        str(at)
        for (at,) in warehouse.rows(
            "select event_at from stg_events where site_id = ? order by 1", TIMES
        )
    ] == [
        f"{DAY} 10:00:00", f"{DAY} 10:00:01.250000", f"{DAY} 10:00:02", f"{DAY} 10:00:03",
        f"{DAY} 10:00:04", f"{DAY} 10:00:05", f"{DAY} 10:00:06", f"{DAY} 10:00:06.999999",
    ]  # fmt: skip


def test_an_id_is_the_same_as_number_and_as_text(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select pageview_id, engaged_seconds from fct_pageviews where site_id = ?", NUMBERS
    ) == [("559017744", 12)]


def test_lists_flags_and_objects_may_be_written_as_text(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select views.segment, views.is_amp, posts.authors, posts.tags, count(*) "
        "from fct_pageviews as views inner join dim_posts as posts using (post_key) "
        "where views.site_id = ? group by all",
        TEXTS,
    ) == [("gold", False, '["Ana", "Bo"]', '["x"]', 2)]


def test_half_a_surrogate_pair_becomes_the_replacement_character(warehouse: Warehouse) -> None:
    assert warehouse.rows("select author from bridge_post_authors where site_id = ?", HALVES) == [
        ("Ana \ufffd",)
    ]
    assert warehouse.rows(
        "select campaign from fct_pageviews where site_id = ? and campaign is not null", HALVES
    ) == [("late \ufffd",)]


def test_a_fast_clock_does_not_move_the_newest_event(warehouse: Warehouse) -> None:
    assert [
        str(at)
        for (at,) in warehouse.rows("select as_of_at from dim_sites where site_id = ?", CLOCKS)
    ] == [f"{DAY} 11:59:31"]
    assert (
        warehouse.one(
            "select sum(views) from api_analytics_posts where site_id = ? and period = '1h'", CLOCKS
        )
        == 62
    )


def test_engagement_counts_for_the_page_in_its_heartbeat(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select page_url, engaged_seconds from fct_pageviews where site_id = ? order by 1", TABS
    ) == [("https://cases.example.com/a", 12), ("https://cases.example.com/b", 7)]


def test_incremental_loads_give_the_rows_of_a_full_refresh(warehouse: Warehouse) -> None:
    assert_equal_to_a_full_refresh(warehouse)
