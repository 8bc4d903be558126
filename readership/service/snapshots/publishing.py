"""Publish snapshots: write the parts that have changed, check them, and activate the snapshot.

`current.json` is replaced atomically once everything else is complete, so readers find either the
old snapshot or the new one. A process that is killed leaves files that the next one removes.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
from filelock import FileLock, Timeout

from readership.errors import (
    BUILD_MEMORY,
    UserError,
    exhausted,
    first_paragraph,
    stopped_by_signals,
)
from readership.service.snapshots.manifest import (
    CURRENT,
    SnapshotFile,
    SnapshotInfo,
    broken,
    current_snapshot,
    set_current,
    snapshot_folder,
)
from readership.service.snapshots.opening import open_snapshot
from readership.service.snapshots.parts import (
    PUBLISHED,
    create_list,
    difference,
    divided_tables,
    list_parts,
    rows_of,
    same_place,
)
from readership.service.snapshots.relations import (
    EXPORTS_SCHEMA,
    Relation,
    check_answers,
    check_query,
    copy_definitions,
    definitions_digest,
    literal,
    needed_relations,
    quoted,
)
from readership.warehouse import open_for_reading

_LOCK: Final = "publishing.lock"
_LOCK_TIMEOUT_SECONDS: Final = 600
_REMEDIES: Final = {
    errno.ENOSPC: "free space on its disk",
    errno.EDQUOT: "free space in its quota",
    errno.EROFS: "its file system is read-only: make it writable, or move the warehouse",
    errno.EACCES: "give this user write permission",
    errno.EPERM: "give this user write permission",
}
_STORAGE_VERSION: Final = "v1.2.0"
# Small blocks for the files of a few parts, of which each column of a table fills at least one.
_BLOCK_BYTES: Final = 16_384
# The same limit as for builds, in profiles/profiles.yml.
_MEMORY: Final = "6GB"
_MAIN: Final = "main"
_REMEDY: Final = "run `dbt run-operation publish_answers`"
# All rows are written anew when more than this share of them is not in the first file: readers
# put the others together, and rows that were replaced stay on disk until then.
_MAX_SHARE: Final = 0.15
# Files after the first one with parts that are still current.
_MAX_FILES: Final = 8


def publish(warehouse: Path, *, whole: bool = False) -> SnapshotInfo:
    """Write the parts that have changed since the current snapshot, check and publish them.

    Processes that publish the same warehouse wait for each other. The files of the previous
    snapshot are kept, since a service may still read it.

    Args:
        warehouse: The DuckDB file.
        whole: Whether to write all parts, changed or not.

    Returns:
        The new current snapshot.

    Raises:
        UserError: The warehouse cannot be read or lacks models or answers, the parts cannot be
            written or do not answer, or another process does not finish publishing.

    """
    folder = snapshot_folder(warehouse)
    with open_for_reading(warehouse) as connection:
        check_query(connection, EXPORTS_SCHEMA, str(warehouse), _REMEDY)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / _LOCK, timeout=_LOCK_TIMEOUT_SECONDS):
            return _publish(warehouse, folder, whole)
    except Timeout as error:
        raise UserError(
            "another process is publishing", str(folder), "publish again when it has finished"
        ) from error
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "check the folder")
        raise UserError(
            "the snapshot cannot be written", str(folder), f"{remedy} ({error})"
        ) from error
    except (duckdb.Error, MemoryError) as error:
        remedy = _remedy_of_duckdb(str(error))
        exhaustion = None if remedy else exhausted(error, str(warehouse))
        raise exhaustion or UserError(
            f"the snapshot cannot be created ({first_paragraph(error)})",
            str(warehouse),
            remedy or "publish again after the running load or build",
        ) from error


def _publish(warehouse: Path, folder: Path, whole: bool) -> SnapshotInfo:
    before = _before(folder)
    published_at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    file = folder / f"{published_at:%Y%m%dT%H%M%S}_{secrets.token_hex(4)}.duckdb"
    try:
        info = _write(warehouse, file, None if whole else before, published_at)
        set_current(info)
    except BaseException:
        _remove(file)
        raise
    kept = {CURRENT, *(part.path.name for part in (*info.files, *(before.files if before else ())))}
    for other in (*folder.glob("*.duckdb*"), *folder.glob(f"{CURRENT}*")):
        if other.name not in kept:
            _remove(other)
    return info


def _before(folder: Path) -> SnapshotInfo | None:
    """Return the current snapshot; None if there is none, or not all of its files are intact."""
    with suppress(UserError):
        before = current_snapshot(folder)
        if before is not None:
            for file in before.files:
                file.check(is_known=True)
            return before
    return None


def _remedy_of_duckdb(message: str) -> str | None:
    """Return the remedy for a system error, which DuckDB reports only in the text of its own."""
    for number, remedy in _REMEDIES.items():
        if os.strerror(number) in message:
            return remedy
    return None


def _write(
    warehouse: Path, file: Path, before: SnapshotInfo | None, published_at: datetime
) -> SnapshotInfo:
    """Write what has changed to a new file, if anything has, and return the snapshot with it."""
    with _source(warehouse, file) as connection:
        needed = needed_relations(connection, "source")
        connection.execute("attach ':memory:' as definitions")
        copy_definitions(connection, "source", "definitions", needed)
        definitions = definitions_digest(connection, "definitions")
        create_list(connection, "temp.now")
        for table in divided_tables(connection, "definitions"):
            list_parts(connection, table, "source", "temp.now")
        files: tuple[SnapshotFile, ...] = ()
        if before is not None and before.definitions == definitions:
            files = _kept_files(connection, before)
            if files and not _has_changed(connection):
                return replace(before, published_at=published_at)
        else:
            # The same definitions have been checked when they were published first.
            connection.execute("use source")
            check_answers(connection, EXPORTS_SCHEMA, str(warehouse), _REMEDY)
            connection.execute("use memory")
        connection.execute(f"update temp.now set file = {literal(file.name)} where file is null")
        block_size = f", block_size {_BLOCK_BYTES}" if files else ""
        connection.execute(
            f"attach {literal(file)} as copy (storage_version '{_STORAGE_VERSION}'{block_size})"
        )
        _copy(connection, file, needed, is_whole=not files)
        connection.execute("detach copy")
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
    written = SnapshotFile.of(file)
    info = SnapshotInfo((*files, written), published_at, definitions, new_bytes=written.bytes)
    if before is None or before.definitions != definitions:
        open_snapshot(info).retire()
    return info


@contextmanager
def _source(warehouse: Path, file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database with the warehouse attached, all of it as of one moment."""
    with duckdb.connect() as connection, stopped_by_signals(connection):
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set memory_limit = {literal(os.environ.get(BUILD_MEMORY) or _MEMORY)}")
        connection.execute(f"set temp_directory = {literal(f'{file}.tmp')}")
        connection.execute(f"attach {literal(warehouse)} as source (read_only)")
        yield connection


