"""The marts of a warehouse: in which schema each is, and whether that is clear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from readership.errors import UserError
from readership.marts.names import MARTS

if TYPE_CHECKING:
    import duckdb

_MAIN: Final = "main"
_RELATIONS: Final = (
    "select table_schema, table_name from information_schema.tables where table_catalog = ?"
)


def schemas_of_marts(
    connection: duckdb.DuckDBPyConnection, database: str, schema: str | None, place: str
) -> dict[str, str]:
    """Return the schema of each mart that is there, by name.

    A project that has this one as a package may leave marts out, and set schemas of its own.

    Args:
        connection: A connection with the warehouse attached.
        database: The name that it is attached as.
        schema: The only schema to look at; None for all.
        place: The warehouse's file, for messages.

    Raises:
        UserError: There is no mart, or it is not clear which schema's is meant.

    """
    found: dict[str, list[str]] = {}
    for where, name in connection.execute(_RELATIONS, [database]).fetchall():
        if name in MARTS and schema in (None, where):
            found.setdefault(name, []).append(where)
    if not found:
        raise UserError(
            "there are no marts" + (f" in schema {schema}" if schema else ""),
            place,
            "run `readership build`" + (", or name another schema with --schema" * bool(schema)),
        )
    chosen = {}
    for name in MARTS:
        places = sorted(found.get(name, []))
        if len(places) > 1 and _MAIN not in places:
            raise UserError(
                f"{name} is in several schemas ({', '.join(places)})",
                place,
                "name the schema of the marts with --schema",
            )
        if places:
            chosen[name] = places[0] if len(places) == 1 else _MAIN
    return chosen


def literal(value: object) -> str:
    """Return a SQL string literal, for statements that take no parameters."""
    return "'" + str(value).replace("'", "''") + "'"


def quoted(*names: str) -> str:
    """Return a quoted name, qualified by those before the last one."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)
