"""The operations tables after several loads, and their warnings."""

from __future__ import annotations

import json

import pytest

from tests.support.events import event, heartbeat, millis
from tests.support.replacements import assert_equal_to_a_full_refresh, load_version
from tests.support.warehouses import Warehouse

VIEW = event("ada", "2026-03-02 10:30:00")
BEAT = heartbeat("ada", "2026-03-02 10:30:20", 20)


def accounts(warehouse: Warehouse) -> dict[str, tuple[int, int, int]]:
    """Return the staged, refused and duplicate events of each load."""
    rows = warehouse.rows(
        "select load_id, staged_events, refused_events, duplicate_events from ops_loads"
    )
    return {row[0]: row[1:] for row in rows}


def copies(warehouse: Warehouse) -> list[tuple]:
    """Return the duplicates of each day that has any: all, by place and by content."""
    return warehouse.rows(
        "select cast(event_date as varchar), copies, same_file_copies, same_load_copies, "
        "other_load_copies, exact_copies, differing_copies from ops_duplicates "
        "where copies > 0 order by 1"
    )


def test_a_copy_that_replaces_an_event_changes_the_counts_of_the_earlier_load(
    warehouse: Warehouse,
) -> None:
    first = load_version(warehouse, {"1.jsonl": [VIEW, BEAT]})
    warehouse.build()
    assert accounts(warehouse) == {first: (2, 0, 0)}
    earlier = VIEW | {"ts_action": "2026-03-01 23:30:00"}
    second = load_version(warehouse, {"2.jsonl": [earlier, BEAT, BEAT]})
    warehouse.build()
    assert accounts(warehouse) == {first: (1, 0, 1), second: (1, 0, 2)}
    assert copies(warehouse) == [("2026-03-02", 3, 0, 0, 3, 2, 1)]
    third = load_version(warehouse, {"2.jsonl": [BEAT | {"action": ""}]})
    warehouse.build()
    assert accounts(warehouse) == {first: (2, 0, 0), second: (0, 0, 0), third: (0, 1, 0)}
    assert copies(warehouse) == []
    assert_equal_to_a_full_refresh(warehouse)


def test_refused_events_of_a_replaced_file_are_no_longer_reported(warehouse: Warehouse) -> None:
    refused = BEAT | {"engaged_time_inc": 5000, "url": "nowhere"}
    load_version(warehouse, {"1.jsonl": [VIEW, refused], "2.jsonl": [refused]})
    warehouse.build()
    query = "select rule, events, events_once, files from ops_rejections order by 1"
    assert warehouse.rows(query) == [
        ("engaged_time_out_of_bounds", 2, 0, 2),
        ("unparsable_url", 2, 2, 2),
    ]
    load_version(warehouse, {"1.jsonl": [VIEW, BEAT]})
    warehouse.build()
    assert warehouse.rows(query) == [
        ("engaged_time_out_of_bounds", 1, 0, 1),
        ("unparsable_url", 1, 1, 1),
    ]
    ((file, line),) = warehouse.rows(
        "select distinct sample_file_url, sample_line_number from ops_rejections"
    )
    assert (file.rpartition("/")[2], line) == ("2.jsonl", 1)
    assert_equal_to_a_full_refresh(warehouse)


@pytest.fixture(scope="module")
def troubled(module_warehouse: Warehouse) -> Warehouse:
    """Mondays with 200 and 80 views; of the 80, 10 are late, 10 are from a bot and 10 are repeated.

    Ten more events are refused.
    """
    good = [event("ada", "2026-03-02 09:00:00", name=str(n)) for n in range(200)]
    usual = [event("ada", "2026-03-09 09:00:00", name=str(n)) for n in range(60)]
    received = millis("2026-03-10 09:00:00")
    late = [
        event("bob", "2026-03-09 09:00:00", name=str(n), timestamp_info_nginx_ms=received)
        for n in range(10)
    ]
    agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    bots = [event("cleo", "2026-03-09 09:00:00", name=str(n), user_agent=agent) for n in range(10)]
    refused = [event("dora", "2026-03-09 09:00:00", name=str(n), url="no") for n in range(10)]
    newest = [event("ada", "2026-03-10 06:00:00")]
    module_warehouse.load_events([*good, *usual, *late, *bots, *usual[:10], *refused, *newest])
    module_warehouse.build()
    return module_warehouse


@pytest.mark.parametrize(
    ("name", "variables", "status"),
    [
        ("warn_bots", {"warn_bot_share": 0.12}, "warn"),
        ("warn_bots", {"warn_bot_share": 0.13}, "pass"),
        ("warn_lateness", {"warn_late_share": 0.12}, "warn"),
        ("warn_lateness", {"warn_late_share": 0.13}, "pass"),
        ("warn_duplicates", {"warn_duplicate_share": 0.11}, "warn"),
        ("warn_duplicates", {"warn_duplicate_share": 0.12}, "pass"),
        ("warn_rejections", {"warn_refused_share": 0.09}, "warn"),
        ("warn_rejections", {"warn_refused_share": 0.11}, "pass"),
        ("warn_completeness", {}, "warn"),
        ("warn_completeness", {"warn_minimum_events": 201}, "pass"),
        ("warn_completeness", {"warn_days": 1}, "pass"),
        ("warn_duplicates", {"warn_duplicate_share": 0.01, "warn_days": 1}, "pass"),
        ("warn_duplicates", {"warn_duplicate_share": 0.01, "warn_minimum_events": 91}, "pass"),
    ],
)
def test_a_share_above_its_threshold_warns_without_failing(
    troubled: Warehouse, name: str, variables: dict[str, float], status: str
) -> None:
    given = {"warn_minimum_events": 50} | variables
    results = troubled.dbt(troubled.path, "test", "--select", name, "--vars", json.dumps(given))
    assert [r.status for r in results if r.node.name == name] == [status]
