"""Snapshots: consistent copies of what answers need, published whole and opened for reading.

A folder beside the warehouse holds a few of them and a file that names the one in force. The name
is replaced in one step when the copy is complete and has been tried, so whoever reads it finds
either the old snapshot or the new one. A snapshot is never changed.
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

from errors import BUILD_MEMORY, UserError, exhausted, first_paragraph
from service.endpoints import ENDPOINTS, RELATED_BY_VISITOR
from service.periods import Clock
from warehouse import open_for_reading

CURRENT: Final = "current.json"
SCHEMA: Final = "answers"

_LOCK: Final = "publishing.lock"
_LONGEST_WAIT_SECONDS: Final = 600
_REMEDIES: Final = {
    errno.ENOSPC: "make room on its disk",
    errno.EDQUOT: "make room in its quota",
    errno.EROFS: "its disk can only be read: write there, or move the warehouse",
    errno.EACCES: "let this user write there",
    errno.EPERM: "let this user write there",
}

_SITES: Final = "select site_id, time_zone, first_event_at, as_of_at, as_of_date from dim_sites"
_EXPORTS_SCHEMA: Final = f"select {SCHEMA}.exports_schema()"
_STORAGE_VERSION: Final = "v1.2.0"
# As profiles/profiles.yml has it for builds.
_MEMORY: Final = "6GB"
# What a call that has no rows asks for.
_NOBODY: Final = {
    "requested_starts_after_at": "cast('1970-01-01' as timestamp)",
    "requested_ends_at": "cast('1970-01-01' as timestamp)",
    "requested_urls": "cast([] as varchar [])",
}
_NAME: Final = re.compile(r"[0-9A-Za-z_]+\.duckdb")
# A schema and what is in it, also behind the name of a database.
_NAMED: Final = re.compile(r"""("[^"]+"|\w+)\.(?=("[^"]+"|\w+))""")
_MAIN: Final = "main"


@dataclass(frozen=True, slots=True)
class Named:
    """The snapshot that a folder says is in force.

    Attributes:
        file: The DuckDB file.
        published_at: When it was published, in UTC.
        bytes: Its size.
        sha256: The hash of its bytes.

    """

    file: Path
    published_at: datetime
    bytes: int
    sha256: str

    @property
    def id(self) -> str:
        """A name that no other snapshot has."""
        return self.file.stem


@dataclass(frozen=True, slots=True)
class Site:
    """What a snapshot knows of a site as a whole."""

    clock: Clock
    first_event_at: datetime


@dataclass(frozen=True, slots=True)
class SnapshotZone:
    """A time zone as the snapshot's engine knows it, so that views and calls agree on days."""

    name: str
    connection: duckdb.DuckDBPyConnection

    def instant(self, wall: datetime, *, is_last: bool) -> datetime:
        """Give the UTC instant of a wall-clock time, the first or last of one that comes twice."""
        macro = "last_instant" if is_last else "first_instant"
        with self.connection.cursor() as cursor:
            found = cursor.execute(
                f"select {SCHEMA}.{macro}(cast(? as timestamp), ?)", [wall, self.name]
            ).fetchone()
        assert found is not None
        return found[0]


class Snapshot:
    """An open snapshot.

    Attributes:
        named: Which it is.
        sites: The sites that it has.

    """

    def __init__(self, named: Named, connection: duckdb.DuckDBPyConnection) -> None:
        self.named = named
        self._connection = connection
        self.sites = _sites(connection)
        self._leases = 0
        self._is_retired = False

    @property
    def newest_event_at(self) -> datetime | None:
        """The present of the site that is furthest."""
        return max((site.clock.as_of_at for site in self.sites.values()), default=None)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Give a connection of one's own, to close after use."""
        return self._connection.cursor()

    def lease(self) -> None:
        """Keep the snapshot open until it is released, also when another is in force."""
        self._leases += 1

    def release(self) -> None:
        """Give a lease back."""
        self._leases -= 1
        self._close_if_over()

    def retire(self) -> None:
        """Close it as soon as nobody reads it."""
        self._is_retired = True
        self._close_if_over()

    def _close_if_over(self) -> None:
        if self._is_retired and not self._leases:
            self._connection.close()


