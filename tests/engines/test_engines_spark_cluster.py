"""The models give the same rows where Spark's tasks run in processes of their own.

Only with `--long`. Two executors of one core each, as on a cluster of two small machines: what they
read and write goes through files, and what they compute with through the network.
"""

from __future__ import annotations

import pytest

from tests.support.engine_loads import three_loads
from tests.support.spark_warehouse import SMALL, reason_not_to_run, running_spark
from tests.support.warehouses import Dbt, Warehouse

MISSING = reason_not_to_run()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=f"no Spark here: {MISSING}")

EXECUTORS = 2


def test_two_executors_give_the_rows_of_duckdb(
    tmp_path_factory: pytest.TempPathFactory, dbt: Dbt, is_long: bool
) -> None:
    """Takes over 20 s: three processes of Java start, and dbt builds with Spark."""
    if not is_long:
        pytest.skip("only with --long: three processes of Java on the cores of one")
    in_duckdb = Warehouse(tmp_path_factory.mktemp("duckdb"), dbt)
    in_duckdb.load(*next(three_loads(tmp_path_factory.mktemp("events"), events=600)))
    in_duckdb.build(*SMALL)
    with running_spark(
        tmp_path_factory.mktemp("spark"),
        READERSHIP_SPARK_MASTER=f"local-cluster[{EXECUTORS},1,1024]",
        READERSHIP_SPARK_PARTITIONS=str(EXECUTORS),
    ) as spark:
        spark.register(in_duckdb)
        spark.build(*SMALL)
        tasks = spark.ask("executors")
        assert len(tasks) == EXECUTORS
        assert min(tasks.values()) > 0, tasks
        assert spark.differences(in_duckdb, in_duckdb.names()) == {}
    assert in_duckdb.one("select count(*) from fct_pageviews") > 100
