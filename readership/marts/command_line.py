"""The command `readership marts`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from readership.console import SparseLines, counted, live_bar
from readership.errors import CommandParser, UserError, interruptible, print_error
from readership.marts.copying import Copied, Told, copy_marts
from readership.marts.parquet import CURRENT
from readership.warehouse import DEFAULT_WAREHOUSE, WAREHOUSE_VARIABLE, warehouse_file

_OUT: Final = "data/marts.duckdb"
_EVERY_SECONDS: Final = 10.0
_EPILOG: Final = f"""\
Run it after a build, when its tests have passed: the warehouse is open while it is
copied, and a build cannot begin meanwhile. `readership publish` is for the HTTP service
and has the tables that its answers read; it and this command need nothing of each other.

The copy has the ids of visitors that the marts have. After `readership erase`, run this
again, with --alone where there are Parquet files.

exit codes:
  0  done
  1  failure; stderr says why
  2  the command line is wrong

DIR/{CURRENT}/MART/site=SITE/month=YYYY-MM/*.parquet are the files of a mart: by site where it
has sites, and by the month of its date, on the site's clock, where its rows have one.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        with interruptible():
            warehouse = warehouse_file(options.warehouse)
            with _progress() as told:
                copied = copy_marts(
                    warehouse,
                    Path(options.out).absolute(),
                    folder=Path(options.parquet).absolute() if options.parquet else None,
                    schema=options.schema,
                    alone=options.alone,
                    told=told,
                )
            print(_summary(copied))
            return 0
    except UserError as error:
        print_error("marts", error)
    except KeyboardInterrupt:
        print_error("marts", "interrupted")
    return 1


def _summary(copied: Copied) -> str:
    said = (
        f"{counted(copied.marts, 'mart')} with {counted(copied.rows, 'row')}, "
        f"{copied.bytes / 1e6:,.1f} MB, in {copied.file}"
    )
    if copied.parquet is not None:
        said += (
            f"; {counted(copied.parquet.files, 'Parquet file')}, "
            f"{copied.parquet.bytes / 1e6:,.1f} MB, in {copied.parquet.folder.parent / CURRENT}"
        )
    return said


@contextmanager
def _progress() -> Iterator[Told]:
    """Show on stderr how far the copy is: a bar on a terminal, a line now and then elsewhere."""
    if sys.stderr.isatty():
        from rich.progress import BarColumn, TextColumn

        bar = live_bar(
            sys.stderr,
            BarColumn(bar_width=20),
            TextColumn("{task.completed:,}/{task.total:,} {task.description}", markup=False),
        )
        with bar:
            task = bar.add_task("", total=0)
            yield lambda name, done, total: bar.update(
                task, description=name, completed=done, total=total
            )
        return
    lines = SparseLines(sys.stderr, "readership marts", _EVERY_SECONDS)

    def tell(name: str, done: int, total: int) -> None:
        if lines.due:
            lines.say(f"copying, {done:,} of {total:,} steps done; next {name}")

    yield tell


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="readership marts",
        description="Copy every public mart to a DuckDB file that tools may keep open while builds "
        "run, in a storage version that DuckDB 1.2 and later read, and to Parquet files. They are "
        "replaced whole: a tool that has them open reads on, and sees the new ones when it opens "
        "them again.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--out", metavar="FILE", default=_OUT, help=f"the DuckDB file to write (default: {_OUT})"
    )
    parser.add_argument(
        "--parquet", metavar="DIR", help="write Parquet files too, to a new version in this folder"
    )
    parser.add_argument(
        "--alone",
        action="store_true",
        help="remove the version of Parquet files before at once, instead of with the next run",
    )
    parser.add_argument(
        "--schema", metavar="NAME", help="the schema of the marts, where several have them"
    )
    parser.add_argument(
        "--warehouse",
        metavar="FILE",
        help=f"the DuckDB file to copy (default: ${WAREHOUSE_VARIABLE}, else {DEFAULT_WAREHOUSE})",
    )
    return parser
