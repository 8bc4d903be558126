"""Two newsrooms, small enough to count by hand, for tests of the service.

The newest event of news.example.com is at noon of March 10 in New York, 16:00 UTC. The clocks went
forward two days before. Bo's post /b had a view exactly 24 hours before, and one at midnight.
"""

from __future__ import annotations

from typing import Any

from tests.support.events import event, heartbeat, millis
from tests.support.warehouses import Warehouse

NEWS = "news.example.com"
TRIBUNE = "tribune.example.org"
LETTER = "utm_campaign=spring&utm_medium=email&utm_source=letter"
POSTS = {
    "/a": ("A", "Politics", ["Ana"], ["budget", "vote"], "2026-03-09 14:00:00"),
    "/b": ("B", "Politics", ["Bo"], ["vote"], "2026-03-02 04:59:59"),
    "/c": ("C <i>& co</i>", "Culture", ["Ana", "Bo"], ["stage"], "2025-11-01 12:00:00"),
}


def view(visitor: str, at: str, path: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a pageview of a post of the newsroom."""
    site = fields.get("apikey", NEWS)
    title, section, authors, tags, published = POSTS[path]
    metadata = {
        "apikey": site,
        "url": f"https://{site}{path}",
        "metadata": True,
        "metadata_title": title,
        "metadata_section": section,
        "metadata_authors": authors,
        "metadata_tags": tags,
        "metadata_canonical_url": f"https://{site}{path}",
        "metadata_pub_date_tmsp": millis(published),
        "metadata_page_type": "post",
    }
    return event(visitor, at, path=path, **(metadata | fields))


def events() -> list[dict[str, Any]]:
    """Return all events of both newsrooms."""
    return [
        view("old", "2025-12-01 12:00:00", "/c"),
        view("fay", "2026-03-09 16:00:00", "/b"),
        view("cat", "2026-03-09 17:00:00", "/a"),
        view("eve", "2026-03-10 03:59:59", "/a"),
        view("dan", "2026-03-10 04:00:00", "/b"),
        view("ann", "2026-03-10 15:30:00", "/a", referrer="https://www.google.com/"),
        heartbeat("ann", "2026-03-10 15:31:00", 60, apikey=NEWS, url=f"https://{NEWS}/a"),
        view(
            "bob", "2026-03-10 15:50:00", "/a", url=f"https://{NEWS}/a?{LETTER}",
            url_query=LETTER, utm_campaign="spring", utm_medium="email", utm_source="letter",
            extra_data={"subscriber_type": "premium"},
        ),
        view(
            "ann", "2026-03-10 16:00:00", "/b", pageview_id="p2", referrer=f"https://{NEWS}/a"
        ),
        view(
            "ann", "2026-03-10 15:45:00", "/a", action="conversion",
            extra_data={"_conversion_type": "newsletter_signup", "_conversion_label": "footer"},
        ),
        view("bob", "2026-03-10 15:51:00", "/a", action="videostart", videostart_id="1"),
        view("zoe", "2026-03-10 10:00:00", "/a", apikey=TRIBUNE),
    ]  # fmt: skip


def hear(warehouse: Warehouse, site: str = NEWS, seconds: int = 1, at: str = "viewed_at") -> None:
    """Add engaged seconds to the views of a site at a time."""
    warehouse.execute(
        f"update int_hourly_views set engaged_seconds = engaged_seconds + {seconds} "
        f"where site_id = '{site}' and viewed_at = {at}"
    )
