"""What the warehouse says has been loaded, and the one commit that adds to it.

`raw.files` has a row for every version of a file that a load took. A load exists for others when
`raw._dlt_loads` has it with status 0; from before its first row until then it stands there with
status 1, so that what a broken load has left is found without looking through the events.

An account is *in force* until another load replaces it; rows in `raw.events` and
`raw.rejected_lines` belong to accounts in force.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from dlt.common.schema import Schema
from dlt.destinations.sql_client import SqlClientBase

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
from loaders.taking import UNOPENED

_LOADS: Final = "_dlt_loads"
_FINISHED: Final = 0
_BEGUN: Final = 1
_NAMES_AT_ONCE: Final = 500

SqlClient = SqlClientBase[Any]


class Ledger:
    """The ledger of one warehouse, through dlt's client for it.

    Args:
        client: Open for as long as the ledger is used.

    """

    def __init__(self, client: SqlClient) -> None:
        self._client = client

    def versions_in_force(self) -> dict[str, set[str]]:
        """Give the versions of each file whose account is in force."""
        versions: dict[str, set[str]] = defaultdict(set)
        for file, version in self._ask(
            f"select file, version from {self._table(FILES)} where replaced_by is null and "
            f"{LOAD_ID} in ({self._loads(_FINISHED)})"
        ):
            versions[file].add(version)
        return versions

    def known(self, table: str, column: str) -> set[str]:
        """Give the distinct values of a column, as finished loads have left it."""
        rows = self._ask(
            f"select distinct {column} from {self._table(table)} where {LOAD_ID} in "
            f"({self._loads(_FINISHED)})"
        )
        return {value for (value,) in rows}

    def known_user_agents(self) -> set[str]:
        """Give the user agents that have been described."""
        return self.known(USER_AGENTS, "user_agent")

    def known_hosts(self) -> set[str]:
        """Give the hosts that have been described."""
        return self.known(HOSTS, "host")

    def known_unknown_fields(self) -> set[str]:
        """Give the fields not in the list that have been reported."""
        return self.known(UNKNOWN_FIELDS, "field")

    def begin(self, load_id: str, schema: Schema) -> None:
        """Note a load before its first row goes into the warehouse."""
        self._do(
            f"insert into {self._table(_LOADS)} "
            "(load_id, schema_name, status, inserted_at, schema_version_hash) "
            "values (%s, %s, %s, %s, %s)",
            *(load_id, schema.name, _BEGUN, datetime.now(UTC), schema.version_hash),
        )

    def take_back_unfinished(self) -> int:
        """Remove what broken loads have left; give how many loads there were.

        Nobody else may be loading.
        """
        unfinished = self._ask(
            f"select distinct load_id from {self._table(_LOADS)} where status = {_BEGUN} and "
            f"load_id not in ({self._loads(_FINISHED)})"
        )
        with self._client.begin_transaction():
            for (load_id,) in unfinished:
                for table in TABLES:
                    self._do(f"delete from {self._table(table)} where {LOAD_ID} = %s", load_id)
            self._do(f"delete from {self._table(_LOADS)} where status = {_BEGUN}")
        return len(unfinished)

    # ------ the parts of a load's last commit; the caller holds the transaction

    def forget_begun(self, load_id: str) -> None:
        """Take out the note that the load was begun: it is finished."""
        self._do(
            f"delete from {self._table(_LOADS)} where load_id = %s and status = {_BEGUN}", load_id
        )

    def drop_rows(self, load_id: str, files: Sequence[str]) -> None:
        """Remove what a load has brought of files that could not be taken to their end."""
        for names, marks in _some(files):
            for table in (EVENTS, REJECTED_LINES):
                self._do(
                    f"delete from {self._table(table)} where {LOAD_ID} = %s and _file in ({marks})",
                    *(load_id, *names),
                )

    def landed(self, load_id: str) -> dict[str, tuple[int, int]]:
        """Count the events and rejected lines that a load has in the warehouse, by file."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for at, table in enumerate((EVENTS, REJECTED_LINES)):
            for file, count in self._ask(
                f"select _file, count(*) from {self._table(table)} where {LOAD_ID} = %s "
                "group by _file",
                load_id,
            ):
                counts[file][at] = count
        return {file: (events, rejected) for file, (events, rejected) in counts.items()}

    def refuse(self, load_id: str, file: str, detail: str) -> None:
        """Put down that a file's account does not add up; it will be taken again."""
        self._do(
            f"update {self._table(FILES)} set status = 'refused', detail = %s, "
            f"version = '{UNOPENED}' || version, lines = 0, events = 0, rejected = 0, blank = 0 "
            f"where {LOAD_ID} = %s and file = %s",
            *(detail, load_id, file),
        )

    def replace(self, load_id: str, files: Sequence[str], version: str | None = None) -> None:
        """Let a load's accounts of files, and its rows, stand for all that was there of them.

        Args:
            load_id: The load.
            files: The names of the files.
            version: Only accounts of this version are replaced; None: all.

        """
        for names, marks in _some(files):
            older = f"{LOAD_ID} <> %s and replaced_by is null and file in ({marks})"
            values = [load_id, *names]
            if version is not None:
                older += " and version = %s"
                values.append(version)
            loads = [
                row[0]
                for row in self._ask(
                    f"select distinct {LOAD_ID} from {self._table(FILES)} where {older}", *values
                )
            ]
            if not loads:
                continue
            for table in (EVENTS, REJECTED_LINES):
                # Naming the loads spares the warehouse a look at all others.
                self._do(
                    f"delete from {self._table(table)} where _file in ({marks}) "
                    f"and {LOAD_ID} in ({', '.join(['%s'] * len(loads))})",
                    *(*names, *loads),
                )
            self._do(
                f"update {self._table(FILES)} set replaced_by = %s where {older}",
                *(load_id, *values),
            )

    def move_replayed(self, replayed: Sequence[tuple[str, int, str]]) -> None:
        """Take lines that are events now out of the rejected ones and of their file's account.

        Args:
            replayed: File, line number and load id of each, as in `raw.rejected_lines`.

        """
        moved: dict[tuple[str, str], int] = defaultdict(int)
        for file, line, load_id in replayed:
            self._do(
                f"delete from {self._table(REJECTED_LINES)} "
                f"where {LOAD_ID} = %s and _file = %s and _line = %s",
                *(load_id, file, line),
            )
            moved[file, load_id] += 1
        for (file, load_id), count in moved.items():
            self._do(
                f"update {self._table(FILES)} set lines = lines - %s, rejected = rejected - %s "
                f"where {LOAD_ID} = %s and file = %s",
                *(count, count, load_id, file),
            )

    def _table(self, name: str) -> str:
        return self._client.make_qualified_table_name(name)

    def _loads(self, status: int) -> str:
        return f"select load_id from {self._table(_LOADS)} where status = {status}"

    def _ask(self, sql: str, *values: Any) -> Sequence[Sequence[Any]]:  # noqa: ANN401
        return self._client.execute_sql(sql, *values) or []

    def _do(self, sql: str, *values: Any) -> None:  # noqa: ANN401
        self._client.execute_sql(sql, *values)


def _some(files: Sequence[str]) -> Iterator[tuple[Sequence[str], str]]:
    """Give names in numbers that a statement can hold, with as many placeholders."""
    for at in range(0, len(files), _NAMES_AT_ONCE):
        names = files[at : at + _NAMES_AT_ONCE]
        yield names, ", ".join(["%s"] * len(names))