def folder_of(warehouse: Path) -> Path:
    """Give the folder in which a warehouse's snapshots are."""
    return warehouse.with_name(f"{warehouse.stem}.snapshots")


def publish(warehouse: Path) -> Named:
    """Copy what answers need out of a warehouse, try the copy and put it in force.

    One at a time: another publisher of the same warehouse is waited for. The snapshot that was in
    force before stays, since it may still be read.

    Raises:
        UserError: The warehouse cannot be read, has not been built or has no answers, its copy
            cannot be written or does not answer, or another publisher does not come to an end.

    """
    folder = folder_of(warehouse)
    with open_for_reading(warehouse) as connection:
        _check_answers(
            connection, _EXPORTS_SCHEMA, str(warehouse), "run `dbt run-operation publish_answers`"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / _LOCK, timeout=_LONGEST_WAIT_SECONDS):
            return _publish(warehouse, folder)
    except Timeout as error:
        raise UserError(
            "another process is publishing", str(folder), "publish again when it has ended"
        ) from error
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "see to the folder")
        raise UserError(
            "the snapshot cannot be written", str(folder), f"{remedy} ({error})"
        ) from error
    except (duckdb.Error, MemoryError) as error:
        remedy = _remedy_of_duckdb(str(error))
        used_up = None if remedy else exhausted(error, str(warehouse))
        raise used_up or UserError(
            f"the snapshot cannot be made ({first_paragraph(error)})",
            str(warehouse),
            remedy or "wait for a load or build to end, and publish again",
        ) from error


def _publish(warehouse: Path, folder: Path) -> Named:
    before: Named | None = None
    with suppress(UserError):
        before = in_force(folder)
    published_at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    file = folder / f"{published_at:%Y%m%dT%H%M%S}_{secrets.token_hex(4)}.duckdb"
    try:
        _copy(warehouse, file)
        named = Named(file, published_at, file.stat().st_size, _sha256(file))
        open_snapshot(named).retire()
        _put_in_force(folder, named)
    except BaseException:
        _remove(file)
        raise
    for other in folder.glob("*.duckdb"):
        if other not in (named.file, before and before.file):
            _remove(other)
    return named


def _remedy_of_duckdb(told: str) -> str | None:
    """Give what to do of an error in which DuckDB tells that of the system, in words alone."""
    for number, remedy in _REMEDIES.items():
        if os.strerror(number) in told:
            return remedy
    return None


