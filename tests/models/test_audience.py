"""Visitors, their tiers, campaigns and the calendar, with late loads and runs without any."""

from __future__ import annotations

from typing import Any

from tests.support.events import SITE, event, heartbeat, millis, without_session
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.warehouses import Warehouse

# Windows of 30 days begin on 2026-03-12, 2026-04-11 and 2026-05-11.
MARCH, APRIL, MAY = "2026-03-12", "2026-04-11", "2026-05-11"


def visits(visitor: str, day: str, sessions: range, **fields: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return a pageview and a heartbeat in each of the numbered sessions of a day."""
    events: list[dict[str, Any]] = []
    for session in sessions:
        at = f"{day} {8 + session:02}"
        events += [
            event(visitor, f"{at}:00:00", session=session, **fields),
            heartbeat(visitor, f"{at}:00:30", 10, session=session, **fields),
        ]
    return events


def transitions(warehouse: Warehouse, visitor: str) -> list[tuple[str, str, str]]:
    """Return the windows of a visitor, each with the tiers before and in it, and the transition."""
    return warehouse.rows(
        "select strftime(window_start_date, '%Y-%m-%d'), "
        "previous_tier || ' > ' || tier, transition "
        "from fct_visitor_tiers join dim_visitors using (visitor_key) "
        "where visitor_site_id = ? order by 1",
        visitor,
    )


def test_late_sessions_change_later_windows(warehouse: Warehouse) -> None:
    warehouse.load_events(
        [*visits("ada", "2026-05-20", range(7, 8)), *visits("bob", "2026-05-21", range(1, 2))]
    )
    warehouse.build()
    assert transitions(warehouse, "ada") == [(MAY, "silent > 1", "new")]
    # A first visit turns out to be a return: only bob has a session in March.
    warehouse.load_events(
        [*visits("bob", "2026-03-15", range(2, 4)), *visits("ada", "2026-04-12", range(1, 7))]
    )
    warehouse.build()
    assert transitions(warehouse, "ada") == [(APRIL, "silent > 5+", "new"), (MAY, "5+ > 1", "fell")]
    assert transitions(warehouse, "bob") == [
        (MARCH, "silent > 2-4", "new"),
        (APRIL, "2-4 > silent", "silent"),
        (MAY, "silent > 1", "returned"),
    ]
    # A late session fills the gap; two more come on the newest day and after midnight.
    warehouse.load_events(
        [
            *visits("bob", "2026-04-30", range(4, 5)),
            *visits("ada", "2026-05-20", range(8, 9)),
            event("ada", "2026-05-21 00:00:01", session=8,
                  session_timestamp=millis("2026-05-20 09:00:00")),
        ]
    )  # fmt: skip
    warehouse.build()
    assert transitions(warehouse, "ada") == [
        (APRIL, "silent > 5+", "new"),
        (MAY, "5+ > 2-4", "fell"),
    ]
    assert warehouse.rows(
        "select tiers.sessions, tiers.pageviews from fct_visitor_tiers as tiers "
        "join dim_visitors as who using (visitor_key) where visitor_site_id = 'ada' "
        "order by window_start_date"
    ) == [(6, 6), (2, 3)]
    assert transitions(warehouse, "bob") == [
        (MARCH, "silent > 2-4", "new"),
        (APRIL, "2-4 > 1", "fell"),
        (MAY, "1 > 1", "kept"),
    ]
    assert_equal_to_a_full_refresh(warehouse)


def test_time_passes_without_rewriting_rows_of_other_visitors(
    warehouse: Warehouse,
) -> None:
    warehouse.load_events(visits("ada", "2026-03-15", range(1, 3)))
    warehouse.build()
    state = (
        "select rolling_sessions, rolling_session_tier, days_since_last_session "
        "from dim_visitors where visitor_site_id = 'ada'"
    )
    stored = {
        name: f"select {name}.*, {name}.rowid from {name} join int_visitors as who "
        "using (visitor_key) where who.visitor_site_id = 'ada' order by all"
        for name in (
            "int_visitors", "int_visitor_days", "int_visitor_windows", "int_visitor_campaigns"
        )
    }  # fmt: skip
    before = {name: warehouse.rows(sql) for name, sql in stored.items()}
    assert warehouse.one(state) == (2, "2-4", 0)
    warehouse.load_events(visits("bob", "2026-05-11", range(1, 2)))
    warehouse.build()
    assert warehouse.one(state) == (0, "silent", 57)
    assert transitions(warehouse, "ada") == [
        (MARCH, "silent > 2-4", "new"),
        (APRIL, "2-4 > silent", "silent"),
    ]
    assert {name: warehouse.rows(sql) for name, sql in stored.items()} == before
    assert_equal_to_a_full_refresh(warehouse)


def test_a_run_without_new_events_changes_no_visitor_or_campaign(warehouse: Warehouse) -> None:
    url = f"https://{SITE}/a?utm_campaign=spring&utm_medium=email"
    warehouse.load_events(
        [
            event("ada", f"2026-03-15 10:0{n}:00", pageview_id=f"p{n}", url=url)
            for n in range(5)
        ]
    )  # fmt: skip
    for _ in range(3):
        warehouse.build("--select", "+dim_visitors", "+dim_campaigns")
    assert warehouse.one("select sessions, pageviews, is_loyal from dim_visitors") == (1, 5, False)
    assert warehouse.one(
        "select campaign, campaign_channel, visitors, views from dim_campaigns"
    ) == ("spring", "email", 1, 5)


def test_a_campaign_in_several_loads_is_counted_once(warehouse: Warehouse) -> None:
    url = f"https://{SITE}/a?utm_campaign=spring"
    entry = {"session_initial_url": url}
    warehouse.load_events(
        [event("ada", "2026-03-15 10:00:00", **entry), event("bob", "2026-03-15 10:00:00")]
    )
    warehouse.build()
    totals = (
        "select visitors, views, engaged_seconds, sessions, session_pageviews, conversions "
        "from dim_campaigns where campaign = 'spring'"
    )
    assert warehouse.one(totals) == (1, 0, 0, 1, 1, 0)
    warehouse.load_events(
        [
            heartbeat("ada", "2026-03-15 10:01:00", 9, **entry),
            event("ada", "2026-03-15 10:02:00", "conversion", **entry),
            event("bob", "2026-03-15 10:05:00", url=url, pageview_id="p2"),
        ]
    )
    warehouse.build()
    assert warehouse.one(totals) == (2, 1, 0, 1, 1, 1)
    warehouse.load_events(
        [
            heartbeat("bob", "2026-03-15 10:06:00", 7, url=url, pageview_id="p2"),
            without_session(event("cleo", "2026-03-01 10:00:00", url=url)),
        ]
    )
    warehouse.build()
    assert warehouse.one(totals) == (3, 2, 7, 2, 2, 1)
    assert_equal_to_a_full_refresh(warehouse)


def test_the_calendar_covers_the_years_of_the_data(warehouse: Warehouse) -> None:
    warehouse.load_events(
        [event("ada", "2024-12-31 23:00:00"), event("ada", "2026-03-15 10:00:00", session=2)]
    )
    warehouse.build("--select", "+dim_dates", as_of="2026-01-01")
    assert warehouse.one(
        "select min(calendar_date), max(calendar_date), count(*) from dim_dates"
    ) == warehouse.one("select date '2024-01-01', date '2026-12-31', 366 + 365 + 365")
