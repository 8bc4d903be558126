"""Small macros of the engines give values written by hand here, on DuckDB and PostgreSQL."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.warehouses import PostgresWarehouse, Warehouse

MOMENT = "cast('2026-03-02 10:00:00.5' as timestamp)"
VALUES = {
    "{{ least_of(['cast(null as integer)', 3]) }}": 3,
    "{{ greatest_of([2, 'cast(null as integer)']) }}": 2,
    "{{ least_of([2, 3]) }}": 2,
    "{{ greatest_of([2, 3]) }}": 3,
    "{{ separated_texts(\"'-'\", [\"'a'\", 'null', \"''\", \"'b'\"]) }}": "a--b",
    "{{ without_trailing('/', \"'/a/b//'\") }}": "/a/b",
    "{{ text_before(\"'ab.c.d'\", '.') }}": "ab",
    "{{ text_before(\"'ab'\", '.') }}": "ab",
    "{{ has_text(\"'abc'\", \"'bc'\") }}": True,
    "{{ has_text(\"'abc'\", \"'cb'\") }}": False,
    "cast({{ day_of_year(\"cast('2024-12-31' as date)\") }} as integer)": 366,
    '{{ timestamp_in_key("' + MOMENT + '") }}': "2026-03-02 10:00:00.5",
    "{{ timestamp_in_key(\"cast('2026-03-02' as timestamp)\") }}": "2026-03-02 00:00:00",
    '{{ timestamp_in_key(plus_microseconds("' + MOMENT + '", -1)) }}': (
        "2026-03-02 10:00:00.499999"
    ),
    "{{ md5_text(\"'a'\") }}": "0cc175b9c0f1b6a831c399e269772661",
    "cast((select {{ median_of('v.x') }} from (values (1), (2), (4), (9)) as v (x)) as integer)": 3,
}
DATES = (
    "with bounds as (select cast('2024-02-28' as date) as a, cast('2024-03-01' as date) as b) "
    "select dates.day from ({{ dates_between('a', 'b', 'day', 'bounds') }}) as dates order by 1"
)


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest) -> Warehouse | PostgresWarehouse:
    """An empty warehouse of either engine."""
    return request.getfixturevalue(f"{request.param}_warehouse")


def rows(warehouse: Warehouse, text: str) -> list[tuple[object, ...]]:
    """Return the rows of a query with macros."""
    (compiled,) = warehouse.run_dbt("compile", "--inline", text)
    return warehouse.rows(compiled.node.compiled_code)


def test_macros_give_what_they_say(warehouse: Warehouse) -> None:
    found = rows(warehouse, "select " + ", ".join(VALUES))[0]
    assert dict(zip(VALUES, found, strict=True)) == VALUES


def test_dates_between_has_both_ends_and_a_leap_day(warehouse: Warehouse) -> None:
    days = [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)]
    assert rows(warehouse, DATES) == [(day,) for day in days]
