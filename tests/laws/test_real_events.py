"""Events of a real article site, with known daily counts.

READERSHIP_REAL_EVENTS names a folder with `events/` and `expected_daily.csv` (day_utc, events,
pageviews, visitors, posts_touched).
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from tests.support.warehouses import Warehouse

FOLDER = os.environ.get("READERSHIP_REAL_EVENTS")

pytestmark = pytest.mark.skipif(
    FOLDER is None, reason="READERSHIP_REAL_EVENTS does not name a folder of real events"
)

DAILY = """
with

events as (
    select
        cast(attribution.event_at as date) as day,
        count(*) as events,
        count(distinct attribution.visitor_key) as visitors,
        count(distinct coalesce(page_posts.post_key, attribution.page_key)) as posts
    from int_event_attribution as attribution
    left join base_page_posts as page_posts using (page_key)
    group by all
),

views as (
    select cast(viewed_at as date) as day, sum(views) as views from fct_pageviews group by all
)

select cast(day as varchar), events, coalesce(views, 0), visitors, posts
from events left join views using (day)
order by 1
"""


@pytest.fixture(scope="module")
def warehouse(module_warehouse: Warehouse) -> Warehouse:
    """A warehouse that counts bots, as the known counts do."""
    module_warehouse.load(Path(FOLDER or "", "events"))
    module_warehouse.build(count_bots=True)
    return module_warehouse


@pytest.fixture(scope="module")
def expected() -> list[tuple[str, int, int, int, int]]:
    with Path(FOLDER or "", "expected_daily.csv").open(newline="") as file:
        return [
            (
                row["day_utc"],
                int(row["events"]),
                int(row["pageviews"]),
                int(row["visitors"]),
                int(row["posts_touched"]),
            )
            for row in csv.DictReader(file)
        ]


def test_each_day_of_the_real_site_has_the_published_counts(
    warehouse: Warehouse, expected: list[tuple[str, int, int, int, int]]
) -> None:
    assert len(expected) == 342
    assert warehouse.rows(DAILY) == expected


def test_repeated_lines_of_the_real_site_are_dropped(warehouse: Warehouse) -> None:
    assert warehouse.one(
        "select sum(duplicate_events), sum(refused_events), sum(rejected_lines) from ops_loads"
    ) == (11, 0, 0)


def test_the_data_tests_pass_on_the_real_site(warehouse: Warehouse) -> None:
    warehouse.test(count_bots=True)


def test_by_default_only_the_visit_of_a_page_speed_monitor_is_excluded(
    warehouse: Warehouse, expected: list[tuple[str, int, int, int, int]]
) -> None:
    assert warehouse.rows(
        "select user_agent like '%PTST/284' from stg_events "
        "join stg_event_details using (load_id, file_url, line_number) where is_bot"
    ) == [(True,)]
    warehouse.build("--full-refresh")
    differing = [
        (found, known)
        for found, known in zip(warehouse.rows(DAILY), expected, strict=True)
        if found != known
    ]
    assert differing == [(("2016-06-28", 686, 601, 160, 71), ("2016-06-28", 687, 602, 160, 71))]
