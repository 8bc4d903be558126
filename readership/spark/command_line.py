"""Commands of `.venv-spark`: make the jars."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from readership.errors import CommandParser, UserError, print_error
from readership.spark.jars import make_jars

JARS = Path(".venv-spark/jars")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    parser = CommandParser(prog="python -m readership.spark", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    jars = commands.add_parser("jars", help="put the jars of Iceberg into a folder")
    jars.add_argument("folder", nargs="?", type=Path, default=JARS)
    options = parser.parse_args(arguments)
    try:
        for jar in make_jars(options.folder):
            print(jar)
    except UserError as error:
        print_error("spark", error)
        return 1
    return 0