def in_force(folder: Path) -> Named | None:
    """Give the snapshot that a folder says is in force; None when it never had one.

    Raises:
        UserError: The folder says something that cannot be understood.

    """
    try:
        text = (folder / CURRENT).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _broken(folder / CURRENT, str(error)) from error
    try:
        told = json.loads(text)
        if not _NAME.fullmatch(told["file"]):
            raise ValueError(told["file"])
        return Named(
            folder / told["file"],
            datetime.fromisoformat(told["published_at"]),
            int(told["bytes"]),
            str(told["sha256"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise _broken(folder / CURRENT, "it does not name a snapshot") from error


def open_snapshot(named: Named, threads: int | None = None, memory: str = "4GB") -> Snapshot:
    """Open a snapshot and see that it is whole and answers.

    Raises:
        UserError: It is not there, not whole or does not answer.

    """
    try:
        size = named.file.stat().st_size
        if size != named.bytes:
            raise _broken(named.file, f"it has {size:,} bytes of {named.bytes:,}")
        if _sha256(named.file) != named.sha256:
            raise _broken(named.file, "its bytes are not those that were published")
    except OSError as error:
        raise _broken(named.file, str(error.strerror)) from error
    try:
        connection = duckdb.connect(
            str(named.file),
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
        raise _broken(named.file, first_paragraph(error)) from error
    try:
        connection.execute("set global TimeZone = 'UTC'")
        _check_answers(connection, _SITES, str(named.file), "publish again")
        return Snapshot(named, connection)
    except duckdb.Error as error:
        connection.close()
        raise _broken(named.file, first_paragraph(error)) from error
    except BaseException:
        connection.close()
        raise


def _broken(file: Path, why: str) -> UserError:
    return UserError(
        "the snapshot is broken",
        str(file),
        f"publish again with `python -m service publish` ({why})",
    )


def _check_answers(
    connection: duckdb.DuckDBPyConnection, also: str, where: str, remedy: str
) -> None:
    """See that there is an answer to every call, by asking each for a moment without rows.

    And what else is asked for there.

    Raises:
        UserError: The models are not there, or a macro is missing or does not fit them.

    """
    try:
        for macro, positional in sorted(
            {(each.macro, each.positional) for each in (*ENDPOINTS, RELATED_BY_VISITOR)}
        ):
            taken = ", ".join(_NOBODY.get(name, "''") for name in positional)
            connection.execute(f"select count(row_json) from {SCHEMA}.{macro}({taken})").fetchone()
        connection.execute(f"select count(*) from {SCHEMA}.known_posts('', cast([] as varchar []))")
        connection.execute(f"select {SCHEMA}.first_instant(timestamp '2000-01-01', 'UTC')")
        connection.execute(also).fetchone()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise UserError(
            f"answers are not there ({first_paragraph(error)})", where, f"run `dbt build`; {remedy}"
        ) from error


def _sites(connection: duckdb.DuckDBPyConnection) -> dict[str, Site]:
    rows = connection.execute(_SITES).fetchall()
    return {
        site: Site(Clock(SnapshotZone(zone, connection), as_of_at, as_of_date), first_event_at)
        for site, zone, first_event_at, as_of_at, as_of_date in rows
    }


# ---------- making the copy


def _copy(warehouse: Path, file: Path) -> None:
    """Copy the answers with all that they and the exports read, and nothing else."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set memory_limit = {_text(os.environ.get(BUILD_MEMORY) or _MEMORY)}")
        connection.execute(f"set temp_directory = {_text(f'{file}.tmp')}")
        connection.execute(f"attach {_text(warehouse)} as source (read_only)")
        connection.execute(f"attach {_text(file)} as copy (storage_version '{_STORAGE_VERSION}')")
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
        # Whoever reads a snapshot finds everything in one schema, wherever dbt has put it.
        taken = {name for schema, name in needed if schema == _MAIN}
        for schema, name in sorted(needed):
            if name not in taken:
                connection.execute(
                    f"create view copy.{_MAIN}.{_quoted(name)} as "
                    f"from {_quoted(schema)}.{_quoted(name)}"
                )
                taken.add(name)
        connection.execute("commit")
        connection.execute("detach copy")
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


def _needed(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Give the relations whose names stand in answers and exports, or in what these read."""
    relations = {(schema, name) for schema, name, _ in _relations(connection, "source")}
    texts = {
        (schema, name): sql
        for schema, name, sql in connection.execute(
            "select schema_name, view_name, sql from duckdb_views() "
            "where database_name = 'source' and not internal"
        ).fetchall()
    }
    waiting = [
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
    waiting += [texts[relation] for relation in needed if relation in texts]
    while waiting:
        found = {(_plain(schema), _plain(name)) for schema, name in _NAMED.findall(waiting.pop())}
        for relation in (found & relations) - needed:
            needed.add(relation)
            waiting += [texts[relation]] if relation in texts else []
    return needed


def _relations(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str, bool]]:
    return connection.execute(
        "select schema_name, table_name, false from duckdb_tables() where database_name = $1 "
        "union all select schema_name, view_name, true from duckdb_views() "
        "where database_name = $1 and not internal order by all",
        [database],
    ).fetchall()


def _put_in_force(folder: Path, named: Named) -> None:
    told: dict[str, Any] = {
        "file": named.file.name,
        "published_at": named.published_at.isoformat(),
        "bytes": named.bytes,
        "sha256": named.sha256,
    }
    new = folder / f"{CURRENT}.{secrets.token_hex(4)}"
    with new.open("w") as stream:
        stream.write(json.dumps(told, indent=1) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(folder / CURRENT)


def _remove(file: Path) -> None:
    for each in (file, file.with_name(f"{file.name}.wal")):
        with suppress(OSError):
            each.unlink(missing_ok=True)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _plain(name: str) -> str:
    return name.strip('"')


def _text(value: object) -> str:
    """Write a text into SQL, where nothing can be bound."""
    return "'" + str(value).replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
