"""Response bodies: rows, which are counted or the result of a table macro, in their envelope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from readership.service.answering.envelopes import envelope
from readership.service.calls import SnapshotQuery
from readership.service.snapshots import SCHEMA, Snapshot

if TYPE_CHECKING:
    from readership.service.counting import Counter

_KNOWN = f"select canonical_url from {SCHEMA}.known_posts($site, $urls) order by 1"
# Adds `itm_source` to the query of a URL, which may already have parameters and a fragment.
_WITH_ITM_SOURCE = """json_merge_patch(
    row_json,
    json_object(
        'url',
        regexp_replace(
            json_extract_string(row_json, '$.url'),
            '^([^?#]*)([?][^#]*)?(#.*)?$',
            '\\1\\2' || case
                when contains(split_part(json_extract_string(row_json, '$.url'), '#', 1), '?')
                    then '&'
                else '?'
            end || 'itm_source=' || replace(url_encode($itm_source), '\\', '%5C') || '\\3'
        )
    )
)"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful response.

    Attributes:
        body: The JSON envelope in UTF-8.

    """

    body: bytes


def answer(
    snapshot: Snapshot,
    cursor: duckdb.DuckDBPyConnection,
    query: SnapshotQuery,
    counter: Counter | None = None,
) -> Answer:
    """Run a query on the snapshot, or count its rows from memory if that is possible.

    Raises:
        duckdb.InterruptException: Another thread interrupted the cursor.

    """
    bound = query.bound | {
        "requested_site": query.site,
        "requested_starts_after_at": query.time_range.starts_after_at,
        "requested_ends_at": query.time_range.ends_at,
    }
    is_unknown = False
    if query.urls:
        known_urls = _known_urls(cursor, query)
        bound["requested_urls"] = known_urls
        is_unknown = not known_urls
    data, rows_total = _counted(snapshot, cursor, query, bound, counter) or _rows(
        cursor, query, bound
    )
    if not rows_total and query.page > 1:
        # The total is a column of the rows, so a page after the last row does not have it.
        _, rows_total = _rows(cursor, query, bound | {"requested_skip": 0, "requested_rows": 1})
    site = snapshot.sites[query.site]
    body = envelope(
        query, data, rows_total, site.first_event_at, site.clock.as_of_at, is_unknown=is_unknown
    )
    return Answer(body)


def _counted(
    snapshot: Snapshot,
    cursor: duckdb.DuckDBPyConnection,
    query: SnapshotQuery,
    bound: dict[str, Any],
    counter: Counter | None,
) -> tuple[str, int] | None:
    """Return the rows and their number on all pages; None if they have to be a query.

    One of some answers is also a query. If they differ, nothing is counted from then on.
    """
    if counter is None:
        return None
    counted = counter.count(snapshot, cursor, query, bound)
    if counted is None or not counter.is_check_due():
        return counted
    queried = _rows(cursor, query, bound)
    if counted != queried:
        counter.stop(query)
    return queried


def _rows(
    cursor: duckdb.DuckDBPyConnection, query: SnapshotQuery, bound: dict[str, Any]
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
        row, bound = _WITH_ITM_SOURCE, bound | {"itm_source": query.itm_source}
    data, rows_total = _one(
        cursor,
        f"select coalesce(string_agg({row}, ',' order by position), ''), "
        f"coalesce(max(rows_total), 0) from {SCHEMA}.{query.endpoint.macro}({arguments})",
        bound,
    )
    # The history of a visitor is a single object, not a list of rows.
    return data if query.endpoint.answer == "history" else f"[{data}]", rows_total


def _known_urls(cursor: duckdb.DuckDBPyConnection, query: SnapshotQuery) -> list[str]:
    """Return the canonical URLs of the requested posts that exist."""
    bound = {"site": query.site, "urls": list(query.urls)}
    return [url for (url,) in cursor.execute(_KNOWN, bound).fetchall()]


def _one(cursor: duckdb.DuckDBPyConnection, sql: str, bound: dict[str, object]) -> tuple:  # type: ignore[type-arg]
    # All are fetched, since a cursor with an unfinished result has no other.
    (row,) = cursor.execute(sql, bound).fetchall()
    return row  # type: ignore[no-any-return]
