"""Events in a table of the publisher's own give what the loader's files of the same events give."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders import describe_table
from readership.enriching import table_queries
from tests.support.events import SITE, event, heartbeat
from tests.support.histories import ADA, BOB, BUILT, CLEO
from tests.support.own_table import TABLE, VARIABLES, add_rows, create_table
from tests.support.warehouses import Dbt, DbtFailedError, Warehouse

ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
TELEPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
POST = {
    "metadata_title": "One",
    "metadata_canonical_url": f"https://{SITE}/a",
    "metadata_authors": ["Ana Example", 'Bo "B" Ash'],
    "metadata_tags": ["budget", "taxes"],
    "user_agent": TELEPHONE,
}
EVENTS = [
    *(one for events in BUILT.values() for one in events),
    event("gil", "2026-03-02 09:10:00", **POST, referrer="https://www.google.co.uk/search?q=x"),
    event("gil", "2026-03-02 09:11:00", path="/b", referrer=f"https://www.{SITE}/a"),
    event("hal", "2026-03-02 09:12:00", **POST, referrer="https://news.google.com/"),
    event("ivy", "2026-03-02 09:13:00", **POST | {"user_agent": ROBOT}),
    event("jan", "2026-03-02 09:14:00", extra_data={"subscriber_type": "gold"}, flags_is_amp=True),
    # The same twice, another copy of it, and events that are refused.
    *[event("kim", "2026-03-02 09:15:00")] * 2,
    event("kim", "2026-03-02 09:15:00", session=2),
    event("lea", "2026-03-02 09:16:00", url="no address"),
    heartbeat("lea", "2026-03-02 09:17:00", 5000),
]
STAGED = ("+stg_events", "+stg_event_rejections", "+stg_event_duplicates", "+stg_loads")
MARTS = ("--select", "+path:models/marts", *STAGED)
FEW_MARTS = ("--select", "+fct_pageviews", "+fct_sessions", "+dim_posts", "+dim_visitors", *STAGED)


class OwnTable(Warehouse):
    """A warehouse whose events are in a table of another make."""

    def enrich(self, **variables: object) -> Any:  # noqa: ANN401
        """Describe hosts and user agents, as `readership enrich` does."""
        queries = table_queries(_Inline(self, self.dbt.variables | variables))  # type: ignore[arg-type]
        return describe_table(queries, self.destination)


class _Inline:
    """Renders templates, as `readership.builder.Dbt` does."""

    def __init__(self, warehouse: Warehouse, variables: dict[str, object]) -> None:
        self._warehouse = warehouse
        self._variables = json.dumps(variables)

    def compiled(self, inline: str) -> str:
        (result,) = self._warehouse.run_dbt(
            "compile", "--inline", inline, "--vars", self._variables
        )
        return str(result.node.compiled_code)


@pytest.fixture(scope="module")
def table_dbt(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The project, parsed for a table of events."""
    folder = tmp_path_factory.mktemp("dbt")
    return Dbt(folder, folder, variables=VARIABLES | {"source_described": True})


@pytest.fixture
def own(tmp_path: Path, table_dbt: Dbt) -> OwnTable:
    """An empty table of events."""
    folder = tmp_path / "own"
    folder.mkdir()
    warehouse = OwnTable(folder, table_dbt)
    create_table(warehouse)
    return warehouse


