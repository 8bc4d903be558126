"""Hit rate of related posts: do readers go on to them? `make related-check`.

dbt builds simulated traffic, and then the related posts as of one day before its end, so that the
sessions of the last day are held out. A session that read several posts is a hit if a later one of
them is among the ten posts related to the first. The baseline is the same for the ten most viewed
posts of the 24 hours before that day, without the first post. Sessions that began with a post of
the day itself are left out, because nothing was known about it.

--warehouse names another warehouse, of which a copy is used. With --days, each of the last days is
held out in turn.
"""

from __future__ import annotations

import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from bench.figures import ROOT, Figures, run
from bench.options import Options

DATA = ROOT / "data" / "bench" / "related"

_HITS = """
with posts_read as (
    select
        views.site_id,
        views.session_key,
        views.post_key,
        min(views.viewed_at) as first_viewed_at
    from int_hourly_views as views
    inner join fct_sessions as sessions on views.session_key = sessions.session_key
    inner join dim_posts as posts on views.post_key = posts.post_key
    where views.views > 0 and posts.is_post and sessions.started_at > $as_of
        and sessions.started_at <= $as_of + interval 24 hour
    group by views.site_id, views.session_key, views.post_key
),

in_order as (
    select
        *,
        row_number() over (
            partition by session_key order by first_viewed_at, post_key
        ) as place
    from posts_read
),

steps as (
    select
        one.site_id,
        one.session_key,
        one.post_key,
        later.post_key as later_post_key
    from in_order as one
    inner join in_order as later
        on one.session_key = later.session_key and later.place > 1
    where one.place = 1 and one.post_key in (select post_key from int_related_posts)
),

popularity as (
    select
        views.site_id,
        views.post_key,
        row_number() over (
            partition by views.site_id order by sum(views.views) desc, views.post_key
        ) as place
    from int_hourly_views as views
    inner join dim_posts as posts on views.post_key = posts.post_key
    where
        posts.is_post
        and views.viewed_at > $as_of - interval 24 hour and views.viewed_at <= $as_of
    group by views.site_id, views.post_key
),

popular as (
    select
        firsts.post_key,
        popularity.post_key as popular_post_key,
        row_number() over (
            partition by firsts.post_key order by popularity.place
        ) as place
    from (select distinct site_id, post_key from steps) as firsts
    inner join popularity
        on firsts.site_id = popularity.site_id and firsts.post_key <> popularity.post_key
    where popularity.place <= 11
),

hits as (
    select
        steps.session_key,
        max(case when related.post_key is not null then 1 else 0 end) as by_related,
        max(case when popular.post_key is not null then 1 else 0 end) as by_popular
    from steps
    left join int_related_posts as related
        on
            steps.post_key = related.post_key
            and steps.later_post_key = related.related_post_key
            and related.position <= 10
    left join popular
        on
            steps.post_key = popular.post_key
            and steps.later_post_key = popular.popular_post_key
            and popular.place <= 10
    group by steps.session_key
)

select count(*), coalesce(sum(by_related), 0), coalesce(sum(by_popular), 0) from hits
"""


def main() -> int:
    """Measure, print the figures and return the exit code."""
    parser = Options("related", __doc__)
    parser.add_argument(
        "--warehouse", type=Path, help="a built DuckDB file; simulated traffic by default"
    )
    parser.add_argument("--days", type=int, default=1, help="number of days to hold out (1)")
    options = parser.parse_args()
    if options.days < 1:
        parser.error(f"--days: {options.days} is less than 1")
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    # The views contain the name of the file.
    warehouse = DATA / (options.warehouse.name if options.warehouse else "warehouse.duckdb")
    environment = {"READERSHIP_WAREHOUSE": str(warehouse)}
    if options.warehouse:
        shutil.copy(options.warehouse, warehouse)
    else:
        run("-m", "simulator", "--mess", "--out", str(DATA / "events"))
        run("-m", "loaders", "init", **environment)
        run("-m", "loaders", "load", str(DATA / "events"), **environment)
        run("-m", "bench.dbt", "--quiet", "seed", **environment)
        run("-m", "bench.dbt", "--quiet", "run", **environment)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ((newest_at,),) = connection.execute(
            "select max(newest_event_at) from dim_sites"
        ).fetchall()
    held_out = [
        hits(warehouse, newest_at - timedelta(days=day), environment)
        for day in range(options.days, 0, -1)
    ]
    sessions, related, popular = map(sum, zip(*held_out, strict=True))
    figures = Figures()
    figures.note("related_sessions", sessions, "sessions held back that read several posts", 1)
    figures.note("related_hit_rate_at_10", related / max(sessions, 1), "of them")
    figures.note("most_popular_hit_rate_at_10", popular / max(sessions, 1), "of them")
    return figures.exit_code()


def hits(warehouse: Path, as_of: datetime, environment: dict[str, str]) -> tuple[int, int, int]:
    """Count the sessions of the next day, the hits of related posts and those of popular posts."""
    run(
        *("-m", "bench.dbt", "--quiet", "run", "--select", "dim_sites", "int_related_posts"),
        *("--vars", f"{{as_of: '{as_of:%Y-%m-%d %H:%M:%S}'}}"),
        **environment,
    )
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        (counted,) = connection.execute(_HITS, {"as_of": as_of}).fetchall()
    return counted


if __name__ == "__main__":
    sys.exit(main())
