"""The DuckDB file of marts: checked, written beside, and replaced in one step."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import duckdb

from readership.errors import UserError, first_paragraph
from readership.marts.names import MARTS
from readership.marts.source import literal, quoted

# Read by DuckDB 1.2 and later, and by the tools that embed one of them.
_STORAGE_VERSION: Final = "v1.2.0"
_MAGIC: Final = b"DUCK"
_MAGIC_AT: Final = 8
_COPY: Final = "copy_of_marts"
_SOURCE: Final = "source"


def check_target(file: Path, warehouse: Path) -> None:
    """Check that a file may be replaced: it is not there, or a copy of marts that nobody writes.

    Raises:
        UserError: It is something else.

    """
    if file.is_dir():
        raise UserError("the copy of the marts is a folder", str(file), "name a file with --out")
    with suppress(FileNotFoundError):
        if file.samefile(warehouse):
            raise UserError(
                "the copy of the marts would replace the warehouse",
                str(file),
                "name another file with --out",
            )
    if not file.exists():
        return
    if log_of(file).exists():
        raise UserError(
            "a program writes to the copy of the marts, or did not end well",
            str(file),
            f"let tools open it read-only; close them, and remove {log_of(file).name}",
        )
    # DuckDB opens files of some other kinds as something else, in memory.
    with file.open("rb") as stream:
        head = stream.read(_MAGIC_AT + len(_MAGIC))
    if not head:
        return
    if head[_MAGIC_AT:] != _MAGIC:
        raise UserError("the file is no DuckDB file", str(file), "name another file with --out")
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            others = connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables "
                "where table_catalog = current_database() order by all"
            ).fetchall()
    except duckdb.Error as error:
        raise UserError(
            "the file is no copy of marts that can be replaced",
            str(file),
            f"name another file with --out ({first_paragraph(error)})",
        ) from error
    known = {f"main.{name}" for name in MARTS}
    for (name,) in others:
        if name not in known:
            raise UserError(
                f"the file has another table than marts ({name})",
                str(file),
                "name another file with --out, or remove this one",
            )


def write_marts(
    connection: duckdb.DuckDBPyConnection,
    part: Path,
    schemas: dict[str, str],
    told: Callable[[str], None],
) -> int:
    """Write the marts of the attached warehouse to a new file, with comments; return the rows.

    Args:
        connection: A connection with the warehouse attached as `source`. It has the new file
            attached, and in use, afterwards, and the warehouse no more.
        part: The file to write.
        schemas: The schema of each mart, by name.
        told: Is called with the name of each mart before it is written.

    """
    connection.execute(f"attach {literal(part)} as {_COPY} (storage_version '{_STORAGE_VERSION}')")
    rows = 0
    connection.execute("begin")
    for name, schema in schemas.items():
        told(name)
        table = quoted(_COPY, "main", name)
        ((count,),) = connection.execute(
            f"create table {table} as from {quoted(_SOURCE, schema, name)}"
        ).fetchall()
        rows += count
        for comment in _comments(connection, schema, name, table):
            connection.execute(comment)
    connection.execute("commit")
    connection.execute(f"detach {_SOURCE}")
    connection.execute(f"use {_COPY}")
    return rows


def finish(connection: duckdb.DuckDBPyConnection, part: Path) -> None:
    """Close the new file, all of it on the disk."""
    connection.execute("use memory")
    connection.execute(f"detach {_COPY}")
    with part.open("rb") as stream:
        os.fsync(stream.fileno())


def attach_warehouse(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Attach the warehouse: while it is, nobody changes it."""
    connection.execute(f"attach {literal(warehouse)} as {_SOURCE} (read_only)")


def log_of(file: Path) -> Path:
    """Return the log that DuckDB keeps beside a file while it is written to."""
    return file.with_name(f"{file.name}.wal")


def remove(part: Path) -> None:
    """Remove an unfinished file and what belongs to it."""
    for path in (part, log_of(part)):
        with suppress(OSError):
            path.unlink(missing_ok=True)
    shutil.rmtree(spill_of(part), ignore_errors=True)


def spill_of(part: Path) -> Path:
    """Return the folder of what does not fit into memory meanwhile."""
    return part.with_name(f"{part.name}.tmp")


def _comments(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, table: str
) -> list[str]:
    """Return the statements that describe a copy as the warehouse does."""
    found = []
    for kind in ("table", "view"):
        found += [
            f"comment on table {table} is {literal(comment)}"
            for (comment,) in connection.execute(
                f"select comment from duckdb_{kind}s() where database_name = ? "
                f"and schema_name = ? and {kind}_name = ? and comment is not null",
                [_SOURCE, schema, name],
            ).fetchall()
        ]
    found += [
        f"comment on column {table}.{quoted(column)} is {literal(comment)}"
        for column, comment in connection.execute(
            "select column_name, comment from duckdb_columns() where database_name = ? "
            "and schema_name = ? and table_name = ? and comment is not null order by column_index",
            [_SOURCE, schema, name],
        ).fetchall()
    ]
    return found
