"""Visits that arrive late, and their effect on later visits."""

from __future__ import annotations

import pytest

from tests.support.events import event, heartbeat
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.warehouses import Warehouse

LAST = "2026-03-20 10:00:00"
IN_BETWEEN = "2026-03-15 10:00:00"
FIRST = "2026-03-10 10:00:00"


def last_visit(warehouse: Warehouse) -> tuple[object, ...]:
    return warehouse.one(
        "select is_returning, session_in_visitor, days_since_last_session, segment "
        f"from fct_sessions where started_at = '{LAST}'"
    )


@pytest.fixture(scope="module")
def warehouse(module_warehouse: Warehouse) -> Warehouse:
    """The last visit of a visitor; tests add the first one and one in between."""
    beat = heartbeat("ada", "2026-03-20 10:00:09", 9, session=3)
    module_warehouse.load_events([event("ada", LAST, session=3), beat])
    module_warehouse.build()
    return module_warehouse


def test_a_late_visit_makes_a_later_one_returning_without_rewriting_its_pageviews(
    warehouse: Warehouse,
) -> None:
    is_returning = f"select is_returning from fct_pageviews where viewed_at = '{LAST}'"
    place = f"select rowid from int_pageviews where viewed_at = '{LAST}'"
    before = warehouse.one(place)
    assert warehouse.one(is_returning) is False
    assert last_visit(warehouse) == (False, 1, None, None)
    warehouse.load_events([event("ada", FIRST, session=1)])
    warehouse.build()
    assert warehouse.one(is_returning) is True
    assert last_visit(warehouse) == (True, 2, 10, None)
    assert warehouse.one(place) == before


def test_fields_of_a_late_visit_apply_from_then_on(warehouse: Warehouse) -> None:
    visit = event("ada", IN_BETWEEN, session=2, extra_data={"plan": "premium"})
    warehouse.load_events([visit])
    warehouse.build()
    segments = warehouse.rows("select segment from fct_sessions order by started_at")
    assert segments == [(None,), ("premium",), ("premium",)]
    assert last_visit(warehouse) == (True, 3, 5, "premium")


def test_all_rows_equal_those_of_a_full_refresh(warehouse: Warehouse) -> None:
    assert_equal_to_a_full_refresh(warehouse)
