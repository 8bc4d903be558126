"""The project of examples/joins, built on its own events; the figures are worked out by hand."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from readership.command_line import main
from tests.support.warehouses import ROOT, Warehouse

EXAMPLE = ROOT / "examples/joins"


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The warehouse after one build of the project and of what it reads, with its data tests."""
    module_warehouse.load(EXAMPLE / "events")
    folder = tmp_path_factory.mktemp("joins") / "publisher"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("dbt_packages", "target"))
    (folder / "packages.yml").write_text(json.dumps({"packages": [{"local": str(ROOT)}]}))
    run(module_warehouse.path, folder, "deps")
    run(
        *(module_warehouse.path, folder, "build"),
        *("--select", "+package:publisher"),
        *("--exclude", "package:readership,resource_type:test"),
    )
    return module_warehouse


def run(warehouse: Path, folder: Path, *command: str) -> None:
    """Run one dbt command, which must succeed."""
    places = ["--project-dir", str(folder), "--profiles-dir", str(ROOT / "profiles")]
    with mock.patch.dict(os.environ, READERSHIP_WAREHOUSE=str(warehouse)):
        # dbt renders every line of every level for its loggers.
        quiet = ["--log-level", "none", "--log-level-file", "none", "--no-write-json"]
        done = dbtRunner().invoke([*quiet, *command, *places])
        DuckDBConnectionManager.close_all_connections()
    results: Any = done.result or []
    failed = [(r.node.name, r.message) for r in results if r.status not in ("success", "pass")]
    assert done.success, str(done.exception or failed)


def test_reading_before_a_subscription_ends_with_it(built: Warehouse) -> None:
    """Ada and Cyd read on after it; Dan was never seen."""
    assert built.rows(
        "select subscription_id, first_acquisition_channel, sessions_before, posts_before, "
        "views_before, engaged_minutes_before, hours_from_first_session, is_known_visitor "
        "from main_publisher.fct_subscriptions order by 1"
    ) == [
        ("s1", "email", 2, 2, 4, 3.0, 21, True),
        ("s2", "email", 1, 1, 1, 2.0, 53, True),
        ("s3", None, 0, 0, 0, 0.0, None, False),
        ("s4", "search", 1, 2, 2, 2.0, 55, True),
    ]


def test_revenue_and_conversions_are_shared_between_the_posts_read_before(
    built: Warehouse,
) -> None:
    """120 for two posts, 60 for one, 30 for two; 240 of a reader who was never seen."""
    assert built.rows(
        "select title, conversions_credited, subscriptions_touched, subscriptions_credited, "
        "revenue from main_publisher.fct_post_revenue order by title nulls last"
    ) == [
        ("The budget", 0.5, 2, 1.0, 75.0),
        ("The final", 0.5, 2, 1.5, 120.0),
        ("The summit", 0.0, 1, 0.5, 15.0),
        (None, 0.0, 1, 1.0, 240.0),
    ]


def test_an_impression_has_the_pageview_on_which_it_was_served(built: Warehouse) -> None:
    """Ada opened the budget twice; eve was not tracked; i8 came 11 hours after the view."""
    assert built.rows(
        "select impression_id, visitor_site_id, pageview_id, title "
        "from main_publisher.fct_ad_impressions as impressions "
        "left join fct_pageviews using (pageview_key) "
        "left join dim_posts on impressions.post_key = dim_posts.post_key "
        "left join dim_visitors on fct_pageviews.visitor_key = dim_visitors.visitor_key "
        "order by 1"
    ) == [
        ("i1", "ada", "p1", "The budget"),
        ("i2", "ada", "p2", "The budget"),
        ("i3", "ada", "p3", "The final"),
        ("i4", "bob", "p1", "The final"),
        ("i5", "cyd", "p1", "The summit"),
        ("i6", None, None, None),
        ("i7", "ada", "p4", "The budget"),
        ("i8", None, None, None),
    ]


def test_ads_are_set_against_the_engaged_minutes_of_the_day(built: Warehouse) -> None:
    """Cyd came at 22:00 on March 2 by the clock of New York."""
    assert built.rows(
        "select viewed_date, title, impressions, round(revenue, 3), engaged_minutes, "
        "round(impressions_per_engaged_minute, 3), round(revenue_per_engaged_minute, 4) "
        "from main_publisher.fct_post_ad_days join dim_posts using (post_key) order by 1, 2"
    ) == [
        (date(2026, 3, 2), "The budget", 2, 0.02, 2.0, 1.0, 0.01),
        (date(2026, 3, 2), "The final", 2, 0.04, 2.5, 0.8, 0.016),
        (date(2026, 3, 2), "The summit", 1, 0.015, 1.0, 1.0, 0.015),
        (date(2026, 3, 3), "The budget", 1, 0.01, 1.5, 0.667, 0.0067),
        (date(2026, 3, 6), "The final", 0, 0.0, 0.0, None, None),
    ]


def test_a_session_counts_for_the_newest_sending_of_its_issue(built: Warehouse) -> None:
    """The issue was sent again at 12:30, after ada's session and before bob's."""
    assert built.rows(
        "select send_id, started_at from main_publisher.fct_newsletter_sessions order by 1"
    ) == [("n1", datetime(2026, 3, 2, 12)), ("n3", datetime(2026, 3, 2, 13))]
    assert built.rows(
        "select send_id, sessions, visitors, pageviews, engaged_minutes, conversions, "
        "sessions_per_thousand from main_publisher.fct_newsletter_sends order by 1"
    ) == [
        ("n1", 1, 1, 3, 1.5, 0, 1.0),
        ("n2", 0, 0, 0, 0.0, 0, 0.0),
        ("n3", 1, 1, 1, 2.0, 0, 5.0),
    ]


def test_an_audience_is_read_from_the_marts(
    built: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ada viewed the budget three times, Cyd once; the newest event is Cyd's, on March 6."""
    agreed = tmp_path / "agreed.csv"
    agreed.write_text("visitor_site_id\nada\n")
    file = tmp_path / "audience.csv"
    rules = ["--rule", "tier=2-4", "--rule", "section=Politics", "--rule", "seen-within=4d"]
    places = ["--consent", str(agreed), "--out", str(file), "--warehouse", str(built.path)]
    assert main(["audience", *rules, *places]) == 0
    assert capsys.readouterr().out == (
        "audience as of 2026-03-06 08:00 UTC: 2 matched, 1 without consent left out, "
        f"1 written to {file}\n"
    )
    _, row = file.read_text().splitlines()
    key = built.one("select visitor_key from dim_visitors where visitor_site_id = 'ada'")
    assert row == (
        f"news.example.com,ada,{key},2026-03-03 09:03:00,tier=2-4; section=Politics; seen-within=4d"
    )
