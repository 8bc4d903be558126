"""Parts: the rows of one table, of one site and mostly of some hours, known by a checksum.

A list of parts is a temporary table of a connection, or the table `published.parts` of a file. Two
lists tell exactly which rows may differ: the checksum covers every column of every row, and depends
neither on the order of rows nor on how a model has replaced them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import duckdb

from readership.service.snapshots.relations import literal, quoted

PUBLISHED: Final = "published"
"""The schema of a file that holds the list of parts, beside the rows."""

_HOUR: Final = 3_600
_DAY: Final = 24 * _HOUR
# The column that divides a table's rows by time, and the seconds of a part: less for large tables,
# and least for visitors, since a build changes some who were last seen at any time. The rows of a
# site in any other table are one part.
_TIMES: Final = {
    "int_hourly_views": ("viewed_at", 6 * _HOUR),
    "int_session_spans": ("started_at", 6 * _HOUR),
    "fct_video_plays": ("started_at", _DAY),
    "fct_conversions": ("converted_at", _DAY),
    "int_conversion_touches": ("converted_at", _DAY),
    "int_visitor_days": ("active_date", _DAY),
    "int_visitors": ("last_seen_at", _HOUR),
}
PART_SECONDS: Final = {table: seconds for table, (_, seconds) in _TIMES.items()}
"""The seconds of a part, by table."""
DIVISION: Final = hashlib.sha256(repr(sorted(_TIMES.items())).encode()).hexdigest()[:8]
"""A checksum of how tables are divided."""
_SITE: Final = "site_id"
# More ranges make a filter slower than what it saves.
_MAX_RANGES: Final = 32
_COLUMNS: Final = (
    "schema_name varchar, table_name varchar, site varchar, period bigint, rows bigint, "
    "checksum varchar, file varchar"
)
_IDENTITY: Final = "schema_name, table_name, site, period, rows, checksum"


@dataclass(frozen=True, slots=True)
class Divided:
    """A table, and how its rows are divided into parts.

    Attributes:
        schema: Its schema.
        name: Its name.
        columns: All of its columns.
        site: The column with the site; None if there is none.
        time: The column that divides the rows of a site; None if they are one part.
        seconds: Length of the period of a part.

    """

    schema: str
    name: str
    columns: tuple[str, ...]
    site: str | None
    time: str | None
    seconds: int

    @property
    def place(self) -> str:
        """The quoted name, without a database."""
        return quoted(self.schema, self.name)

    @property
    def site_sql(self) -> str:
        """The site of a row."""
        return f"cast({quoted(self.site)} as varchar)" if self.site else "cast(null as varchar)"

    @property
    def period_sql(self) -> str:
        """The number of the period of a row, counted from 1970."""
        if self.time is None:
            return "cast(null as bigint)"
        return f"epoch_us({quoted(self.time)}) // {1_000_000 * self.seconds}"

    @property
    def is_this(self) -> str:
        """The condition that a part in a list is of this table."""
        return f"schema_name = {literal(self.schema)} and table_name = {literal(self.name)}"


def divided_tables(connection: duckdb.DuckDBPyConnection, database: str) -> Iterator[Divided]:
    """Yield the tables of a database, apart from the list of parts itself."""
    for schema, name, columns in connection.execute(
        "select schema_name, table_name, list((column_name, data_type) order by column_index) "
        "from duckdb_columns() where database_name = $1 and schema_name <> $2 and not internal "
        "and (schema_name, table_name) in "
        "(select (schema_name, table_name) from duckdb_tables() where database_name = $1) "
        "group by schema_name, table_name order by schema_name, table_name",
        [database, PUBLISHED],
    ).fetchall():
        types = dict(columns)
        time, seconds = _TIMES.get(name, (None, 0))
        if types.get(time) not in ("TIMESTAMP", "DATE"):
            time, seconds = None, 0
        yield Divided(schema, name, tuple(types), _SITE if _SITE in types else None, time, seconds)


def create_list(connection: duckdb.DuckDBPyConnection, name: str, query: str = "") -> None:
    """Create a list of parts, empty or with the result of a query."""
    kind = "temporary table" if name.startswith("temp.") else "table"
    connection.execute(f"create {kind} {name} ({_COLUMNS})")
    if query:
        connection.execute(f"insert into {name} {query}")


def list_parts(
    connection: duckdb.DuckDBPyConnection, table: Divided, database: str, into: str
) -> None:
    """Add the parts of a table to a list, without their file."""
    columns = ", ".join(map(quoted, table.columns))
    # A sum of hashes does not see a value move from one row to another; one of their hashes does.
    connection.execute(
        f"insert into {into} select {literal(table.schema)}, {literal(table.name)}, site, period, "
        "rows, cast(checksum as varchar), null from ("
        f"select {table.site_sql} as site, {table.period_sql} as period, count(*) as rows, "
        f"sum(hash(hash({columns}))) as checksum from {database}.{table.place} group by 1, 2)"
    )


def difference(parts: str, others: str) -> str:
    """Return the query for the parts of a list that another does not have with the same rows."""
    return (
        f"select * from {parts} where not exists (select 1 from {others} as others where "
        + _same(parts, "others", _IDENTITY)
        + ")"
    )


def same_place(parts: str, others: str) -> str:
    """Return the condition that parts of two lists are of the same table, site and period."""
    return _same(parts, others, "schema_name, table_name, site, period")


def rows_of(
    connection: duckdb.DuckDBPyConnection,
    table: Divided,
    database: str,
    parts: str,
    selected: str = "rows_of.*",
) -> str:
    """Return the query for the rows of those parts of a table that are in a list."""
    return (
        f"select {selected} from {database}.{table.place} as rows_of "
        f"semi join (select site, period from {parts} where {table.is_this}) as listed "
        f"on listed.site is not distinct from {table.site_sql} "
        f"and listed.period is not distinct from {table.period_sql}"
        f"{_ranges(connection, table, parts)}"
    )


def _ranges(connection: duckdb.DuckDBPyConnection, table: Divided, parts: str) -> str:
    """Return a filter on the time alone, by which a scan skips most of the table."""
    if table.time is None:
        return ""
    periods = [
        period
        for (period,) in connection.execute(
            f"select distinct period from {parts} where {table.is_this} order by period nulls first"
        ).fetchall()
    ]
    # Division rounds towards 1970 on both sides.
    if not periods or None in periods or periods[0] < 1:
        return ""
    ranges: list[tuple[int, int]] = []
    gap = (periods[-1] - periods[0]) // _MAX_RANGES
    for period in periods:
        if ranges and period - ranges[-1][1] <= max(1, gap):
            ranges[-1] = ranges[-1][0], period
        else:
            ranges.append((period, period))
    time = quoted(table.time)
    return " where " + " or ".join(
        f"({time} >= make_timestamp({1_000_000 * table.seconds * first}) "
        f"and {time} < make_timestamp({1_000_000 * table.seconds * (last + 1)}))"
        for first, last in ranges
    )


def _same(parts: str, others: str, columns: str) -> str:
    return " and ".join(
        f"{others}.{column} is not distinct from {parts}.{column}" for column in columns.split(", ")
    )
