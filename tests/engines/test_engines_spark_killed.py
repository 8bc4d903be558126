"""Builds on Spark that die between two statements, and two at once.

Every statement commits by itself there. Only with `--long`: a build dies where a run leaves most
undone, and the next one goes on from there until it dies too. With `--every-point`, it dies after
every statement, which takes hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.histories import AFTER, BUILT, NEXT
from tests.support.replacements import write_version
from tests.support.spark_warehouse import (
    BUILD,
    SparkFailedError,
    SparkWarehouse,
    reason_not_to_run,
    running_spark,
)
from tests.support.warehouses import Dbt, Warehouse

MISSING = reason_not_to_run()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=f"no Spark here: {MISSING}")

# The models up to pageviews have every kind of statement.
SOME = ("--select", "+int_pageviews")
# Else the claims of a run that has died count for an hour.
AT_ONCE = ("--vars", "{claim_expires_minutes: 0}")
CLAIMS = "select * from readership.claimed_loads"
# The last statement that is done, in the order in which a build comes to them.
DEATHS = (
    r"^merge into \S+base_event_rows",
    r"^delete from \S+base_event_copies ",
    r"^merge into \S+base_page_posts",
    r"^drop view .*stg_events",
    r"^delete from \S+int_pageviews ",
    r"^insert into \S+processed_loads .*'int_pageviews'",
)
FIRST_DEATHS = (
    r"^create or replace table \S+base_event_rows \(",
    r"^insert overwrite table \S+base_event_copies",
)


@dataclass
class History:
    """A DuckDB file and a warehouse on Spark that get the same loads, one after the other.

    Attributes:
        in_duckdb: The file, in which every build lives.
        in_spark: The other one.
        loads: Numbers of the loads.

    """

    in_duckdb: Warehouse
    in_spark: SparkWarehouse
    loads: Iterator[int] = field(default_factory=count)

    def load(self) -> None:
        """Bring the next load to both, and build it in the file."""
        number = next(self.loads)
        files: dict[str, Any] = BUILT if number == 0 else (AFTER, NEXT)[number % 2]
        folder = self.in_duckdb.folder / "events"
        self.in_duckdb.load(
            *(write_version(folder / name, lines, number + 1) for name, lines in files.items())
        )
        self.in_duckdb.build(*SOME)
        self.in_spark.register(self.in_duckdb)

    def differences(self) -> dict[str, Any]:
        """Return what differs in the rows of both."""
        return self.in_spark.differences(self.in_duckdb, self.in_duckdb.names())


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, dbt: Dbt, is_long: bool) -> Iterator[History]:
    """Two warehouses with a load; the first build on Spark has died twice.

    Takes over 20 s: dbt builds on Spark.
    """
    if not is_long:
        pytest.skip("only with --long: builds on Spark take minutes")
    in_duckdb = Warehouse(tmp_path_factory.mktemp("duckdb"), dbt)
    with running_spark(tmp_path_factory.mktemp("spark")) as spark:
        history = History(in_duckdb, spark)
        history.load()
        for last in FIRST_DEATHS:
            spark.die(last, *SOME, *AT_ONCE)
        spark.build(*SOME, *AT_ONCE)
        yield history


def test_a_first_build_that_died_again_and_again_is_complete_in_the_end(history: History) -> None:
    assert history.differences() == {}
    assert history.in_spark.ask("sql", text=CLAIMS) == []


def test_a_build_that_died_again_and_again_is_complete_in_the_end(history: History) -> None:
    """Takes over 20 s: dbt builds on Spark.

    Once, the process is killed; else no later statement reaches Spark.
    """
    history.load()
    for last in DEATHS:
        history.in_spark.die(
            last, *SOME, *AT_ONCE, is_killed=last.startswith(r"^delete from \S+int_pageviews")
        )
    history.in_spark.build(*SOME, *AT_ONCE)
    assert history.differences() == {}
    assert history.in_spark.ask("sql", text=CLAIMS) == []


def test_a_build_that_died_anywhere_is_complete_after_the_next(
    history: History, pytestconfig: pytest.Config
) -> None:
    """Takes over 20 s: one after every statement takes hours."""
    if not pytestconfig.getoption("--every-point"):
        pytest.skip("only with --every-point: takes hours")
    history.load()
    statements = history.in_spark.ask("dbt", arguments=[*BUILD, *SOME])["statements"]
    for number in range(1, len(statements)):
        history.load()
        done = history.in_spark.die(number, *SOME)
        history.in_spark.build(*SOME, *AT_ONCE)
        assert history.differences() == {}, done[-1]


def test_a_second_build_in_the_same_hour_changes_nothing(history: History) -> None:
    """Takes over 20 s: dbt builds on Spark.

    The claim of a run that lives is that of one that has died.
    """
    history.load()
    spark = history.in_spark
    spark.die(r"^delete from \S+base_event_copies ", *SOME)
    claims = spark.ask("sql", text=CLAIMS)
    rows = "select count(*) from readership.base_event_copies"
    left = spark.ask("sql", text=rows)
    with pytest.raises(SparkFailedError, match="another run has claimed loads for"):
        spark.build(*SOME)
    assert spark.ask("sql", text=CLAIMS) == claims
    assert spark.ask("sql", text=rows) == left
    spark.build(*SOME, *AT_ONCE)
    assert history.differences() == {}


def test_a_second_process_is_refused_by_the_catalog(history: History, tmp_path: Path) -> None:
    """Takes over 20 s: another Java starts."""
    history.in_spark.ask("sql", text="show tables in readership")
    second = SparkWarehouse(tmp_path, history.in_spark.settings)
    second.start()
    try:
        with pytest.raises(SparkFailedError, match=r"metastore|HiveException"):
            second.ask("sql", text="show tables in readership")
    finally:
        second.end()


def test_a_full_refresh_that_died_is_complete_after_the_next_build(history: History) -> None:
    """Takes over 20 s: dbt builds on Spark, a part of it and the rest."""
    history.load()
    history.in_spark.die(FIRST_DEATHS[1], *SOME, "--full-refresh")
    history.in_spark.build(*SOME, *AT_ONCE)
    # Key tables keep removed rows until every model has removed them.
    assert {name for name in history.differences() if not name.startswith("base_")} == set()
