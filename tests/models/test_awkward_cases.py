"""Inputs that a well-known predecessor counts wrongly, one visitor (or post) per case.

The events come in two loads, with a build after each and one more build without new events.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.events import SITE, event, heartbeat, without_session
from tests.support.warehouses import Warehouse

DAY = "2026-03-02"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def first_load() -> list[dict[str, Any] | str]:
    """Return the events and lines of the first load."""
    return [
        # a pageview whose heartbeat is in the next load
        event("split", f"{DAY} 10:00:00"),
        # five pageviews of one campaign
        *(
            event("campaign", f"{DAY} 10:0{n}:00", pageview_id=f"p{n}",
                  url=f"https://{SITE}/a?utm_source=newsletter&utm_campaign=spring")
            for n in range(5)
        ),
        # two events in the first second and two in the last
        event("same second", f"{DAY} 10:00:00", pageview_id="p1", path="/first", name="first"),
        event("same second", f"{DAY} 10:00:00", pageview_id="p2", path="/second", name="second"),
        event("same second", f"{DAY} 10:05:00", pageview_id="p3", path="/third", name="third"),
        event("same second", f"{DAY} 10:05:00", pageview_id="p4", path="/fourth", name="fourth"),
        # only a video
        event("video only", f"{DAY} 10:00:00", "videostart", pageview_id=None, videostart_id="v1"),
        event("video only", f"{DAY} 10:01:00", "vheartbeat", pageview_id=None, videostart_id="v1",
              engaged_time_inc=40),
        # a pageview without engagement
        event("bounce", f"{DAY} 10:00:00"),
        # a heartbeat before its pageview
        heartbeat("early beat", f"{DAY} 10:00:00", 5),
        event("early beat", f"{DAY} 10:00:03"),
        heartbeat("early beat", f"{DAY} 10:00:09", 5, name="later"),
        # two tabs on one URL, with heartbeats of the first after the second was opened
        event("two tabs", f"{DAY} 10:00:00", pageview_id="tab1"),
        heartbeat("two tabs", f"{DAY} 10:00:10", 5, pageview_id="tab1"),
        event("two tabs", f"{DAY} 10:00:20", pageview_id="tab2"),
        heartbeat("two tabs", f"{DAY} 10:00:30", 5, pageview_id="tab1"),
        heartbeat("two tabs", f"{DAY} 10:00:40", 7, pageview_id="tab2"),
        # heartbeats of one second without a pageview
        heartbeat("orphan", f"{DAY} 10:00:00", 8, name="one"),
        heartbeat("orphan", f"{DAY} 10:00:00", 7, name="two"),
        # a row without URL beside orphan engagement
        event("no url", f"{DAY} 10:00:00", url=None),
        heartbeat("no url", f"{DAY} 10:00:05", 6, pageview_id="p9"),
        # metadata only on the second event
        event("late metadata", f"{DAY} 10:00:00", path="/new-post"),
        # two visits to one page, without pageview ids
        event("no id", f"{DAY} 10:00:00", pageview_id=None),
        heartbeat("no id", f"{DAY} 10:00:10", 5, pageview_id=None),
        event("no id", f"{DAY} 10:01:00", pageview_id=None),
        heartbeat("no id", f"{DAY} 10:01:10", 9, pageview_id=None),
        # two events without an event id
        event("null event id", f"{DAY} 10:00:00", event_id=None),
        event("null event id", f"{DAY} 10:01:00", event_id=None),
        event("null event id", f"{DAY} 10:02:00"),
        # a crawler
        event("robot", f"{DAY} 10:00:00", user_agent=GOOGLEBOT),
        # a post whose last event has no metadata
        event("content", f"{DAY} 10:00:00", path="/told", metadata_title="Told",
              metadata_canonical_url=f"https://{SITE}/told", metadata_authors=["Ana", "Bo"],
              metadata_section="News", metadata_full_content_word_count=100),
        event("content", f"{DAY} 10:01:00", path="/told", pageview_id="p2"),
        # a post from the newspaper's archive
        event("archive", f"{DAY} 10:00:00", path="/1999", metadata_title="Eclipse",
              metadata_canonical_url=f"https://{SITE}/1999",
              metadata_pub_date_tmsp=934_367_400_000),
        event("archive in seconds", f"{DAY} 10:00:00", path="/1999s", metadata_title="Eclipse",
              metadata_canonical_url=f"https://{SITE}/1999s", metadata_pub_date_tmsp=934_367_400),
        # a post whose addresses are linked late; a list with a page of another site; a claimed page
        event("addresses", f"{DAY} 10:00:00", path="/many/amp", flags_is_amp=True),
        event("addresses", f"{DAY} 10:01:00", path="/mobile/many", pageview_id="p2"),
        event("addresses", f"{DAY} 10:02:00", url=f"http://www.{SITE}/many/?x=1", pageview_id="p3"),
        event("addresses", f"{DAY} 10:03:00", path="/reviews/amp", pageview_id="p4"),
        event("addresses", f"{DAY} 10:04:00", path="/claimed", pageview_id="p5"),
        event("addresses", f"{DAY} 10:05:00", apikey="other.example.com",
              url="https://other.example.com/mine"),
        event("addresses", f"{DAY} 10:06:00", path="/1", pageview_id="p6",
              metadata_title="Claims first", metadata_post_id="c1",
              metadata_urls=[f"https://{SITE}/claimed"]),
        # a headline that is changed and reverted
        *(
            event("headline", f"{DAY} 1{n}:00:00", path="/headline", metadata_title=title,
                  metadata_canonical_url=f"https://{SITE}/headline")
            for n, title in enumerate(["Calm", "Loud", "Calm"])
        ),
        # extra_data that is not an object, and a line truncated inside it
        event("odd extra", f"{DAY} 10:00:00", extra_data="not an object"),
        json.dumps(event("cut extra", f"{DAY} 10:00:00", extra_data={"plan": "gold"}))[:-9],
        # no tracker sessions: a gap of half an hour starts a new session, a shorter one does not
        without_session(event("gap", f"{DAY} 10:00:00")),
        without_session(event("gap", f"{DAY} 10:29:59")),
        without_session(event("gap", f"{DAY} 10:59:59")),
        # one event with the fields of two sessions; the earlier copy arrives later
        event("moved", f"{DAY} 10:05:00", session=2, event_id="0x" + "ab" * 16),
        # first seen on the day before, loaded one day later
        event("came back", "2026-03-01 10:00:00"),
        # sessions that a late event joins
        without_session(event("joined", f"{DAY} 10:00:00")),
        without_session(event("joined", f"{DAY} 10:50:00")),
    ]  # fmt: skip


def second_load() -> list[dict[str, Any] | str]:
    """Return the events and lines of the second load."""
    return [
        heartbeat("split", f"{DAY} 10:00:20", 10),
        heartbeat("late metadata", f"{DAY} 10:00:15", 12, path="/new-post",
                  metadata_title="A new post", metadata_post_id="77",
                  metadata_canonical_url=f"https://{SITE}/new-post"),
        event("moved", f"{DAY} 10:01:00", session=1, event_id="0x" + "ab" * 16),
        event("addresses", f"{DAY} 11:00:00", path="/many", metadata_title="Many addresses",
              metadata_post_id="many", metadata_canonical_url=f"https://{SITE}/many",
              metadata_urls=[f"https://{SITE}/many", f"http://{SITE}/mobile/many",
                             "https://other.example.com/mine",
                             *(f"https://{SITE}/generated/{n}" for n in range(10_000))]),
        event("addresses", f"{DAY} 11:01:00", path="/2", metadata_title="Claims last",
              metadata_post_id="c2", metadata_urls=[f"https://{SITE}/claimed"]),
        # a version of the headline before the first known one
        event("headline", f"{DAY} 09:00:00", path="/headline", metadata_title="Early", name="late",
              metadata_canonical_url=f"https://{SITE}/headline"),
        event("came back", f"{DAY} 10:00:00", session=2),
        without_session(event("joined", f"{DAY} 10:25:00")),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(module_warehouse: Warehouse) -> Warehouse:
    module_warehouse.load_events(first_load())
    module_warehouse.build()
    module_warehouse.load_events(second_load())
    module_warehouse.build()
    module_warehouse.build()
    return module_warehouse


def visitor(warehouse: Warehouse, columns: str, table: str, name: str) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        f"select {columns} from {table} join dim_visitors as who using (visitor_key) "
        "where who.visitor_site_id = ? order by all",
        name,
    )


def pageviews(warehouse: Warehouse, name: str) -> list[tuple[Any, ...]]:
    columns = "strftime(viewed_at, '%H:%M:%S'), views, fct_pageviews.engaged_seconds"
    return visitor(warehouse, columns, "fct_pageviews", name)


def test_totals_are_unchanged_after_runs_with_no_new_data(warehouse: Warehouse) -> None:
    loads = "select distinct load_id from processed_loads order by all"
    by_models = "select * from processed_loads where model <> '(settled)'"
    before, loads_before = warehouse.contents(), warehouse.rows(loads)
    processed = set(warehouse.rows(by_models))
    warehouse.build()
    warehouse.build()
    assert warehouse.contents() == before
    # Loads may have become settled; no model has processed any.
    assert warehouse.rows(loads) == loads_before
    assert set(warehouse.rows(by_models)) <= processed


def test_full_refresh_equals_incremental(warehouse: Warehouse) -> None:
    incremental = warehouse.contents()
    warehouse.build("--full-refresh")
    refreshed = warehouse.contents()
    for name, rows in refreshed.items():
        assert incremental[name] == rows, name


def test_a_pageview_and_its_heartbeat_in_different_loads_are_one_view(
    warehouse: Warehouse,
) -> None:
    assert pageviews(warehouse, "split") == [("10:00:00", 1, 10)]


def test_every_pageview_of_a_campaign_counts(warehouse: Warehouse) -> None:
    columns = "campaign, campaign_source, referrer_class, views"
    found = visitor(warehouse, columns, "fct_pageviews", "campaign")
    assert found == [("spring", "newsletter", "email", 1)] * 5


def test_two_events_in_the_first_and_last_second_give_one_session(warehouse: Warehouse) -> None:
    columns = "fct_sessions.pageviews, duration_seconds, entry_page_url, exit_page_url"
    ((views, seconds, entry, exit_),) = visitor(warehouse, columns, "fct_sessions", "same second")
    assert (views, seconds) == (4, 300)
    assert entry in (f"https://{SITE}/first", f"https://{SITE}/second")
    assert exit_ in (f"https://{SITE}/third", f"https://{SITE}/fourth")
    edges = visitor(warehouse, "is_entry, is_exit", "fct_pageviews", "same second")
    assert sorted(edges) == [(False, False), (False, False), (False, True), (True, False)]


def test_a_session_with_only_a_video_exists(warehouse: Warehouse) -> None:
    columns = (
        "fct_sessions.pageviews, video_starts, video_watch_seconds, fct_sessions.engaged_seconds"
    )
    assert visitor(warehouse, columns, "fct_sessions", "video only") == [(0, 1, 40, 0)]


def test_a_bounce_has_a_row_with_zero_engaged_seconds(warehouse: Warehouse) -> None:
    assert pageviews(warehouse, "bounce") == [("10:00:00", 1, 0)]
    assert visitor(warehouse, "is_bounce", "fct_sessions", "bounce") == [(True,)]


def test_a_heartbeat_earlier_than_its_pageview_counts_for_it(warehouse: Warehouse) -> None:
    assert pageviews(warehouse, "early beat") == [("10:00:03", 1, 10)]


def test_two_tabs_on_one_url_have_separate_engaged_time(warehouse: Warehouse) -> None:
    assert pageviews(warehouse, "two tabs") == [("10:00:00", 1, 10), ("10:00:20", 1, 7)]


def test_orphan_heartbeats_of_one_second_count_once_and_give_no_view(
    warehouse: Warehouse,
) -> None:
    assert pageviews(warehouse, "orphan") == [("10:00:00", 0, 15)]
    assert visitor(warehouse, "is_orphan", "fct_pageviews", "orphan") == [(True,)]


def test_a_row_without_url_is_refused_and_affects_nothing_else(warehouse: Warehouse) -> None:
    assert pageviews(warehouse, "no url") == [("10:00:05", 0, 6)]
    assert (
        warehouse.one(
            "select count(*) from stg_event_rejections where broken_rules = 'unparsable_url'"
        )
        == 1
    )


def test_metadata_on_a_later_event_leaves_one_row_and_names_the_post(
    warehouse: Warehouse,
) -> None:
    assert pageviews(warehouse, "late metadata") == [("10:00:00", 1, 12)]
    assert warehouse.rows(
        "select post_id, title, views, fct_pageviews.engaged_seconds from fct_pageviews "
        "join dim_posts using (post_key) where page_url like '%/new-post'"
    ) == [("77", "A new post", 1, 12)]
    assert (
        warehouse.one("select count(*) from dim_posts where canonical_url like '%/new-post'") == 1
    )


def test_visits_without_pageview_id_stay_separate(warehouse: Warehouse) -> None:
    assert pageviews(warehouse, "no id") == [("10:00:00", 1, 5), ("10:01:00", 1, 9)]


def test_rows_without_event_id_are_each_refused(warehouse: Warehouse) -> None:
    assert pageviews(warehouse, "null event id") == [("10:02:00", 1, 0)]
    assert (
        warehouse.one(
            "select count(*) from stg_event_rejections where broken_rules = 'missing_event_id'"
        )
        == 2
    )


def test_googlebot_is_kept_with_its_rule_but_not_counted(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select is_bot, bot_rule from stg_events where visitor_site_id = 'robot'"
    ) == [(True, "user_agent")]
    assert not visitor(warehouse, "1", "fct_sessions", "robot")


def test_addresses_that_are_linked_late_become_one_post(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select post_id, count(*), sum(views), min(page_url) from fct_pageviews "
        "join dim_posts using (post_key) join dim_visitors as who using (visitor_key) "
        "where who.visitor_site_id = 'addresses' group by post_id order by post_id"
    )
    assert rows == [
        ("c1", 1, 1, f"https://{SITE}/1"),
        ("c2", 2, 2, f"https://{SITE}/2"),
        (f"https://{SITE}/reviews/amp", 1, 1, f"https://{SITE}/reviews/amp"),
        ("https://other.example.com/mine", 1, 1, "https://other.example.com/mine"),
        ("many", 4, 4, f"http://www.{SITE}/many/"),
    ]


def test_a_reverted_headline_has_three_versions_and_a_late_one_comes_first(
    warehouse: Warehouse,
) -> None:
    rows = warehouse.rows(
        "select version_number, history.title, strftime(valid_from, '%H'), is_current "
        "from dim_posts_history as history join dim_posts using (post_key) "
        "where dim_posts.canonical_url like '%/headline' order by version_number"
    )
    assert rows == [
        (1, "Early", "09", False),
        (2, "Calm", "10", False),
        (3, "Loud", "11", False),
        (4, "Calm", "12", True),
    ]


def test_a_last_event_without_metadata_keeps_the_metadata_of_the_post(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select title, section, word_count from dim_posts where canonical_url like '%/told'"
    ) == [("Told", "News", 100)]
    assert warehouse.rows("select author, position from bridge_post_authors order by position") == [
        ("Ana", 1),
        ("Bo", 2),
    ]


@pytest.mark.parametrize("path", ["/1999", "/1999s"])
def test_a_publication_date_of_1999_is_read_in_seconds_and_milliseconds(
    warehouse: Warehouse, path: str
) -> None:
    assert (
        warehouse.one(
            "select cast(published_at as varchar) from dim_posts where canonical_url = ?",
            f"https://{SITE}{path}",
        )
        == "1999-08-11 10:30:00"
    )


def test_broken_extra_data_does_not_stop_the_build(warehouse: Warehouse) -> None:
    assert pageviews(warehouse, "odd extra") == [("10:00:00", 1, 0)]
    assert warehouse.one("select reason from raw.rejected_lines") == "broken_json"


def test_a_gap_of_half_an_hour_starts_a_session_without_tracker_sessions(
    warehouse: Warehouse,
) -> None:
    columns = "strftime(started_at, '%H:%M:%S'), fct_sessions.pageviews"
    assert visitor(warehouse, columns, "fct_sessions", "gap") == [
        ("10:00:00", 2),
        ("10:59:59", 1),
    ]


def test_a_late_event_joins_the_sessions_around_it(warehouse: Warehouse) -> None:
    columns = "strftime(started_at, '%H:%M:%S'), fct_sessions.pageviews"
    assert visitor(warehouse, columns, "fct_sessions", "joined") == [("10:00:00", 3)]


def test_an_earlier_copy_that_arrives_later_replaces_the_event(warehouse: Warehouse) -> None:
    assert pageviews(warehouse, "moved") == [("10:01:00", 1, 0)]
    assert visitor(warehouse, "fct_sessions.events", "fct_sessions", "moved") == [(1,)]
    assert warehouse.one("select count(*) from stg_event_duplicates") == 1


def test_a_visitor_first_seen_yesterday_is_new_then_and_returning_today(
    warehouse: Warehouse,
) -> None:
    columns = "strftime(started_at, '%d'), is_returning"
    assert visitor(warehouse, columns, "fct_sessions", "came back") == [
        ("01", False),
        ("02", True),
    ]
    assert (
        warehouse.one(
            "select cast(first_seen_at as varchar) from dim_visitors "
            "where visitor_site_id = 'came back'"
        )
        == "2026-03-01 10:00:00"
    )


def test_the_data_tests_pass_on_all_cases(warehouse: Warehouse) -> None:
    warehouse.check()
