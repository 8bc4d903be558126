"""The visitors of an audience, found in the marts of a warehouse that is only read.

Texts of rules, sites and consent are bound; the SQL is put together from fixed parts alone. Tables
made on the way are temporary ones, in memory.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Final

from readership.audience.consent import ConsentKey
from readership.audience.rules import Rule
from readership.errors import UserError

if TYPE_CHECKING:
    import duckdb

AUDIENCE: Final = """\
select site_id, visitor_site_id, cast(visitor_key as varchar) as visitor_key, last_seen_at, why
from temp.matched
where visitor_site_id is not null and has_consent and not is_to_be_erased
order by site_id, visitor_site_id
"""
"""The rows of the file, after `select_visitors`."""

_ROWS_AT_ONCE: Final = 50_000

# Conditions and reasons of the rules stand at the two places in braces.
_MATCHED: Final = """\
create temp table matched as
with visitors as (
    select
        dim_visitors.visitor_key,
        dim_visitors.site_id,
        dim_visitors.visitor_site_id,
        dim_visitors.session_tier,
        dim_visitors.rolling_session_tier,
        dim_visitors.last_seen_at,
        dim_sites.as_of_at
    from dim_visitors
    inner join dim_sites on dim_visitors.site_id = dim_sites.site_id
    where dim_visitors.site_id in (select unnest(cast($sites as varchar [])))
),

section_views as (
    select
        fct_pageviews.visitor_key,
        dim_posts.section,
        sum(fct_pageviews.views) as views
    from fct_pageviews
    inner join dim_posts on fct_pageviews.post_key = dim_posts.post_key
    where dim_posts.section in (select unnest(cast($sections as varchar [])))
    group by fct_pageviews.visitor_key, dim_posts.section
),

newest_segments as (
    select
        visitor_key,
        arg_max(segment, session_in_visitor) as segment
    from fct_sessions
    where $has_segments
    group by visitor_key
)

select
    visitors.visitor_key,
    visitors.site_id,
    visitors.visitor_site_id,
    visitors.last_seen_at,
    concat_ws('; ', {why}) as why,
    $has_no_list as has_consent,
    false as is_to_be_erased
from visitors
left join newest_segments on visitors.visitor_key = newest_segments.visitor_key
where {conditions}
"""

_BY_LIST: Final = """\
update temp.matched set has_consent = true
where (site_id, visitor_site_id) in (select (site_id, visitor_site_id) from temp.consented)
"""

# The newest word counts. Of two at one time that differ, none is a yes.
_BY_KEY: Final = """\
with said as (
    select visitor_key, said_at, json_extract_string(try_cast(extra_data as json), $path) as word
    from ({records}) as records
    where visitor_key in (select visitor_key from temp.matched)
),

newest as (
    select visitor_key, max(said_at) as said_at from said where word is not null group by all
),

agreed as (
    select said.visitor_key
    from said
    inner join newest on said.visitor_key = newest.visitor_key and said.said_at = newest.said_at
    where said.word is not null
    group by said.visitor_key
    having bool_and(said.word = $word)
)

