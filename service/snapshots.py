"""Snapshots: consistent read-only copies of the tables that answers read.

A folder beside the warehouse holds the latest snapshots and a file that names the current one. That
file is replaced atomically once a copy is complete and has been checked, so readers find either the
old snapshot or the new one. A snapshot is never changed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
from filelock import FileLock, Timeout

from service.endpoints import ENDPOINTS, RELATED_BY_VISITOR
from service.periods import Clock
from warehouse.errors import UserError, first_paragraph
from warehouse.exhausted import BUILD_MEMORY, exhausted
from warehouse.file import open_for_reading

CURRENT: Final = "current.json"
SCHEMA: Final = "answers"

_LOCK: Final = "publishing.lock"
_LOCK_TIMEOUT_SECONDS: Final = 600
_REMEDIES: Final = {
    errno.ENOSPC: "free space on its disk",
    errno.EDQUOT: "free space in its quota",
    errno.EROFS: "its file system is read-only: make it writable, or move the warehouse",
    errno.EACCES: "give this user write permission",
    errno.EPERM: "give this user write permission",
}

_SITES: Final = "select site_id, time_zone, first_event_at, as_of_at, as_of_date from dim_sites"
_EXPORTS_SCHEMA: Final = f"select {SCHEMA}.exports_schema()"
_STORAGE_VERSION: Final = "v1.2.0"
# The same limit as for builds, in profiles/profiles.yml.
_MEMORY: Final = "6GB"
# Arguments of a query without rows; all others are empty strings.
_NO_ROWS: Final = {
    "requested_starts_after_at": "cast('1970-01-01' as timestamp)",
    "requested_ends_at": "cast('1970-01-01' as timestamp)",
    "requested_urls": "cast([] as varchar [])",
}
_NAME: Final = re.compile(r"[0-9A-Za-z_]+\.duckdb")
# A schema and a relation in it; a database name may precede them.
_QUALIFIED_NAME: Final = re.compile(r"""("[^"]+"|\w+)\.(?=("[^"]+"|\w+))""")
_MAIN: Final = "main"


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """A published snapshot, as the folder of snapshots describes it.

    Attributes:
        file: The DuckDB file.
        published_at: When it was published, in naive UTC.
        bytes: Size of the file.
        sha256: SHA-256 of the file, in hexadecimal.

    """

    file: Path
    published_at: datetime
    bytes: int
    sha256: str

    @property
    def id(self) -> str:
        """The unique name of the snapshot."""
        return self.file.stem


@dataclass(frozen=True, slots=True)
class Site:
    """A site in a snapshot."""

    clock: Clock
    first_event_at: datetime


@dataclass(frozen=True, slots=True)
class SnapshotZone:
    """A time zone with DuckDB's rules, so that exports and the service agree on days."""

    name: str
    connection: duckdb.DuckDBPyConnection

    def instant(self, local: datetime, *, is_last: bool) -> datetime:
        """Return the UTC instant of a local time, the first or last one if it occurs twice."""
        macro = "last_instant" if is_last else "first_instant"
        with self.connection.cursor() as cursor:
            row = cursor.execute(
                f"select {SCHEMA}.{macro}(cast(? as timestamp), ?)", [local, self.name]
            ).fetchone()
        assert row is not None
        return row[0]


class Snapshot:
    """An open snapshot.

    Attributes:
        info: The description of the snapshot.
        sites: Its sites by id.

    """

    def __init__(self, info: SnapshotInfo, connection: duckdb.DuckDBPyConnection) -> None:
        self.info = info
        self._connection = connection
        self.sites = _sites(connection)
        self._leases = 0
        self._is_retired = False

    @property
    def newest_event_at(self) -> datetime | None:
        """The newest event of all sites, in naive UTC; None without sites."""
        return max((site.clock.as_of_at for site in self.sites.values()), default=None)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a separate connection, which the caller has to close."""
        return self._connection.cursor()

    def lease(self) -> None:
        """Keep the snapshot open until `release`, even if it is retired."""
        self._leases += 1

    def release(self) -> None:
        """End a lease."""
        self._leases -= 1
        self._close_if_unused()

    def retire(self) -> None:
        """Close the snapshot as soon as it has no leases."""
        self._is_retired = True
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        if self._is_retired and not self._leases:
            self._connection.close()


def snapshot_folder(warehouse: Path) -> Path:
    """Return the folder of a warehouse's snapshots."""
    return warehouse.with_name(f"{warehouse.stem}.snapshots")


