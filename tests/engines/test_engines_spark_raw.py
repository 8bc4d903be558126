"""Spark gets the raw tables of the DuckDB file: each line once, wherever a registration dies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.awkward import awkward_events, awkward_lines
from tests.support.replacements import write_version
from tests.support.spark_warehouse import (
    SparkFailedError,
    SparkWarehouse,
    reason_not_to_run,
    running_spark,
)
from tests.support.warehouses import Dbt, Warehouse

MISSING = reason_not_to_run()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=f"no Spark here: {MISSING}")

LINES = "select _file, _line from raw.{} order by 1, 2"
FILES = "select file, version, events, replaced_by from raw.files order by 1, 2"


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory, is_long: bool) -> Iterator[SparkWarehouse]:
    """A process of Spark with an empty warehouse."""
    with running_spark(tmp_path_factory.mktemp("spark"), is_compiled=is_long) as running:
        yield running


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, dbt: Dbt) -> Warehouse:
    """A DuckDB file with two files of events."""
    warehouse = Warehouse(tmp_path_factory.mktemp("duckdb"), dbt)
    lines = awkward_lines(awkward_events())
    warehouse.load(
        write_version(warehouse.folder / "one.jsonl", lines[::2], 1),
        write_version(warehouse.folder / "two.jsonl", [*lines[1::2], "{broken"], 1),
    )
    return warehouse


def raw_of_spark(spark: SparkWarehouse) -> list[list[list[object]]]:
    queries = [LINES.format("events"), LINES.format("rejected_lines"), FILES]
    return [spark.ask("sql", text=query) for query in queries]


def raw_of_duckdb(warehouse: Warehouse) -> list[list[list[object]]]:
    queries = [LINES.format("events"), LINES.format("rejected_lines"), FILES]
    return [[list(row) for row in warehouse.rows(query)] for query in queries]


def test_a_registration_that_died_is_made_good_by_the_next(
    spark: SparkWarehouse, loaded: Warehouse
) -> None:
    """Takes over 20 s: Spark starts, and each death has statements of its own."""
    # The tables without rows have no part.
    filled = [
        table
        for table in ("events", "rejected_lines", "unknown_fields", "user_agents", "hosts")
        if loaded.one(f"select count(*) from raw.{table}")
    ]
    assert spark.register(loaded) == {"added": len(filled) + 2, "dropped": 0}
    assert raw_of_spark(spark) == raw_of_duckdb(loaded)
    assert spark.register(loaded) == {"added": 0, "dropped": 0}

    # Another version of a file: its rows go from the first load, and come with the second.
    events = awkward_lines(awkward_events())[::4]
    loaded.load(write_version(loaded.folder / "one.jsonl", events, 2))
    assert loaded.one("select count(*) from raw.files where replaced_by is not null") == 1
    refused = 0
    for statements in range(18, 60, 3):
        try:
            spark.register(loaded, statements)
        except SparkFailedError as died:
            if "InterruptedError" not in str(died):
                raise
        else:
            break
        if spark.ask("sql", text="select state from raw.registration") == [["open"]]:
            refused += 1
            if refused == 1:
                with pytest.raises(SparkFailedError, match="between two states"):
                    spark.dbt("run", "--select", "stg_loads")
    assert refused > 1
    spark.register(loaded)
    assert raw_of_spark(spark) == raw_of_duckdb(loaded)
    assert spark.ask("sql", text="select state from raw.registration") == [["done"]]


def test_parts_that_are_registered_no_more_are_removed(
    spark: SparkWarehouse, loaded: Warehouse
) -> None:
    def parts() -> int:
        return len([*(spark.folder / "raw" / "events").glob("part=*")])

    spark.register(loaded)
    registered = len(spark.ask("sql", text="show partitions raw.events"))
    assert registered == loaded.one("select count(distinct _dlt_load_id) from raw.events")
    assert parts() == registered


def test_the_jars_are_named_as_the_profile_names_them() -> None:
    profile = (Path(__file__).parents[2] / "profiles.yml").read_text()
    jars = [*(Path(__file__).parents[2] / ".venv-spark" / "jars").glob("*.jar")]
    assert len(jars) == 2
    assert all(f".venv-spark/jars/{jar.name}" in profile for jar in jars)


def test_a_rejected_line_that_was_erased_is_erased_on_spark_too(
    spark: SparkWarehouse, loaded: Warehouse
) -> None:
    spark.register(loaded)
    lines = "select cast(line as string) from raw.rejected_lines"
    assert ["{broken"] in spark.ask("sql", text=lines)
    # As macros/operations/erase_visitors.sql does: the row stays, its text goes.
    loaded.execute("update raw.rejected_lines set line = cast('(erased)' as blob)")
    spark.register(loaded)
    assert {line for (line,) in spark.ask("sql", text=lines)} == {"(erased)"}
