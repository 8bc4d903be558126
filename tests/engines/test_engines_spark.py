"""The models give the same rows on Spark with Iceberg tables as on DuckDB.

Needs Java and `make setup-spark`. The small case builds what sessions and pageviews are made of;
`--long` (`make test-engines`) builds every relation.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.command_line import main as simulate
from tests.support.awkward import awkward_events, awkward_lines
from tests.support.comparing import BOOKKEEPING
from tests.support.replacements import write_version
from tests.support.spark_warehouse import SparkWarehouse, reason_not_to_run, running_spark
from tests.support.warehouses import Dbt, Warehouse

MISSING = reason_not_to_run()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=f"no Spark here: {MISSING}")

# Of the relations of the small case, those that have rows for every load.
SMALL = ("--select", "+fct_sessions", "+fct_pageviews")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkWarehouse]:
    """A process of Spark with an empty warehouse."""
    with running_spark(tmp_path_factory.mktemp("spark")) as running:
        yield running


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, dbt: Dbt, spark: SparkWarehouse, is_long: bool
) -> tuple[Warehouse, SparkWarehouse]:
    """Both warehouses after some loads with a build each: late and repeated days, a changed file.

    Takes over 20 s: dbt builds with Spark, two or three times.
    """
    folder = tmp_path_factory.mktemp("events")
    events = "4000" if is_long else "600"
    simulate(["--mess", "--events", events, "--days", "4", "--out", str(folder / "made-up")])
    files = sorted((folder / "made-up").rglob("*.jsonl*"))
    lines = awkward_lines(awkward_events())
    changing, rest, again = (folder / name for name in ("awkward.jsonl", "rest.jsonl", "b.jsonl"))
    loads = [
        ([*files[::2], changing], {changing: lines[::2]}),
        ([rest, *files[1::2][:-3]], {rest: lines[1::2]}),
        ([changing, again, *files[1::2][-3:]], {changing: lines[::4], again: lines[1::3]}),
    ]
    in_duckdb = Warehouse(tmp_path_factory.mktemp("duckdb"), dbt)
    # The small case has the late days and the changed file in one load.
    for number, (paths, written) in enumerate(loads if is_long else loads[::2], start=1):
        for file, contents in written.items():
            write_version(file, contents, number)
        in_duckdb.load(*paths)
        in_duckdb.build(*(() if is_long else SMALL))
        spark.register(in_duckdb)
        spark.build(*(() if is_long else SMALL))
    return in_duckdb, spark


def test_every_relation_has_the_same_rows_as_on_duckdb(
    both: tuple[Warehouse, SparkWarehouse],
) -> None:
    in_duckdb, in_spark = both
    assert in_spark.differences(in_duckdb, in_duckdb.names()) == {}
    assert in_duckdb.one("select count(*) from fct_pageviews") > 100
    assert in_duckdb.one("select count(*) from raw.files where replaced_by is not null") > 0


def test_nothing_is_left_of_the_steps_of_a_model(both: tuple[Warehouse, SparkWarehouse]) -> None:
    in_duckdb, in_spark = both
    tables = {row[1] for row in in_spark.ask("sql", text="show tables in readership")}
    assert tables == set(in_duckdb.names())
    assert {"base_event_copies", "claimed_loads"} <= tables & BOOKKEEPING


def test_a_full_refresh_gives_the_rows_of_the_incremental_builds(
    both: tuple[Warehouse, SparkWarehouse], is_long: bool
) -> None:
    """Takes over 20 s: a full build by dbt with Spark."""
    if not is_long:
        pytest.skip("only with --long: a full refresh on Spark takes minutes")
    in_duckdb, in_spark = both
    in_spark.build("--full-refresh")
    found = in_spark.differences(in_duckdb, in_duckdb.names())
    # Key tables keep removed rows until every model has removed them.
    assert {name for name in found if not name.startswith("base_")} == set()


def test_the_data_tests_pass(both: tuple[Warehouse, SparkWarehouse], is_long: bool) -> None:
    """Takes over 20 s: dbt runs every data test with Spark."""
    if not is_long:
        pytest.skip("only with --long: the data tests on Spark take minutes")
    _, in_spark = both
    in_spark.dbt("test", "--select", "test_type:data")
