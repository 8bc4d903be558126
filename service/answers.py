"""The text of an answer, written by the snapshot itself: rows, links and meta."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from service.calls import Question
from service.snapshots import SCHEMA, Snapshot

_ENVELOPE = f"""
select {SCHEMA}.envelope(
    $data,
    {SCHEMA}.links($path, $page, $rows, $rows_total),
    {SCHEMA}.meta(
        $sort,
        case
            when $is_unknown then 'unknown_post'
            when $rows_total = 0 and $is_timeless then 'no_match'
            else {SCHEMA}.status(
                $rows_total,
                cast($starts_after_at as timestamp),
                cast($ends_at as timestamp),
                cast($first_event_at as timestamp),
                cast($as_of_at as timestamp)
            )
        end,
        cast($first_event_at as timestamp),
        cast($as_of_at as timestamp)
    )
)
"""
_KNOWN = f"select canonical_url from {SCHEMA}.known_posts($site, $urls) order by 1"
# A post's address may have parameters, and a fragment, already.
_MARKED = """json_merge_patch(
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
    """An answer to hand out.

    Attributes:
        body: The JSON envelope, UTF-8.

    """

    body: bytes


def answer(snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection, question: Question) -> Answer:
    """Ask the snapshot; the cursor may be interrupted meanwhile."""
    bound = question.bound | {
        "requested_site": question.site,
        "requested_starts_after_at": question.stretch.starts_after_at,
        "requested_ends_at": question.stretch.ends_at,
    }
    is_unknown = False
    if question.urls:
        known = _known_urls(cursor, question)
        bound["requested_urls"] = known
        is_unknown = not known
    data, rows_total = _rows(cursor, question, bound)
    if not rows_total and question.page > 1:
        # Behind the last row nothing tells how many there are.
        _, rows_total = _rows(cursor, question, bound | {"requested_skip": 0, "requested_rows": 1})
    site = snapshot.sites[question.site]
    (body,) = _one(
        cursor,
        _ENVELOPE,
        {
            "data": data,
            "path": question.path,
            "page": question.page,
            "rows": question.limit,
            "rows_total": rows_total,
            "sort": question.sort,
            "is_unknown": is_unknown,
            "is_timeless": not question.has_period,
            "starts_after_at": question.stretch.starts_after_at,
            "ends_at": question.stretch.ends_at,
            "first_event_at": site.first_event_at,
            "as_of_at": site.clock.as_of_at,
        },
    )
    return Answer(body.encode())


def _rows(
    cursor: duckdb.DuckDBPyConnection, question: Question, bound: dict[str, Any]
) -> tuple[str, int]:
    positional = question.endpoint.positional
    left_out = {"requested_starts_after_at", "requested_ends_at"} - set(positional)
    bound = {name: value for name, value in bound.items() if name not in left_out}
    # Names of parameters are the project's own; all values are bound.
    taken = ", ".join(
        [f"${name}" for name in positional]
        + [f"{name} := ${name}" for name in bound if name not in positional]
    )
    row = "row_json"
    if question.itm_source is not None:
        row, bound = _MARKED, bound | {"itm_source": question.itm_source}
    data, rows_total = _one(
        cursor,
        f"select coalesce(string_agg({row}, ',' order by position), ''), "
        f"coalesce(max(rows_total), 0) from {SCHEMA}.{question.endpoint.macro}({taken})",
        bound,
    )
    # A visitor's history is an object of its own, not a list of rows.
    return data if question.endpoint.answer == "history" else f"[{data}]", rows_total


def _known_urls(cursor: duckdb.DuckDBPyConnection, question: Question) -> list[str]:
    """Give the canonical URLs of the posts that were asked for by address."""
    bound = {"site": question.site, "urls": list(question.urls)}
    return [url for (url,) in cursor.execute(_KNOWN, bound).fetchall()]


def _one(cursor: duckdb.DuckDBPyConnection, sql: str, bound: dict[str, object]) -> tuple:  # type: ignore[type-arg]
    found = cursor.execute(sql, bound).fetchone()
    assert found is not None
    return found
