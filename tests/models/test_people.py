"""Who counts as a visitor: user agents, shared ids and bursts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.events import SITE, event, heartbeat, without_session
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.warehouses import Dbt, Warehouse

DAY = "2026-03-02"
OPTED_OUT, ZEROS, UNLISTED = "OptOut", "00000000-0000-0000-0000-000000000000", "e7-of-many"
SHARED, CROWD, ROBOTS = "shared.example", "crowd.example", "robots.example"
KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
PHONE = (
    "Mozilla/5.0 (Linux; Android 15; SM-A{n} Build/AP3A.240617.008; wv) " + KIT + " Version/4.0 "
    "Chrome/140.0.0.0 Mobile Safari/537.36 MetaIAB Facebook"
)
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/141.0.0.0 Safari/537.36"


def at(number: int) -> str:
    """Return the nth moment within a few minutes."""
    return f"{DAY} 10:{number // 200:02}:{number // 4 % 50:02}"


def from_many(visitor: str, people: int, site: str, **fields: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return two views by each of several people who share an id, but no device or address."""
    return [
        event(visitor, at(n), name=str(n), apikey=site, url=f"https://{site}/a",
              pageview_id=f"{visitor}-{n}", user_agent=PHONE.format(n=n // 2),
              visitor_ip=f"203.0.113.{n // 2 % 250}", session_timestamp=1772445600000 + n // 2)
        | fields
        for n in range(2 * people)
    ]  # fmt: skip


def robot(visitor: str, minute: int, user_agent: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    return event(visitor, f"{DAY} 11:{minute:02}:00", apikey=ROBOTS,
                 url=f"https://{ROBOTS}/a", user_agent=user_agent) | fields  # fmt: skip


EVENTS = [
    # opted out, with tracker sessions: 700 people at once
    *from_many(OPTED_OUT, 700, SHARED),
    # the same person returns, and stays on the page
    event(OPTED_OUT, f"{DAY} 15:00:00", apikey=SHARED, url=f"https://{SHARED}/a", session=2,
          user_agent=PHONE.format(n=1), pageview_id="again"),
    heartbeat(OPTED_OUT, f"{DAY} 15:00:20", 20, apikey=SHARED, url=f"https://{SHARED}/a",
              session=2, user_agent=PHONE.format(n=1), pageview_id="again"),
    # no cookies, so no sessions: a view with a heartbeat, and many views from one device
    *(
        {**without_session(record), "pageview_id": "zero-1"}
        for record in (
            event(ZEROS, f"{DAY} 16:00:00", apikey=SHARED, url=f"https://{SHARED}/b"),
            heartbeat(ZEROS, f"{DAY} 16:00:30", 30, apikey=SHARED, url=f"https://{SHARED}/b"),
        )
    ),
    *(
        {**without_session(record), "pageview_id": f"zero-office-{n}"}
        for n, record in enumerate(
            event(ZEROS, f"{DAY} 17:{n:02}:00", apikey=SHARED, url=f"https://{SHARED}/b",
                  user_agent=CHROME, visitor_ip="198.51.100.7")
            for n in range(55)
        )
    ),
    without_session(event(ZEROS, f"{DAY} 18:00:00", apikey=SHARED, url=f"https://{SHARED}/c")),
    # an unlisted id
    *from_many(UNLISTED, 700, CROWD, session_timestamp=1772445600000),
    # one with a single address and user agent among others with the same id
    *(
        event("burst", at(n), name=str(n), apikey=CROWD, url=f"https://{CROWD}/b",
              pageview_id=f"b{n}", user_agent=CHROME, visitor_ip="198.51.100.9")
        for n in range(600)
    ),
    event("burst", f"{DAY} 10:00:01", apikey=CROWD, url=f"https://{CROWD}/b", pageview_id="other",
          user_agent=PHONE.format(n=3), visitor_ip="198.51.100.10"),
    # robots, and people who resemble them
    robot("google", 1, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    robot("google", 2, "Googlebot-Image/1.0"),
    robot("new", 3, f"{CHROME} NyhetsCrawler/1.0"),
    robot("named", 4, CHROME, ua_browser="Some Spider"),
    robot("app", 5, "okhttp/4.12.0 Avisen's app"),
    robot("cubot", 6, "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like "
          "Gecko) Chrome/96.0.4664.104 Mobile Safari/537.36"),
]  # fmt: skip


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    """A warehouse built from two loads, with events of every id in both."""
    for part in (EVENTS[::2], EVENTS[1::2]):
        module_warehouse.load_events(part)
        module_warehouse.build()
    return module_warehouse


def test_events_of_shared_ids_count_and_are_no_bursts(built: Warehouse) -> None:
    assert built.rows(
        "select site_id, sum(views), sum(engaged_seconds) from fct_engaged_time "
        f"where site_id in ('{SHARED}', '{CROWD}') group by 1 order by 1"
    ) == [(CROWD, 1400, 0), (SHARED, 1400 + 1 + 1 + 55 + 1, 50)]
    assert built.rows(
        f"select site_id, visitors, events, bot_rule from ops_bots where site_id <> '{ROBOTS}'"
    ) == [(CROWD, 1, 601, "burst")]


def test_each_session_of_a_shared_id_is_a_visitor_who_never_returns(
    built: Warehouse,
) -> None:
    # With tracker sessions, one visitor per session of two views; else one per view.
    visitors = 700 + 1 + 1 + 55 + 1
    assert built.one(
        "select count(*), sum(sessions), max(sessions), max(pageviews), count(visitor_site_id) "
        f"from dim_visitors where site_id = '{SHARED}'"
    ) == (visitors, visitors, 1, 2, 0)
    assert built.one(
        "select count(*), count(distinct visitor_key), count(case when is_returning then 1 end) "
        f"from fct_sessions where site_id = '{SHARED}'"
    ) == (visitors, visitors, 0)
    assert built.one(
        f"select count(*) from fct_pageviews where site_id = '{SHARED}' and is_orphan"
    ) == 0  # fmt: skip
    assert built.rows(f"select distinct uuid from api_history where site_id = '{SHARED}'") == []


def test_an_unlisted_shared_id_is_one_visitor_and_no_bot(built: Warehouse) -> None:
    assert built.rows(
        f"select visitor_site_id, pageviews from dim_visitors where site_id = '{CROWD}'"
    ) == [(UNLISTED, 1400)]


def test_operations_report_the_pattern_that_flagged_a_user_agent(built: Warehouse) -> None:
    assert built.rows(
        "select bot_rule, evidence, events, visitors from ops_bots "
        f"where site_id = '{ROBOTS}' order by all"
    ) == [
        ("recorded_browser", "Some Spider", 1, 1),
        ("user_agent", "Googlebot (search-engine)", 1, 1),
        ("user_agent", "Googlebot-Image (search-engine)", 1, 1),
        ("user_agent", "okhttp (http-library)", 1, 1),
        ("user_agent", "says NyhetsCrawler", 1, 1),
    ]  # fmt: skip
    assert built.rows(
        f"select evidence, events from ops_bot_visitors where site_id = '{ROBOTS}' order by all"
    ) == [
        ("Googlebot (search-engine) and 1 more", 2),
        ("Some Spider", 1),
        ("okhttp (http-library)", 1),
        ("says NyhetsCrawler", 1),
    ]
    assert built.rows(
        "select who.visitor_site_id, device_class from fct_sessions join dim_visitors as who "
        f"using (visitor_key) where who.site_id = '{ROBOTS}'"
    ) == [("cubot", "mobile")]


def test_a_full_refresh_gives_the_same_rows(built: Warehouse) -> None:
    built.check()
    assert_equal_to_a_full_refresh(built)


def test_exceptions_and_shared_ids_can_be_configured(
    tmp_path_factory: pytest.TempPathFactory, dbt: Dbt
) -> None:
    warehouse = Warehouse(tmp_path_factory.mktemp("people"), dbt)
    warehouse.load_events(
        [
            *EVENTS[-6:],
            event("o'brien's pc", f"{DAY} 10:00:00"),
            event("O'Brien's PC", f"{DAY} 12:00:00", session=2),
            event(OPTED_OUT, f"{DAY} 10:00:00"),
            event(OPTED_OUT, f"{DAY} 12:00:00", session=2),
        ]
    )
    warehouse.build(people_user_agents=["Avisen's app"], shared_visitor_ids=["o'brien's pc"])
    assert warehouse.rows(
        f"select visitor_site_id from dim_visitors where site_id = '{ROBOTS}' order by 1"
    ) == [("app",), ("cubot",)]
    assert warehouse.rows(
        "select visitor_site_id, sum(sessions), count(*) from dim_visitors "
        f"where site_id = '{SITE}' group by 1 order by 1 nulls last"
    ) == [(OPTED_OUT, 2, 1), (None, 2, 2)]
