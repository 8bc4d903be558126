"""The envelope around the rows of a response: links and meta, as in `api_responses`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from readership.service.calls import METRICS, SnapshotQuery

_METRICS: Final = json.dumps(METRICS, separators=(",", ":"))


def envelope(
    query: SnapshotQuery,
    data: str,
    rows_total: int,
    first_event_at: datetime,
    as_of_at: datetime,
    *,
    is_unknown: bool,
) -> bytes:
    """Return the body of a response.

    Args:
        query: The query.
        data: Its rows, as JSON.
        rows_total: The rows on all pages.
        first_event_at: The first event of the site, in naive UTC.
        as_of_at: Its newest event.
        is_unknown: Whether no post is known by any of the requested URLs.

    """
    status = "unknown_post" if is_unknown else _status(query, rows_total, first_event_at, as_of_at)
    return (
        f'{{"success":true,"data":{data},"links":{_links(query, rows_total)},'
        f'"meta":{{"metrics":{_METRICS},"sort":"{query.sort}","status":"{status}",'
        f'"coverage_start":"{_text(first_event_at)}","coverage_end":"{_text(as_of_at)}"}}}}'
    ).encode()


def _links(query: SnapshotQuery, rows_total: int) -> str:
    pages = {"first": 1}
    if query.page > 1:
        pages["prev"] = query.page - 1
    if rows_total > query.page * query.limit:
        pages["next"] = query.page + 1
    # Paths are quoted, so they are safe in JSON.
    return "{" + ",".join(f'"{name}":"{query.path}{page}"' for name, page in pages.items()) + "}"


def _status(
    query: SnapshotQuery, rows_total: int, first_event_at: datetime, as_of_at: datetime
) -> str:
    """Explain an empty response: no traffic in a period differs from a period outside the data."""
    if rows_total:
        return "ok"
    if not query.has_period:
        return "no_match"
    period = query.time_range
    if period.ends_at < first_event_at or period.starts_after_at >= as_of_at:
        return "outside_coverage"
    return "no_traffic"


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")
