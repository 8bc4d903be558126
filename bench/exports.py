"""Latency of the exports on 10 million pageviews: `make bench-exports`.

dbt builds two weeks of simulated traffic. SQL then copies their pageviews, sessions, posts and the
tables about posts, each time two weeks further back and several times in parallel, until a year has
10 million pageviews. Every two weeks have their own posts; visitors return within six weeks. Rows
are stored in the order of their hours, as hourly builds would leave them. Only the tables that
these exports read have that size. The views are those of the project. Each is queried for all rows
of the site with the most views.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time

import duckdb

from bench.figures import ROOT, Figures, run
from bench.options import Options

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
# Maximum milliseconds of a query, by period.
BARS = {"1h": 100, "24h": 100, "today": 100, "7d": 400, "90d": 1500}


def main() -> int:
    """Measure, print the figures and return the exit code."""
    Options("exports", __doc__).parse_args()
    figures = Figures()
    print(f"{os.cpu_count()} cores, DuckDB with 2 threads", flush=True)
    warehouse = DATA / "warehouse.duckdb"
    if not warehouse.exists():
        build(warehouse)
    with duckdb.connect(str(warehouse), read_only=True, config={"threads": 2}) as connection:
        measure(connection, figures)
    return figures.exit_code()


def build(warehouse: os.PathLike[str]) -> None:
    """Create the warehouse: two weeks by the loader and dbt, and a year of copies of them."""
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    temporary = DATA / "making" / "warehouse.duckdb"
    temporary.parent.mkdir()
    environment = {"READERSHIP_WAREHOUSE": str(temporary)}
    run("-m", "simulator", "--out", str(DATA / "events"))
    run("-m", "loaders", "init", **environment)
    run("-m", "loaders", "load", str(DATA / "events"), **environment)
    run("-m", "bench.dbt", "--quiet", "seed", **environment)
    run("-m", "bench.dbt", "--quiet", "run", **environment)
    with duckdb.connect(str(temporary), config={"threads": 2}) as connection:
        multiply(connection)
    temporary.rename(warehouse)


def multiply(connection: duckdb.DuckDBPyConnection) -> None:
    """Copy the two weeks until a year has enough pageviews."""
    pageviews = one(connection, "select count(*) from int_hourly_views")
    parallel = -(-PAGEVIEWS // (pageviews * FORTNIGHTS))
    connection.execute(
        "create temporary table copies as select fortnights.range as back, parallel.range as copy "
        f"from range({FORTNIGHTS}) as fortnights cross join range({parallel}) as parallel"
    )
    for table in ("int_hourly_views", "fct_sessions"):
        copy(
            connection, table, "copies", "hour_at" if table == "int_hourly_views" else "started_at"
        )
    connection.execute(
        "create temporary table times as select distinct back, 0 as copy from copies"
    )
    for table in ("dim_posts", "bridge_post_authors", "bridge_post_tags", "int_bylines"):
        copy(connection, table, "times", "post_key")
    connection.execute(
        "update dim_sites set first_event_at = "
        f"first_event_at - interval {14 * (FORTNIGHTS - 1)} day"
    )
    connection.execute("checkpoint")


def copy(connection: duckdb.DuckDBPyConnection, table: str, copies: str, order: str) -> None:
    """Replace a table by its copies, in a given order."""
    columns = connection.execute(
        "select column_name from information_schema.columns "
        "where table_schema = 'main' and table_name = ? order by ordinal_position",
        [table],
    ).fetchall()
    selected = ", ".join(f"{copied_column(name)} as {name}" for (name,) in columns)
    connection.execute(
        f"create table copied as select {selected} from {table} cross join {copies} as copies "
        f"order by copies.back desc, {table}.{order}"
    )
    connection.execute(f"drop table {table}")
    connection.execute(f"alter table copied rename to {table}")


def copied_column(column: str) -> str:
    """Return the SQL of a column in a copy: keys become distinct, times move back."""
    if column.endswith("post_key"):
        return f"case when back = 0 then {column} else cast(md5({column} || back) as uuid) end"
    if column == "visitor_key":
        return f"cast(md5({column} || '/' || back // 3 || '/' || copy) as uuid)"
    if column == "session_key":
        return f"cast(md5({column} || '/' || back || '/' || copy) as uuid)"
    if column.endswith("_at"):
        return f"{column} - to_days(cast(14 * back as integer))"
    if column.endswith("_date"):
        return f"{column} - cast(14 * back as integer)"
    return column


def measure(connection: duckdb.DuckDBPyConnection, figures: Figures) -> None:
    """Query each view for each period."""
    pageviews = one(connection, "select sum(views) from int_hourly_views")
    figures.note("exports_pageviews", pageviews, "pageviews", PAGEVIEWS * 0.9)
    site, views = connection.execute(
        "select site_id, sum(views) from int_hourly_views group by site_id order by 2 desc limit 1"
    ).fetchall()[0]
    print(f"{site}: {views:,} of the pageviews", flush=True)
    for view in VIEWS:
        for period, bar in BARS.items():
            seconds, rows = median_query(connection, view, site, period)
            figures.note(
                f"{view}_{period}_of_{rows}_rows", seconds * 1000, "ms", bar, kind="at most"
            )


def median_query(
    connection: duckdb.DuckDBPyConnection, view: str, site: str, period: str
) -> tuple[float, int]:
    """Return the median seconds of a query, and its number of rows."""
    durations: list[float] = []
    rows: list[tuple[object, ...]] = []
    for _ in range(ROUNDS):
        started = time.monotonic()
        rows = connection.execute(
            f"select * from {view} where site_id = ? and period = ?", [site, period]
        ).fetchall()
        durations.append(time.monotonic() - started)
    return statistics.median(durations), len(rows)


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Return the single number that a query selects."""
    ((value,),) = connection.execute(sql).fetchall()
    return int(value)


if __name__ == "__main__":
    sys.exit(main())
