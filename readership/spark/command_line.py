"""Commands of `.venv-spark`: make the jars, and register the raw tables."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from readership.errors import CommandParser, UserError, print_error
from readership.spark.jars import make_jars
from readership.spark.raw_tables import register
from readership.spark.session import spark_session
from readership.warehouse import warehouse_file

JARS = Path(".venv-spark/jars")
FOLDER = "data/spark"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    parser = CommandParser(prog="python -m readership.spark", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    jars = commands.add_parser("jars", help="put the jars of Iceberg into a folder")
    jars.add_argument("folder", nargs="?", type=Path, default=JARS)
    raw = commands.add_parser("register", help="give Spark the raw tables of a DuckDB file")
    raw.add_argument("--warehouse", help="the DuckDB file of the loader")
    raw.add_argument(
        "--folder",
        type=Path,
        default=Path(os.environ.get("READERSHIP_SPARK_FOLDER", FOLDER)) / "raw",
        help="where the rows are, in Parquet",
    )
    options = parser.parse_args(arguments)
    try:
        if options.command == "jars":
            for jar in make_jars(options.folder):
                print(jar)
        else:
            done = register(spark_session(), warehouse_file(options.warehouse), options.folder)
            print(f"{done.added} parts registered, {done.dropped} dropped")
    except UserError as error:
        print_error("spark", error)
        return 1
    return 0
