"""The documents that the dashboard shows: functions of a source, a site, and a period or a post.

What a call of the API tells is asked for as that call is, so that the page and the API have the
same numbers. The rest comes from routines of the answers.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from readership.normal import normal_address
from readership.service.answering import answer
from readership.service.calls import ENDPOINTS, TimeRange, snapshot_query
from readership.service.sources import Cursor, Source

if TYPE_CHECKING:
    from readership.service.counting import Counter

PERIODS: Final = ("1h", "today", "7d", "30d")
"""The periods that can be chosen."""
_ALWAYS: Final = ("today", "7d")
_POSTS: Final = 12
# A sparkline has a bar for each of the last hours.
_SPARK_HOURS: Final = 24
_DAY_HOURS: Final = 24
_WEEK_HOURS: Final = 168
_REFERRERS: Final = 8
_LIFE: Final = timedelta(days=90)
_NAMED: Final = 5
_CALLS: Final = {endpoint.path: endpoint for endpoint in ENDPOINTS}


class _Asking:
    """Asks one source about one site."""

    def __init__(self, source: Source, cursor: Cursor, site: str, counter: Counter | None) -> None:
        self.source, self.cursor, self.site, self.counter = source, cursor, site, counter
        self.clock = source.sites[site].clock

    def call(self, path: str, period: TimeRange, **parameters: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        """Return the rows of an answer to a call of the API, for a range of time."""
        endpoint = _CALLS[path]
        call = endpoint.parameters.model_validate({"apikey": self.site, **parameters})
        query = snapshot_query(endpoint, call, self.clock)
        query = replace(query, time_range=period)
        found = answer(self.source, self.cursor, query, self.counter)
        return json.loads(found.body)["data"]  # type: ignore[no-any-return]

    def rows(self, routine: str, **arguments: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        """Return the rows of a routine about the site."""
        bound = {"requested_site": self.site, **arguments}
        # Safe against injection: the names come from this file, and all values are bound.
        given = ", ".join(f"${name}" for name in bound)
        return self.cursor.execute(
            f"select * from {self.source.schema}.{routine}({given})", bound
        ).fetchall()


def dashboard_of(
    source: Source, cursor: Cursor, site: str, period: str, counter: Counter | None = None
) -> dict[str, Any]:
    """Return what the dashboard shows of a site.

    Args:
        source: The source.
        cursor: A view of its rows.
        site: The site, which the source has.
        period: One of `PERIODS`.
        counter: What counts metrics in memory, if anything does.

    """
    asking = _Asking(source, cursor, site, counter)
    ((name, time_zone),) = asking.rows("dashboard_site")
    limits = {row[0]: row[1:] for row in asking.rows("dashboard_periods")}
    compared = {one: _compared(asking, *limits[one]) for one in {*_ALWAYS, period}}
    is_comparable, starts, ends, before_starts, before_ends = limits[period]
    chosen, before = TimeRange(starts, ends), TimeRange(before_starts, before_ends)
    hours = asking.rows("dashboard_hours")
    shown_hours = _WEEK_HOURS if period in ("7d", "30d") else _DAY_HOURS
    ((loyal,),) = asking.rows(
        "dashboard_loyal", requested_starts_after_at=starts, requested_ends_at=ends
    )
    return {
        "success": True,
        "site": site,
        "name": name,
        "time_zone": time_zone,
        "period": period,
        "as_of": _text(asking.clock.as_of_at),
        "coverage_start": _text(source.sites[site].first_event_at),
        "now": _hour(hours[0]),
        "hours": [_hour(row) for row in hours[:shown_hours]],
        "periods": {one: compared[one] for one in PERIODS if one in compared},
        "posts": _posts(asking, chosen, before if is_comparable else None),
        "trends": _trends(asking),
        "sources": _sources(asking, chosen, before if is_comparable else None),
        "loyal": loyal,
    }


def post_of(
    source: Source, cursor: Cursor, site: str, url: str, counter: Counter | None = None
) -> dict[str, Any]:
    """Return the life of a post: its hours, and of the last 90 days its metrics and referrers.

    Args:
        source: The source.
        cursor: A view of its rows.
        site: The site, which the source has.
        url: Any address of the post.
        counter: What counts metrics in memory, if anything does.

    """
    asking = _Asking(source, cursor, site, counter)
    ends = asking.clock.as_of_at
    known = [row[0] for row in asking.rows("known_posts", requested_urls=[normal_address(url)])]
    hours = asking.rows(
        "dashboard_post_hours",
        requested_urls=known,
        requested_starts_after_at=datetime.min,
        requested_ends_at=ends,
    )
    if not hours:
        return {"success": True, "site": site, "as_of": _text(ends), "post": None}
    # Totals are those of the call without a period, or of less where the post has not been there
    # for so long: a shorter range of time takes less to count.
    since = max(min(row[1] for row in hours), ends - _LIFE)
    whole = TimeRange(since - timedelta(microseconds=1), ends)
    (post, *_) = asking.call("analytics/post/detail", whole, url=url) or [None]
    if post is None:
        return {"success": True, "site": site, "as_of": _text(ends), "post": None}
    referrers = asking.call("referrers/post/detail", whole, url=url, limit=_REFERRERS)
    return {
        "success": True,
        "site": site,
        "as_of": _text(ends),
        "since": _text(since),
        "post": _post(post) | {"metrics": post["metrics"]},
        "hours": [
            {"at": _text(at), "views": views, "engaged_seconds": seconds}
            for _, at, views, seconds in hours
        ],
        "referrers": [_referrer(row) for row in referrers],
    }


def _compared(
    asking: _Asking,
    is_comparable: bool,
    starts: datetime,
    ends: datetime,
    before_starts: datetime,
    before_ends: datetime,
) -> dict[str, Any]:
    return {
        "starts_after_at": _text(starts),
        "ends_at": _text(ends),
        "is_comparable": is_comparable,
        "now": _totals(asking, TimeRange(starts, ends)),
        "before": _totals(asking, TimeRange(before_starts, before_ends)),
    }


def _totals(asking: _Asking, period: TimeRange) -> dict[str, Any] | None:
    """Return the metrics of a whole site; None if no post of it was read."""
    rows = asking.call("analytics/site", period)
    return rows[0]["metrics"] if rows else None


def _posts(asking: _Asking, chosen: TimeRange, before: TimeRange | None) -> list[dict[str, Any]]:
    rows = asking.call("analytics/posts", chosen, limit=_POSTS)
    urls = [row["url"] for row in rows]
    if not urls:
        return []
    earlier = {}
    if before is not None:
        earlier = {
            row["url"]: row["metrics"]["views"]
            for row in asking.call("analytics/posts", before, urls=urls, limit=len(urls))
        }
    ends = asking.clock.as_of_at
    # Clock hours, the last of which may not be over.
    last = ends.replace(minute=0, second=0, microsecond=0)
    first = last - timedelta(hours=_SPARK_HOURS - 1)
    hours: dict[str, list[int]] = {url: [0] * _SPARK_HOURS for url in urls}
    for url, at, views, _ in asking.rows(
        "dashboard_post_hours",
        requested_urls=urls,
        requested_starts_after_at=first - timedelta(microseconds=1),
        requested_ends_at=ends,
    ):
        hours[url][(at - first) // timedelta(hours=1)] = views
    return [
        _post(row)
        | {
            "metrics": row["metrics"],
            "previous_views": None if before is None else earlier.get(row["url"], 0),
            "hours": hours[row["url"]],
        }
        for row in rows
    ]


def _post(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("url", "title", "author", "section", "pub_date")}


def _trends(asking: _Asking) -> list[dict[str, Any]]:
    return [
        {
            "url": url, "title": title, "section": section, "state": state, "views": views,
            "expected_views": expected, "score": score,
        }
        for url, title, section, state, _, views, expected, score in asking.rows("dashboard_trends")
    ]  # fmt: skip


def _sources(asking: _Asking, chosen: TimeRange, before: TimeRange | None) -> list[dict[str, Any]]:
    earlier = {}
    if before is not None:
        earlier = {
            row["referrer_class"]: row["metrics"]["views"]
            for row in asking.call("analytics/sources", before, limit=100)
        }
    named: dict[str, list[dict[str, Any]]] = {}
    for row in asking.call("analytics/referrers", chosen, limit=200):
        named.setdefault(row["type"], []).append(_referrer(row))
    return [
        {
            "source": row["referrer_class"],
            "views": row["metrics"]["views"],
            "visitors": row["metrics"]["visitors"],
            "previous_views": (None if before is None else earlier.get(row["referrer_class"], 0)),
            "referrers": named.get(row["referrer_class"], [])[:_NAMED],
        }
        for row in asking.call("analytics/sources", chosen, limit=100)
    ]


def _referrer(row: dict[str, Any]) -> dict[str, Any]:
    return {"name": row["name"], "type": row["type"], "views": row["metrics"]["referrers_views"]}


def _hour(row: tuple[Any, ...]) -> dict[str, Any]:
    _, views, visitors, weeks, usual_views, usual_visitors, ends_at = row
    return {
        "ends_at": _text(ends_at),
        "views": views,
        "visitors": visitors,
        "weeks": weeks,
        "usual_views": usual_views,
        "usual_visitors": usual_visitors,
    }


def _text(moment: datetime) -> str:
    """Return a time in UTC, which scripts read as such."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