update temp.matched set has_consent = true
where visitor_key in (select visitor_key from agreed)
"""
# Of the marts, these have what the site sends along. The second may be left out of a project.
_RECORDS: Final = {
    "fct_pageviews": "select visitor_key, viewed_at as said_at, extra_data from fct_pageviews",
    "fct_custom_events": (
        "select visitor_key, occurred_at as said_at, extra_data from fct_custom_events"
    ),
}


@dataclass(frozen=True)
class Counts:
    """How many visitors an audience has.

    Attributes:
        matched: Visitors for whom all rules hold.
        shared: Of them, those under ids that many people share; they cannot be handed out.
        to_be_erased: Of the rest, those listed in visitors_to_erase, who are still there.
        without_consent: Of the rest, those without consent.
        written: The rest.
        as_of: The newest event of the sites, UTC, from which "the last days" count back.

    """

    matched: int
    shared: int
    to_be_erased: int
    without_consent: int
    written: int
    as_of: datetime.datetime


def chosen_sites(connection: duckdb.DuckDBPyConnection, chosen: Sequence[str]) -> list[str]:
    """Return the chosen sites, or all.

    Raises:
        UserError: A site is not in the warehouse, or none is.

    """
    known = [
        s for (s,) in connection.execute("select site_id from dim_sites order by 1").fetchall()
    ]
    if not known:
        raise UserError("the warehouse has no events yet", remedy="load some and build")
    for site in chosen:
        if site not in known:
            raise UserError("there is no such site", site, f"use one of {', '.join(known)}")
    return sorted(set(chosen)) or known


def select_visitors(
    connection: duckdb.DuckDBPyConnection,
    rules: Sequence[Rule],
    sites: Sequence[str],
    consent: Iterable[tuple[str, str]] | ConsentKey | None,
) -> Counts:
    """Find the visitors, which `AUDIENCE` then reads, and count them.

    Args:
        connection: The warehouse; its default schema is that of the marts.
        rules: At least one.
        sites: The sites whose visitors are meant.
        consent: Who agreed, by site and visitor; or the key that says so; or None where consent
            is not asked for here.

    Raises:
        UserError: A rule names a section or segment, or consent a key, that is not there.

    """
    sections = [rule.value for rule in rules if rule.kind == "section" and rule.value]
    segments = [rule.value for rule in rules if rule.kind == "segment" and rule.value]
    _check_names(
        connection,
        "section",
        sections,
        "select distinct section from dim_posts where site_id in "
        "(select unnest(cast(? as varchar []))) and section is not null",
        sites,
    )
    _check_names(
        connection,
        "segment",
        segments,
        "select distinct segment from fct_sessions where site_id in "
        "(select unnest(cast(? as varchar []))) and segment is not null",
        sites,
    )
    named = {f"rule_{number}": rule for number, rule in enumerate(rules, 1)}
    kinds = dict.fromkeys(rule.kind for rule in rules)
    conditions = " and ".join(
        "(" + " or ".join(r.condition(n) for n, r in named.items() if r.kind == kind) + ")"
        for kind in kinds
    )
    why = ", ".join(
        f"case when {rule.condition(name)} then $text_of_{name} end" for name, rule in named.items()
    )
    parameters: dict[str, object] = {
        "sites": list(sites),
        "sections": sections,
        "has_segments": bool(segments),
        "has_no_list": consent is None,
    }
    for name, rule in named.items():
        parameters |= {**rule.parameters(name), f"text_of_{name}": rule.text}
    connection.execute(_MATCHED.format(why=why, conditions=conditions), parameters)
    if isinstance(consent, ConsentKey):
        _agree_by_key(connection, consent)
    elif consent is not None:
        _agree_by_list(connection, consent)
    _mark_to_be_erased(connection)
    return _counts(connection, sites)


def _check_names(
    connection: duckdb.DuckDBPyConnection,
    what: str,
    names: Sequence[str],
    query: str,
    sites: Sequence[str],
) -> None:
    """Refuse a name that is not in the data: it would quietly give an empty audience."""
    if not names:
        return
    known = {name for (name,) in connection.execute(query, [list(sites)]).fetchall()}
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, 1)
            some = ", ".join(sorted(known)[:8])
            hint = f"did you mean {close[0]}?" if close else f"there are {some}" if some else ""
            raise UserError(f"no visitor has the {what}", repr(name), hint or "leave the rule out")


def _agree_by_list(connection: duckdb.DuckDBPyConnection, rows: Iterable[tuple[str, str]]) -> None:
    connection.execute("create temp table consented (site_id varchar, visitor_site_id varchar)")
    left = iter(rows)
    while some := list(islice(left, _ROWS_AT_ONCE)):
        connection.execute(
            "insert into temp.consented "
            "select unnest(cast(? as varchar [])), unnest(cast(? as varchar []))",
            [[site for site, _ in some], [visitor for _, visitor in some]],
        )
    connection.execute(_BY_LIST)


def _agree_by_key(connection: duckdb.DuckDBPyConnection, consent: ConsentKey) -> None:
    there = {
        name
        for (name,) in connection.execute(
            "select table_name from information_schema.tables where table_schema = current_schema()"
        ).fetchall()
    }
    records = " union all ".join(sql for name, sql in _RECORDS.items() if name in there)
    connection.execute(
        _BY_KEY.format(records=records), {"path": consent.path, "word": consent.value}
    )
    ((has_some,),) = connection.execute(
        "select coalesce(bool_or(has_consent), false) from temp.matched"
    ).fetchall()
    if (
        not has_some
        and not connection.execute(
            f"select 1 from ({records}) as records "
            "where json_extract_string(try_cast(extra_data as json), $path) is not null limit 1",
            {"path": consent.path},
        ).fetchall()
    ):
        raise UserError(
            "no event has the consent key",
            repr(consent.key),
            "name the key as it is in extra_data, or give a list with --consent",
        )


def _mark_to_be_erased(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave out who is listed to be erased and still there. The list may be in another schema."""
    for (schema,) in connection.execute(
        "select schema_name from duckdb_tables() where database_name = current_database() "
        "and table_name = 'visitors_to_erase'"
    ).fetchall():
        quoted = '"' + schema.replace('"', '""') + '"'
        connection.execute(
            "update temp.matched set is_to_be_erased = true where exists (select 1 "
            f"from {quoted}.visitors_to_erase as listed "
            "where listed.visitor_site_id = matched.visitor_site_id "
            "and coalesce(listed.site_id, matched.site_id) = matched.site_id)"
        )


def _counts(connection: duckdb.DuckDBPyConnection, sites: Sequence[str]) -> Counts:
    ((matched, shared, to_be_erased, without_consent, as_of),) = connection.execute(
        """
        select
            count(*),
            count(*) filter (visitor_site_id is null),
            count(*) filter (visitor_site_id is not null and is_to_be_erased),
            count(*) filter (
                visitor_site_id is not null and not is_to_be_erased and not has_consent
            ),
            (
                select max(as_of_at) from dim_sites
                where site_id in (select unnest(cast(? as varchar [])))
            )
        from temp.matched
        """,
        [list(sites)],
    ).fetchall()
    written = matched - shared - to_be_erased - without_consent
    return Counts(matched, shared, to_be_erased, without_consent, written, as_of)
