"""The words of a text: the same on PostgreSQL, letter by letter."""

from __future__ import annotations

import unicodedata

from tests.warehouses import PostgresWarehouse, Warehouse

# Where no word is made of a sign: those that are not seen join what is beside them.
UNSEEN = {0xAD, 0x34F, 0x640, 0x2BB, 0x2BC, *range(0x200C, 0x2010), *range(0x202A, 0x202F), 0x2060}
UNSEEN |= {*range(0x2066, 0x206A), *range(0xFE00, 0xFE10), 0xFEFF}


def characters() -> list[int]:
    """Every character that Unicode had when PostgreSQL 16 and DuckDB were made."""
    return [
        point
        for point in range(1, 0x20000)
        if unicodedata.category(chr(point)) not in ("Cn", "Co", "Cs")
    ]


def words(warehouse: Warehouse) -> dict[int, list[str]]:
    """The words of each character between two letters."""
    (compiled,) = warehouse.run_dbt(
        "compile", "--inline",
        "select point, words.word from texts cross join {{ words_of('texts.text', 'words') }}",
    )  # fmt: skip
    found: dict[int, list[str]] = {}
    points = ",".join(map(str, characters()))
    text = "'a' || chr(point) || 'b'"
    for point, word in warehouse.rows(
        f"with texts as (select point, {text} as text from unnest(array[{points}]) as t (point)) "
        + compiled.node.compiled_code
    ):
        found.setdefault(point, []).append(word)
    return {point: sorted(told) for point, told in found.items()}


def test_every_character_makes_the_same_words(
    duckdb_warehouse: Warehouse, postgres_warehouse: PostgresWarehouse
) -> None:
    duckdb_warehouse.init()
    in_duckdb, in_postgres = words(duckdb_warehouse), words(postgres_warehouse)
    assert {
        chr(point): (in_duckdb.get(point), in_postgres.get(point))
        for point in characters()
        if in_duckdb.get(point) != in_postgres.get(point)
    } == {}
    # What Unicode calls a letter, mark or number is of a word, and nothing else is.
    assert [
        hex(point)
        for point in characters()
        if point < 0x10000 and point not in UNSEEN
        if (unicodedata.category(chr(point))[0] in "PSZC") != (in_duckdb.get(point) == ["a", "b"])
    ] == []
