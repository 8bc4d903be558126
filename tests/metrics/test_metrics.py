"""The semantic layer: what MetricFlow answers is what SQL on the marts says."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.semantic_manifest import SemanticManifest

from readership.command_line import main
from tests.support.warehouses import ROOT, Warehouse

PAGE = (ROOT / "docs/metrics.md").read_text()
# What the pages promise to measure.
MEASURED = {
    "views", "visitors", "visitors_new", "visitors_returning", "engaged_seconds", "engaged_minutes",
    "avg_engaged", "watch_seconds", "video_plays", "video_viewers", "recirculation_rate",
    "sessions", "bounce_rate", "conversions", "conversion_rate", "linear_conversions",
    "custom_events", "author_views_share", "tag_views_share",
}  # fmt: skip


@dataclass(frozen=True)
class Question:
    """Metrics by one dimension.

    Attributes:
        by: The dimension, as MetricFlow names it.
        answers: For each metric, a query of its own on the marts that gives groups and values.
        where: A condition in MetricFlow's words.

    """

    by: str
    answers: dict[str, str]
    where: list[str] = field(default_factory=list)


def of(table: str, group: str, value: str, join: str = "") -> str:
    """Write a query for a value by group."""
    return f"select {group}, {value} from {table} {join} group by all"


VIEWED = ("fct_pageviews", "viewed_date")
OF_POSTS = "left join dim_posts using (post_key)"
QUESTIONS = {
    "by date": Question(
        "metric_time__day",
        {
            "views": of(*VIEWED, "sum(views)"),
            "visitors": of(*VIEWED, "count(distinct visitor_key)"),
            "visitors_returning": of(
                *VIEWED, "count(distinct visitor_key) filter (where is_returning)"
            ),
            "visitors_new": of(
                *VIEWED,
                "count(distinct visitor_key)"
                " - count(distinct visitor_key) filter (where is_returning)",
            ),
            "avg_engaged": of(*VIEWED, "sum(engaged_seconds) / 60 / count(distinct visitor_key)"),
            "sessions": of("fct_sessions", "started_date", "count(*)"),
            "bounce_rate": of("fct_sessions", "started_date", "avg(is_bounce::int)"),
            "watch_seconds": of("fct_video_plays", "started_date", "sum(watch_seconds)"),
            "conversions": of("fct_conversions", "converted_date", "count(*)"),
            "custom_events": of("fct_custom_events", "occurred_date", "count(*)"),
        },
    ),
    "over days": Question(
        "metric_time__day",
        {
            "views_7_days": """
                select calendar_date, (
                    select sum(views) from fct_pageviews
                    where viewed_date between calendar_date - 6 and calendar_date
                ) from dim_dates""",
            "visitors_30_days": """
                select calendar_date, (
                    select count(distinct visitor_key) from fct_pageviews
                    where viewed_date between calendar_date - 29 and calendar_date
                    having count(*) > 0
                ) from dim_dates""",
            "views_month_to_date": """
                select calendar_date, (
                    select sum(views) from fct_pageviews
                    where viewed_date between month_start_date and calendar_date
                ) from dim_dates""",
        },
    ),
    "by hour": Question(
        "metric_time__hour",
        {
            # Not from the rollup.
            "hourly_views": of("fct_pageviews", "viewed_local_hour", "sum(views)"),
            "hourly_engaged_seconds": of(
                "fct_pageviews", "viewed_local_hour", "sum(engaged_seconds)"
            ),
        },
    ),
    "by section": Question(
        "post__section",
        {
            "views": of("fct_pageviews", "section", "sum(views)", OF_POSTS),
            "recirculation_rate": """
                select section, sum(led) / sum(views) from (
                    select post_key, views, 0 as led from fct_pageviews
                    union all
                    select referrer_post_key, 0, views from fct_pageviews
                    where referrer_post_key is not null
                ) left join dim_posts using (post_key) group by all having sum(views) > 0""",
            "linear_conversions": of(
                "fct_conversion_touchpoints", "section", "sum(linear)", OF_POSTS
            ),
        },
    ),
    "by author": Question(
        "post_author_day__author",
        {
            "author_views": of(
                "fct_pageviews",
                "author",
                "sum(views)",
                "left join bridge_post_authors using (post_key)",
            ),
            "author_views_share": """
                select author, sum(views / coalesce(authors, 1))
                from fct_pageviews left join bridge_post_authors using (post_key)
                left join (
                    select post_key, count(*) as authors from bridge_post_authors group by post_key
                ) using (post_key) group by all""",
        },
    ),
    "of one site by tier": Question(
        "visitor__session_tier",
        {
            "visitors": """
                select session_tier, count(distinct visitor_key)
                from fct_pageviews join dim_visitors using (visitor_key)
                where fct_pageviews.site_id = 'tribune.example.org' group by all"""
        },
        where=["{{ Dimension('site__site_name') }} = 'Example Tribune'"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def sample(module_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("sample")
    assert main(["simulate", "--events", "4000", "--out", str(folder)]) == 0
    module_warehouse.load(folder)
    module_warehouse.build()
    return module_warehouse


@pytest.fixture(scope="module")
def answered(
    sample: Warehouse, manifest: Manifest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """What MetricFlow says to all questions: a folder of answers, and its check of the layer."""
    folder = tmp_path_factory.mktemp("metrics")
    # MetricFlow reads these two, at these places.
    shutil.copy(ROOT / "dbt_project.yml", folder)
    (folder / "target").mkdir()
    # A copy, since the shared one has lost its lookups on its way between processes.
    SemanticManifest(manifest.deepcopy()).write_json_to_file(
        str(folder / "target/semantic_manifest.json")
    )
    commands = [["validate-configs"]]
    for name, question in QUESTIONS.items():
        commands += [
            [
                *("query", "--quiet", "--csv", str(folder / f"{name}.csv")),
                *("--metrics", ",".join(question.answers), "--group-by", question.by),
                *(part for condition in question.where for part in ("--where", condition)),
            ]
        ]
    commands += [shlex.split(line)[1:] for line in PAGE.splitlines() if line.startswith("mf query")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.ask_metrics"],
        input=json.dumps(commands),
        env=os.environ
        | {
            "DBT_PROJECT_DIR": str(folder),
            "DBT_PROFILES_DIR": str(ROOT / "profiles"),
            "READERSHIP_WAREHOUSE": str(sample.path),
            "PYTHONPATH": str(ROOT),
            "DO_NOT_TRACK": "1",
        },
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def named(group: str | date | None) -> str:
    """Return a group as MetricFlow writes it."""
    if group is None:
        return ""
    return f"{group} 00:00:00" if type(group) is date else str(group)


def test_the_warehouse_has_every_table_and_column_of_the_metrics(
    answered: tuple[Path, str],
) -> None:
    _, said = answered
    checks = [line for line in said.splitlines() if "FUTURE_ERRORS:" in line]
    assert len(checks) == 6, said
    assert all("(ERRORS: 0, FUTURE_ERRORS: 0" in line for line in checks), said


@pytest.mark.parametrize("name", QUESTIONS)
def test_metricflow_answers_what_sql_says(
    answered: tuple[Path, str], sample: Warehouse, name: str
) -> None:
    folder, _ = answered
    question = QUESTIONS[name]
    with (folder / f"{name}.csv").open() as file:
        found = list(csv.DictReader(file))
    for metric, sql in question.answers.items():
        told = {
            row[question.by]: float(row[metric]) for row in found if row[metric] not in ("", "None")
        }
        expected = {
            named(group): float(value) for group, value in sample.rows(sql) if value is not None
        }
        assert len(expected) >= 2, metric
        # The same sums, divided in another order.
        assert told == pytest.approx(expected, rel=1e-12, abs=0), metric


def test_there_are_metrics_for_everything_that_is_promised(manifest: Manifest) -> None:
    # A spelling that dbt does not know is left out without a word.
    assert {metric.name for metric in manifest.metrics.values()} >= MEASURED
    assert len(manifest.semantic_models) >= 10


def test_every_metric_says_what_it_is_and_in_which_unit(manifest: Manifest) -> None:
    wrong = [
        metric.name
        for metric in manifest.metrics.values()
        if not (metric.label and metric.description and metric.config.meta.get("unit"))
    ]
    assert wrong == [], f"no label, description or unit (config, meta): {', '.join(wrong)}"


def test_the_page_names_every_metric_with_its_unit(manifest: Manifest) -> None:
    shown = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|$", PAGE, re.M)
    assert sorted(shown) == sorted(
        (metric.name, metric.config.meta["unit"], " ".join(metric.description.split()))
        for metric in manifest.metrics.values()
    )


def test_time_is_spanned_by_day_and_by_hour(manifest: Manifest) -> None:
    spans = {
        (node.name, column.name, column.granularity)
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.time_spine
        for column in node.columns.values()
        if column.name == node.time_spine.standard_granularity_column
    }
    assert {(model, column, str(grain.value)) for model, column, grain in spans} == {
        ("dim_dates", "calendar_date", "day"),
        ("dim_hours", "calendar_hour", "hour"),
    }