def publish(warehouse: Path) -> SnapshotInfo:
    """Copy the tables that answers read, check the copy and publish it.

    Processes that publish the same warehouse wait for each other. The previous snapshot is kept,
    since a service may still read it.

    Args:
        warehouse: The DuckDB file.

    Returns:
        The new current snapshot.

    Raises:
        UserError: The warehouse cannot be read or lacks models or answers, the copy cannot be
            written or does not answer, or another process does not finish publishing.

    """
    folder = snapshot_folder(warehouse)
    with open_for_reading(warehouse) as connection:
        _check_answers(
            connection, _EXPORTS_SCHEMA, str(warehouse), "run `dbt run-operation publish_answers`"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / _LOCK, timeout=_LOCK_TIMEOUT_SECONDS):
            return _publish(warehouse, folder)
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


def _publish(warehouse: Path, folder: Path) -> SnapshotInfo:
    before: SnapshotInfo | None = None
    with suppress(UserError):
        before = current_snapshot(folder)
    published_at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    file = folder / f"{published_at:%Y%m%dT%H%M%S}_{secrets.token_hex(4)}.duckdb"
    try:
        _copy(warehouse, file)
        info = SnapshotInfo(file, published_at, file.stat().st_size, _sha256(file))
        open_snapshot(info).retire()
        _set_current(folder, info)
    except BaseException:
        _remove(file)
        raise
    for other in folder.glob("*.duckdb"):
        if other not in (info.file, before and before.file):
            _remove(other)
    return info


def _remedy_of_duckdb(message: str) -> str | None:
    """Return the remedy for a system error, which DuckDB reports only in the text of its own."""
    for number, remedy in _REMEDIES.items():
        if os.strerror(number) in message:
            return remedy
    return None


