"""The commands `readership report` and `readership query`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from readership.console import console_for, show
from readership.errors import (
    CommandParser,
    UserError,
    exhausted,
    first_paragraph,
    interruptible,
    print_error,
    until_reader_stops,
)
from readership.report import answers, layout
from readership.report.formats import FORMATS, write_csv, write_json
from readership.warehouse import (
    DEFAULT_WAREHOUSE,
    default_warehouse,
    named_by_environment,
    open_for_reading,
)

if TYPE_CHECKING:
    from rich.console import Console, ConsoleRenderable

MOST_SITES: Final = 4
MOST_SITES_BY_DAY: Final = 2
MOST_ROWS: Final = 50
WIDTH_OF_PIPES: Final = 10_000
"""Cells of a line that no terminal wraps."""

_EXIT_CODES: Final = """\
exit codes:
  0  success, even if the warehouse holds no events yet
  1  the warehouse cannot be read; stderr says what to do
  2  the command line is wrong
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(arguments)
    warehouse = Path(options.warehouse or default_warehouse()).absolute()
    # Printed commands must also work in a shell in which the environment variable is not set.
    option = options.warehouse or (str(warehouse) if named_by_environment() else None)
    try:
        with interruptible(), until_reader_stops(), open_for_reading(warehouse) as connection:
            if options.command == "query":
                _query(connection, warehouse, options.sql, options.format)
            else:
                console = console_for(sys.stdout)
                show(console, _report(connection, warehouse, option, console))
    except UserError as error:
        print_error(options.command, error)
        return 1
    except KeyboardInterrupt:
        print_error(options.command, "interrupted")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(prog="readership")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    report = commands.add_parser(
        "report",
        help="print a summary of the warehouse",
        description="Print a summary of the warehouse: loads, top posts, days, trending.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    query = commands.add_parser(
        "query",
        help="print the result of a SQL query",
        description=f"Print the result of a SQL query, up to {MOST_ROWS} rows as text: a table, "
        "or a line for each value where that is too wide for the terminal. The warehouse is opened "
        "read-only.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    query.add_argument("sql", metavar="SQL", help='such as "select * from dim_sites"')
    query.add_argument(
        "--format",
        choices=FORMATS,
        default=FORMATS[0],
        help="text for people; csv or json, one object a line, for programs, with every row "
        "(default: text)",
    )
    for command in (report, query):
        command.add_argument(
            "--warehouse",
            metavar="FILE",
            help=f"the DuckDB file (default: $READERSHIP_WAREHOUSE, else {DEFAULT_WAREHOUSE})",
        )
    return parser


def _report(
    connection: duckdb.DuckDBPyConnection,
    warehouse: Path,
    option: str | None,
    console: Console,
) -> list[ConsoleRenderable]:
    try:
        return _sections(connection, warehouse, option, console.width)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        if not _has_raw_tables(connection):
            raise _nothing_loaded(warehouse) from error
        raise UserError(
            f"tables that the report reads are missing ({first_paragraph(error)})",
            str(warehouse),
            "run `readership build`",
        ) from error
    except duckdb.Error as error:
        raise exhausted(error, str(warehouse), None) or UserError(
            f"the warehouse cannot be read ({first_paragraph(error)})",
            str(warehouse),
            "run `readership build --full-refresh`, or move the file away and run `make run`",
        ) from error


def _sections(
    connection: duckdb.DuckDBPyConnection, warehouse: Path, option: str | None, width: int
) -> list[ConsoleRenderable]:
    total = answers.all_loads(connection)
    sites = answers.sites(connection)
    if not sites and not total.lines:
        return [layout.nothing_yet(warehouse)]
    parts = [
        layout.events(
            answers.newest_loads(connection),
            total,
            answers.broken_rules(connection) if total.refused else [],
            answers.rejection_reasons(connection) if total.rejected else [],
            answers.broken_files(connection) if total.broken_files else [],
            width,
        )
    ]
    if sites:
        shown = sites[:MOST_SITES]
        groups = [[site] for site in sites] if len(sites) <= MOST_SITES_BY_DAY else [sites]
        parts += [
            layout.top_posts(
                shown,
                len(sites) - len(shown),
                answers.top_posts(connection, [site.site_id for site in shown]),
                width,
            ),
            layout.days(
                [
                    (
                        group[0] if len(groups) == len(sites) else None,
                        answers.newest_days(connection, [site.site_id for site in group]),
                    )
                    for group in groups
                ],
                len(sites),
                width,
            ),
            layout.trending(answers.trending(connection), len(sites) > 1, width),
        ]
    else:
        parts.append(layout.nothing_valid())
    queries = answers.next_queries(sites[0].site_id) if sites else []
    return [*parts, layout.where_next(warehouse, queries, option)]


def _query(
    connection: duckdb.DuckDBPyConnection, warehouse: Path, sql: str, output_format: str
) -> None:
    try:
        # DuckDB returns None for SQL without a statement, contrary to its type hints.
        cursor: duckdb.DuckDBPyConnection | None = connection.execute(sql)
        if cursor is None or cursor.description is None:
            raise UserError("the query is empty", repr(sql), "write a select")
        headings = [column[0] for column in cursor.description]
        if output_format == "text":
            rows = cursor.fetchmany(MOST_ROWS + 1)
            console = console_for(sys.stdout, widest=None)
            if not (console.is_terminal or "COLUMNS" in os.environ):
                console.width = WIDTH_OF_PIPES
            has_more = len(rows) > MOST_ROWS
            show(console, [layout.result(headings, rows[:MOST_ROWS], has_more, console.width)])
        else:
            write = write_csv if output_format == "csv" else write_json
            write(sys.stdout, headings, iter(cursor.fetchone, None))
    except duckdb.Error as error:
        raise _explained(connection, warehouse, error) from error


def _explained(
    connection: duckdb.DuckDBPyConnection, warehouse: Path, error: duckdb.Error
) -> UserError:
    if used_up := exhausted(error, "the query", None):
        return used_up
    remedy = "correct the SQL"
    if isinstance(error, duckdb.CatalogException):
        if not _has_raw_tables(connection):
            return _nothing_loaded(warehouse)
        remedy = 'list the tables with `readership query "show tables"`'
    elif isinstance(error, duckdb.BinderException):
        remedy = 'list the columns with `readership query "describe TABLE"`'
    elif "read-only" in str(error):
        remedy = "use select statements only; loads and builds change the warehouse"
    return UserError("the query failed", first_paragraph(error), remedy)


def _has_raw_tables(connection: duckdb.DuckDBPyConnection) -> bool:
    return connection.execute(
        "select count(*) from information_schema.tables where table_schema = 'raw'"
    ).fetchone() != (0,)


def _nothing_loaded(warehouse: Path) -> UserError:
    return UserError(
        "nothing has been loaded into this warehouse",
        str(warehouse),
        "load event files with `readership load PATH`, then run `readership build`; or run "
        "`make run`",
    )
