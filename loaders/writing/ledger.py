"""What the warehouse says has been loaded, and the one commit that adds to it.

`raw.files` has a row for every version of a file that a load read. A load exists for others when
`raw._dlt_loads` has it with status 0; from before its first row until then it stands there with
status 1, so that what a broken load has left is found without looking through the events.

An account is *in force* until another load replaces it; rows in `raw.events` and
`raw.rejected_lines` belong to accounts in force.

The SQL is of the kind that every warehouse understands, with every name quoted as dlt does it: one
warehouse or another keeps `file`, `lines` or `version` for itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from dlt.common.schema import Schema
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.sql_client import SqlClientBase

from loaders.enriching import AlreadyDescribed, SeenTexts
from loaders.sequences import SEQUENCE_DIGITS
from loaders.tables import (
    EVENTS,
    FILES,
    HOSTS,
    LOAD_ID,
    REJECTED_LINES,
    TABLES,
    UNKNOWN_FIELDS,
    USER_AGENTS,
)
from readership.errors import UserError
from readership.warehouse import RAW_SCHEMA

# The version of a file that could not be read says nothing about content, so it must not count
# as known once the file can be.
_UNOPENED: Final = "unopened:"
_LOADS: Final = "_dlt_loads"
_FINISHED: Final = 0
_BEGUN: Final = 1
_STREAMS: Final = "kinesis://%", "kafka://%", "nats://%"
_NAMES_AT_ONCE: Final = 500
_ROWS_AT_ONCE: Final = 10_000

SqlClient = SqlClientBase[Any]


def unopened(version: str) -> str:
    """Give the version under which a file that could not be read stands in the ledger."""
    return _UNOPENED + version


class Ledger:
    """The ledger of one warehouse, through dlt's client for it.

    Args:
        client: Open for as long as the ledger is used.

    """

    def __init__(self, client: SqlClient) -> None:
        self._client = client
        self._columns = _Columns(client)

    def exists(self) -> bool:
        """Tell whether its tables are there; a load that died early leaves an empty schema."""
        if not self._client.has_dataset():
            return False
        try:
            for table in (FILES, _LOADS):
                self._query(f"select 1 from {self._table(table)} where 1 = 0")
        except DatabaseUndefinedRelation:
            return False
        return True

    def versions_in_force(self) -> dict[str, set[str]]:
        """Give the versions of each file whose account is in force; not those of streams."""
        versions: dict[str, set[str]] = defaultdict(set)
        c = self._columns
        for file, version in self._query(
            f"select {c.file}, {c.version} from {self._table(FILES)} where {c.replaced_by} is null "
            f"and {c.load} in ({self._loads(_FINISHED)})"
            + f" and {c.file} not like %s"
            * len(_STREAMS),
            *_STREAMS,
        ):
            versions[file].add(version)
        return versions

    def stream_marks(self, stream: str) -> list[tuple[str, str, str | None]]:
        """Give name, version and detail of a stream's accounts that have no lines.

        Args:
            stream: The address of the stream.

        """
        c = self._columns
        rows = self._query(
            f"select {c.file}, {c.version}, {c.detail} from {self._table(FILES)} "
            f"where ({c.file} = %s or {c.file} like %s) "
            f"and length({c.version}) <> {SEQUENCE_DIGITS} and {c.lines} = 0 "
            f"and {c.status} = 'loaded' and {c.load} not in ({self._unfinished()})",
            *(stream, f"{stream}/%"),
        )
        return [
            (file, version, detail)
            for file, version, detail in rows
            # To `like` some letters of a name are patterns.
            if file == stream or file.startswith(f"{stream}/")
        ]

    def stream_positions(self, stream: str) -> list[tuple[str, str]]:
        """Give the name of each shard that was read, and the version of its last piece.

        Args:
            stream: The address of the stream.

        """
        c = self._columns
        shard = f"substr({c.file}, 1, length({c.file}) - {SEQUENCE_DIGITS + 1})"
        rows = self._query(
            f"select {shard}, max({c.version}) from {self._table(FILES)} "
            f"where {c.file} like %s and length({c.version}) = {SEQUENCE_DIGITS} "
            f"and {c.load} not in ({self._unfinished()}) group by {shard}",
            f"{stream}/%",
        )
        return [(file, version) for file, version in rows if file.startswith(f"{stream}/")]

    def known(self, table: str, column: str) -> Iterator[str]:
        """Give the distinct values of a column, as finished loads have left it."""
        c = self._columns
        with self._client.execute_query(
            f"select distinct {c[column]} from {self._table(table)} where {c.load} not in "
            f"({self._unfinished()})"
        ) as cursor:
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                yield from (value for (value,) in rows)

    def already_described(self) -> AlreadyDescribed:
        """Give the user agents, hosts and unlisted fields that finished loads have described."""
        return AlreadyDescribed(
            SeenTexts(self.known(USER_AGENTS, "user_agent")),
            SeenTexts(self.known(HOSTS, "host")),
            set(self.known(UNKNOWN_FIELDS, "field")),
        )

    def descriptions(self) -> list[tuple[Any, ...]]:
        """Give the rows of user agents, their columns in order, that finished loads have left."""
        c = self._columns
        columns = ", ".join(c[name] for name in TABLES[USER_AGENTS])
        rows = self._query(
            f"select distinct {columns} from {self._table(USER_AGENTS)} where {c.load} in "
            f"({self._loads(_FINISHED)})"
        )
        return [tuple(row) for row in rows]

    def describe(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Let user agents be described by these rows, all or none."""
        c = self._columns
        named, *others = TABLES[USER_AGENTS]
        changes = ", ".join(f"{c[name]} = %s" for name in others)
        with self._client.begin_transaction():
            for user_agent, *description in rows:
                self._execute(
                    f"update {self._table(USER_AGENTS)} set {changes} where {c[named]} = %s",
                    *(*description, user_agent),
                )

    def newest(self) -> tuple[int, str | None]:
        """Give what changes with every load that is finished: their number, and the last id."""
        c = self._columns
        ((number, last),) = self._query(
            f"select count(*), max({c.load_id}) from {self._table(_LOADS)} "
            f"where {c.status} = {_FINISHED}"
        )
        return int(number), last

    def finished_loads(self) -> list[tuple[str, datetime]]:
        """Give id and end, UTC, of each load that is in the warehouse, the newest first."""
        return self._loads_with_time(f"{self._columns.status} = {_FINISHED}")

    def broken_loads(self) -> list[tuple[str, datetime]]:
        """Give id and beginning, UTC, of each load begun and not finished, the newest first."""
        c = self._columns
        return self._loads_with_time(
            f"{c.status} = {_BEGUN} and {c.load_id} not in ({self._loads(_FINISHED)})"
        )

    def begin(self, load_id: str, schema: Schema) -> None:
        """Note a load before its first row goes into the warehouse."""
        c = self._columns
        self._execute(
            f"insert into {self._table(_LOADS)} ({c.load_id}, {c.schema_name}, {c.status}, "
            f"{c.inserted_at}, {c.schema_version_hash}) values (%s, %s, %s, %s, %s)",
            *(load_id, schema.name, _BEGUN, datetime.now(UTC), schema.version_hash),
        )

    def take_back_unfinished(self) -> int:
        """Remove what broken loads have left; give how many loads there were.

        Nobody else should be loading; a load that is, all the same, finishes or gets to know that
        it was taken back (`claim`), whichever of the two commits first.
        """
        c = self._columns
        begun = [
            load_id
            for (load_id,) in self._query(
                f"select distinct {c.load_id} from {self._table(_LOADS)} "
                f"where {c.status} = {_BEGUN}"
            )
        ]
        if not begun:
            return 0
        marks = _marks(begun)
        with self._client.begin_transaction():
            # First, because this waits for a load that is just finishing.
            self._execute(
                f"delete from {self._table(_LOADS)} where {c.status} = {_BEGUN} "
                f"and {c.load_id} in ({marks})",
                *begun,
            )
            finished = self._query(
                f"{self._loads(_FINISHED)} and {c.load_id} in ({marks})",
                *begun,
            )
            broken = set(begun) - {load_id for (load_id,) in finished}
            for load_id in sorted(broken):
                for table in TABLES:
                    self._execute(f"delete from {self._table(table)} where {c.load} = %s", load_id)
        return len(broken)

    # ------ the parts of a load's last commit; the caller holds the transaction

    def claim(self, load_id: str) -> None:
        """Keep others from taking the load back until the transaction ends.

        Raises:
            UserError: They have done so already.

        """
        c = self._columns
        mine = f"{c.load_id} = %s and {c.status} = {_BEGUN}"
        # Changes nothing, and waits for whoever is about to change it.
        self._execute(
            f"update {self._table(_LOADS)} set {c.status} = {_BEGUN} where {mine}", load_id
        )
        if not self._query(f"select {c.load_id} from {self._table(_LOADS)} where {mine}", load_id):
            raise UserError(
                "another load has taken back what this one had brought",
                f"{RAW_SCHEMA}.{_LOADS}",
                "run again, one load at a time",
            )

    def forget_begun(self, load_id: str) -> None:
        """Take out the note that the load was begun: it is finished."""
        c = self._columns
        self._execute(
            f"delete from {self._table(_LOADS)} where {c.load_id} = %s and {c.status} = {_BEGUN}",
            load_id,
        )

    def count(self, table: str, load_id: str) -> int:
        """Count the rows of a load in a table."""
        ((count,),) = self._query(
            f"select count(*) from {self._table(table)} where {self._columns.load} = %s", load_id
        )
        return int(count)

    def drop_rows(self, load_id: str, files: Sequence[str]) -> None:
        """Remove what a load has brought of files that could not be taken to their end."""
        c = self._columns
        for names, marks in _some(files):
            for table in (EVENTS, REJECTED_LINES):
                self._execute(
                    f"delete from {self._table(table)} "
                    f"where {c.load} = %s and {c._file} in ({marks})",
                    *(load_id, *names),
                )

    def landed(self, load_id: str) -> dict[str, tuple[int, int]]:
        """Count the events and rejected lines that a load has in the warehouse, by file."""
        c = self._columns
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for at, table in enumerate((EVENTS, REJECTED_LINES)):
            for file, count in self._query(
                f"select {c._file}, count(*) from {self._table(table)} where {c.load} = %s "
                f"group by {c._file}",
                load_id,
            ):
                counts[file][at] = count
        return {file: (events, rejected) for file, (events, rejected) in counts.items()}

    def refuse(self, load_id: str, file: str, detail: str) -> None:
        """Put down that a file's account does not add up; the next load reads it again.

        Args:
            load_id: The load that the account is of.
            file: The name of the file.
            detail: What does not add up, for `raw.files.detail`.

        """
        c = self._columns
        account = f"{c.load} = %s and {c.file} = %s"
        for (version,) in self._query(
            f"select {c.version} from {self._table(FILES)} where {account}", load_id, file
        ):
            self._execute(
                f"update {self._table(FILES)} set {c.status} = 'refused', {c.detail} = %s, "
                f"{c.version} = %s, {c.lines} = 0, {c.events} = 0, {c.rejected} = 0, "
                f"{c.blank} = 0 where {account}",
                *(detail, unopened(version), load_id, file),
            )

    def replace(self, load_id: str, files: Sequence[str], version: str | None = None) -> None:
        """Let a load's accounts of files, and its rows, stand for all that was there of them.

        Args:
            load_id: The load.
            files: The names of the files.
            version: Only accounts of this version are replaced; None: all.

        """
        c = self._columns
        for names, marks in _some(files):
            older = f"{c.load} <> %s and {c.replaced_by} is null and {c.file} in ({marks})"
            values = [load_id, *names]
            if version is not None:
                older += f" and {c.version} = %s"
                values.append(version)
            loads = [
                row[0]
                for row in self._query(
                    f"select distinct {c.load} from {self._table(FILES)} where {older}", *values
                )
            ]
            if not loads:
                continue
            for table in (EVENTS, REJECTED_LINES):
                # Naming the loads spares the warehouse a look at all others.
                self._execute(
                    f"delete from {self._table(table)} where {c._file} in ({marks}) "
                    f"and {c.load} in ({_marks(loads)})",
                    *(*names, *loads),
                )
            self._execute(
                f"update {self._table(FILES)} set {c.replaced_by} = %s where {older}",
                *(load_id, *values),
            )

    def move_replayed(self, load_id: str, of_load: str, moved: Mapping[str, int]) -> None:
        """Take lines that are events now out of the rejected ones and of their file's account.

        Args:
            load_id: The load that has them as events.
            of_load: The load that the accounts in force are of.
            moved: How many lines went, by file.

        """
        c = self._columns
        for names, marks in _some(list(moved)):
            self._execute(
                f"delete from {self._table(REJECTED_LINES)} "
                f"where {c.load} = %s and {c._file} in ({marks}) and ({c._file}, {c._line}) in "
                f"(select {c._file}, {c._line} from {self._table(EVENTS)} where {c.load} = %s)",
                *(of_load, *names, load_id),
            )
        for file, count in moved.items():
            self._execute(
                f"update {self._table(FILES)} set {c.lines} = {c.lines} - %s, "
                f"{c.rejected} = {c.rejected} - %s "
                f"where {c.load} = %s and {c.file} = %s and {c.replaced_by} is null",
                *(count, count, of_load, file),
            )

    def _table(self, name: str) -> str:
        return self._client.make_qualified_table_name(name)

    def _loads(self, status: int) -> str:
        c = self._columns
        return f"select {c.load_id} from {self._table(_LOADS)} where {c.status} = {status}"

    def _unfinished(self) -> str:
        """Give a query of the loads of which rows may be there that nobody should see.

        There are a few at most, while there is a finished load for every batch of a stream.
        """
        c = self._columns
        return (
            f"select b.{c.load_id} from {self._table(_LOADS)} as b where b.{c.status} = {_BEGUN} "
            f"and not exists (select 1 from {self._table(_LOADS)} as f "
            f"where f.{c.status} = {_FINISHED} and f.{c.load_id} = b.{c.load_id})"
        )

    def _finished(self) -> str:
        return self._loads(_FINISHED)

    def _loads_with_time(self, condition: str) -> list[tuple[str, datetime]]:
        c = self._columns
        rows = self._query(
            f"select {c.load_id}, min({c.inserted_at}) from {self._table(_LOADS)} "
            f"where {condition} group by {c.load_id} order by 2 desc, 1 desc"
        )
        return [
            (load_id, (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC))
            for load_id, at in rows
        ]

    def _query(self, sql: str, *values: Any) -> Sequence[Sequence[Any]]:  # noqa: ANN401
        return self._client.execute_sql(sql, *values) or []

    def _execute(self, sql: str, *values: Any) -> None:  # noqa: ANN401
        self._client.execute_sql(sql, *values)


def _some(files: Sequence[str]) -> Iterator[tuple[Sequence[str], str]]:
    """Give names in numbers that a statement can hold, with as many placeholders."""
    for at in range(0, len(files), _NAMES_AT_ONCE):
        names = files[at : at + _NAMES_AT_ONCE]
        yield names, _marks(names)


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


class _Columns:
    """Gives the name of a column as the warehouse wants it; `load` is the load id's in `TABLES`."""

    def __init__(self, client: SqlClient) -> None:
        self._client = client

    def __getitem__(self, name: str) -> str:
        return self._client.escape_column_name(name)

    def __getattr__(self, name: str) -> str:
        return self[LOAD_ID if name == "load" else name]
