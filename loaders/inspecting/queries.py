"""What a person may want to know of a warehouse: queries in SQL that change nothing.

They are written in the words that DuckDB and PostgreSQL share. Rows of loads that are not finished
do not exist for them, but for the query that lists those loads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import takewhile
from typing import Any, Final, NamedTuple

from dlt.destinations.exceptions import DatabaseException

from loaders.settings import MEMORY_VARIABLE
from loaders.tables import EVENTS, FILES, LOAD_ID, REJECTED_LINES, UNKNOWN_FIELDS
from loaders.writing import Ledger, Target
from readership.errors import UserError, exhausted, one_line
from readership.warehouse import RAW_SCHEMA, no_warehouse

_LINES_AT_ONCE: Final = 5_000
_BYTES_AT_ONCE: Final = 32 * 1024**2
_MESSAGE_CHARS: Final = 200
_MOST_NAMES: Final = 3


@dataclass(frozen=True, slots=True)
class Selection:
    """Some of the rejected lines.

    Attributes:
        reasons: Their reasons; empty: any.
        files: Names of their files, as the ledger has them; empty: any.
        since: When the loads that brought them were finished, at the earliest; None: ever.

    """

    reasons: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    since: datetime | None = None


class KeptLine(NamedTuple):
    """A rejected line.

    Attributes:
        load_id: The load that brought it.
        file: The name of its file.
        number: Its number in the file, from 1.
        reason: Why it was rejected.
        detail: What was found where.
        line: Its bytes without the line end; of one too long, the first of them.

    """

    load_id: str
    file: str
    number: int
    reason: str
    detail: str | None
    line: bytes


class State(NamedTuple):
    """The accounts of files in one state, added up."""

    files: int
    lines: int
    events: int
    rejected: int
    blank: int


class SiteEvents(NamedTuple):
    """The events of a site.

    Attributes:
        site: The site's `apikey`; None for events without.
        events: How many.
        newest_ms: The greatest `timestamp_info_nginx_ms`; None when none has one.

    """

    site: str | None
    events: int
    newest_ms: int | None


class KnownAccount(NamedTuple):
    """An account in force that has rejected lines."""

    load_id: str
    file: str
    version: str
    size_bytes: int
    modified_at: datetime


class Queries(Ledger):
    """The queries on one warehouse, through dlt's client for it."""

    def states(self) -> dict[str, State]:
        """Give the accounts in force, by state."""
        rows = self._query(
            "select status, count(*), sum(lines), sum(events), sum(rejected), sum(blank) "
            f"from {self._table(FILES)} where replaced_by is null and {self._of_finished()} "
            "group by status"
        )
        return {status: State(*(int(count) for count in counts)) for status, *counts in rows}

    def replaced(self) -> int:
        """Count the accounts that are out of force."""
        ((count,),) = self._query(
            f"select count(*) from {self._table(FILES)} "
            f"where replaced_by is not null and {self._of_finished()}"
        )
        return int(count)

    def sites(self) -> list[SiteEvents]:
        """Give the events of each site, the site with the most first."""
        rows = self._query(
            "select apikey, count(*), max(timestamp_info_nginx_ms) "
            f"from {self._table(EVENTS)} where {self._of_finished()} "
            "group by apikey order by 2 desc, 1"
        )
        return [SiteEvents(*row) for row in rows]

    def fields(self) -> list[tuple[str, str, int]]:
        """Give the fields that are not in the list: name, and file and line where first seen."""
        rows = self._query(
            f"select field, _file, _line from {self._table(UNKNOWN_FIELDS)} "
            f"where {self._of_finished()} order by field, {LOAD_ID}, _file, _line"
        )
        first = {field: (field, file, line) for field, file, line in reversed(rows)}
        return [first[field] for field in sorted(first)]

    def check_files(self, names: Sequence[str]) -> None:
        """See to it that each name is that of a file of which there is an account.

        Raises:
            UserError: One is not.

        """
        for name in names:
            ((count,),) = self._query(
                f"select count(*) from {self._table(FILES)} "
                f"where file = %s and {self._of_finished()}",
                name,
            )
            if not count:
                near = self._loaded_files_like(name)
                raise UserError(
                    "no such file was ever loaded",
                    name,
                    f"did you mean {' or '.join(near)}?"
                    if near
                    else "name it as the column raw.files.file has it",
                )

    def _loaded_files_like(self, name: str) -> list[str]:
        """Give the names of loaded files that end as the name does, else the most similar ones."""
        rows = self._query(
            f"select distinct file from {self._table(FILES)} where {self._of_finished()} "
            "order by file"
        )
        names = [file for (file,) in rows]
        same = {file: _same_end(file, name) for file in names}
        most = max(same.values(), default=0)
        if most == 0:
            return get_close_matches(name, names, _MOST_NAMES)
        return [file for file in names if same[file] == most][:_MOST_NAMES]

    def accounts_with_rejected(self) -> list[KnownAccount]:
        """Give the accounts in force that have rejected lines, the newest load first."""
        rows = self._query(
            f"select {LOAD_ID}, file, version, size_bytes, modified_at "
            f"from {self._table(FILES)} where replaced_by is null and rejected > 0 "
            f"and {self._of_finished()} order by {LOAD_ID} desc, file"
        )
        return [KnownAccount(*row) for row in rows]

    def reasons(self, selection: Selection) -> dict[str, int]:
        """Count rejected lines by reason, the reason with the most first."""
        condition, values = self._where(selection)
        rows = self._query(
            f"select reason, count(*) from {self._table(REJECTED_LINES)} where {condition} "
            "group by reason order by 2 desc, 1",
            *values,
        )
        return {reason: int(count) for reason, count in rows}

    def kept_lines(self, selection: Selection, most: int | None = None) -> Iterator[list[KeptLine]]:
        """Give rejected lines, those of the newest load first, then by file and number.

        They come some at a time: beyond one line there are at most 32 MiB of them in memory.

        Args:
            selection: Which.
            most: How many at most; None: all.

        """
        condition, values = self._where(selection)
        columns = f"select {LOAD_ID}, _file, _line"
        table = f"from {self._table(REJECTED_LINES)} where {condition}"
        order = f"order by {LOAD_ID} desc, _file, _line"
        after, place = "", ()
        left = most
        while left is None or left > 0:
            at_once = _LINES_AT_ONCE if left is None else min(left, _LINES_AT_ONCE)
            # The keys without the bytes, which may be many; then only so many bytes as fit.
            keys = self._query(
                f"{columns}, reason, detail {table}{after} {order} limit {at_once}",
                *(*values, *place),
            )
            if not keys:
                return
            reasons = {tuple(key): why for *key, why in ((*k[:3], k[3:]) for k in keys)}
            sizes = self._query(
                f"{columns}, octet_length(line) {table} and {_FROM} and {_TO} {order}",
                *(*values, *_place(keys[0]), *_place(keys[-1])),
            )
            for first, last in _portions(sizes):
                lines = self._query(
                    f"{columns}, line {table} and {_FROM} and {_TO} {order}",
                    *(*values, *_place(first), *_place(last)),
                )
                yield [
                    KeptLine(*key, *reasons[tuple(key)], bytes(line))
                    for *key, line in lines
                    if tuple(key) in reasons
                ]
            if len(keys) < at_once:
                return
            left = None if left is None else left - len(keys)
            after, place = f" and {_AFTER}", _place(keys[-1])

    def _of_finished(self) -> str:
        return f"{LOAD_ID} in ({self._finished()})"

    def _where(self, selection: Selection) -> tuple[str, list[Any]]:
        loads, values = self._finished(), []
        if selection.since is not None:
            loads += " and inserted_at >= %s"
            values.append(selection.since)
        conditions = [f"{LOAD_ID} in ({loads})"]
        for column, some in (("reason", selection.reasons), ("_file", selection.files)):
            if some:
                conditions.append(f"{column} in ({', '.join(['%s'] * len(some))})")
                values += some
        return " and ".join(conditions), values