def _kept_files(
    connection: duckdb.DuckDBPyConnection, before: SnapshotInfo
) -> tuple[SnapshotFile, ...]:
    """Name the file of each part that has not changed; return the files with such parts.

    Returns:
        No files if everything is to be written anew.

    """
    connection.execute(f"attach {literal(before.files[-1].path)} as before (read_only)")
    create_list(connection, "temp.before", f"from before.{PUBLISHED}.parts")
    connection.execute("detach before")
    connection.execute(
        "update temp.now set file = known.file from temp.before as known "
        f"where {same_place('now', 'known')} and known.rows = now.rows "
        "and known.checksum = now.checksum"
    )
    rows = dict(
        connection.execute(
            "select coalesce(file, ''), cast(sum(rows) as bigint) from temp.now group by 1"
        ).fetchall()
    )
    total = sum(rows.values())
    first, *later = before.files
    if total - rows.get(first.path.name, 0) > _MAX_SHARE * total:
        connection.execute("update temp.now set file = null")
        return ()
    if not _has_changed(connection):
        return before.files
    live = sorted(
        (rows[file.path.name], file.path.name) for file in later if file.path.name in rows
    )
    # Of too many files, the new one takes in the parts of the smaller half.
    absorbed = [name for _, name in live[: len(live) // 2]] if len(live) >= _MAX_FILES else []
    for name in absorbed:
        connection.execute(f"update temp.now set file = null where file = {literal(name)}")
    names = {name for _, name in live} - set(absorbed)
    return (first, *(file for file in later if file.path.name in names))


def _has_changed(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the parts differ from those before."""
    ((count,),) = connection.execute(
        f"select (select count(*) from ({difference('temp.now', 'temp.before')})) "
        f"+ (select count(*) from ({difference('temp.before', 'temp.now')}))"
    ).fetchall()
    return count > 0


def _copy(
    connection: duckdb.DuckDBPyConnection, file: Path, needed: list[Relation], *, is_whole: bool
) -> None:
    """Write the parts of a file, and the list of all parts, and check the rows written."""
    tables = list(divided_tables(connection, "definitions"))
    parts = f"(from temp.now where file = {literal(file.name)})"
    connection.execute("begin")
    if is_whole:
        connection.execute("copy from database definitions to copy (schema)")
        for table in tables:
            connection.execute(f"insert into copy.{table.place} from source.{table.place}")
        _create_views_in_main(connection, needed)
    else:
        names = connection.execute(
            f"select distinct (schema_name, table_name) from {parts}"
        ).fetchall()
        for table in tables:
            if ((table.schema, table.name),) in names:
                connection.execute(f"create schema if not exists copy.{quoted(table.schema)}")
                rows = rows_of(connection, table, "source", parts)
                connection.execute(f"create table copy.{table.place} as {rows}")
    connection.execute(f"create schema copy.{PUBLISHED}")
    create_list(connection, f"copy.{PUBLISHED}.parts", "from temp.now order by all")
    connection.execute("commit")
    create_list(connection, "temp.written")
    for table in divided_tables(connection, "copy"):
        list_parts(connection, table, "copy", "temp.written")
    ((count,),) = connection.execute(
        f"select (select count(*) from ({difference('temp.written', 'temp.now')})) "
        f"+ (select count(*) from {parts}) - (select count(*) from temp.written)"
    ).fetchall()
    if count:
        raise broken(file, "it does not have the rows of the warehouse")


def _create_views_in_main(connection: duckdb.DuckDBPyConnection, needed: list[Relation]) -> None:
    """Let readers of a snapshot find every relation in one schema, wherever dbt created it."""
    names = {name for schema, name, _ in needed if schema == _MAIN}
    for schema, name, _ in needed:
        if name not in names:
            connection.execute(
                f"create view copy.{quoted(_MAIN, name)} as from {quoted(schema, name)}"
            )
            names.add(name)


def _remove(file: Path) -> None:
    """Remove a file and its log, or a folder of temporary files."""
    if file.is_dir():
        shutil.rmtree(file, ignore_errors=True)
        return
    for path in (file, file.with_name(f"{file.name}.wal")):
        with suppress(OSError):
            path.unlink(missing_ok=True)
