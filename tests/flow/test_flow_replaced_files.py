"""A file that comes again with other lines: what only its older version told is gone everywhere."""

from __future__ import annotations

import pytest

from tests.events import event, heartbeat, without_session
from tests.replacements import assert_equal_to_a_full_refresh, load_version, replay
from tests.warehouses import DbtFailedError, Warehouse

ADA = [
    event("ada", "2026-03-02 10:00:00"),
    heartbeat("ada", "2026-03-02 10:00:20", 20),
    event("ada", "2026-03-02 10:05:00", path="/b", pageview_id="p2"),
]
BOB = without_session(event("bob", "2026-03-02 11:00:00"))
CLEO = event("cleo", "2026-03-02 12:00:00", path="/c")
NAMED = {"metadata_title": "A", "metadata_post_id": "77"}


def visitors(warehouse: Warehouse) -> list[tuple]:
    """Name, pageviews and engaged seconds of each visitor."""
    return warehouse.rows(
        "select visitor_site_id, pageviews, engaged_seconds from dim_visitors order by 1"
    )
