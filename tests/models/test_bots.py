"""Visitors who behave like bots are flagged entirely, by the load that completes the evidence."""

from __future__ import annotations

import pytest

from tests.support.events import event, heartbeat
from tests.support.replacements import assert_equal_to_a_full_refresh, load_version
from tests.support.warehouses import Dbt, Warehouse

HUMAN = [
    event("ada", "2026-03-01 10:00:00"),
    heartbeat("ada", "2026-03-01 10:00:20", 20),
]
# Earlier events of the visitor on other pages are excluded from the marts too.
BEFORE = [
    event("robo", "2026-02-01 10:00:00", path="/before", metadata_title="Before"),
    event("robo", "2026-03-01 09:30:00", path="/other", session=2),
]
BURST = [
    event("robo", f"2026-03-01 10:0{n // 150}:{n // 3 % 50:02}", name=str(n), pageview_id=str(n))
    for n in range(600)
]
SCREEN = {"display_total_width": 800, "display_total_height": 600}
DEVICE = SCREEN | {"visitor_ip": "203.0.113.9", "user_agent": "Some Reader 1.0"}
CROWD = [event(f"one-{n}", f"2026-03-01 11:{n:02}:00", **DEVICE) for n in range(50)]


def flagged(warehouse: Warehouse) -> list[tuple]:
    """Return the rules, each with the numbers of flagged visitors and of their events."""
    return warehouse.rows(
        "select bot_rule, count(*), sum(events) from ops_bot_visitors group by all order by 1"
    )


def counted(warehouse: Warehouse) -> tuple[int, int, int]:
    """Return the numbers of visitors, views and posts that count."""
    return warehouse.one(
        "select (select count(*) from dim_visitors), (select sum(views) from fct_engaged_time), "
        "(select count(*) from dim_posts)"
    )


def test_a_burst_in_two_loads_excludes_all_events_of_the_visitor(
    warehouse: Warehouse,
) -> None:
    load_version(warehouse, {"before.jsonl": BEFORE, "human.jsonl": HUMAN})
    load_version(warehouse, {"1.jsonl": BURST[::2]})
    warehouse.build()
    assert flagged(warehouse) == []
    assert counted(warehouse) == (2, 303, 3)
    load_version(warehouse, {"2.jsonl": BURST[1::2]})
    warehouse.build()
    assert flagged(warehouse) == [("burst", 1, 602)]
    assert counted(warehouse) == (1, 1, 1)
    assert warehouse.one("select count(*) from stg_events") == 604
    assert warehouse.rows(
        "select evidence, evidence_at from ops_bot_visitors"
    ) == [("600 events on one page within 5 minutes", warehouse.one(
        "select max(event_at) from stg_events where bot_rule = 'burst'"
    ))]  # fmt: skip
    assert_equal_to_a_full_refresh(warehouse)


def test_a_visitor_counts_again_when_the_file_with_the_evidence_is_replaced(
    warehouse: Warehouse,
) -> None:
    load_version(warehouse, {"before.jsonl": BEFORE, "human.jsonl": HUMAN})
    load_version(warehouse, {"1.jsonl": BURST[::2], "2.jsonl": BURST[1::2]})
    warehouse.build()
    assert counted(warehouse) == (1, 1, 1)
    load_version(warehouse, {"2.jsonl": BURST[1:-2:2]})
    warehouse.build()
    assert flagged(warehouse) == []
    assert counted(warehouse) == (2, 302 + 300, 3)
    assert_equal_to_a_full_refresh(warehouse)


def test_one_engaged_visitor_clears_a_whole_crowd(warehouse: Warehouse) -> None:
    load_version(warehouse, {"human.jsonl": HUMAN, "1.jsonl": CROWD[:49]})
    warehouse.build()
    assert counted(warehouse)[0] == 50
    load_version(warehouse, {"2.jsonl": CROWD[49:]})
    warehouse.build()
    assert flagged(warehouse) == [("fingerprint", 50, 50)]
    assert counted(warehouse) == (1, 1, 1)
    assert_equal_to_a_full_refresh(warehouse)
    stays = heartbeat("one-7", "2026-03-01 11:07:15", 15)
    load_version(warehouse, {"3.jsonl": [stays]})
    warehouse.build()
    assert flagged(warehouse) == []
    assert counted(warehouse) == (51, 51, 1)
    assert_equal_to_a_full_refresh(warehouse)


def test_ip_addresses_are_only_in_staging(warehouse: Warehouse) -> None:
    warehouse.load_events(CROWD)
    warehouse.build()
    tables = warehouse.rows(
        "select table_name from information_schema.tables where table_schema = 'main' "
        "and table_name not in ('base_events', 'stg_event_details')"
    )
    for (name,) in tables:
        assert "203.0.113.9" not in str(warehouse.rows(f"select * from {name}")), name


def test_models_that_process_the_flag_late_give_the_same_rows(warehouse: Warehouse) -> None:
    load_version(warehouse, {"before.jsonl": BEFORE, "human.jsonl": HUMAN})
    load_version(warehouse, {"1.jsonl": BURST[::2]})
    warehouse.build()
    load_version(warehouse, {"2.jsonl": BURST[1::2]})
    warehouse.build("--select", "base_event_rows", "base_bot_evidence", "base_bot_visitors")
    load_version(warehouse, {"3.jsonl": CROWD})
    warehouse.build("--select", "staging", "bookkeeping", "int_event_attribution")
    warehouse.build("--empty")
    load_version(warehouse, {"3.jsonl": CROWD[1:]})
    warehouse.build("--select", "resource_type:seed", "staging", "bookkeeping")
    warehouse.build()
    assert flagged(warehouse) == [("burst", 1, 602)]
    assert counted(warehouse) == (50, 50, 1)
    assert_equal_to_a_full_refresh(warehouse)


@pytest.mark.parametrize(
    ("variables", "rules"),
    [
        ({"bot_rules": ["fingerprint"]}, ["fingerprint"]),
        ({"bot_rules": ["burst"]}, ["burst"]),
        ({"bot_burst_events": 601, "bot_fingerprint_visitors": 51}, []),
        ({"count_bots": True}, ["burst", "fingerprint"]),
    ],
)
def test_rules_can_be_disabled_and_bots_counted(
    tmp_path_factory: pytest.TempPathFactory, dbt: Dbt, variables: dict, rules: list[str]
) -> None:
    warehouse = Warehouse(tmp_path_factory.mktemp("bots"), dbt)
    warehouse.load_events([*BEFORE, *BURST, *CROWD])
    warehouse.build(**variables)
    assert [row[0] for row in flagged(warehouse)] == rules
    left_out = 0 if "count_bots" in variables else sum(row[1] for row in flagged(warehouse))
    assert counted(warehouse)[0] == 51 - left_out
