"""The options that every command has: which warehouse."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from typing import Any, Final

from loaders.streaming import BEGINNING, LATEST, STREAMS, start_of
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
  Streams and queues take those of the AWS environment, and AWS_REGION.

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


def add_stream_options(command: argparse.ArgumentParser, most_records: int = 1_000_000) -> None:
    """Add `--from` and `--max-records`, with its default, to a command that reads streams."""
    command.add_argument(
        "--from",
        dest="start",
        type=_start,
        metavar=f"{BEGINNING}|{LATEST}|TIME",
        help="where the first load of a stream begins: at the oldest record that the stream has, "
        "behind the newest, or at a time such as 2026-06-14T12:00Z; later loads go on where the "
        f"last one ended (default: {BEGINNING})",
    )
    command.add_argument(
        "--max-records",
        type=_count,
        default=most_records,
        metavar="N",
        help="about how many records of a stream one load takes (%(default)s)",
    )


def check_start(paths: Sequence[str], start: str | None, wrong: Callable[[str], Any]) -> None:
    """Say that `--from` has no stream to be about."""
    if start and not any(path.partition("://")[0] in STREAMS for path in paths):
        wrong("--from is for streams, such as kinesis://NAME")


def _start(text: str) -> str:
    try:
        start_of(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not {BEGINNING}, {LATEST} or a time such as 2026-06-14T12:00Z"
        ) from None
    return text


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of records")
    return int(text)
