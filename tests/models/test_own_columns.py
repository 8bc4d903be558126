"""Keys of the publisher's own as columns: their values, contract, counts and changes."""

from __future__ import annotations

import json
import re

import duckdb
import pytest

from tests.support import own_columns as own
from tests.support.warehouses import ROOT, DbtFailedError, Warehouse


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    """A warehouse with all columns, after two loads with a build each."""
    for load in own.LOADS:
        module_warehouse.load_events(load)
        module_warehouse.build(*own.MODELS, **own.VARIABLES)
    return module_warehouse


def test_columns_have_the_values_worked_out_by_hand(built: Warehouse) -> None:
    own.assert_values(built)


def test_columns_are_of_the_contract(built: Warehouse) -> None:
    types = {"text": "VARCHAR", "number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN",
             "timestamp": "TIMESTAMP"}  # fmt: skip
    for variable, tables in (
        ("extra_columns", ("fct_pageviews", "fct_sessions", "fct_conversions")),
        ("metadata_columns", ("dim_posts", "dim_posts_history")),
    ):
        wanted = {
            one.get("name", one["key"]): (types[one["type"]], one["key"])
            for one in own.VARIABLES[variable]
        }
        for table in tables:
            found = built.rows(
                "select column_name, data_type, comment from duckdb_columns() "
                f"where table_name = '{table}' order by column_index"
            )[-len(wanted) :]
            assert {name: kind for name, kind, _ in found} == {
                name: kind for name, (kind, _) in wanted.items()
            }
            # dbt stores descriptions of the columns that a contract has.
            assert all(f"Value of {wanted[name][1]} in " in text for name, _, text in found)


def test_values_of_another_type_are_counted(
    built: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = json.dumps(own.VARIABLES)
    built.run_dbt("test", "--select", "warn_unreadable_values", "--vars", variables)
    printed = re.findall(
        r"(\w+) of (\w+): (\d+) of (\d+) values at \S+ are not of type", capsys.readouterr().out
    )
    assert sorted((of, name, int(texts), int(no)) for name, of, no, texts in printed) == (
        own.UNREADABLE
    )


def test_a_full_refresh_gives_the_same_values(built: Warehouse) -> None:
    built.build("--full-refresh", *own.MODELS, **own.VARIABLES)
    own.assert_values(built)


def test_other_columns_ask_for_a_full_refresh_and_those_of_posts_do_not(built: Warehouse) -> None:
    one = {"key": "goal", "type": "text", "name": "goal_text"}
    with pytest.raises(DbtFailedError, match=r"extra_columns is not what it was .*--full-refresh`"):
        built.build(*own.MODELS)
    posts = ("--select", "dim_posts", "dim_posts_history")
    built.build(*posts, **own.VARIABLES | {"metadata_columns": [one]})
    assert built.rows("select goal_text from dim_posts where goal_text is not null") == [("800.0",)]


def test_no_reserved_word_can_name_a_column() -> None:
    with duckdb.connect() as connection:
        reserved = {
            word
            for (word,) in connection.execute(
                "select keyword_name from duckdb_keywords() "
                "where keyword_category in ('reserved', 'type_function')"
            ).fetchall()
        }
    for file in (ROOT / "tests/engines/reserved").glob("*.txt"):
        lines = file.read_text().splitlines()
        reserved |= {line for line in lines if line and not line.startswith("#")}
    assert len(reserved) > 100
    assert reserved - own.reserved_words() == set()
