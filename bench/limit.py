"""The lower bound for builds: `python -m bench.limit FILE`, with `--wide` for the wide table.

The statements of limit.sql run on a warehouse that has only raw events, with dbt's DuckDB settings.
The last line of output is JSON with the CPU seconds and the totals.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import duckdb

from bench.options import Options

# Queries of the totals, by name. TOTALS_OF_MARTS has the same totals of the marts.
TOTALS = {
    "events": "select count(*) from event_rows where raw_row not in (from lost_copies)",
    "pageview_rows": "select count(*) from pageviews",
    "pageviews": "select sum(views) from pageviews",
    "engaged_seconds": "select sum(engaged_seconds) from pageviews",
    "sessions": "select count(*) from sessions",
    "session_events": "select sum(events) from sessions",
    "session_pageviews": "select sum(pageviews) from sessions",
    "session_engaged_seconds": "select sum(engaged_seconds) from sessions",
    # Rows by referrer class differ: the lower bound uses the class in the record.
    "hours_of_posts": (
        "select count(distinct (site_id, post_key, hour_at, device_class)) from hours"
    ),
    "hourly_views": "select sum(views) from hours",
    "hourly_engaged_seconds": "select sum(engaged_seconds) from hours",
    "hourly_recirculated_views": "select sum(recirculated_views) from hours",
}
TOTALS_OF_MARTS = {
    "events": "select count(*) from stg_events",
    "pageview_rows": "select count(*) from fct_pageviews",
    "pageviews": "select sum(views) from fct_pageviews",
    "engaged_seconds": "select sum(engaged_seconds) from fct_pageviews",
    "sessions": "select count(*) from fct_sessions",
    "session_events": "select sum(events) from fct_sessions",
    "session_pageviews": "select sum(pageviews) from fct_sessions",
    "session_engaged_seconds": "select sum(engaged_seconds) from fct_sessions",
    "hours_of_posts": (
        "select count(distinct (site_id, post_key, hour_at, device_class)) from fct_engaged_time"
    ),
    "hourly_views": "select sum(views) from fct_engaged_time",
    "hourly_engaged_seconds": "select sum(engaged_seconds) from fct_engaged_time",
    "hourly_recirculated_views": "select sum(recirculated_views) from fct_engaged_time",
}
# The same settings as in the dbt profile.
CONFIG = {
    "storage_compatibility_version": "v1.2.0",
    "threads": 2,
    "disabled_optimizers": "projection_placement,projection_pullup",
}


def main() -> int:
    """Run the lower bound and print its CPU seconds and totals."""
    parser = Options("limit", __doc__)
    parser.add_argument(
        "file",
        type=Path,
        help="a warehouse with raw events; the tables of the lower bound are created in it",
    )
    parser.add_argument("--wide", action="store_true", help="also create the wide table")
    options = parser.parse_args()
    folder = Path(__file__).parent
    files = [folder / "limit.sql", *([folder / "limit_wide.sql"] if options.wide else [])]
    with duckdb.connect(str(options.file), config=CONFIG) as connection:
        connection.execute("set TimeZone = 'UTC'")
        started = cpu_seconds()
        for file in files:
            for statement in connection.extract_statements(file.read_text()):
                before = cpu_seconds()
                connection.execute(statement)
                first_lines = [
                    line for line in statement.query.splitlines() if line[:6] == "create"
                ]
                print(f"  {cpu_seconds() - before:6.2f} s   {first_lines[0]}")
        connection.execute("checkpoint")
        elapsed = cpu_seconds() - started
        totals = totals_of(connection, TOTALS)
    print(json.dumps({"cpu_seconds": elapsed, "totals": totals}))
    return 0


def totals_of(connection: duckdb.DuckDBPyConnection, queries: dict[str, str]) -> dict[str, int]:
    """Run the queries of totals, and return the totals by name."""
    return {name: int(connection.execute(sql).fetchall()[0][0]) for name, sql in queries.items()}


def cpu_seconds() -> float:
    """Return the user and system CPU time of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())
