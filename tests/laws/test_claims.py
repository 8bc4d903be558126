"""Claims of loads on an engine without transactions, for which DuckDB stands here.

DuckDB has what such an engine lacks, so the macros that say so are taken out of the project.
"""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from tests.support.events import event
from tests.support.warehouses import Dbt, DbtFailedError, Warehouse

MORNING = [event("ada", "2026-03-02 10:00:00"), event("bob", "2026-03-02 11:00:00")]
EVENING = [event("ada", "2026-03-02 20:00:00", path="/b", pageview_id="p2")]
SESSIONS = ("--select", "int_sessions")
CLAIM = """
    insert into claimed_loads
    select 'int_sessions', max(load_id), 'another run', current_timestamp at time zone 'UTC'
    from raw._dlt_loads
"""


@pytest.fixture(scope="module")
def without_transactions(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    folder = tmp_path_factory.mktemp("without transactions")
    manifest = pickle.loads(dbt.manifest_file.read_bytes())
    del manifest.macros["macro.readership.duckdb__has_transactions"]
    (folder / dbt.manifest_file.name).write_bytes(pickle.dumps(manifest))
    return Dbt(folder, folder)


@pytest.fixture
def claimed(warehouse: Warehouse, without_transactions: Dbt, tmp_path: Path) -> Warehouse:
    """A load that another run has claimed for the sessions; all upstream has processed it."""
    warehouse.load_events(MORNING)
    warehouse.build()
    warehouse.load_events(EVENING)
    warehouse.build("--select", "staging", "bookkeeping", "int_event_attribution")
    warehouse.execute(CLAIM)
    return Warehouse(tmp_path, without_transactions)


def test_a_second_run_on_a_model_is_refused_until_the_claim_of_the_first_expires(
    claimed: Warehouse,
) -> None:
    before = claimed.rows("select * from int_sessions order by all")
    for _ in range(2):
        with pytest.raises(
            DbtFailedError, match=r"another run has claimed loads for int_sessions at 20\d\d-.* UTC"
        ):
            claimed.build(*SESSIONS)
    assert claimed.rows("select * from int_sessions order by all") == before
    assert claimed.rows("select invocation_id from claimed_loads") == [("another run",)]
    claimed.execute("update claimed_loads set claimed_at = claimed_at - interval '61 minutes'")
    claimed.build(*SESSIONS)
    assert claimed.rows("select * from int_sessions order by all") != before
    assert claimed.rows("select * from claimed_loads") == []


def test_a_claim_that_is_known_to_be_dead_is_taken_up_at_once(
    claimed: Warehouse, warehouse: Warehouse
) -> None:
    claimed.build(*SESSIONS, claim_expires_minutes=0)
    warehouse.build()
    found = warehouse.contents()
    warehouse.build("--full-refresh")
    assert found == warehouse.contents()


def test_a_model_waits_while_one_upstream_has_an_open_claim(claimed: Warehouse) -> None:
    newest = (
        "select model from processed_loads where model = 'int_sessions' "
        "and load_id = (select max(load_id) from raw._dlt_loads)"
    )
    claimed.execute("update claimed_loads set model = 'int_event_attribution'")
    claimed.build(*SESSIONS)
    assert claimed.rows(newest) == []
    claimed.build("--select", "int_event_attribution", "int_sessions", claim_expires_minutes=0)
    assert claimed.rows(newest) == [("int_sessions",)]
    assert claimed.rows("select * from claimed_loads") == []


def test_a_list_that_a_run_began_to_load_is_not_read_before_it_is_loaded(
    warehouse: Warehouse, without_transactions: Dbt, tmp_path: Path
) -> None:
    warehouse.load_events(MORNING)
    warehouse.build()
    interrupted = Warehouse(tmp_path, without_transactions)
    interrupted.execute("alter table sites rename to kept; create view sites as from kept limit 0")
    with pytest.raises(DbtFailedError, match="sites"):
        interrupted.build("--select", "sites")
    with pytest.raises(DbtFailedError, match="or one that died left no rows in sites"):
        interrupted.build("--select", "base_event_rows")
    interrupted.execute("drop view sites")
    interrupted.build()
    assert interrupted.one("select count(*) from processed_loads where load_id = '(emptied)'") == 0
