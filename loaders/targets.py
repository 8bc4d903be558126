"""Where loads go: a DuckDB file, or another of dlt's destinations that is a database."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

import dlt
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.destination import Destination
from dlt.common.destination.exceptions import DestinationException
from dlt.common.exceptions import MissingDependencyException
from dlt.common.schema import Schema
from dlt.common.schema.utils import new_column, new_table
from dlt.destinations.exceptions import (
    DatabaseException,
    DatabaseTransientException,
    DatabaseUndefinedRelation,
)

from errors import UserError, exhausted, redacted
from loaders.destination import PARQUET, OneCommit, with_one_commit
from loaders.ledger import SqlClient
from loaders.limits import MEMORY_VARIABLE, memory_bytes
from loaders.tables import LOAD_ID, TABLES
from warehouse import DEFAULT_WAREHOUSE, RAW_SCHEMA, open_for_reading, open_for_writing

PIPELINE_NAME: Final = "readership"
# Two of DuckDB's row groups of this width are written at once then, whatever the size of the load.
_THREADS: Final = 2

DUCKDB: Final = "duckdb"

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
    "postgres": "-c requirements.lock -c requirements-test.lock "
    "psycopg2-binary adbc-driver-manager adbc-driver-postgresql",
}


class Target(Protocol):
    """A warehouse that can be loaded."""

    @property
    def place(self) -> str:
        """What a person calls it, without secrets."""
        ...

    @property
    def folder(self) -> Path:
        """Where dlt works while a load lasts."""
        ...

    @property
    def reads_files(self) -> bool:
        """Whether the warehouse takes rows from memory; if not, through Parquet files."""
        ...

    def exists(self) -> bool:
        """Tell whether there is something to look into."""
        ...

    def writing(self) -> Any:  # noqa: ANN401
        """Open it for one load, alone; a context manager that gives dlt's destination.

        Raises:
            UserError: It cannot be opened, or another load holds it.

        """
        ...

    def reading(self) -> Any:  # noqa: ANN401
        """Open it for looking into it; a context manager that gives dlt's client.

        Raises:
            UserError: It cannot be opened.

        """
        ...


@dataclass(frozen=True, slots=True)
class DuckDbFile:
    """A DuckDB file, which its lock keeps to one process at a time."""

    path: Path

    @property
    def place(self) -> str:
        """The file."""
        return str(self.path)

    @property
    def folder(self) -> Path:
        """Beside the file."""
        return self.path.parent / ".dlt" / self.path.stem

    @property
    def reads_files(self) -> bool:
        """It takes Arrow from memory."""
        return True

    def exists(self) -> bool:
        """Tell whether the file is there."""
        return self.path.exists()

    @contextmanager
    def writing(self) -> Iterator[Destination[Any, Any]]:
        """Open the file, alone."""
        with open_for_writing(self.path) as connection:
            connection.execute(f"set threads = {_THREADS}")
            connection.execute(f"set memory_limit = '{memory_bytes() // 1000}KB'")
            prepare_dlt()
            with _enough(self.place):
                yield dlt.destinations.duckdb(connection)

    @contextmanager
    def reading(self) -> Iterator[SqlClient]:
        """Open the file for reading."""
        with open_for_reading(self.path) as connection:
            prepare_dlt()
            with (
                _enough(self.place),
                client_of(dlt.destinations.duckdb(connection)) as client,
            ):
                yield client


@dataclass(frozen=True, slots=True)
class NamedDestination:
    """One of dlt's destinations, with credentials where dlt looks for them."""

    name: str

    @property
    def place(self) -> str:
        """The destination's name."""
        return self.name

    @property
    def folder(self) -> Path:
        """Beside the default warehouse."""
        return Path(DEFAULT_WAREHOUSE).absolute().parent / ".dlt" / self.name

    @property
    def reads_files(self) -> bool:
        """It takes Parquet."""
        return False

    def exists(self) -> bool:
        """Tell whether anything was ever loaded into it."""
        with self.reading() as client:
            try:
                client.execute_sql(
                    f"select 1 from {client.make_qualified_table_name('_dlt_loads')} where 1 = 0"
                )
            except DatabaseUndefinedRelation:
                return False
            return True

    @contextmanager
    def writing(self) -> Iterator[Destination[Any, Any]]:
        """Make the destination, and keep other loads out of it."""
        with _lock_file(self), _broken_off(self):
            destination = self._destination()
            with opened(destination) as client:
                if not client.lock():
                    raise _in_use(self)
                yield destination

    @contextmanager
    def reading(self) -> Iterator[SqlClient]:
        """Connect."""
        with _broken_off(self), client_of(self._destination()) as client:
            yield client

    def _destination(self) -> Destination[Any, Any]:
        prepare_dlt()
        try:
            return Destination.from_reference(self.name, credentials=_shared_credentials(self.name))
        except (ConfigurationException, DestinationException, ValueError) as error:
            raise UserError(
                "dlt has no such destination",
                self.name,
                f"name one, such as {DUCKDB} or postgres, or set "
                f"DESTINATION__{self.name.upper()}__DESTINATION_TYPE",
            ) from error


def target_for(name: str, warehouse: Path) -> Target:
    """Give the target of a name: `duckdb` is the warehouse file, others are dlt's."""
    return DuckDbFile(warehouse) if name == DUCKDB else NamedDestination(name)


def prepare_dlt() -> None:
    """Set dlt up: no telemetry, no logs, no state beside the ledger."""
    from dlt.pipeline import trace

    os.environ.update(_DLT_SETTINGS)
    # Even with telemetry off these write an id into the home folder.
    trace.TRACKING_MODULES = []


def raw_schema() -> Schema:
    """Give dlt's schema of the raw tables."""
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


def _shared_credentials(name: str) -> str | None:
    """Give the address that dbt's profile has too, where that is set and dlt's own is not."""
    if name != "postgres" or os.environ.get("DESTINATION__POSTGRES__CREDENTIALS"):
        return None
    told = {
        part: quote(value, safe="")
        for part in ("host", "port", "user", "password", "database")
        if (value := os.environ.get(f"READERSHIP_POSTGRES_{part.upper()}"))
    }
    if not told:
        return None
    # The defaults are those of profiles/profiles.yml.
    parts = {"host": "localhost", "port": "5432", "user": "readership", "password": ""}
    parts |= {"database": "readership"} | told
    return "postgresql://{user}:{password}@{host}:{port}/{database}".format(**parts)


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
    return UserError("cannot use the destination", name, f"{remedy} ({_said(error)})")


@contextmanager
def _enough(place: str) -> Iterator[None]:
    """Explain that memory or the disk is used up, wherever it is noticed."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        used_up = exhausted(error, place, MEMORY_VARIABLE)
        if used_up is None:
            raise
        raise used_up from error


@contextmanager
def _lock_file(target: NamedDestination) -> Iterator[None]:
    path = target.folder.parent / f"{target.name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError as error:
        raise UserError(
            "cannot make the lock of the load", str(path), f"check its rights ({error.strerror})"
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _in_use(target) from error
        yield


def _in_use(target: Target) -> UserError:
    return UserError(
        "another load is running into the warehouse",
        target.place,
        "wait for it to end and run again",
    )


@contextmanager
def _broken_off(target: NamedDestination) -> Iterator[None]:
    try:
        yield
    except DatabaseException as error:
        raise exhausted(error, target.place) or UserError(
            "the warehouse has broken off",
            target.place,
            f"run again, nothing is lost or loaded twice ({_said(error)})",
        ) from error


def _said(error: Exception) -> str:
    return redacted(" ".join(str(error).split()))[:300]
