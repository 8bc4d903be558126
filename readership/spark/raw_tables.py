"""Gives Spark the raw tables of a DuckDB file, where the loader has put them.

The loader keeps its promises in the DuckDB file: each line once, whatever dies. From there each
table goes to Spark in *parts*, Parquet files in a folder: one part for the rows of each load, one
for a table that no load owns. The name of a part says what is in it, by a hash of its rows. So a
part never changes, and what has to be written and registered, or is registered and has gone, is
found by comparing names; a run that died is made good by the next one.

The parts of several tables cannot be changed together. While they are, the table
`raw.registration` says so, and a build that starts then is refused.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from readership.spark.session import widen_local_catalog
from readership.warehouse import RAW_SCHEMA, open_for_reading

# The tables of the models' sources, with what tells the rows of a load apart; None for a table that
# has one part. Events are only added and removed; an erasure also changes rejected lines in place.
TABLES: dict[str, str | None] = {
    "events": "_file, _line",
    "rejected_lines": "listed",
    "unknown_fields": None,
    "user_agents": None,
    "hosts": None,
    "files": None,
    "_dlt_loads": None,
}
_LOAD = "_dlt_load_id"
# A column of the tables of Spark, besides those of the loader.
_PART = "part"
_TYPES = {
    "VARCHAR": "string", "JSON": "string", "BIGINT": "bigint", "DOUBLE": "double",
    "BOOLEAN": "boolean", "BLOB": "binary", "TIMESTAMP": "timestamp_ntz",
    "TIMESTAMP WITH TIME ZONE": "timestamp_ltz", "INTEGER": "int", "DATE": "date",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Registered:
    """What a registration has done.

    Attributes:
        added: Parts that were written and registered.
        dropped: Parts that are registered no more.

    """

    added: int
    dropped: int


@dataclass(slots=True)
class _Change:
    added: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def register(
    spark: Any,  # noqa: ANN401
    warehouse: Path,
    folder: Path,
    run: Callable[[str], Any] | None = None,
) -> Registered:
    """Bring the raw tables of Spark to those of a DuckDB file.

    Args:
        spark: The session.
        warehouse: The DuckDB file of the loader.
        folder: Where the parts are, readable for Spark under this name.
        run: Runs a statement; the session's own by default.

    Raises:
        UserError: The file cannot be opened.

    """
    run = run or spark.sql
    folder = folder.absolute()
    widen_local_catalog(spark)
    run(f"create schema if not exists {RAW_SCHEMA}")
    run(f"create table if not exists {RAW_SCHEMA}.registration (state string) using iceberg")
    changes: dict[str, _Change] = {}
    with open_for_reading(warehouse) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in TABLES:
            _create(run, connection, table, folder)
            registered, wanted = _registered(run, table), _parts(connection, table)
            changes[table] = _Change(
                [part for part in wanted if part not in registered],
                [part for part in registered if part not in wanted],
            )
            _remove_files(folder / table, {*registered})
            for part in changes[table].added:
                _write(connection, table, part, wanted[part], folder)
    if any(change.added or change.dropped for change in changes.values()) or _is_open(run):
        run(f"insert overwrite {RAW_SCHEMA}.registration values ('open')")
        for table, change in changes.items():
            _switch(run, table, change, folder)
        run(f"insert overwrite {RAW_SCHEMA}.registration values ('done')")
    return Registered(
        sum(len(change.added) for change in changes.values()),
        sum(len(change.dropped) for change in changes.values()),
    )


def _is_open(run: Callable[[str], Any]) -> bool:
    rows = run(f"select state from {RAW_SCHEMA}.registration").collect()
    return any(row[0] == "open" for row in rows)


def _create(run: Callable[[str], Any], connection: Any, table: str, folder: Path) -> None:  # noqa: ANN401
    """Create a table of Spark, or add the columns that it lacks."""
    columns = {
        name: _TYPES[kind]
        for name, kind in connection.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_schema = ? and table_name = ? order by ordinal_position",
            [RAW_SCHEMA, table],
        ).fetchall()
    }
    typed = [f"`{name}` {kind}" for name, kind in columns.items()]
    run(
        f"create table if not exists {RAW_SCHEMA}.{table} ({', '.join(typed)}, {_PART} string) "
        f"using parquet partitioned by ({_PART}) location 'file:{folder / table}'"
    )
    stored = {row[0] for row in run(f"describe {RAW_SCHEMA}.{table}").collect()}
    for name, kind in columns.items():
        if name not in stored:
            run(f"alter table {RAW_SCHEMA}.{table} add columns (`{name}` {kind})")


def _registered(run: Callable[[str], Any], table: str) -> list[str]:
    rows = run(f"show partitions {RAW_SCHEMA}.{table}").collect()
    return [row[0].partition("=")[2] for row in rows]


def _parts(connection: Any, table: str) -> dict[str, str]:  # noqa: ANN401
    """Return the parts of a table: the condition of its rows by the name of each."""
    key = TABLES[table]
    hashed = f"hash({key})" if key else "hash(listed)"
    of_load = f"listed.{_LOAD}" if key else "'all'"
    rows = connection.execute(
        f"select {of_load}, count(*), sum(hash({hashed})) % 18446744073709551557 "
        f"from {RAW_SCHEMA}.{table} as listed group by all"
    ).fetchall()
    return {
        f"{load.replace('.', '_')}-{count}-{int(total):x}": (
            f"{_LOAD} = '{load}'" if key else "true"
        )
        for load, count, total in rows
        if count
    }


def _write(connection: Any, table: str, part: str, condition: str, folder: Path) -> None:  # noqa: ANN401
    """Write the file of a part, which has its name when it is whole."""
    written = folder / table / f"{_PART}={part}"
    shutil.rmtree(written, ignore_errors=True)
    written.mkdir(parents=True)
    connection.execute(
        f"copy (from {RAW_SCHEMA}.{table} where {condition}) "
        f"to '{written}/rows.parquet.part' (format parquet)"
    )
    (written / "rows.parquet.part").rename(written / "rows.parquet")


def _switch(run: Callable[[str], Any], table: str, change: _Change, folder: Path) -> None:
    name = f"{RAW_SCHEMA}.{table}"
    if change.added:
        parts = [
            f"partition ({_PART} = '{part}') location 'file:{folder / table}/{_PART}={part}'"
            for part in change.added
        ]
        run(f"alter table {name} add if not exists {' '.join(parts)}")
    if change.dropped:
        parts = [f"partition ({_PART} = '{part}')" for part in change.dropped]
        run(f"alter table {name} drop if exists {', '.join(parts)}")
    run(f"refresh table {name}")


def _remove_files(folder: Path, registered: set[str]) -> None:
    """Remove parts that earlier registrations have dropped: readers of then have ended."""
    for part in folder.glob(f"{_PART}=*"):
        if part.name.partition("=")[2] not in registered:
            shutil.rmtree(part)
