"""Pages that events only name: every post that a fact leads to is in dim_posts."""

from __future__ import annotations

from tests.support.events import SITE, event
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.warehouses import Warehouse

FROM_UNSEEN = event("ada", "2026-03-02 10:00:00", referrer=f"https://{SITE}/unseen?page=2")
VIDEO = event("bob", "2026-03-02 10:00:00", "videostart", path="/live", videostart_id="1")
SEEN = event("eve", "2026-03-02 23:00:00", path="/unseen", metadata_title="Seen")
LEADS = {
    "fct_pageviews": "referrer_post_key",
    "fct_engaged_time": "post_key",
    "fct_sessions": "entry_post_key",
    "fct_video_plays": "post_key",
    "dim_visitors": "last_post_key",
}


def pages(warehouse: Warehouse) -> list[tuple[str, bool, bool]]:
    return warehouse.rows(
        "select replace(canonical_url, ?, ''), is_post, has_events from dim_posts order by 1",
        f"https://{SITE}",
    )


def test_a_page_is_known_before_and_after_its_first_event(warehouse: Warehouse) -> None:
    warehouse.load_events([FROM_UNSEEN, VIDEO])
    warehouse.build()
    assert pages(warehouse) == [
        ("/a", True, True),
        ("/live", False, False),
        ("/unseen", False, False),
    ]
    for table, column in LEADS.items():
        assert warehouse.one(
            f"select bool_and({column} in (select post_key from dim_posts)) from {table} "
            f"where {column} is not null"
        ), table
    # What nobody has read is in no answer.
    assert warehouse.rows("select distinct replace(url, ?, '') from api_post_detail",
                          f"https://{SITE}") == [("/a",)]  # fmt: skip
    assert warehouse.one("select count(*) from int_post_addresses") == 1
    warehouse.check()

    warehouse.load_events([SEEN])
    warehouse.build()
    assert pages(warehouse) == [
        ("/a", True, True),
        ("/live", False, False),
        ("/unseen", True, True),
    ]
    warehouse.check()
    assert_equal_to_a_full_refresh(warehouse)
