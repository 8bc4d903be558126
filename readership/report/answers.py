"""The queries of the report, one function each, with typed rows.

Every function only reads, and lets `duckdb.Error` through. A `CatalogException` or
`BinderException` means that the marts are not built, or that another version of the models built
them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    import duckdb

_SAFE_ID: Final = re.compile(r"[\w.:-]+", re.ASCII)


@dataclass(frozen=True)
class Load:
    """The lines of one load, or of all loads, by outcome.

    Attributes:
        loads: Number of loads.
        finished_at: When the newest of them finished, UTC.
        files: Number of files.
        lines: Lines in the files: the sum of the five counts below.
        loaded: Valid, unique events.
        refused: Events that broke a rule.
        duplicates: Copies of events that are loaded.
        rejected: Lines that did not parse.
        blank: Empty lines.
        broken_files: Files that were partial, unreadable or refused.

    """

    loads: int
    finished_at: datetime.datetime | None
    files: int
    lines: int
    loaded: int
    refused: int
    duplicates: int
    rejected: int
    blank: int
    broken_files: int

    @property
    def unaccounted(self) -> int:
        """Lines that are in none of the counts; 0 unless there is a bug."""
        counted = self.loaded + self.refused + self.duplicates + self.rejected + self.blank
        return self.lines - counted


@dataclass(frozen=True)
class Count:
    """A name and how often it occurred."""

    name: str
    count: int


@dataclass(frozen=True)
class BrokenFile:
    """A file that was not loaded completely.

    Attributes:
        file: Its address.
        status: partial, unreadable or refused.
        detail: The error that the loader reported.

    """

    file: str
    status: str
    detail: str | None


@dataclass(frozen=True)
class Site:
    """A site.

    Attributes:
        site_id: Its id.
        name: Its name, or its id if it has none.
        time_zone: IANA name.
        as_of: The moment that the report describes, to the minute, in the site's time zone. It is
            the newest event unless the variable as_of is set.
        views: Pageviews of the last 7 days.

    """

    site_id: str
    name: str
    time_zone: str
    as_of: str
    views: int


@dataclass(frozen=True)
class TopPost:
    """A post and its last 7 days: pageviews, distinct visitors, engaged minutes."""

    site_id: str
    position: int
    title: str
    views: int
    visitors: int
    engaged_minutes: int


@dataclass(frozen=True)
class Day:
    """One date. Every site's events are dated in its own time zone.

    Attributes:
        date: The date.
        sessions: Sessions that began on it.
        visitors: Distinct visitors of those sessions; a visitor of two sites counts twice.
        pageviews: Pageviews on it.
        engaged_hours: Engaged time of those pageviews, in hours.

    """

    date: datetime.date
    sessions: int
    visitors: int
    pageviews: int
    engaged_hours: float


@dataclass(frozen=True)
class Trend:
    """A trending post.

    Attributes:
        site: Name of its site.
        title: Its title, or its address if it has none.
        state: rising, fading, new, evergreen or steady.
        views: Pageviews in the window, the last hour unless trending_window_hours is set.
        expected: Pageviews expected from the hour of the week, the post's age and its own day.
        score: Standard deviations by which views exceed the expectation.

    """

    site: str
    title: str
    state: str
    views: int
    expected: float
    score: float


def newest_loads(connection: duckdb.DuckDBPyConnection, limit: int = 3) -> list[Load]:
    """Return the outcomes of the newest loads, newest first."""
    rows = connection.execute(
        """
        select
            1, finished_at, files, lines, staged_events, refused_events, duplicate_events,
            rejected_lines, blank_lines, broken_files
        from ops_loads
        order by finished_at desc, load_id desc
        limit ?
        """,
        [limit],
    ).fetchall()
    return [Load(*row) for row in rows]


def all_loads(connection: duckdb.DuckDBPyConnection) -> Load:
    """Return the outcomes of all loads together; zeros if there are none."""
    row = connection.execute(
        """
        select
            count(*), max(finished_at), coalesce(sum(files), 0), coalesce(sum(lines), 0),
            coalesce(sum(staged_events), 0), coalesce(sum(refused_events), 0),
            coalesce(sum(duplicate_events), 0), coalesce(sum(rejected_lines), 0),
            coalesce(sum(blank_lines), 0), coalesce(sum(broken_files), 0)
        from ops_loads
        """
    ).fetchone()
    assert row is not None
    return Load(*row)


def broken_rules(connection: duckdb.DuckDBPyConnection) -> list[Count]:
    """Count the events that broke each rule, most frequent first. An event may break several."""
    rows = connection.execute(
        """
        select trim(rule) as rule, count(*) as events
        from (
            select unnest(string_split(broken_rules, ',')) as rule from stg_event_rejections
        )
        group by all
        order by events desc, rule
        """
    ).fetchall()
    return [Count(*row) for row in rows]


def rejection_reasons(connection: duckdb.DuckDBPyConnection) -> list[Count]:
    """Count the rejected lines of finished loads by reason, most frequent first."""
    rows = connection.execute(
        """
        select reason, count(*) as lines
        from raw.rejected_lines
        where _dlt_load_id in (select load_id from ops_loads)
        group by reason
        order by lines desc, reason
        """
    ).fetchall()
    return [Count(*row) for row in rows]


def broken_files(connection: duckdb.DuckDBPyConnection, limit: int = 5) -> list[BrokenFile]:
    """List current files that were not loaded completely, newest load first."""
    rows = connection.execute(
        """
        select file, status, detail
        from raw.files
        where
            replaced_by is null and status not in ('loaded', 'replayed')
            and _dlt_load_id in (select load_id from ops_loads)
        order by _dlt_load_id desc, file, version
        limit ?
        """,
        [limit],
    ).fetchall()
    return [BrokenFile(*row) for row in rows]


def sites(connection: duckdb.DuckDBPyConnection) -> list[Site]:
    """List the sites, most views in the last 7 days first."""
    rows = connection.execute(
        """
        with recent as (
            select dim_periods.site_id, sum(fct_pageviews.views) as views
            from dim_periods
            inner join fct_pageviews
                on
                    dim_periods.site_id = fct_pageviews.site_id
                    and dim_periods.starts_after_at < fct_pageviews.viewed_at
                    and dim_periods.ends_at >= fct_pageviews.viewed_at
            where dim_periods.period = '7d'
            group by dim_periods.site_id
        )

        select
            dim_sites.site_id,
            dim_sites.site_name,
            dim_sites.time_zone,
            strftime(
                timezone(dim_sites.time_zone, timezone('UTC', dim_sites.as_of_at)),
                '%Y-%m-%d %H:%M'
            ),
            cast(coalesce(recent.views, 0) as bigint) as views
        from dim_sites
        left join recent on dim_sites.site_id = recent.site_id
        order by views desc, dim_sites.site_id
        """
    ).fetchall()
    return [Site(*row) for row in rows]


def top_posts(connection: duckdb.DuckDBPyConnection, site_ids: Sequence[str]) -> list[TopPost]:
    """List the most viewed posts of the last 7 days, up to ten per site."""
    rows = connection.execute(
        """
        select
            site_id, position, coalesce(nullif(trim(title), ''), url), views, visitors,
            engaged_minutes
        from api_top_posts
        where period = '7d' and site_id in (select unnest(cast(? as varchar [])))
        order by site_id, position
        """,
        [list(site_ids)],
    ).fetchall()
    return [TopPost(*row) for row in rows]


def newest_days(
    connection: duckdb.DuckDBPyConnection, site_ids: Sequence[str], limit: int = 14
) -> list[Day]:
    """Count sessions and pageviews of the newest dates with data, oldest first, over all sites."""
    rows = connection.execute(
        """
        with sessions as (
            select
                started_date as day,
                count(*) as sessions,
                count(distinct visitor_key) as visitors
            from fct_sessions
            where site_id in (select unnest(cast($site_ids as varchar [])))
            group by started_date
        ),

        pageviews as (
            select
                viewed_date as day,
                cast(sum(views) as bigint) as pageviews,
                sum(engaged_seconds) / 3600.0 as engaged_hours
            from fct_pageviews
            where site_id in (select unnest(cast($site_ids as varchar [])))
            group by viewed_date
        )

        select
            coalesce(sessions.day, pageviews.day) as day,
            coalesce(sessions.sessions, 0),
            coalesce(sessions.visitors, 0),
            coalesce(pageviews.pageviews, 0),
            cast(coalesce(pageviews.engaged_hours, 0) as double)
        from sessions
        full join pageviews on sessions.day = pageviews.day
        order by day desc
        limit $days
        """,
        {"site_ids": list(site_ids), "days": limit},
    ).fetchall()
    return [Day(*row) for row in reversed(rows)]


def trending(connection: duckdb.DuckDBPyConnection, limit: int = 10) -> list[Trend]:
    """List trending posts, highest score first, as of the newest event of their site."""
    rows = connection.execute(
        """
        select
            coalesce(dim_sites.site_name, trending_posts.site_id),
            coalesce(nullif(trim(trending_posts.title), ''), trending_posts.canonical_url),
            trending_posts.state,
            trending_posts.views,
            trending_posts.expected_views,
            trending_posts.score
        from trending_posts
        left join dim_sites on trending_posts.site_id = dim_sites.site_id
        order by trending_posts.score desc, trending_posts.views desc, trending_posts.post_key
        limit ?
        """,
        [limit],
    ).fetchall()
    return [Trend(*row) for row in rows]


def next_queries(site_id: str) -> list[tuple[str, str]]:
    """Return example queries as pairs of a question and SQL.

    Each returns rows as soon as there is a pageview.
    """
    # An id with characters special to a shell or to SQL is left out of the command.
    is_safe = _SAFE_ID.fullmatch(site_id) is not None
    return [
        (
            "Where do readers come from, and who stays?",
            "select referrer_class, sum(views) as views,\n"
            "  round(sum(engaged_seconds) / 3600, 1) as engaged_hours\n"
            "from fct_engaged_time group by all order by views desc",
        ),
        (
            "How do sessions differ by device?",
            "select device_class, count(*) as sessions,\n"
            "  round(avg(pageviews), 2) as views_each,\n"
            "  round(100 * avg(cast(is_returning as int))) as returning_percent\n"
            "from fct_sessions group by all order by sessions desc",
        ),
        (
            "What would an analytics API answer? JSON, ready to send",
            "select response from api_responses\n"
            "where endpoint = 'analytics/posts' and period = '7d' and sort = 'views'\n"
            + (f"  and site_id = '{site_id}'" if is_safe else "limit 1"),
        ),
    ]
