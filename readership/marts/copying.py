"""Copy the marts of a warehouse, all as of one moment, and let readers find them."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import duckdb
from filelock import FileLock, Timeout

from readership.errors import (
    BUILD_MEMORY,
    UserError,
    exhausted,
    first_paragraph,
    message_of,
    stopped_by_signals,
)
from readership.marts.database import (
    attach_warehouse,
    check_target,
    finish,
    remove,
    spill_of,
    write_marts,
)
from readership.marts.parquet import (
    Version,
    activate,
    check_folder,
    discard,
    remove_others,
    write_version,
)
from readership.marts.source import literal, schemas_of_marts
from readership.warehouse import open_for_reading

# The same limit as for builds, in profiles/profiles.yml.
_MEMORY: Final = "6GB"
Told = Callable[[str, int, int], None]
"""Is called with what begins, how many steps are done, and of how many."""


class Copied(NamedTuple):
    """What was written.

    Attributes:
        file: The DuckDB file.
        bytes: Its size.
        marts: The number of marts in it.
        rows: The number of their rows.
        parquet: The version of the Parquet files; None if none were asked for.

    """

    file: Path
    bytes: int
    marts: int
    rows: int
    parquet: Version | None


def copy_marts(
    warehouse: Path,
    file: Path,
    *,
    folder: Path | None = None,
    schema: str | None = None,
    alone: bool = False,
    told: Told = lambda *_: None,
) -> Copied:
    """Copy every public mart to a DuckDB file, and to Parquet files, and replace those before.

    The warehouse is open until the DuckDB file is written. What was there before is replaced at the
    very end; whatever fails or dies earlier leaves it as it was.

    Args:
        warehouse: The DuckDB file to copy from.
        file: The DuckDB file to write.
        folder: The folder of versions of Parquet files; None for none.
        schema: The schema of the marts, if several have them.
        alone: Whether to remove the Parquet files before at once.
        told: Is told of the progress.

    Raises:
        UserError: The warehouse cannot be read or has no marts, the file or folder is something
            else or cannot be written, or another process writes the same copy.

    """
    with open_for_reading(warehouse):
        # What keeps it from being read is said here, in one line.
        pass
    try:
        check_target(file, warehouse)
        file.parent.mkdir(parents=True, exist_ok=True)
        if folder is not None:
            check_folder(folder)
        with ExitStack() as locks:
            for target in (file, folder):
                if target is not None:
                    lock = target.with_name(f".{target.name}.lock")
                    locks.enter_context(FileLock(lock, timeout=0))
            return _copy(warehouse, file, folder, schema, alone, told)
    except Timeout as error:
        raise UserError(
            "another process copies the marts", str(file), "wait for it to end, and run again"
        ) from error
    except OSError as error:
        raise exhausted(error, str(file), None) or UserError(
            "the marts cannot be copied",
            error.filename or str(file),
            f"let this user write there, or name another place ({message_of(error)})",
        ) from error
    except (duckdb.Error, MemoryError) as error:
        remedy = "run again after the running load or build"
        if isinstance(error, (duckdb.BinderException, duckdb.CatalogException)):
            remedy = "run `readership build`: the models are of another version"
        if isinstance(error, duckdb.ParserException):
            remedy = f"set {BUILD_MEMORY} to a size such as 4GB"
        raise exhausted(error, str(file)) or UserError(
            f"the marts cannot be copied ({first_paragraph(error)})", str(warehouse), remedy
        ) from error


def _copy(
    warehouse: Path, file: Path, folder: Path | None, schema: str | None, alone: bool, told: Told
) -> Copied:
    part = file.with_name(f"{file.name}.part")
    remove(part)
    version = before = None
    try:
        with duckdb.connect() as connection, stopped_by_signals(connection):
            connection.execute("set enable_progress_bar = false")
            connection.execute(
                f"set memory_limit = {literal(os.environ.get(BUILD_MEMORY) or _MEMORY)}"
            )
            connection.execute(f"set temp_directory = {literal(spill_of(part))}")
            connection.execute("set TimeZone = 'UTC'")
            attach_warehouse(connection, warehouse)
            schemas = schemas_of_marts(connection, "source", schema, str(warehouse))
            steps = _Steps(told, len(schemas) * (1 if folder is None else 2))
            rows = write_marts(connection, part, schemas, steps.begin)
            if folder is not None:
                version = write_version(connection, folder, [*schemas], steps.begin_parquet)
            finish(connection, part)
        part.replace(file)
        if version is not None:
            before = activate(version)
    except BaseException:
        if version is not None:
            discard(version)
        raise
    finally:
        remove(part)
    if version is not None:
        remove_others(version.folder.parent, {version.folder.name, None if alone else before})
    return Copied(file, file.stat().st_size, len(schemas), rows, version)


class _Steps:
    """Counts what has begun."""

    def __init__(self, told: Told, total: int) -> None:
        self._told = told
        self._total = total
        self._begun = 0

    def begin(self, name: str) -> None:
        """Take the name of what begins."""
        self._told(name, self._begun, self._total)
        self._begun += 1

    def begin_parquet(self, name: str) -> None:
        """Take the name of the mart that is written as Parquet now."""
        self.begin(f"{name} as Parquet")
