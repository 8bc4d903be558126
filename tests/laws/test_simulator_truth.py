"""The marts built from simulated files, compared with the simulator's truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.command_line import main as simulate
from tests.support.warehouses import Dbt, Warehouse

DAYS = """
with

days as (
    select site_id, cast(viewed_at as date) as day,
        sum(views) as pageviews, sum(engaged_seconds) as engaged_seconds
    from fct_pageviews group by all
),

sessions as (
    select site_id, cast(started_at as date) as day, count(*) as sessions
    from fct_sessions group by all
),

visitors as (
    select site_id, cast(event_at as date) as day, count(distinct visitor_key) as visitors
    from int_event_attribution group by all
),

others as (
    select events.site_id, cast(events.event_at as date) as day,
        count(*) filter (events.action = 'videostart') as video_starts,
        count(*) filter (events.action = 'conversion') as conversions,
        coalesce(sum(events.engaged_time_inc_seconds) filter (events.action = 'vheartbeat'), 0)
            as video_watch_seconds
    from stg_events as events semi join int_event_attribution using (event_key) group by all
)

select site_id, cast(day as varchar), coalesce(pageviews, 0), coalesce(visitors, 0),
    coalesce(sessions, 0), coalesce(engaged_seconds, 0), coalesce(video_starts, 0),
    coalesce(video_watch_seconds, 0), coalesce(conversions, 0)
from days
full join sessions using (site_id, day)
full join visitors using (site_id, day)
full join others using (site_id, day)
"""

COLUMNS = (
    "pageviews", "visitors", "sessions", "engaged_seconds", "video_starts",
    "video_watch_seconds", "conversions",
)  # fmt: skip
ACCOUNTS = (
    "lines", "blank_lines", "rejected_lines", "events", "unique_events", "duplicates",
)  # fmt: skip


def simulated(folder: Path, events: int, *options: str) -> dict[str, Any]:
    arguments = ["--events", str(events), "--days", "9", "--seed", "3", "--out", str(folder)]
    assert simulate([*arguments, *options]) == 0
    return json.loads((folder / "truth.json").read_text())


@pytest.fixture(params=["clean", "messy"], scope="module")
def account(
    request: pytest.FixtureRequest,
    dbt: Dbt,
    tmp_path_factory: pytest.TempPathFactory,
    is_long: bool,
) -> tuple[dict[str, Any], Warehouse]:
    """Truth and warehouse; the files come in three loads, with a build after each.

    Takes over 20 s: dbt itself builds a messy week.
    """
    folder = tmp_path_factory.mktemp(request.param)
    events = 400_000 if is_long else 20_000
    truth = simulated(folder, events, *(["--mess"] if request.param == "messy" else []))
    warehouse = Warehouse(tmp_path_factory.mktemp("warehouse"), dbt, is_by_dbt=True)
    files = sorted(folder.rglob("*.gz"))
    for part in (files[::3], files[1::3], files[2::3]):
        warehouse.load(*part)
        warehouse.build()
    return truth, warehouse


def test_the_marts_equal_the_truth_by_site_and_day(
    account: tuple[dict[str, Any], Warehouse],
) -> None:
    truth, warehouse = account
    found = {(site, day): row for site, day, *row in warehouse.rows(DAYS)}
    expected = {
        (day["site_id"], day["date"]): [day[column] for column in COLUMNS] for day in truth["days"]
    }
    assert found == expected


def test_line_counts_equal_the_truth(
    account: tuple[dict[str, Any], Warehouse],
) -> None:
    truth, warehouse = account
    totals = truth["totals"]
    assert warehouse.one(
        "select sum(lines), sum(blank_lines), sum(rejected_lines), sum(events), "
        "sum(staged_events), sum(duplicate_events) from ops_loads"
    ) == tuple(totals[name] for name in ACCOUNTS)
    refused = warehouse.rows("select broken_rules, count(*) from stg_event_rejections group by 1")
    assert dict(refused) == totals["refused"]


def test_bots_are_flagged_and_kept_but_not_counted(
    account: tuple[dict[str, Any], Warehouse],
) -> None:
    truth, warehouse = account
    bots = "select count(*) from stg_events where is_bot"
    assert warehouse.one(bots) == truth["totals"]["bot_events"]
    assert not warehouse.one(
        "select count(*) from stg_events semi join int_event_attribution using (event_key) "
        "where is_bot"
    )


def test_incremental_builds_give_the_rows_of_one_full_refresh(
    account: tuple[dict[str, Any], Warehouse],
) -> None:
    _, warehouse = account
    incremental = warehouse.contents()
    warehouse.build("--full-refresh")
    refreshed = warehouse.contents()
    assert incremental.keys() == refreshed.keys()
    for name, rows in refreshed.items():
        assert incremental[name] == rows, name


def test_the_data_tests_pass(account: tuple[dict[str, Any], Warehouse]) -> None:
    _, warehouse = account
    warehouse.test()