def require_warehouse(target: Target) -> None:
    """See to it that there is something to look into.

    Raises:
        UserError: Nothing was ever loaded there, or it cannot be connected to.

    """
    if not target.exists():
        raise no_warehouse(target.place, "make one with `readership load`")


@contextmanager
def open_queries(target: Target) -> Iterator[Queries]:
    """Open a warehouse for queries.

    Raises:
        UserError: There is none, it cannot be opened, or its tables are not those of this version.

    """
    require_warehouse(target)
    with target.reading() as client, explain_database_errors(target):
        yield Queries(client)


@contextmanager
def explain_database_errors(target: Target) -> Iterator[None]:
    """Say in one line what a warehouse answers to a query that it cannot answer.

    Raises:
        UserError: It lacks a table or a column, or gave an error.

    """
    try:
        yield
    except DatabaseException as error:
        message = one_line(str(error), _MESSAGE_CHARS)
        if _NO_SCHEMA in message:
            raise UserError(
                "nothing has been loaded into this warehouse",
                target.place,
                "load event files with `readership load PATH`, or make empty tables with "
                "`readership init`",
            ) from error
        raise exhausted(error, target.place, MEMORY_VARIABLE) or UserError(
            "the warehouse lacks tables or columns of this version, or cannot be read",
            target.place,
            f"run `readership init`, which makes what is missing ({message})",
        ) from error


# What DuckDB says where no command of the loader has ever made its tables.
_NO_SCHEMA: Final = f'schema "{RAW_SCHEMA}" does not exist'

# Places in the order by load, file and line, in which newer loads come first. The first part of
# each says nothing more than the rest and lets the warehouse leave out what it knows to be apart.
_AFTER: Final = f"{LOAD_ID} <= %s and ({LOAD_ID} < %s or _file > %s or (_file = %s and _line > %s))"
_FROM: Final = f"{LOAD_ID} <= %s and ({LOAD_ID} < %s or _file > %s or (_file = %s and _line >= %s))"
_TO: Final = f"{LOAD_ID} >= %s and ({LOAD_ID} > %s or _file < %s or (_file = %s and _line <= %s))"


def _same_end(name: str, other: str) -> int:
    """Count the folders and the file, from the end, that two paths have in common."""
    parts = zip(reversed(name.split("/")), reversed(other.split("/")), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], parts))


def _place(key: Sequence[Any]) -> tuple[Any, ...]:
    load_id, file, line = key[:3]
    return load_id, load_id, file, file, line


def _portions(sizes: Sequence[Sequence[Any]]) -> Iterator[tuple[Sequence[Any], Sequence[Any]]]:
    """Give first and last of each run of lines whose bytes fit; a line alone always does."""
    first: Sequence[Any] | None = None
    last: Sequence[Any] = ()
    held = 0
    for row in sizes:
        if first is not None and held + row[3] > _BYTES_AT_ONCE:
            yield first, last
            first, held = None, 0
        first, last, held = first or row, row, held + row[3]
    if first is not None:
        yield first, last