def current_snapshot(folder: Path) -> SnapshotInfo | None:
    """Return the current snapshot of a folder; None if nothing was ever published.

    Raises:
        UserError: The file that names the current snapshot is unreadable or invalid.

    """
    try:
        text = (folder / CURRENT).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _broken(folder / CURRENT, str(error)) from error
    try:
        values = json.loads(text)
        if not _NAME.fullmatch(values["file"]):
            raise ValueError(values["file"])
        return SnapshotInfo(
            folder / values["file"],
            datetime.fromisoformat(values["published_at"]),
            int(values["bytes"]),
            str(values["sha256"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise _broken(folder / CURRENT, "it does not name a snapshot") from error


def open_snapshot(info: SnapshotInfo, threads: int | None = None, memory: str = "4GB") -> Snapshot:
    """Open a snapshot, and check that it is intact and answers queries.

    Args:
        info: The snapshot.
        threads: Number of DuckDB threads; by default one per core.
        memory: Memory limit of DuckDB.

    Raises:
        UserError: The file is missing or damaged, or does not answer queries.

    """
    try:
        size = info.file.stat().st_size
        if size != info.bytes:
            raise _broken(info.file, f"it has {size:,} of {info.bytes:,} bytes")
        if _sha256(info.file) != info.sha256:
            raise _broken(info.file, "its checksum differs from the published one")
    except OSError as error:
        raise _broken(info.file, str(error.strerror)) from error
    try:
        connection = duckdb.connect(
            str(info.file),
            read_only=True,
            config={
                "threads": threads or os.cpu_count() or 1,
                "memory_limit": memory,
                "enable_external_access": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "disabled_optimizers": "projection_placement",
            },
        )
    except duckdb.Error as error:
        raise _broken(info.file, first_paragraph(error)) from error
    try:
        connection.execute("set global TimeZone = 'UTC'")
        _check_answers(connection, _SITES, str(info.file), "publish again")
        return Snapshot(info, connection)
    except duckdb.Error as error:
        connection.close()
        raise _broken(info.file, first_paragraph(error)) from error
    except BaseException:
        connection.close()
        raise


def _broken(file: Path, reason: str) -> UserError:
    return UserError(
        "the snapshot is broken",
        str(file),
        f"publish again with `python -m service publish` ({reason})",
    )


def _check_answers(
    connection: duckdb.DuckDBPyConnection, extra_query: str, place: str, remedy: str
) -> None:
    """Check every table macro with a query that returns no rows.

    Args:
        connection: A connection to the warehouse or snapshot.
        extra_query: Another query that must succeed.
        place: The file, for the message.
        remedy: The remedy after `dbt build`, for the message.

    Raises:
        UserError: A model or macro is missing, or a macro does not match the models.

    """
    try:
        for macro, positional in sorted(
            {(endpoint.macro, endpoint.positional) for endpoint in (*ENDPOINTS, RELATED_BY_VISITOR)}
        ):
            arguments = ", ".join(_NO_ROWS.get(name, "''") for name in positional)
            connection.execute(
                f"select count(row_json) from {SCHEMA}.{macro}({arguments})"
            ).fetchone()
        connection.execute(f"select count(*) from {SCHEMA}.known_posts('', cast([] as varchar []))")
        connection.execute(f"select {SCHEMA}.first_instant(timestamp '2000-01-01', 'UTC')")
        connection.execute(extra_query).fetchone()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise UserError(
            f"the answers are missing ({first_paragraph(error)})",
            place,
            f"run `dbt build`; {remedy}",
        ) from error


def _sites(connection: duckdb.DuckDBPyConnection) -> dict[str, Site]:
    rows = connection.execute(_SITES).fetchall()
    return {
        site: Site(Clock(SnapshotZone(zone, connection), as_of_at, as_of_date), first_event_at)
        for site, zone, first_event_at, as_of_at, as_of_date in rows
    }


# ---------- copying


def _copy(warehouse: Path, file: Path) -> None:
    """Copy the table macros, and the relations that they and the exports read."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(
            f"set memory_limit = {_literal(os.environ.get(BUILD_MEMORY) or _MEMORY)}"
        )
        connection.execute(f"set temp_directory = {_literal(f'{file}.tmp')}")
        connection.execute(f"attach {_literal(warehouse)} as source (read_only)")
        connection.execute(
            f"attach {_literal(file)} as copy (storage_version '{_STORAGE_VERSION}')"
        )
        needed = _needed(connection)
        connection.execute("begin")
        connection.execute("copy from database source to copy (schema)")
        for schema, name, is_view in _relations(connection, "copy"):
            kind = "view" if is_view else "table"
            place = f"{_quoted(schema)}.{_quoted(name)}"
            if (schema, name) not in needed:
                connection.execute(f"drop {kind} copy.{place}")
            elif not is_view:
                connection.execute(f"insert into copy.{place} from source.{place}")
        # Readers of a snapshot find every relation in one schema, wherever dbt created it.
        names = {name for schema, name in needed if schema == _MAIN}
        for schema, name in sorted(needed):
            if name not in names:
                connection.execute(
                    f"create view copy.{_MAIN}.{_quoted(name)} as "
                    f"from {_quoted(schema)}.{_quoted(name)}"
                )
                names.add(name)
        connection.execute("commit")
        connection.execute("detach copy")
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


def _needed(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Return the relations that the answers and exports read, directly or through views."""
    relations = {(schema, name) for schema, name, _ in _relations(connection, "source")}
    texts = {
        (schema, name): sql
        for schema, name, sql in connection.execute(
            "select schema_name, view_name, sql from duckdb_views() "
            "where database_name = 'source' and not internal"
        ).fetchall()
    }
    unparsed = [
        sql
        for (sql,) in connection.execute(
            "select macro_definition from duckdb_functions() "
            "where database_name = 'source' and schema_name = ?",
            [SCHEMA],
        ).fetchall()
    ]
    ((exports,),) = connection.execute(f"select source.{SCHEMA}.exports_schema()").fetchall()
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
    return needed


def _relations(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str, bool]]:
    return connection.execute(
        "select schema_name, table_name, false from duckdb_tables() where database_name = $1 "
        "union all select schema_name, view_name, true from duckdb_views() "
        "where database_name = $1 and not internal order by all",
        [database],
    ).fetchall()


def _set_current(folder: Path, info: SnapshotInfo) -> None:
    values: dict[str, Any] = {
        "file": info.file.name,
        "published_at": info.published_at.isoformat(),
        "bytes": info.bytes,
        "sha256": info.sha256,
    }
    new = folder / f"{CURRENT}.{secrets.token_hex(4)}"
    with new.open("w") as stream:
        stream.write(json.dumps(values, indent=1) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(folder / CURRENT)


def _remove(file: Path) -> None:
    for path in (file, file.with_name(f"{file.name}.wal")):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _unquoted(name: str) -> str:
    return name.strip('"')


def _literal(value: object) -> str:
    """Return a SQL string literal, for statements that take no parameters."""
    return "'" + str(value).replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
