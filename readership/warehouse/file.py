"""The DuckDB file: found, opened for writing by one process or for reading by many."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from readership.errors import UserError, first_paragraph, stopped_by_signals

# DuckDB is imported when a file is opened: many commands only need the name of the file.
if TYPE_CHECKING:
    import duckdb

RAW_SCHEMA: Final = "raw"
"""The schema that the loader fills."""

# DuckDB names a database after its file, and could not tell it from a schema or a database of these
# names.
_TAKEN_NAMES: Final = {RAW_SCHEMA, "main", "temp", "system"}

DEFAULT_WAREHOUSE: Final = "data/readership.duckdb"
WAREHOUSE_VARIABLE: Final = "READERSHIP_WAREHOUSE"
"""The environment variable that names the file, for commands and for dbt."""

# Read by DuckDB 1.2 and later, and by the tools that embed one of them.
_STORAGE_VERSION: Final = "v1.2.0"

_MAGIC: Final = b"DUCK"
_MAGIC_AT: Final = 8
_NO_FILE: Final = re.compile(r"[a-z0-9+.-]*:", re.IGNORECASE)


def default_warehouse() -> str:
    """Give the warehouse file meant when the command line names none."""
    return os.environ.get(WAREHOUSE_VARIABLE) or DEFAULT_WAREHOUSE


def named_by_environment() -> bool:
    """Tell whether the environment names the warehouse file."""
    return bool(os.environ.get(WAREHOUSE_VARIABLE))


@contextmanager
def open_for_writing(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for writing and close it for sure; create it, and its folder, if new.

    While it is open no other process can open it: DuckDB's lock on the file is what keeps two
    loads from running at once.

    Raises:
        UserError: The file is locked, is no readable DuckDB file or cannot be written.

    """
    import duckdb

    if file.stem.lower() in _TAKEN_NAMES:
        raise UserError(
            f"a warehouse file cannot be called {file.stem}", str(file), "give it another name"
        )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            "cannot make the folder of the warehouse",
            str(file.parent),
            f"choose another with --warehouse ({error.strerror})",
        ) from error
    _check_kind(file)
    try:
        connection = duckdb.connect(
            str(file), config={"storage_compatibility_version": _STORAGE_VERSION}
        )
    except duckdb.Error as error:
        raise _explained(file, error) from error
    with connection, stopped_by_signals(connection):
        connection.execute("set global TimeZone = 'UTC'")
        yield connection


@contextmanager
def open_for_reading(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for reading, with UTC as the session's time zone.

    Raises:
        UserError: The file is missing, locked, or no readable DuckDB file.

    """
    import duckdb

    if not file.exists():
        raise no_warehouse(str(file), "run `make run` to make one")
    _check_kind(file)
    try:
        connection = duckdb.connect(str(file), read_only=True)
    except duckdb.Error as error:
        raise _explained(file, error) from error
    with connection, stopped_by_signals(connection):
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def no_warehouse(place: str, remedy: str) -> UserError:
    """Describe a warehouse that is not there.

    Where the file is that which a command means by itself, and this is not the project folder, the
    warehouse is probably there, and another one would be made here.

    Args:
        place: Where it was looked for.
        remedy: What to do in the project folder.

    """
    if place == str(Path(DEFAULT_WAREHOUSE).absolute()) and not Path("dbt_project.yml").exists():
        remedy = (
            "run it in the project folder (the one with dbt_project.yml), or name the file with "
            f"--warehouse or {WAREHOUSE_VARIABLE}"
        )
    return UserError("there is no warehouse yet", place, remedy)


def warehouse_file(name: str | None) -> Path:
    """Give the warehouse file of a name, or the default for None.

    Raises:
        UserError: The name is empty, or one of something else than a file.

    """
    if name is None:
        name = default_warehouse()
    if not name.strip() or _NO_FILE.match(name):
        raise UserError(
            "a warehouse is a file on this machine", repr(name), "name one with --warehouse"
        )
    return Path(name).absolute()


def _check_kind(file: Path) -> None:
    """Keep DuckDB from files of other kinds, some of which it opens as something else in memory."""
    try:
        with file.open("rb") as stream:
            head = stream.read(_MAGIC_AT + len(_MAGIC))
    except OSError:
        # Not there yet, or DuckDB will tell.
        return
    if head and head[_MAGIC_AT:] != _MAGIC:
        raise UserError(
            "the warehouse is not a sound DuckDB file",
            str(file),
            "restore it, or name another file with --warehouse",
        )


def _explained(file: Path, error: duckdb.Error) -> UserError:
    said = first_paragraph(error)
    where = str(file)
    if "lock on file" in said:
        holder = re.search(r"PID (\d+)", said)
        by = f" (process {holder[1]})" if holder else ""
        return UserError(
            f"the warehouse is in use by another process{by}",
            where,
            "wait for it to end, or close the program that has it open, and run again",
        )
    if file.is_dir():
        return UserError("the warehouse is a folder", where, "name a file with --warehouse")
    if "version number" in said or "newer version" in said:
        return UserError(
            "the warehouse was made by a version of DuckDB that this one cannot read",
            where,
            f"use that version, or name another file with --warehouse ({said})",
        )
    if "not a valid DuckDB" in said or "orrupt" in said:
        return UserError(
            "the warehouse is not a sound DuckDB file",
            where,
            f"restore it, or name another file with --warehouse ({said})",
        )
    return UserError(
        "cannot open the warehouse",
        where,
        f"check that its folder can be written, or use --warehouse ({said})",
    )
