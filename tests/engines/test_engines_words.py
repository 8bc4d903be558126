"""Texts are split into the same words on PostgreSQL, for every character."""

from __future__ import annotations

import unicodedata

from tests.support.warehouses import PostgresWarehouse, Warehouse

# Expected words where a character is not part of one: invisible characters join their neighbours.
UNSEEN = {0xAD, 0x34F, 0x640, 0x2BB, 0x2BC, *range(0x200C, 0x2010), *range(0x202A, 0x202F), 0x2060}
UNSEEN |= {*range(0x2066, 0x206A), *range(0xFE00, 0xFE10), 0xFEFF}


def characters() -> list[int]:
    """Return every character of the Unicode version that PostgreSQL 16 and DuckDB share."""
    return [
        point
        for point in range(1, 0x20000)
        if unicodedata.category(chr(point)) not in ("Cn", "Co", "Cs")
    ]


def words(warehouse: Warehouse) -> dict[int, list[str]]:
    """Return the words of a text with the character between two letters, by code point."""
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
    return {point: sorted(words_of_point) for point, words_of_point in found.items()}


def test_every_character_gives_the_same_words(
    duckdb_warehouse: Warehouse, postgres_warehouse: PostgresWarehouse
) -> None:
    duckdb_warehouse.init()
    in_duckdb, in_postgres = words(duckdb_warehouse), words(postgres_warehouse)
    assert {
        chr(point): (in_duckdb.get(point), in_postgres.get(point))
        for point in characters()
        if in_duckdb.get(point) != in_postgres.get(point)
    } == {}
    # Exactly the letters, marks and numbers of Unicode are part of words.
    assert [
        hex(point)
        for point in characters()
        if point < 0x10000 and point not in UNSEEN
        if (unicodedata.category(chr(point))[0] in "PSZC") != (in_duckdb.get(point) == ["a", "b"])
    ] == []
