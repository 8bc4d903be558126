"""The data test of columns: the rows it finds, its messages and its arguments."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.broken_columns import FOUND, found_by_columns_hold, sql_of
from tests.support.warehouses import DbtFailedError, Warehouse


def test_every_rule_reports_the_rows_that_break_it(warehouse: Warehouse) -> None:
    assert found_by_columns_hold(warehouse) == FOUND


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({}, "columns_hold has no rule in its arguments"),
        ({"at_most": {"views": 1}}, "takes no keyword argument 'at_most'"),
        ({"not_null": "views"}, 'expects not_null in the form [site_id], not "views"'),
        ({"not_null": None}, "expects not_null in the form [site_id], not null"),
        ({"unique": {"key": 1}}, "expects unique in the form [pageview_key, [site_id, period]]"),
        ({"at_least": ["views"]}, 'expects at_least in the form {views: 0}, not ["views"]'),
        ({"at_least": {"views": [0]}}, "expects at_least in the form {views: 0}"),
        ({"between": {"share": 1}}, "expects between in the form {share: [0, 1]}"),
        ({"between": {"share": [0]}}, "expects between in the form {share: [0, 1]}"),
        ({"accepted_values": {"status": "open"}}, "expects accepted_values in the form {status:"),
    ],
)
def test_an_invalid_rule_is_reported_in_one_line(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str], rules: dict[str, Any], message: str
) -> None:
    with pytest.raises(DbtFailedError):
        sql_of(warehouse, "broken", rules)
    assert [line for line in capsys.readouterr().out.splitlines() if message in line]


def test_the_relation_of_found_in_must_be_a_ref(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DbtFailedError):
        sql_of(warehouse, "broken", {}, found_in="{'post_key': 'dim_posts'}")
    assert "expects found_in in the form {post_key: ref('dim_posts')}" in capsys.readouterr().out


def test_columns_that_break_a_rule_are_reported_by_name(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = ("--select", "sites", "campaign_parameters", "campaign_channels")
    warehouse.init()
    warehouse.build(*lists)
    capsys.readouterr()
    warehouse.run_dbt("test", *lists)
    assert ":" not in capsys.readouterr().out
    warehouse.execute(
        "update sites set site_name = null, time_zone = "
        "case when site_id like 'news.%' then 'Mars/Base' else time_zone end;"
        "update campaign_channels set channel = 'carrier pigeon' where slot_value = 'cpc'"
    )
    with pytest.raises(DbtFailedError, match="columns_hold_sites"):
        warehouse.run_dbt("test", *lists)
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line for line in lines if re.search(r"\d rows? (is|are) ", line)) == [
        "campaign_channels.channel: 1 row is not one of email, paid, social",
        "sites.site_name: 2 rows are null",
        "sites.time_zone: 1 row is not a known time zone",
    ]
