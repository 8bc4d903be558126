"""dlt set up for the loader: its settings, the schema of the raw tables, connections."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.destination import Destination
from dlt.common.exceptions import MissingDependencyException
from dlt.common.schema import Schema
from dlt.common.schema.utils import new_column, new_table
from dlt.destinations.exceptions import DatabaseTransientException

from loaders.tables import LOAD_ID, TABLES
from loaders.writing.destination import PARQUET, OneCommit, with_one_commit
from loaders.writing.ledger import SqlClient
from readership.errors import UserError, one_line
from readership.warehouse import RAW_SCHEMA

PIPELINE_NAME: Final = "readership"

_DLT_SETTINGS: Final = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "CRITICAL",
    # The ledger is the state; dlt's own would be a second one.
    "RESTORE_FROM_DESTINATION": "false",
    # Otherwise every load leaves a copy of its rows behind.
    "LOAD__DELETE_COMPLETED_JOBS": "true",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
    # Connections that bring rows, where a warehouse takes Parquet; each holds a lot of rows.
    "LOAD__WORKERS": "4",
    # Each lot of rows is written as it comes; dlt would hold thousands, however long they are.
    "DATA_WRITER__BUFFER_MAX_ITEMS": "1",
    # Several files are on their way into the warehouse at once; a wish to stop waits for them.
    "DATA_WRITER__FILE_MAX_BYTES": str(4 * 1024**2),
}

_PACKAGES: Final = {
    "postgres": "--no-deps -r requirements-postgres.lock",
}


def prepare_dlt() -> None:
    """Set dlt up: no telemetry, no logs, no state beside the ledger."""
    from dlt.pipeline import trace

    os.environ.update(_DLT_SETTINGS)
    # Even with telemetry off these write an id into the home folder.
    trace.TRACKING_MODULES = []


def raw_schema() -> Schema:
    """Give dlt's schema of the raw tables; each caller's own, because dlt changes them."""
    return _checked_schema().clone()


@cache
def _checked_schema() -> Schema:
    """Give the schema that is copied. To check it takes dlt longer than to load a small file."""
    schema = Schema(PIPELINE_NAME)
    for table in TABLES:
        columns = [*columns_of(table), new_column(LOAD_ID, "text", nullable=False)]
        schema.update_table(
            # Postgres keeps JSON as it was sent only in the type that it uses for Parquet.
            new_table(table, write_disposition="append", columns=columns, file_format=PARQUET)
        )
    # The round trip stamps the version by which dlt knows a schema that it has stored.
    return Schema.from_dict(schema.to_dict())


def columns_of(table: str) -> list[Any]:
    """Give a raw table's columns as dlt takes them."""
    return [new_column(name, kind) for name, kind in TABLES[table].items()]


@contextmanager
def client_of(destination: Destination[Any, Any]) -> Iterator[SqlClient]:
    """Connect to a destination, as dlt does, for SQL of one's own.

    Raises:
        UserError: It cannot be connected to.
        DatabaseException: The warehouse refuses a statement, or the connection is lost.

    """
    with opened(destination) as client:
        yield client.sql_client


@contextmanager
def opened(destination: Destination[Any, Any]) -> Iterator[OneCommit]:
    """Connect to the raw tables in a destination, as dlt does.

    Raises:
        UserError: It cannot be connected to.
        DatabaseException: The warehouse refuses a statement, or the connection is lost.

    """
    try:
        client = _client(destination)
        client.__enter__()
    except UserError:
        raise
    # Every library has errors of its own for a server that does not let one in.
    except Exception as error:
        raise _cannot_use(destination.destination_name, error) from error
    try:
        yield client
    except Exception as error:
        if client.sql_client.is_dbapi_exception(error):
            # Not all of dlt's ways to the database turn errors into its own.
            raise DatabaseTransientException(error) from error
        raise
    finally:
        client.__exit__(None, None, None)


def _client(destination: Destination[Any, Any]) -> Any:  # noqa: ANN401
    with_commit = with_one_commit(destination, None)
    config = destination.spec()
    config._bind_dataset_name(RAW_SCHEMA, default_schema_name=PIPELINE_NAME)
    return with_commit.client(raw_schema(), config)


def _cannot_use(name: str, error: Exception) -> UserError:
    variable = f"DESTINATION__{name.upper()}__CREDENTIALS"
    if isinstance(error, ImportError | MissingDependencyException):
        packages = _PACKAGES.get(name, f"'dlt[{name}]'")
        remedy = f"pip install {packages}"
    elif isinstance(error, ConfigurationException):
        # dlt tells at length where it has looked, and might quote a value.
        return UserError(
            "no credentials, or not of the right form",
            name,
            f"set {variable} in the environment to a URL with user, password, host and database",
        )
    else:
        remedy = f"check that it runs, and {variable} in the environment"
    return UserError("cannot use the destination", name, f"{remedy} ({one_line(str(error))})")
