"""Events with keys of the publisher's own, and the values that columns for them have."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from tests.support.events import SITE, event, heartbeat, millis
from tests.support.warehouses import ROOT, Warehouse

VARIABLES: Final[dict[str, Any]] = {
    "extra_columns": [
        {"key": "subscriber_tier", "type": "text"},
        {"key": "age", "type": "integer", "name": "reader_age"},
        {"key": "Score", "type": "number", "name": "tone_score"},
        {"key": "consent.ads", "type": "boolean", "name": "has_ads_consent"},
        {"key": "trial-ends", "type": "timestamp", "name": "trial_ends_at"},
    ],
    "metadata_columns": [
        {"key": "goal", "type": "integer", "name": "goal_words"},
        {"key": "Desk", "type": "text", "name": "news_desk"},
        {"key": "paid", "type": "boolean", "name": "is_paid_for"},
        {"key": "due", "type": "timestamp", "name": "due_at"},
        {"key": "worth", "type": "number", "name": "post_worth"},
    ],
}
MODELS: Final = (
    "--select", "+fct_pageviews", "+fct_sessions", "+fct_conversions", "+dim_posts", "+dim_sites",
)  # fmt: skip
EXTRA: Final = ", ".join(one.get("name", one["key"]) for one in VARIABLES["extra_columns"])
METADATA: Final = ", ".join(one.get("name", one["key"]) for one in VARIABLES["metadata_columns"])
DAY: Final = "2026-03-02"
NONE: Final = (None,) * 5


def view(visitor: str, time: str, name: str, extra: object = None, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a pageview of a page and pageview id of its own."""
    own = {"path": f"/{visitor}-{name}", "pageview_id": name} | fields
    return event(visitor, f"{DAY} {time}", name=name, extra_data=extra, **own)


