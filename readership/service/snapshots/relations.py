"""What answers read in a warehouse: relations, and the definitions that depend on them."""

from __future__ import annotations

import hashlib
import re
import tempfile
from pathlib import Path
from typing import Final

import duckdb

from readership.errors import UserError, first_paragraph
from readership.service.sources import checks, routines

SCHEMA: Final = "answers"
"""The schema of the table macros."""
EXPORTS_SCHEMA: Final = f"select {SCHEMA}.exports_schema()"

# A schema and a relation in it; a database name may precede them.
_QUALIFIED_NAME: Final = re.compile(r"""("[^"]+"|\w+)\.(?=("[^"]+"|\w+))""")
_END_OF_STATEMENT: Final = re.compile(r";\s*\n(?=CREATE|\s*\Z)")

Relation = tuple[str, str, bool]
"""Schema, name, and whether it is a view."""
STORED_VIEWS: Final = frozenset({"int_session_spans"})
"""Views whose rows a snapshot holds, rather than all columns of what they read."""


def needed_relations(connection: duckdb.DuckDBPyConnection, database: str) -> list[Relation]:
    """Return the relations that the answers and exports read, directly or through views."""
    every = [
        (schema, name, is_view and name not in STORED_VIEWS)
        for schema, name, is_view in relations_of(connection, database)
    ]
    relations = {(schema, name) for schema, name, _ in every}
    texts = {
        (schema, name): sql
        for schema, name, sql in connection.execute(
            "select schema_name, view_name, sql from duckdb_views() "
            "where database_name = ? and not internal",
            [database],
        ).fetchall()
        if name not in STORED_VIEWS
    }
    unparsed = [
        sql
        for (sql,) in connection.execute(
            "select macro_definition from duckdb_functions() "
            "where database_name = ? and schema_name = ?",
            [database, SCHEMA],
        ).fetchall()
    ]
    ((exports,),) = connection.execute(f"select {database}.{SCHEMA}.exports_schema()").fetchall()
    needed = {
        (schema, name)
        for schema, name in relations
        if schema == exports and name.startswith("api_")
    }
    unparsed += [texts[relation] for relation in needed if relation in texts]
    while unparsed:
        names = {
            (_unquoted(schema), _unquoted(name))
            for schema, name in _QUALIFIED_NAME.findall(unparsed.pop())
        }
        for relation in (names & relations) - needed:
            needed.add(relation)
            unparsed += [texts[relation]] if relation in texts else []
    return [relation for relation in every if relation[:2] in needed]


def relations_of(connection: duckdb.DuckDBPyConnection, database: str) -> list[Relation]:
    """Return all relations of a database."""
    return connection.execute(
        "select schema_name, table_name, false from duckdb_tables() where database_name = $1 "
        "union all select schema_name, view_name, true from duckdb_views() "
        "where database_name = $1 and not internal order by all",
        [database],
    ).fetchall()


def copy_definitions(
    connection: duckdb.DuckDBPyConnection, source: str, copy: str, needed: list[Relation]
) -> None:
    """Create the needed relations without rows, and all macros, in an empty database."""
    connection.execute(f"copy from database {source} to {copy} (schema)")
    for schema, name, is_view in relations_of(connection, copy):
        if (schema, name, is_view) in needed:
            continue
        place = quoted(schema, name)
        connection.execute(f"drop {'view' if is_view else 'table'} {copy}.{place}")
        if (schema, name, False) in needed:
            connection.execute(f"create table {copy}.{place} as from {source}.{place} limit 0")


def definitions_digest(connection: duckdb.DuckDBPyConnection, database: str) -> str:
    """Return a checksum of the definitions in a database and of the calls that they answer.

    It does not depend on the order in which relations were created.
    """
    # Only an export has everything; `duckdb_functions()` lacks the defaults of parameters.
    with tempfile.TemporaryDirectory(prefix="readership-") as folder:
        connection.execute(f"export database {database} to {literal(folder)}")
        text = (Path(folder) / "schema.sql").read_text()
    statements = [*sorted(_END_OF_STATEMENT.split(text)), *map(str, routines())]
    return hashlib.sha256("\0".join(statements).encode()).hexdigest()


def check_answers(
    connection: duckdb.DuckDBPyConnection, extra_query: str, place: str, remedy: str
) -> None:
    """Check every macro with a query that returns no rows.

    Args:
        connection: A connection to the warehouse or snapshot.
        extra_query: Another query that must succeed.
        place: The file, for the message.
        remedy: The remedy after `dbt build`, for the message.

    Raises:
        UserError: A model or macro is missing, or a macro does not match the models.

    """
    for query in (*checks(SCHEMA), extra_query):
        check_query(connection, query, place, remedy)


def check_query(connection: duckdb.DuckDBPyConnection, query: str, place: str, remedy: str) -> None:
    """Check that a query succeeds. Arguments and errors are those of `check_answers`."""
    try:
        connection.execute(query).fetchone()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise UserError(
            f"the answers are missing ({first_paragraph(error)})",
            place,
            f"run `dbt build`; {remedy}",
        ) from error


def literal(value: object) -> str:
    """Return a SQL string literal, for statements that take no parameters."""
    return "'" + str(value).replace("'", "''") + "'"


def quoted(*names: str) -> str:
    """Return a quoted name, qualified by those before the last one."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def _unquoted(name: str) -> str:
    return name.strip('"')
