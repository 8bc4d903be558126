"""The models give the same rows on Spark with Iceberg tables as on DuckDB.

Needs Java and `make setup-spark`. The small case builds what sessions and pageviews are made of;
`--long` (`make test-engines`) builds every relation.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.comparing import BOOKKEEPING
from tests.support.engine_loads import three_loads
from tests.support.spark_warehouse import SMALL, SparkWarehouse, reason_not_to_run, running_spark
from tests.support.warehouses import Dbt, Warehouse

MISSING = reason_not_to_run()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=f"no Spark here: {MISSING}")

TABLES_ALONE = ("--exclude", "config.materialized:view", "resource_type:seed")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory, is_long: bool) -> Iterator[SparkWarehouse]:
    """A process of Spark with an empty warehouse."""
    with running_spark(tmp_path_factory.mktemp("spark"), is_compiled=is_long) as running:
        yield running


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, dbt: Dbt, spark: SparkWarehouse, is_long: bool
) -> tuple[Warehouse, SparkWarehouse]:
    """Both warehouses after some loads with a build each: late and repeated days, a changed file.

    Takes over 20 s: dbt builds with Spark, two or three times.
    """
    folder = tmp_path_factory.mktemp("events")
    in_duckdb = Warehouse(tmp_path_factory.mktemp("duckdb"), dbt)
    paths: list[Path] = []
    for number, files in enumerate(three_loads(folder, events=4000 if is_long else 600)):
        paths += files
        # The small case has the late days and the changed file in one load, and a build as between
        # daily ones.
        if is_long or number != 1:
            selection = () if is_long else (*SMALL, *(TABLES_ALONE if number else ()))
            in_duckdb.load(*paths)
            in_duckdb.build(*selection)
            spark.register(in_duckdb)
            spark.build(*selection)
            paths.clear()
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
