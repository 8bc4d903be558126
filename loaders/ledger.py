"""Which versions of which files are in the warehouse: told by `raw.files`, for finished loads."""

from __future__ import annotations

from typing import Final

import duckdb

from loaders.tables import FILES, HOSTS, LOAD_ID, TABLES, USER_AGENTS
from warehouse.file import RAW_SCHEMA

# A load id appears twice here when a process died between finishing and saying so.
_FINISHED: Final = f"(select load_id from {RAW_SCHEMA}._dlt_loads where status = 0)"


def known_versions(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Give the (file, version) pairs that finished loads have recorded."""
    rows = connection.execute(
        f"select file, version from {RAW_SCHEMA}.{FILES} where {LOAD_ID} in {_FINISHED}"
    ).fetchall()
    return {(file, version) for file, version in rows}


def known_user_agents(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Give the user agents that finished loads have described."""
    return _known(connection, USER_AGENTS, "user_agent")


def known_hosts(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Give the hosts that finished loads have described."""
    return _known(connection, HOSTS, "host")


def _known(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> set[str]:
    rows = connection.execute(
        f"select distinct {column} from {RAW_SCHEMA}.{table} where {LOAD_ID} in {_FINISHED}"
    ).fetchall()
    return {value for (value,) in rows}


def is_finished(connection: duckdb.DuckDBPyConnection, load_id: str) -> bool:
    """Tell whether the warehouse holds all of a load."""
    return bool(
        connection.execute(
            f"select count(*) from {RAW_SCHEMA}._dlt_loads where load_id = ? and status = 0",
            [load_id],
        ).fetchall()[0][0]
    )


def remove_unfinished(connection: duckdb.DuckDBPyConnection) -> int:
    """Take out the rows of loads that broke off; give how many there were."""
    removed = 0
    connection.execute("begin")
    for table in TABLES:
        removed += connection.execute(
            f"delete from {RAW_SCHEMA}.{table} where {LOAD_ID} not in {_FINISHED}"
        ).fetchall()[0][0]
    connection.execute("commit")
    return removed
