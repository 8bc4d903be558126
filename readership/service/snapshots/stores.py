"""Stores: databases of a reader's own, in which the parts of several files are put together.

Queries then read whole tables, as fast as from one file. A store is not changed while queries read
it: of two stores one is read, and the other one gets the parts that have changed since it was read.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import duckdb
from filelock import FileLock, Timeout

from readership.errors import UserError, exhausted, first_paragraph
from readership.service.snapshots.manifest import SnapshotFile, SnapshotInfo, broken
from readership.service.snapshots.parts import (
    PUBLISHED,
    Divided,
    create_list,
    difference,
    divided_tables,
    rows_of,
)
from readership.service.snapshots.relations import literal

# Users of one machine do not touch each other's stores.
_PREFIX: Final = f"readership-stores-{getattr(os, 'getuid', int)()}-"
_LOCK: Final = "in_use.lock"


class Stores:
    """The stores of one process, and which files of snapshots it has checked.

    The stores are in a folder below the system's folder of temporary files.

    Attributes:
        answering: The file whose definitions were found to answer queries.

    """

    def __init__(self) -> None:
        self.answering: SnapshotFile | None = None
        self._checked: set[SnapshotFile] = set()
        self._idle: list[Path] = []
        self._definitions = ""
        self._folder: Path | None = None
        self._lock: FileLock | None = None
        self._count = 0

    def check(self, info: SnapshotInfo) -> None:
        """Check that the files of a snapshot are intact. Those of the last one are not read again.

        Idle stores with other definitions are removed: an erasure changes these, too, and the
        stores have the rows from before.

        Raises:
            UserError: A file is missing or damaged.

        """
        for file in info.files:
            file.check(is_known=file in self._checked)
        self._checked = set(info.files)
        if info.definitions != self._definitions:
            self._definitions = info.definitions
            while self._idle:
                _remove(self._idle.pop())

    def take(self, info: SnapshotInfo, memory: str) -> Path:
        """Return a store with the rows of a snapshot, which is the caller's until `give_back`.

        Args:
            info: The snapshot. Its files have been checked.
            memory: Memory limit of DuckDB.

        Raises:
            UserError: The store cannot be written, or does not have the rows of the snapshot.

        """
        try:
            store = self._idle.pop() if self._idle else self._new_store(info)
            try:
                _update(store, info, memory)
            except BaseException:
                _remove(store)
                raise
            return store
        except (OSError, duckdb.Error, MemoryError) as error:
            place = str(self._folder or tempfile.gettempdir())
            raise exhausted(error, place) or UserError(
                f"the parts of the snapshot cannot be put together ({first_paragraph(error)})",
                place,
                "set TMPDIR to a folder with room for two copies of the snapshot",
            ) from error

    def give_back(self, store: Path, definitions: str) -> None:
        """Return a store that nobody reads any more, with the checksum of its definitions."""
        # One is enough: it is brought up to date while the other one is read.
        if self._idle or self._folder is None or definitions != self._definitions:
            _remove(store)
        else:
            self._idle.append(store)

    def close(self) -> None:
        """Remove all stores."""
        self._idle = []
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        if self._lock is not None:
            self._lock.release()

    def _new_store(self, info: SnapshotInfo) -> Path:
        if self._folder is None:
            with FileLock(Path(tempfile.gettempdir()) / f"{_PREFIX}making.lock"):
                _remove_leftovers()
                self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
                self._lock = FileLock(self._folder / _LOCK)
                self._lock.acquire(timeout=0)
        self._count += 1
        store = self._folder / f"store_{self._count}.duckdb"
        shutil.copyfile(info.files[0].path, store)
        return store


def _update(store: Path, info: SnapshotInfo, memory: str) -> None:
    """Bring a store from the parts that it has to those of a snapshot, in one transaction."""
    with duckdb.connect(str(store), config={"memory_limit": memory}) as connection:
        connection.execute("set enable_progress_bar = false")
        names = {}
        for number, file in enumerate(info.files):
            connection.execute(f"attach {literal(file.path)} as file_{number} (read_only)")
            names[file.path.name] = f"file_{number}"
        newest = f"file_{len(names) - 1}.{PUBLISHED}.parts"
        own = f"{PUBLISHED}.parts"
        create_list(connection, "temp.leaving", difference(own, newest))
        create_list(connection, "temp.coming", difference(newest, own))
        connection.execute("begin")
        database = store.stem
        for table in divided_tables(connection, database):
            _replace(connection, table, database, names)
        connection.execute(f"delete from {own}")
        connection.execute(f"insert into {own} from {newest}")
        for table in divided_tables(connection, database):
            ((rows, listed),) = connection.execute(
                f"select (select count(*) from {table.place}), "
                f"(select coalesce(sum(rows), 0) from {own} where {table.is_this})"
            ).fetchall()
            if rows != listed:
                raise broken(info.files[-1].path, f"{table.name} has {rows:,} of {listed:,} rows")
        connection.execute("commit")


def _replace(
    connection: duckdb.DuckDBPyConnection, table: Divided, database: str, names: dict[str, str]
) -> None:
    """Replace the parts of a table that differ."""
    counted = connection.execute(
        f"select count(*) from temp.leaving where {table.is_this}"
    ).fetchone()
    if counted != (0,):
        leaving = rows_of(connection, table, database, "temp.leaving", "rows_of.rowid")
        connection.execute(f"delete from {table.place} where rowid in ({leaving})")
    for (file,) in connection.execute(
        f"select distinct file from temp.coming where {table.is_this} order by file"
    ).fetchall():
        coming = f"(from temp.coming where file = {literal(file)})"
        rows = rows_of(connection, table, names[file], coming)
        connection.execute(f"insert into {table.place} {rows}")


def _remove(store: Path) -> None:
    for path in (store, store.with_name(f"{store.name}.wal")):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _remove_leftovers() -> None:
    """Remove the stores of processes that have ended without doing so."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/"):
        with suppress(OSError, Timeout), FileLock(folder / _LOCK).acquire(timeout=0):
            shutil.rmtree(folder, ignore_errors=True)
