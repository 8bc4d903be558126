"""Replaced files: everything that only an older version contained is removed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.events import SITE, event, heartbeat, without_session
from tests.support.replacements import assert_equal_to_a_full_refresh, load_version, replay
from tests.support.warehouses import DbtFailedError, Warehouse

VIEW = event("ada", "2026-03-02 10:00:00")
BEAT = heartbeat("ada", "2026-03-02 10:00:20", 20)
NEXT_VIEW = event("ada", "2026-03-02 10:05:00", path="/b", pageview_id="p2")
BOB = without_session(event("bob", "2026-03-02 11:00:00"))
CLEO = event("cleo", "2026-03-02 12:00:00", path="/c")


def visitors(warehouse: Warehouse) -> list[tuple]:
    """Return id, pageviews and engaged seconds of each visitor."""
    return warehouse.rows(
        "select visitor_site_id, pageviews, engaged_seconds from dim_visitors order by 1"
    )


def account(warehouse: Warehouse, load_id: str) -> tuple:
    """Return the current and the replaced rows of a load."""
    return warehouse.one(
        "select files, lines, rejected_lines, staged_events, replaced_files, replaced_lines "
        "from ops_loads where load_id = ?",
        load_id,
    )


def test_a_new_version_can_drop_change_and_add_events(warehouse: Warehouse) -> None:
    first = load_version(warehouse, {"day.jsonl": [VIEW, BEAT, BOB], "other.jsonl": [CLEO]})
    warehouse.build()
    assert visitors(warehouse) == [("ada", 1, 20), ("bob", 1, 0), ("cleo", 1, 0)]
    longer = BEAT | {"engaged_time_inc": 45}
    second = load_version(warehouse, {"day.jsonl": [VIEW, longer, NEXT_VIEW]})
    warehouse.build()
    assert visitors(warehouse) == [("ada", 2, 45), ("cleo", 1, 0)]
    assert account(warehouse, first) == (1, 1, 0, 1, 1, 3)
    assert account(warehouse, second) == (1, 3, 0, 3, 0, 0)
    assert_equal_to_a_full_refresh(warehouse)


def test_an_event_falls_back_to_its_copy_in_another_file(warehouse: Warehouse) -> None:
    later = VIEW | {"ts_action": "2026-03-02 10:30:00", "url": f"https://{SITE}/later"}
    load_version(warehouse, {"other.jsonl": [later, CLEO]})
    load_version(warehouse, {"day.jsonl": [VIEW, BEAT]})
    warehouse.build()
    assert (
        warehouse.one(
            "select page_url from fct_pageviews where views = 1 and is_exit "
            "and page_url not like '%/c'"
        )
        == f"https://{SITE}/a"
    )
    load_version(warehouse, {"day.jsonl": [BEAT]})
    warehouse.build()
    assert warehouse.rows("select page_url from fct_pageviews where views = 1 order by 1") == [
        (f"https://{SITE}/c",),
        (f"https://{SITE}/later",),
    ]
    assert_equal_to_a_full_refresh(warehouse)


def test_events_with_a_remaining_copy_are_not_rewritten(warehouse: Warehouse) -> None:
    load_version(warehouse, {"day.jsonl": [VIEW, BEAT]})
    load_version(warehouse, {"copy.jsonl": [VIEW, NEXT_VIEW]})
    warehouse.build()
    places = (
        "select action, page_clean_url, base_event_rows.rowid from base_event_rows "
        "semi join stg_events using (load_id, file_url, line_number) order by all"
    )
    before = warehouse.rows(places)
    load_version(warehouse, {"copy.jsonl": [VIEW, BEAT]})
    warehouse.build()
    assert warehouse.rows(places) == [row for row in before if not row[1].endswith("/b")]
    assert_equal_to_a_full_refresh(warehouse)


def test_a_page_changes_its_post_everywhere_when_the_naming_event_is_dropped(
    warehouse: Warehouse,
) -> None:
    canonical = {"metadata_canonical_url": f"https://{SITE}/x"}
    load_version(warehouse, {
        "old.jsonl": [event("ada", "2026-03-01 10:00:00", path=path) for path in ("/x", "/y")],
        "amp.jsonl": [event("bob", "2026-03-01 10:00:00", path="/amp/x", **canonical)],
        "led.jsonl": [event("cleo", "2026-03-01 10:00:00", referrer=f"https://{SITE}/amp/x")],
    })  # fmt: skip
    warehouse.build()
    posts = "select count(distinct post_key) from fct_pageviews where page_url like '%/x'"
    ids = "select post_id from dim_posts where length(post_id) = 2 order by 1"
    for x, y in [("77", "99"), ("88", "99")]:
        load_version(warehouse, {"names.jsonl": [BOB, named("/x", x), named("/y", y)]})
        warehouse.build()
        assert (warehouse.one(posts), warehouse.rows(ids)) == (1, [(x,), (y,)])
    load_version(warehouse, {"names.jsonl": [BOB]})
    warehouse.build()
    assert (warehouse.one(posts), warehouse.rows(ids)) == (1, [])
    assert_equal_to_a_full_refresh(warehouse)


def named(path: str, post_id: str) -> dict[str, Any]:
    """Return a view with metadata that names the post of its page."""
    metadata = {"metadata_title": path, "metadata_post_id": post_id}
    return event("dora", "2026-03-02 10:00:00", path=path, name=path, **metadata)


def test_models_can_process_a_load_after_its_file_was_replaced(warehouse: Warehouse) -> None:
    load_version(warehouse, {"day.jsonl": [VIEW, BEAT, BOB]})
    warehouse.build()
    load_version(warehouse, {"night.jsonl": [NEXT_VIEW, CLEO]})
    warehouse.build("--select", "base_event_rows")
    load_version(warehouse, {"night.jsonl": [NEXT_VIEW], "day.jsonl": [VIEW]})
    warehouse.build("--select", "base_event_copies", "base_page_posts")
    warehouse.build("--select", "base_event_rows", "base_event_copies")
    warehouse.build("--select", "intermediate")
    load_version(warehouse, {"night.jsonl": [CLEO]})
    warehouse.build("--select", "staging", "bookkeeping", "fct_sessions")
    warehouse.build()
    assert visitors(warehouse) == [("ada", 1, 0), ("cleo", 1, 0)]
    assert_equal_to_a_full_refresh(warehouse)


def test_unbuilt_versions_and_identical_versions_are_handled(warehouse: Warehouse) -> None:
    first = load_version(warehouse, {"day.jsonl": [VIEW, BEAT, BOB]})
    load_version(warehouse, {"day.jsonl": [BOB]})
    warehouse.build()
    assert visitors(warehouse) == [("bob", 1, 0)]
    assert account(warehouse, first) == (0, 0, 0, 0, 1, 3)
    load_version(warehouse, {"day.jsonl": [VIEW], "other.jsonl": [CLEO]})
    warehouse.build("--empty")
    assert warehouse.one("select count(*) from int_visitors") == 1
    load_version(warehouse, {"day.jsonl": [VIEW]})
    load_version(warehouse, {"day.jsonl": [VIEW]})
    warehouse.build()
    assert visitors(warehouse) == [("ada", 1, 0), ("cleo", 1, 0)]
    assert_equal_to_a_full_refresh(warehouse)


def test_a_full_refresh_of_the_key_table_alone_rebuilds_the_others(
    warehouse: Warehouse,
) -> None:
    load_version(warehouse, {"day.jsonl": [VIEW, BEAT, BOB], "other.jsonl": [CLEO]})
    warehouse.build()
    load_version(warehouse, {"day.jsonl": [VIEW]})
    warehouse.build("--full-refresh", "--select", "base_event_rows")
    assert warehouse.one("select count(*) from base_event_rows") == 2
    warehouse.build("--empty")
    assert warehouse.one("select count(*) from int_visitors") == 3
    warehouse.build()
    assert visitors(warehouse) == [("ada", 1, 0), ("cleo", 1, 0)]
    assert_equal_to_a_full_refresh(warehouse)


def test_replaced_rows_are_kept_until_every_model_has_removed_them(warehouse: Warehouse) -> None:
    marked = "select count(replaced_by_load_id) from base_event_rows"
    load_version(warehouse, {"day.jsonl": [VIEW, BEAT, BOB]})
    warehouse.build()
    load_version(warehouse, {"day.jsonl": [VIEW]})
    warehouse.build("--select", "staging", "bookkeeping", "intermediate")
    warehouse.build("--select", "staging", "bookkeeping", "intermediate")
    assert warehouse.one(marked) == 3
    warehouse.build()
    warehouse.build()
    assert warehouse.one(marked) == 0
    assert_equal_to_a_full_refresh(warehouse)


def test_replayed_lines_count_in_their_original_position(
    warehouse: Warehouse,
) -> None:
    first = load_version(warehouse, {"day.jsonl": [VIEW, "{broken", BOB, "{too"]})
    warehouse.build()
    assert account(warehouse, first) == (1, 4, 2, 2, 0, 0)
    again = replay(warehouse, "day.jsonl", {2: BEAT})
    warehouse.build()
    assert visitors(warehouse) == [("ada", 1, 20), ("bob", 1, 0)]
    assert account(warehouse, first) == (1, 3, 1, 2, 0, 0)
    assert account(warehouse, again) == (1, 1, 0, 1, 0, 0)
    assert warehouse.one("select line_number from stg_events where action = 'heartbeat'") == 2
    warehouse.check()
    load_version(warehouse, {"day.jsonl": [VIEW]})
    warehouse.build()
    assert visitors(warehouse) == [("ada", 1, 0)]
    assert account(warehouse, first) == (0, 0, 0, 0, 1, 3)
    assert account(warehouse, again) == (0, 0, 0, 0, 1, 1)
    assert_equal_to_a_full_refresh(warehouse)


BROKEN_ACCOUNTS = {
    "law_1_every_line_is_accounted_for": [
        "insert into raw.events by name select * replace ('{old}' as _dlt_load_id) "
        "from raw.events limit 1",
        "delete from raw.events where _line = 1",
        "update raw.files set blank = 1 where replaced_by is not null",
    ],
    "law_1_only_a_newer_account_replaces_an_account": [
        "update raw.files set replaced_by = 'nobody' where replaced_by is not null",
        "update raw.files set file = 'another' where replaced_by is null",
    ],
    "law_1_every_event_is_staged_refused_or_duplicate": [
        "update stg_event_rejections set load_id = '{old}'",
        "delete from base_event_rows where is_valid",
    ],
    "law_2_one_version_of_a_file_counts": [
        "update raw.files set replaced_by = null",
    ],
}


@pytest.fixture(scope="module")
def replaced(module_warehouse: Warehouse) -> tuple[Warehouse, str]:
    """A warehouse with a replaced file, and the id of the load of its older version."""
    old = load_version(module_warehouse, {"day.jsonl": [VIEW, BEAT]})
    load_version(module_warehouse, {"day.jsonl": [VIEW, BOB | {"action": ""}]})
    module_warehouse.build()
    return module_warehouse, old


@pytest.mark.parametrize(
    ("law", "change"), [(law, change) for law in BROKEN_ACCOUNTS for change in BROKEN_ACCOUNTS[law]]
)
def test_a_broken_law_fails_its_data_test(
    replaced: tuple[Warehouse, str], warehouse: Warehouse, law: str, change: str
) -> None:
    kept, old = replaced
    warehouse.path.write_bytes(kept.path.read_bytes())
    warehouse.dbt(warehouse.path, "test", "--select", law)
    warehouse.execute(change.format(old=old))
    with pytest.raises(DbtFailedError, match=law):
        warehouse.dbt(warehouse.path, "test", "--select", law)