def titled(path: str, custom: str | None, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the metadata of a post with custom metadata."""
    return {
        "path": path,
        "metadata_title": "A post",
        "metadata_canonical_url": f"https://{SITE}{path}",
        "metadata_custom_metadata": custom,
    } | fields


ADA = {
    "subscriber_tier": " gold ",
    "age": 41,
    "Score": 0.5,
    "consent.ads": True,
    "trial-ends": "2026-04-01T12:00:00+02:00",
}
COPY = {"event_id": "0x" + "ab" * 16}
LOADS: Final[list[list[dict[str, Any]]]] = [
    [
        # Neither a heartbeat before nor a conversion after gives the session its values.
        heartbeat("ada", f"{DAY} 10:00:00", 5, pageview_id="1", path="/ada-1",
                  extra_data={"subscriber_tier": "bronze"}),
        view("ada", "10:00:01", "1"),
        view("ada", "10:00:02", "2", ADA),
        view("ada", "10:00:03", "3", {"subscriber_tier": "silver", "age": "42", "Score": "-1e3"}),
        event("ada", f"{DAY} 10:00:04", "conversion", extra_data={
            "_conversion_type": "purchase", "subscriber_tier": "platinum", "age": "+43",
            "consent.ads": "no"}),
        # What is no value of the type is null; the session has the first that is one.
        view("bob", "10:00:00", "1", {"subscriber_tier": "  ", "age": "forty", "Score": "high",
                                      "consent.ads": "maybe", "trial-ends": "soon"}),
        view("bob", "10:00:01", "2", {"subscriber_tier": {"b": [1]}, "age": 7.0, "Score": "08",
                                      "consent.ads": 0, "trial-ends": 1_775_000_000}),
        # The copy received first is the one that counts.
        view("cleo", "10:00:00", "1", {"subscriber_tier": "later", "age": 1}, **COPY,
             timestamp_info_nginx_ms=millis(f"{DAY} 10:00:09")),
        view("dora", "10:00:05", "2", {"subscriber_tier": "second", "age": 2}),
        # Not an object, and a number beyond 18 digits.
        view("eve", "10:00:00", "1", "gold"),
        view("eve", "10:00:01", "2", {"age": 10**19, "subscriber_tier": None}),
        view("fay", "10:00:00", "1",
             **titled("/fay-1", '{"goal": "600", "Desk": "Sports", "paid": "yes", '
                      '"due": "2026-03-05T08:00:00", "worth": 2.5}')),
        view("gus", "10:00:00", "1", **titled("/gus-1", "not JSON")),
    ],
    [
        view("cleo", "10:00:00", "1", {"subscriber_tier": "sooner", "Score": 1}, **COPY,
             timestamp_info_nginx_ms=millis(f"{DAY} 10:00:01")),
        # An earlier view that arrives later.
        view("dora", "10:00:00", "1", {"subscriber_tier": "first", "age": "none"}),
        # The custom metadata of a post changes.
        view("fay", "11:00:00", "2",
             **titled("/fay-1", '{"goal": 800.0, "Desk": "", "paid": "perhaps", '
                      '"due": "2026-03-05"}')),
    ],
]  # fmt: skip

ADA_VALUES = ("gold", 41, 0.5, True, datetime(2026, 4, 1, 10))
BOB_VALUES = ('{"b":[1]}', 7, 8.0, False, datetime(2026, 3, 31, 23, 33, 20))
PAGEVIEWS: Final = [
    ("/ada-1", *NONE),
    ("/ada-2", *ADA_VALUES),
    ("/ada-3", "silver", 42, -1000.0, None, None),
    ("/bob-1", *NONE),
    ("/bob-2", *BOB_VALUES),
    ("/cleo-1", "sooner", None, 1.0, None, None),
    ("/dora-1", "first", None, None, None, None),
    ("/dora-2", "second", 2, None, None, None),
    ("/eve-1", *NONE),
    ("/eve-2", *NONE),
    ("/fay-1", *NONE),
    ("/fay-1", *NONE),
    ("/gus-1", *NONE),
]
SESSIONS: Final = [
    ("ada", *ADA_VALUES),
    ("bob", *BOB_VALUES),
    ("cleo", "sooner", None, 1.0, None, None),
    ("dora", "first", 2, None, None, None),
    ("eve", *NONE),
    ("fay", *NONE),
    ("gus", *NONE),
]
CONVERSIONS: Final = [("platinum", 43, None, False, None)]
# What is no value of its type: texts, and how many of them; among posts in the newest version.
UNREADABLE: Final = [
    ("extra_columns", "has_ads_consent", 4, 1),
    ("extra_columns", "reader_age", 8, 3),
    ("extra_columns", "tone_score", 5, 1),
    ("extra_columns", "trial_ends_at", 3, 1),
    ("metadata_columns", "due_at", 1, 1),
    ("metadata_columns", "is_paid_for", 1, 1),
]
VERSIONS: Final = [
    ("/fay-1", 1, 600, "Sports", True, datetime(2026, 3, 5, 8), 2.5),
    ("/fay-1", 2, 800, None, None, None, None),
    ("/gus-1", 1, *NONE),
]
POSTS: Final = [("/fay-1", 800, *NONE[1:]), ("/gus-1", *NONE)]

# Queries for these rows.
PATH = f"replace(page_url, 'https://{SITE}', '')"
OF_PAGEVIEWS = f"select {PATH}, {EXTRA} from fct_pageviews order by viewed_at, page_url"
OF_SESSIONS = (
    f"select int_sessions.visitor_site_id, {EXTRA} from fct_sessions "
    "join int_sessions on fct_sessions.session_key = int_sessions.session_key order by 1"
)
OF_CONVERSIONS = f"select {EXTRA} from fct_conversions"
OF_VERSIONS = (
    f"select replace(canonical_url, 'https://{SITE}', ''), version_number, {METADATA} "
    "from dim_posts_history where has_metadata order by 1, 2"
)
OF_POSTS = (
    f"select replace(canonical_url, 'https://{SITE}', ''), {METADATA} from dim_posts "
    "where has_metadata order by 1"
)


def assert_values(warehouse: Warehouse) -> None:
    """Assert that the marts have the values above."""
    assert sorted(warehouse.rows(OF_PAGEVIEWS), key=repr) == sorted(PAGEVIEWS, key=repr)
    assert warehouse.rows(OF_SESSIONS) == SESSIONS
    assert warehouse.rows(OF_CONVERSIONS) == CONVERSIONS
    assert warehouse.rows(OF_VERSIONS) == VERSIONS
    assert warehouse.rows(OF_POSTS) == POSTS


def reserved_words() -> set[str]:
    """Return the words that the project refuses as names of columns."""
    file = ROOT / "macros/checks/own_columns.sql"
    macro = file.read_text().partition("macro reserved_words()")[2]
    words, after_current = re.findall(r"'([^']+)'\.split", macro)
    return {*words.split(), *(f"current_{word}" for word in after_current.split())}
