"""What the answers cost at 10 million pageviews: `make bench-exports`.

Two weeks of made-up traffic are built by dbt, as anybody's are. Their pageviews, sessions, posts
and what hangs on the posts are then copied in SQL, two weeks further back each time and several
times side by side, until there are 10 million pageviews in a year: each two weeks have posts of
their own, visitors come back within six weeks. Copies lie in the order of their hours, as builds
every hour leave them. Only the tables that these exports read are there in that size. The views are
the project's own; each is asked for all rows of the site with the most views.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time

import duckdb

from bench.figures import ROOT, Figures, run

PAGEVIEWS = 10_000_000
FORTNIGHTS = 26
ROUNDS = 5
DATA = ROOT / "data" / "bench" / "exports"
VIEWS = [
    "api_analytics_posts", "api_analytics_authors", "api_analytics_sections", "api_analytics_tags",
    "api_analytics_referrers", "api_analytics_channels", "api_analytics_campaigns",
    "api_analytics_segments", "api_post_detail", "api_referrers_social", "api_referrers_posts",
    "api_referrers_tags", "api_referrers_post_detail", "api_top_posts",
]  # fmt: skip
# Milliseconds that a view may take for a period.
BARS = {"1h": 100, "24h": 100, "today": 100, "7d": 400, "90d": 1500}


def main() -> int:
    """Measure, print the figures, and give the exit code."""
    figures = Figures()
    print(f"{os.cpu_count()} cores, DuckDB with 2 threads", flush=True)
    warehouse = DATA / "warehouse.duckdb"
    if not warehouse.exists():
        build(warehouse)
    with duckdb.connect(str(warehouse), read_only=True, config={"threads": 2}) as connection:
        measure(connection, figures)
    return figures.exit_code()


def build(warehouse: os.PathLike[str]) -> None:
    """Make the warehouse: two weeks by the loader and dbt, the year by copies of them."""
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    made = DATA / "making" / "warehouse.duckdb"
    made.parent.mkdir()
    setting = {"READERSHIP_WAREHOUSE": str(made)}
    run("-m", "simulator", "--out", str(DATA / "events"))
    run("-m", "loaders", "init", **setting)
    run("-m", "loaders", "load", str(DATA / "events"), **setting)
    run("-m", "bench.dbt", "--quiet", "seed", **setting)
    run("-m", "bench.dbt", "--quiet", "run", **setting)
    with duckdb.connect(str(made), config={"threads": 2}) as connection:
        multiply(connection)
    made.rename(warehouse)


def multiply(connection: duckdb.DuckDBPyConnection) -> None:
    """Copy two weeks to a year, until there are enough pageviews."""
    pageviews = one(connection, "select count(*) from int_hourly_views")
    beside = -(-PAGEVIEWS // (pageviews * FORTNIGHTS))
    connection.execute(
        "create temporary table copies as select fortnights.range as back, beside.range as beside "
        f"from range({FORTNIGHTS}) as fortnights cross join range({beside}) as beside"
    )
    for table in ("int_hourly_views", "fct_sessions"):
        copy(
            connection, table, "copies", "hour_at" if table == "int_hourly_views" else "started_at"
        )
    connection.execute(
        "create temporary table times as select distinct back, 0 as beside from copies"
    )
    for table in ("dim_posts", "bridge_post_authors", "bridge_post_tags", "int_bylines"):
        copy(connection, table, "times", "post_key")
    connection.execute(
        "update dim_sites set first_event_at = "
        f"first_event_at - interval {14 * (FORTNIGHTS - 1)} day"
    )
    connection.execute("checkpoint")


def copy(connection: duckdb.DuckDBPyConnection, table: str, copies: str, order: str) -> None:
    """Put the copies of a table in its place."""
    columns = connection.execute(
        "select column_name from information_schema.columns "
        "where table_schema = 'main' and table_name = ? order by ordinal_position",
        [table],
    ).fetchall()
    selected = ", ".join(f"{copied(name)} as {name}" for (name,) in columns)
    connection.execute(
        f"create table copied as select {selected} from {table} cross join {copies} as copies "
        f"order by copies.back desc, {table}.{order}"
    )
    connection.execute(f"drop table {table}")
    connection.execute(f"alter table copied rename to {table}")


def copied(column: str) -> str:
    """Give a column's value in a copy: keys of its own, times as much earlier."""
    if column.endswith("post_key"):
        return f"case when back = 0 then {column} else md5({column} || back) end"
    if column == "visitor_key":
        return f"md5({column} || '/' || back // 3 || '/' || beside)"
    if column == "session_key":
        return f"md5({column} || '/' || back || '/' || beside)"
    if column.endswith("_at"):
        return f"{column} - to_days(cast(14 * back as integer))"
    if column.endswith("_date"):
        return f"{column} - cast(14 * back as integer)"
    return column


def measure(connection: duckdb.DuckDBPyConnection, figures: Figures) -> None:
    """Ask each view for each period."""
    pageviews = one(connection, "select sum(views) from int_hourly_views")
    figures.note("exports_pageviews", pageviews, "pageviews", PAGEVIEWS * 0.9)
    site, views = connection.execute(
        "select site_id, sum(views) from int_hourly_views group by site_id order by 2 desc limit 1"
    ).fetchall()[0]
    print(f"{site}: {views:,} of the pageviews", flush=True)
    for view in VIEWS:
        for period, bar in BARS.items():
            seconds, rows = asked(connection, view, site, period)
            figures.note(
                f"{view}_{period}_of_{rows}_rows", seconds * 1000, "ms", bar, kind="at most"
            )


def asked(
    connection: duckdb.DuckDBPyConnection, view: str, site: str, period: str
) -> tuple[float, int]:
    """Give the median seconds of an answer, and its rows."""
    taken: list[float] = []
    rows: list[tuple[object, ...]] = []
    for _ in range(ROUNDS):
        started = time.monotonic()
        rows = connection.execute(
            f"select * from {view} where site_id = ? and period = ?", [site, period]
        ).fetchall()
        taken.append(time.monotonic() - started)
    return statistics.median(taken), len(rows)


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Ask for a single number."""
    ((value,),) = connection.execute(sql).fetchall()
    return int(value)


if __name__ == "__main__":
    sys.exit(main())
