"""Which warehouse is served: a DuckDB file, or a database of PostgreSQL.

The command line names one, or the environment does, with the variables that dbt's profile reads.
Nothing is opened here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from readership.errors import UserError
from readership.warehouse import default_warehouse, warehouse_file

POSTGRESQL: Final = "postgresql"
TARGET: Final = "READERSHIP_TARGET"
"""The environment variable with the target of dbt's profile."""

_SCHEMES: Final = (POSTGRESQL, "postgres")
_VARIABLES: Final = "READERSHIP_POSTGRES_{}"
# The defaults are those of profiles/profiles.yml.
_DEFAULTS: Final = {
    "host": "localhost", "port": "5432", "user": "readership", "dbname": "readership",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """Where a database is, and the schema of the models in it.

    Attributes:
        parameters: What libpq connects with. The password is missing if libpq finds it itself.
        schema: The schema of the models.

    """

    parameters: Mapping[str, str]
    schema: str

    @property
    def answers(self) -> str:
        """The schema of the answers, as macros/operations/answer_routines.sql names it."""
        return f"{self.schema}_answers"

    @property
    def place(self) -> str:
        """The address for messages, without the password."""
        where = self.parameters
        return f"{POSTGRESQL}://{where['user']}@{where['host']}:{where['port']}/{where['dbname']}"

    def __repr__(self) -> str:
        return f"PostgresAddress({self.place})"


def chosen_warehouse(name: str | None) -> Path | PostgresAddress:
    """Return the warehouse of a name, or the one that the environment names.

    Raises:
        UserError: The name is neither a file nor the address of a database.

    """
    if name is None and os.environ.get(TARGET) == "postgres":
        return _address(f"{POSTGRESQL}://")
    name = default_warehouse() if name is None else name
    if name.partition("://")[0].lower() in _SCHEMES:
        return _address(name)
    return warehouse_file(name)


def _address(url: str) -> PostgresAddress:
    """Read an address. What it leaves out comes from the environment."""
    try:
        parts = urlsplit(url)
        given = _given(parts)
    except ValueError as error:
        raise UserError(
            "this is no address of a database", url, "write postgresql://user@host:5432/database"
        ) from error
    parameters = _DEFAULTS | _of_environment() | given
    return PostgresAddress(parameters, os.environ.get(_VARIABLES.format("SCHEMA")) or "readership")


def _given(parts: SplitResult) -> dict[str, str]:
    given: dict[str, Any] = {
        "host": parts.hostname and unquote(parts.hostname),
        "port": parts.port and str(parts.port),
        "user": parts.username and unquote(parts.username),
        "password": parts.password and unquote(parts.password),
        "dbname": unquote(parts.path.removeprefix("/")),
    }
    return {name: value for name, value in given.items() if value} | dict(parse_qsl(parts.query))


def _of_environment() -> dict[str, str]:
    variables = {
        "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD",
        "dbname": "DATABASE",
    }  # fmt: skip
    found = {name: os.environ.get(_VARIABLES.format(end)) for name, end in variables.items()}
    return {name: value for name, value in found.items() if value}