def marts_of(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    public = ("fct_", "dim_", "bridge_", "trending_", "evergreen_")
    return warehouse.ordered(*(name for name in warehouse.names() if name.startswith(public)))


TOO_OLD = "[('events', None)]"


def freshness_of(warehouse: Warehouse, source: str) -> str:
    """Return the status that `dbt source freshness` gives a source, or what it fails with."""
    command = ("source", "freshness", "--select", f"source:{source}", "--vars")
    try:
        done = warehouse.run_dbt(*command, json.dumps(warehouse.dbt.variables))
    except DbtFailedError as error:
        return str(error)
    # Hooks of the run are among the results.
    (result,) = (r for r in done if r.node.resource_type == "source")
    return str(result.status)


def received_now() -> dict[str, Any]:
    """Return an event that was received a moment ago."""
    now = datetime.now(UTC)
    millis = int(now.timestamp() * 1000)
    return event("new", f"{now:%Y-%m-%d %H:%M:%S}", timestamp_info_nginx_ms=millis)


def outcomes_of(warehouse: Warehouse) -> tuple[int, int, int]:
    """Return the numbers of staged, refused and duplicate events."""
    staged, refused, copies = (
        warehouse.one(f"select count(*) from {name}")
        for name in ("stg_events", "stg_event_rejections", "stg_event_duplicates")
    )
    return staged, refused, copies


def test_days_that_grow_end_in_the_marts_of_the_loader(
    own: OwnTable, warehouse: Warehouse, is_long: bool
) -> None:
    """Takes over 20 s: dbt builds twice without recordings. With `--long`, all marts."""
    marts = MARTS if is_long else FEW_MARTS
    warehouse.load_events(EVENTS)
    warehouse.build()
    add_rows(own, EVENTS[::2])
    assert own.enrich().user_agents == 1
    own.build(*marts)
    add_rows(own, EVENTS[1::2])
    assert own.enrich().user_agents == 1
    own.build(*marts)
    expected = warehouse.contents()
    found = marts_of(own)
    assert len(found) > (20 if is_long else 3)
    assert found == {name: expected[name] for name in found}
    assert sum(outcomes_of(own)) == len(EVENTS) == own.one(f"select count(*) from {TABLE}")
    assert outcomes_of(own) == outcomes_of(warehouse)
    # Each day was there before, and has another version now.
    assert own.rows("select distinct version from table_loads order by 1") == [(1,), (2,)]


def test_rows_are_followed_by_load(own: OwnTable, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows come to a batch that was built, rows without one, some not enriched; and rows go."""
    options: dict[str, object] = {"load_column": "batch"}
    add_rows(own, ADA, batch=1)
    add_rows(own, [*CLEO, *CLEO], batch=2)
    own.enrich(**options)
    own.build("--select", *STAGED, **options)
    assert outcomes_of(own) == (len(ADA + CLEO), 0, len(CLEO))

    add_rows(own, BOB, batch=1)
    add_rows(own, [event("ivy", "2026-03-02 09:13:00", user_agent=ROBOT)])
    own.build("--select", *STAGED, **options)
    assert outcomes_of(own) == (len(ADA + CLEO + BOB) + 1, 0, len(CLEO))
    loads = "select load_id, events, lines, replaced_lines from stg_loads order by 1"
    assert own.rows(loads) == [
        ("load (none) (1)", 1, 1, 0),
        ("load 1 (1)", 0, 0, len(ADA)),
        ("load 1 (2)", len(ADA + BOB), len(ADA + BOB), 0),
        ("load 2 (1)", 2 * len(CLEO), 2 * len(CLEO), 0),
    ]
    rules = "select distinct visitor_site_id, bot_rule from stg_events order by 1"
    known = [("ada", None), ("bob", None), ("cleo", None)]
    assert own.rows(rules) == [*known, ("ivy", None)]
    assert "2 loads have 3 events whose hosts and user agents may not be" in capsys.readouterr().out

    # What was built before it was enriched is built again. Who deletes rows in the table deletes
    # what was made of them.
    assert own.enrich(**options).looked_at == 2
    own.execute(f"delete from {TABLE} where visitor_site_id = 'ada'")
    own.build("--select", *STAGED, **options)
    assert own.rows(rules) == [*known[1:], ("ivy", "user_agent")]
    assert own.enrich(**options).looked_at == 1
    assert own.enrich(**options).looked_at == 0
    # While a model that reads raw rows has claims, it reads the rows of these alone.
    with duckdb.connect(str(own.path)) as connection:
        loads = "from base_table_events group by all order by 1"
        every = connection.execute(f"select _dlt_load_id, count(*) {loads}").fetchall()
        connection.execute(
            "begin; insert into claimed_loads (model, load_id) "
            "values ('base_event_rows', 'load 2 (1)')"
        )
        claimed = connection.execute(f"select _dlt_load_id, count(*) {loads}").fetchall()
        connection.rollback()
    assert [load for load, _ in every] == ["load (none) (2)", "load 1 (3)", "load 2 (1)"]
    assert claimed == [("load 2 (1)", 2 * len(CLEO))]


def test_a_run_says_what_is_missing(own: OwnTable, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = ("run", "--select", "processed_loads", "--vars")
    add_rows(own, ADA)

    def refusal(**variables: object) -> str:
        with pytest.raises(DbtFailedError) as error:
            own.run_dbt(*nothing, json.dumps(own.dbt.variables | variables))
        return str(error.value)

    assert "There is no raw.hosts, which source_described says there is" in refusal()
    assert "has no column batches, which load_column names" in refusal(load_column="batches")
    assert "a column of type JSON: it must be a text" in refusal(load_column="extra_data")
    assert 'source_kind must be loader or table, not "tables"' in refusal(source_kind="tables")
    assert "events_table must name your table of events" in refusal(events_table="")
    assert "must be a name without spaces, quotes and dots" in refusal(events_table="a; drop")
    capsys.readouterr()
    own.run_dbt(*nothing, json.dumps(own.dbt.variables | {"source_described": False}))
    printed = capsys.readouterr().out
    assert "Hosts and user agents of feed.parsely_events are not described" in printed
    assert "the bot rule user_agent finds no bot" in printed
    own.execute(f"alter table {TABLE} drop column url")
    assert "has no column url, without which every event is refused" in refusal()
    own.execute(f"drop table {TABLE}")
    assert "There is no feed.parsely_events in this warehouse" in refusal()


def test_freshness_is_how_long_ago_the_newest_event_was_received(
    own: OwnTable, warehouse: Warehouse
) -> None:
    add_rows(own, ADA)
    assert freshness_of(own, "publisher.events") == TOO_OLD
    add_rows(own, [received_now()])
    assert freshness_of(own, "publisher.events") == "pass"
    # A load that finished now brought events of long ago.
    warehouse.load_events(ADA)
    assert freshness_of(warehouse, "raw._dlt_loads") == "pass"
    assert freshness_of(warehouse, "raw.events") == TOO_OLD
    warehouse.load_events([received_now()])
    assert freshness_of(warehouse, "raw.events") == "pass"
