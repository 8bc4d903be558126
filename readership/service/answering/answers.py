"""Response bodies: rows, which are counted or the result of a table macro, in their envelope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from readership.service.answering.envelopes import envelope
from readership.service.calls import SnapshotQuery
from readership.service.sources import Cursor, Source

if TYPE_CHECKING:
    from readership.service.counting import Counter

_KNOWN = "select canonical_url from {schema}.known_posts($site, $urls) order by 1"


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful response.

    Attributes:
        body: The JSON envelope in UTF-8.

    """

    body: bytes


def answer(
    source: Source,
    cursor: Cursor,
    query: SnapshotQuery,
    counter: Counter | None = None,
) -> Answer:
    """Run a query on a source, or count its rows from memory if that is possible.

    Raises:
        Exception: The engine's own error, which whoever opened the cursor knows.

    """
    bound = query.bound | {
        "requested_site": query.site,
        "requested_starts_after_at": query.time_range.starts_after_at,
        "requested_ends_at": query.time_range.ends_at,
    }
    is_unknown = False
    if query.urls:
        known_urls = _known_urls(source, cursor, query)
        bound["requested_urls"] = known_urls
        is_unknown = not known_urls
    data, rows_total = _counted(source, cursor, query, bound, counter) or _rows(
        source, cursor, query, bound
    )
    if not rows_total and query.page > 1:
        # The total is a column of the rows, so a page after the last row does not have it.
        bound |= {"requested_skip": 0, "requested_rows": 1}
        _, rows_total = _rows(source, cursor, query, bound)
    site = source.sites[query.site]
    body = envelope(
        query, data, rows_total, site.first_event_at, site.clock.as_of_at, is_unknown=is_unknown
    )
    return Answer(body)


def _counted(
    source: Source,
    cursor: Cursor,
    query: SnapshotQuery,
    bound: dict[str, Any],
    counter: Counter | None,
) -> tuple[str, int] | None:
    """Return the rows and their number on all pages; None if they have to be a query.

    One of some answers is also a query. If they differ, nothing is counted from then on.
    """
    if counter is None:
        return None
    counted = counter.count(source, cursor, query, bound)
    if counted is None or not counter.is_check_due():
        return counted
    queried = _rows(source, cursor, query, bound)
    if counted != queried:
        counter.stop(query)
    return queried


def _rows(
    source: Source, cursor: Cursor, query: SnapshotQuery, bound: dict[str, Any]
) -> tuple[str, int]:
    positional = query.endpoint.positional
    unused = {"requested_starts_after_at", "requested_ends_at"} - set(positional)
    bound = {name: value for name, value in bound.items() if name not in unused}
    # Safe against injection: the names come from this project, and all values are bound.
    arguments = ", ".join(
        [f"${name}" for name in positional]
        + [f"{name} := ${name}" for name in bound if name not in positional]
    )
    row = "row_json"
    if query.itm_source is not None:
        row = f"{source.schema}.with_itm_source(row_json, $itm_source)"
        bound |= {"itm_source": f"itm_source={quote(query.itm_source, safe='')}"}
    data, rows_total = _one(
        cursor,
        f"select coalesce(string_agg({row}, ',' order by position), ''), "
        f"coalesce(max(rows_total), 0) from {source.schema}.{query.endpoint.macro}({arguments})",
        bound,
    )
    # The history of a visitor is a single object, not a list of rows.
    return data if query.endpoint.answer == "history" else f"[{data}]", rows_total


def _known_urls(source: Source, cursor: Cursor, query: SnapshotQuery) -> list[str]:
    """Return the canonical URLs of the requested posts that exist."""
    bound = {"site": query.site, "urls": list(query.urls)}
    sql = _KNOWN.format(schema=source.schema)
    return [url for (url,) in cursor.execute(sql, bound).fetchall()]


def _one(cursor: Cursor, sql: str, bound: dict[str, object]) -> tuple:  # type: ignore[type-arg]
    # All are fetched, since a cursor with an unfinished result has no other.
    (row,) = cursor.execute(sql, bound).fetchall()
    return row  # type: ignore[no-any-return]
