"""Parquet files of the marts: a folder for each version, and a link to the current one.

A folder of files cannot be replaced in one step, but a link can. So a version is written whole
before `current` leads to it, and the one before is kept: who has followed the link reads on. No
file of two versions has the same path below them, so that files of two are never taken for one.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from readership.errors import UserError
from readership.marts.names import MARTS
from readership.marts.source import literal, quoted

if TYPE_CHECKING:
    import duckdb

CURRENT: Final = "current"
"""The link to the newest version."""

_VERSION: Final = re.compile(r"\d{8}T\d{6}_[0-9a-f]{8}(\.part)?")
_NEW_LINK: Final = f"{CURRENT}.new"
# Names of folders have up to 255 bytes; an encoded byte takes three.
_LONGEST_SITE_BYTES: Final = 80


class Version(NamedTuple):
    """A written version.

    Attributes:
        folder: Its folder.
        files: The number of its files.
        bytes: Their size.

    """

    folder: Path
    files: int
    bytes: int


def check_folder(folder: Path) -> None:
    """Check that a folder is new, empty, or one of versions.

    Raises:
        UserError: It is something else, or it cannot be made.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = {entry.name for entry in folder.iterdir()}
    except OSError as error:
        raise UserError(
            "the folder of Parquet files cannot be used",
            str(folder),
            f"name another one with --parquet ({error.strerror})",
        ) from error
    link = folder / CURRENT
    foreign = sorted(name for name in names - {CURRENT, _NEW_LINK} if not _VERSION.fullmatch(name))
    if CURRENT in names and not link.is_symlink():
        foreign.insert(0, CURRENT)
    if foreign:
        raise UserError(
            f"the folder of Parquet files has something else in it ({foreign[0]})",
            str(folder),
            "name a new or empty folder with --parquet",
        )


def write_version(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    names: list[str],
    told: Callable[[str], None],
) -> Version:
    """Write the marts of the database in use to a new version; readers do not see it yet.

    Args:
        connection: A connection to the copied marts.
        folder: The folder of versions.
        names: The marts.
        told: Is called with the name of each mart before it is written.

    """
    for entry in folder.iterdir():
        if entry.name.endswith(".part"):
            shutil.rmtree(entry)
    part = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}_{secrets.token_hex(4)}.part"
    part.mkdir()
    try:
        for name in names:
            told(name)
            connection.execute(_copy_of(connection, name, part / name))
        files = [path for path in part.rglob("*") if path.is_file()]
        for path in files:
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
        size = sum(path.stat().st_size for path in files)
        return Version(part.rename(part.with_suffix("")), len(files), size)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def activate(version: Version) -> str | None:
    """Let `current` lead to a version; return the name of the one before, if there was one."""
    folder = version.folder.parent
    link, new = folder / CURRENT, folder / _NEW_LINK
    before = link.readlink().name if link.is_symlink() else None
    new.unlink(missing_ok=True)
    new.symlink_to(version.folder.name, target_is_directory=True)
    new.replace(link)
    return before


def remove_others(folder: Path, kept: set[str | None]) -> None:
    """Remove the versions of a folder but for those of these names."""
    for entry in folder.iterdir():
        if _VERSION.fullmatch(entry.name) and entry.name not in kept:
            shutil.rmtree(entry)


def discard(version: Version) -> None:
    """Remove a version that did not become the current one."""
    with suppress(OSError):
        shutil.rmtree(version.folder)


def _copy_of(connection: duckdb.DuckDBPyConnection, name: str, folder: Path) -> str:
    """Return the statement that writes a mart to a folder of its own.

    The files have all columns of the mart. The folders are named by two columns that it does not
    have, `site` and `month`: what a reader takes their values for changes no column of the mart.
    Keys are text, since not every reader of Parquet knows the type of UUIDs.
    """
    mart = MARTS[name]
    columns = {}
    if mart.has_site:
        columns["site"] = (
            f"if(octet_length(encode(site_id)) > {_LONGEST_SITE_BYTES}, md5(site_id), site_id)"
        )
    if mart.date:
        columns["month"] = f"strftime({quoted(mart.date)}, '%Y-%m')"
    keys = connection.execute(
        "select column_name from information_schema.columns where table_catalog = "
        "current_database() and table_name = ? and data_type = 'UUID'",
        [name],
    ).fetchall()
    texts = ", ".join(f"cast({quoted(key)} as varchar) as {quoted(key)}" for (key,) in keys)
    selected = [
        f"* replace ({texts})" if texts else "*",
        *(f"{value} as {column}" for column, value in columns.items()),
    ]
    rows = f"select {', '.join(selected)} from {quoted('main', name)}"
    options = "format parquet, compression zstd"
    ((has_rows,),) = connection.execute(f"select exists (from {quoted('main', name)})").fetchall()
    if columns and has_rows:
        options += f", partition_by ({', '.join(columns)}), filename_pattern 'part_{{uuid}}'"
        return f"copy ({rows}) to {literal(folder)} ({options})"
    # Without rows there would be no folders, and so no file that has the columns.
    folder.mkdir()
    target = folder / f"part_{secrets.token_hex(8)}.parquet"
    return f"copy ({rows}) to {literal(target)} ({options})"
