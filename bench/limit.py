"""The limit that builds are held to: `python -m bench.limit FILE`, with `--wide` the wide one.

The statements of limit.sql run on a warehouse with raw events alone, in a session with dbt's
settings. What they took of the cores and the totals are printed as a line of JSON at the end.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from pathlib import Path

import duckdb

# The totals, and what they are called; the same of the marts.
TOTALS = {
    "events": "select count(*) from event_rows where raw_row not in (from lost_copies)",
    "pageview_rows": "select count(*) from pageviews",
    "pageviews": "select sum(views) from pageviews",
    "engaged_seconds": "select sum(engaged_seconds) from pageviews",
    "sessions": "select count(*) from sessions",
    "session_events": "select sum(events) from sessions",
    "session_pageviews": "select sum(pageviews) from sessions",
    "session_engaged_seconds": "select sum(engaged_seconds) from sessions",
    # Their rows by referrer class are others: the limit takes the class that a record tells.
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
# As the profile has it.
CONFIG = {
    "storage_compatibility_version": "v1.2.0",
    "threads": 2,
    "disabled_optimizers": "projection_placement,projection_pullup",
}


def main() -> int:
    """Run the limit and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m bench.limit", description=__doc__)
    parser.add_argument("file", type=Path, help="a warehouse; its tables of the limit are new")
    parser.add_argument("--wide", action="store_true", help="with the wide table")
    wanted = parser.parse_args()
    folder = Path(__file__).parent
    files = [folder / "limit.sql", *([folder / "limit_wide.sql"] if wanted.wide else [])]
    with duckdb.connect(str(wanted.file), config=CONFIG) as connection:
        connection.execute("set TimeZone = 'UTC'")
        started = cpu_seconds()
        for file in files:
            for statement in connection.extract_statements(file.read_text()):
                before = cpu_seconds()
                connection.execute(statement)
                words = [line for line in statement.query.splitlines() if line[:6] == "create"]
                print(f"  {cpu_seconds() - before:6.2f} s   {words[0]}")
        connection.execute("checkpoint")
        took = cpu_seconds() - started
        totals = totals_of(connection, TOTALS)
    print(json.dumps({"cpu_seconds": took, "totals": totals}))
    return 0


def totals_of(connection: duckdb.DuckDBPyConnection, queries: dict[str, str]) -> dict[str, int]:
    """Ask for totals."""
    return {name: int(connection.execute(sql).fetchall()[0][0]) for name, sql in queries.items()}


def cpu_seconds() -> float:
    """Tell what this process has had of the cores, user and system."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())
