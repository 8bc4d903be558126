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
from dlt.destinations.exceptions import (
    DatabaseException,
    DatabaseUndefinedRelation,
)

from loaders.settings import MEMORY_VARIABLE, memory_bytes
from loaders.writing.connections import client_of, opened, prepare_dlt
from loaders.writing.ledger import SqlClient
from readership.errors import UserError, exhausted, one_line
from readership.warehouse import DEFAULT_WAREHOUSE, open_for_reading, open_for_writing

# Two of DuckDB's row groups of this width are written at once then, whatever the size of the load.
_THREADS: Final = 2

DUCKDB: Final = "duckdb"


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


def _shared_credentials(name: str) -> str | None:
    """Give the address that dbt's profile has too, where that is set and dlt's own is not."""
    if name != "postgres" or os.environ.get("DESTINATION__POSTGRES__CREDENTIALS"):
        return None
    settings = {
        part: quote(value, safe="")
        for part in ("host", "port", "user", "password", "database")
        if (value := os.environ.get(f"READERSHIP_POSTGRES_{part.upper()}"))
    }
    if not settings:
        return None
    # The defaults are those of profiles/profiles.yml.
    parts = {"host": "localhost", "port": "5432", "user": "readership", "password": ""}
    parts |= {"database": "readership"} | settings
    return "postgresql://{user}:{password}@{host}:{port}/{database}".format(**parts)


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
            f"run again, nothing is lost or loaded twice ({one_line(str(error))})",
        ) from error
