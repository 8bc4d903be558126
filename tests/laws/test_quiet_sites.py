"""Sites with few or unusual events do not break the build of other sites."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.events import event, heartbeat
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.warehouses import Warehouse

ODD_NAME = 'it\'s "odd" 😀; -- {{ x }}.example'


def canonical(site: str, path: str) -> dict[str, Any]:
    """Return a title and a canonical URL on a site."""
    return {"metadata_title": path, "metadata_canonical_url": f"https://{site}{path}"}


def on(site: str, *events: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events, moved to a site."""
    return [record | {"apikey": site} for record in events]


FRONT_PAGE = {"path": "/", "metadata_page_type": "index", "metadata_title": "Home"}
SITES: dict[str, list[dict[str, Any]]] = {
    "quiet.example": on(
        "quiet.example",
        event("ada", "2026-03-02 10:00:00", metadata_page_type="post", **canonical("q", "/a")),
        event("bob", "2026-03-04 10:00:00", **FRONT_PAGE),
    ),
    "beats.example": on(
        "beats.example",
        heartbeat("ada", "2026-03-04 10:00:00", 15),
        heartbeat("ada", "2026-03-04 10:00:15", 15, pageview_id=None, path="/elsewhere"),
    ),
    "bots.example": on(
        "bots.example",
        event("crawler", "2026-03-04 10:00:00", user_agent="Googlebot/2.1"),
        heartbeat("crawler", "2026-03-04 10:00:05", 5, user_agent="Googlebot/2.1"),
    ),
    "refused.example": on(
        "refused.example",
        event("ada", "2026-03-04 10:00:00", ts_action="yesterday"),
        event("ada", "2026-03-04 10:00:00", name="no action", action=""),
    ),
    "one.example": on("one.example", event("ada", "2026-03-04 10:00:00")),
    "conversion.example": on(
        "conversion.example", event("ada", "2026-03-04 10:00:00", "conversion")
    ),
    "video.example": on("video.example", event("ada", "2026-03-04 10:00:00", "vheartbeat")),
    "yearly.example": on(
        "yearly.example",
        *(event("ada", f"{year}-03-04 10:00:00", session=year) for year in range(2021, 2027)),
    ),
    "early.example": on("early.example", event("ada", "2000-01-01 00:00:00")),
    "cycle.example": on(
        "cycle.example",
        event("ada", "2026-03-04 10:00:00", path="/a", **canonical("cycle.example", "/b")),
        event("ada", "2026-03-04 10:01:00", path="/b", **canonical("cycle.example", "/c")),
        event("ada", "2026-03-04 10:02:00", path="/c", **canonical("cycle.example", "/a")),
    ),
    ODD_NAME: on(ODD_NAME, event("ada", "2026-03-04 10:00:00"), event("'", "2026-03-04 11:00:00")),
}
LATE = {"late.example": on("late.example", event("ada", "2099-12-31 23:59:59"))}


def views(warehouse: Warehouse) -> dict[str, int]:
    """Return the views of each site with pageviews."""
    return dict(warehouse.rows("select site_id, sum(views) from fct_pageviews group by 1"))


def test_all_sites_together_pass_the_data_tests_load_by_load(
    warehouse: Warehouse,
) -> None:
    for events in SITES.values():
        warehouse.load_events(events)
    warehouse.build()
    found = views(warehouse)
    assert found == {
        "quiet.example": 2, "one.example": 1, "yearly.example": 6, "early.example": 1,
        "cycle.example": 3, "beats.example": 0, ODD_NAME: 2,
    }  # fmt: skip
    assert_equal_to_a_full_refresh(warehouse)
    # The newest event is then decades after all others.
    warehouse.load_events(LATE["late.example"])
    warehouse.build()
    assert views(warehouse) == found | {"late.example": 1}
    assert_equal_to_a_full_refresh(warehouse)


@pytest.mark.parametrize("site", [*SITES, *LATE])
def test_each_site_alone_passes_the_data_tests(warehouse: Warehouse, site: str) -> None:
    warehouse.load_events((SITES | LATE)[site])
    warehouse.build()
    warehouse.check()
