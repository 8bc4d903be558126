"""The text of an answer, written by the snapshot itself: rows, links and meta."""

from __future__ import annotations

from dataclasses import dataclass

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
_KNOWN_URLS = """
select count(*) from dim_posts
where site_id = $site and canonical_url in (select unnest(cast($urls as varchar [])))
"""
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
    data, rows_total = _rows(cursor, question)
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
            "is_unknown": rows_total == 0 and _is_unknown(cursor, question),
            "starts_after_at": question.stretch.starts_after_at,
            "ends_at": question.stretch.ends_at,
            "first_event_at": site.first_event_at,
            "as_of_at": site.clock.as_of_at,
        },
    )
    return Answer(body.encode())


def _rows(cursor: duckdb.DuckDBPyConnection, question: Question) -> tuple[str, int]:
    bound = {
        "asked_sort": question.sort,
        "asked_skip": (question.page - 1) * question.limit,
        "asked_rows": question.limit,
        **question.bound,
    }
    # Names of parameters are the project's own; all values are bound.
    named = "".join(f", {name} := ${name}" for name in bound)
    row = "row_json"
    if question.itm_source is not None:
        row, bound = _MARKED, bound | {"itm_source": question.itm_source}
    data, rows_total = _one(
        cursor,
        f"select '[' || coalesce(string_agg({row}, ',' order by position), '') || ']', "
        f"coalesce(max(rows_total), 0) "
        f"from {SCHEMA}.{question.endpoint.macro}($site, $starts_after_at, $ends_at{named})",
        {
            "site": question.site,
            "starts_after_at": question.stretch.starts_after_at,
            "ends_at": question.stretch.ends_at,
            **bound,
        },
    )
    return data, rows_total


def _is_unknown(cursor: duckdb.DuckDBPyConnection, question: Question) -> bool:
    """Tell whether none of the posts that were asked for by address is one of the site."""
    if not question.urls:
        return False
    known = _one(cursor, _KNOWN_URLS, {"site": question.site, "urls": list(question.urls)})
    return known == (0,)


def _one(cursor: duckdb.DuckDBPyConnection, sql: str, bound: dict[str, object]) -> tuple:  # type: ignore[type-arg]
    found = cursor.execute(sql, bound).fetchone()
    assert found is not None
    return found
