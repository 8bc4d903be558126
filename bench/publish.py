"""Publishing and switching, on 10 million pageviews: `make bench-publish`.

The warehouse is that of `make bench-exports`. It is published as a whole, once more without any
change, and after a batch: the rows of 5,000 events, in the shape in which a build replaces rows
after such a batch. Most of them are of the newest day, some of 16 earlier ones, and visitors
return who were last seen at any time. Seconds are those of the command, with the start of the
interpreter. Then a reader switches, and the same calls are made on the parts that it has put
together and on one file of the same rows, alternately and without a cache.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time
from pathlib import Path

import duckdb

from bench.figures import DATA, Figures, run
from bench.options import Options
from bench.serve import default_warehouse
from readership.service import (
    ENDPOINTS,
    Snapshot,
    SnapshotInfo,
    Stores,
    answer,
    current_snapshot,
    open_snapshot,
    snapshot_folder,
    snapshot_query,
)

ROUNDS = 15
PERIODS = ("1h", "24h", "30d")
CALLED = ("analytics/posts", "analytics/authors", "analytics/referrers")
# Rows that one batch of 5,000 events adds to each table, as measured on a year of a million events.
VIEWS = 1_700
SESSIONS = 1_000
LATE_DAYS = 16
RETURNING = 500

# Rows are added and replaced as in the incremental models; `number` tells batches apart.
BATCH = f"""
create temporary table batch as
select * from int_hourly_views order by viewed_at desc limit {VIEWS};

insert into int_hourly_views
select * replace (viewed_at + interval 1 minute as viewed_at) from batch;

create temporary table late as
select * from int_hourly_views using sample reservoir({LATE_DAYS} rows) repeatable (5);
delete from int_hourly_views where session_key in (select session_key from late);
insert into int_hourly_views
select * replace (engaged_seconds + 1 as engaged_seconds) from late;

create temporary table sessions as
(select * from fct_sessions order by started_at desc limit {SESSIONS})
union all
(select * from fct_sessions using sample reservoir({LATE_DAYS} rows) repeatable (5));
delete from fct_sessions where session_key in (select session_key from sessions);
insert into fct_sessions
select * replace (engaged_seconds + 1 as engaged_seconds) from sessions;

create temporary table returning_visitors as
select * from int_visitors using sample reservoir({RETURNING} rows) repeatable (5);
delete from int_visitors where visitor_key in (select visitor_key from returning_visitors);
insert into int_visitors
select * replace (
    sessions + 1 as sessions, (select max(last_seen_at) from int_visitors) as last_seen_at
)
from returning_visitors;

update dim_sites set as_of_at = as_of_at + interval 1 minute;
update dim_periods
set starts_after_at = starts_after_at + interval 1 minute, ends_at = ends_at + interval 1 minute;
update dim_posts
set last_event_at = last_event_at + interval 1 minute
where post_key in (select post_key from batch);
"""


def main() -> int:
    """Measure, print the figures and return the exit code."""
    parser = Options("publish", __doc__)
    parser.add_argument(
        "--warehouse",
        type=Path,
        help="a built warehouse with its answers, which is copied; by default, one is created",
    )
    options = parser.parse_args()
    source = (options.warehouse or default_warehouse()).absolute()
    folder = DATA / "publish"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    warehouse = folder / "warehouse.duckdb"
    shutil.copyfile(source, warehouse)
    figures = Figures()
    print(f"{os.cpu_count()} cores", flush=True)
    with duckdb.connect(str(warehouse)) as connection:
        ((pageviews,),) = connection.execute("select count(*) from int_hourly_views").fetchall()
    figures.note("pageviews", pageviews, "views")
    stores = Stores()
    first = published(figures, "first", warehouse)
    opened = [switched(figures, "first", first, stores)]
    published(figures, "nothing_new", warehouse, bar=2)
    for name in ("batch", "second_batch"):
        change(warehouse)
        info = published(figures, name, warehouse, bar=2)
        opened.append(switched(figures, name, info, stores))
        opened.pop(0).retire()
    (parts,) = opened
    info = published(figures, "whole", warehouse, "--whole")
    whole = open_snapshot(info)
    compare(figures, parts, whole)
    for snapshot in (parts, whole):
        snapshot.retire()
    stores.close()
    shutil.rmtree(folder)
    return figures.exit_code()


def change(warehouse: Path) -> None:
    """Change the warehouse as the build of a batch does."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(BATCH)
        connection.execute("checkpoint")


def published(
    figures: Figures, name: str, warehouse: Path, *options: str, bar: float | None = None
) -> SnapshotInfo:
    """Publish by the command; print its seconds and what it has written."""
    before = {file.name for file in snapshot_folder(warehouse).glob("*.duckdb")}
    result = run("-m", "readership", "publish", "--warehouse", str(warehouse), *options)
    info = current_snapshot(snapshot_folder(warehouse))
    assert info is not None
    new = sum(file.bytes for file in info.files if file.path.name not in before)
    figures.note(f"publish_{name}", result.seconds, "s", bar, "at most")
    figures.note(f"publish_{name}_cpu", result.cpu_seconds, "s")
    figures.note(f"publish_{name}_written", new / 1e6, "MB")
    return info


def switched(figures: Figures, name: str, info: SnapshotInfo, stores: Stores) -> Snapshot:
    """Open a snapshot as a running service does, and print the seconds."""
    started = time.monotonic()
    snapshot = open_snapshot(info, stores=stores)
    figures.note(f"open_{name}", time.monotonic() - started, "s")
    return snapshot


def compare(figures: Figures, parts: Snapshot, whole: Snapshot) -> None:
    """Print how long calls take on parts, compared with one file, by period."""
    endpoints = {endpoint.path: endpoint for endpoint in ENDPOINTS}
    for period in PERIODS:
        seconds: dict[int, list[float]] = {0: [], 1: []}
        for _ in range(ROUNDS):
            for path in CALLED:
                for site in whole.sites:
                    bodies = []
                    for number, snapshot in enumerate((parts, whole)):
                        endpoint = endpoints[path]
                        call = endpoint.parameters.model_validate(
                            {"apikey": site, "period_start": period}
                        )
                        query = snapshot_query(endpoint, call, snapshot.sites[site].clock)
                        with snapshot.cursor() as cursor:
                            started = time.perf_counter()
                            bodies.append(answer(snapshot, cursor, query).body)
                            seconds[number].append(time.perf_counter() - started)
                    if bodies[0] != bodies[1]:
                        sys.exit(f"{path} of {site} for {period}: parts answer differently")
        of_parts, of_whole = (statistics.median(seconds[number]) for number in (0, 1))
        figures.note(f"uncached_{period}", 1000 * of_parts, "ms")
        figures.note(f"uncached_{period}_of_one_file", of_parts / of_whole, "times", 1.1, "at most")


if __name__ == "__main__":
    sys.exit(main())
