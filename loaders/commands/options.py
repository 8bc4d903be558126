"""The options that every command has: which warehouse."""

from __future__ import annotations

import argparse
import os
from typing import Final

from readership.warehouse import DEFAULT_WAREHOUSE

_ENVIRONMENT_NAME: Final = "READERSHIP_TARGET"
_DUCKDB: Final = "duckdb"

CREDENTIALS: Final = """\
credentials:
  of a target other than duckdb come from the environment, for example
    DESTINATION__POSTGRES__CREDENTIALS=postgresql://user:password@host:5432/name
  or from dlt's .dlt/secrets.toml; for postgres also from what dbt's profile
  reads, READERSHIP_POSTGRES_HOST, _PORT, _USER, _PASSWORD and _DATABASE. They
  are in no output. The user must be able to create the schema raw, or own it.

"""
"""What the help of a command says of credentials."""


def add_target_options(command: argparse.ArgumentParser) -> None:
    """Add `--target` and `--warehouse` to a command."""
    command.add_argument(
        "--target",
        metavar="NAME",
        default=os.environ.get(_ENVIRONMENT_NAME) or _DUCKDB,
        help="the warehouse: duckdb, a file, or another of dlt's destinations that is a database "
        "with transactions and takes Parquet, such as postgres "
        f"(default: ${_ENVIRONMENT_NAME}, else {_DUCKDB})",
    )
    command.add_argument(
        "--warehouse",
        metavar="FILE",
        help=f"the DuckDB file (default: $READERSHIP_WAREHOUSE, else {DEFAULT_WAREHOUSE}); of no "
        "meaning for another target",
    )
