"""The commands `readership report` and `readership query`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from readership.console import console_for, show, until_reader_stops
from readership.errors import CommandParser, UserError, first_paragraph, print_error
from readership.report import answers, layout
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
        console = console_for(sys.stdout)
        with until_reader_stops(), open_for_reading(warehouse) as connection:
            if options.command == "query":
                show(console, [_result(connection, options.sql, console)])
            else:
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
        description=f"Print the result of a SQL query, up to {MOST_ROWS} rows. A single value is "
        "printed in full. The warehouse is opened read-only.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    query.add_argument("sql", metavar="SQL", help='such as "select * from dim_sites"')
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
        has_raw = connection.execute(
            "select count(*) from information_schema.tables where table_schema = 'raw'"
        ).fetchone() != (0,)
        raise UserError(
            f"tables that the report reads are missing ({first_paragraph(error)})",
            str(warehouse),
            "run `dbt build`" if has_raw else "run `make run`: nothing has been loaded",
        ) from error
    except duckdb.Error as error:
        raise UserError(
            f"the warehouse cannot be read ({first_paragraph(error)})",
            str(warehouse),
            "run `dbt build --full-refresh`, or move the file away and run `make run`",
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


def _result(connection: duckdb.DuckDBPyConnection, sql: str, console: Console) -> ConsoleRenderable:
    try:
        # DuckDB returns None for SQL without a statement, contrary to its type hints.
        cursor: duckdb.DuckDBPyConnection | None = connection.execute(sql)
        if cursor is None or cursor.description is None:
            raise UserError("the query is empty", repr(sql), "write a select")
        headings = [column[0] for column in cursor.description]
        rows = cursor.fetchmany(MOST_ROWS + 1)
    except duckdb.Error as error:
        remedy = "correct the SQL"
        if isinstance(error, duckdb.CatalogException):
            remedy = 'list the tables with `readership query "show tables"`'
        elif isinstance(error, duckdb.BinderException):
            remedy = 'list the columns with `readership query "describe TABLE"`'
        elif "read-only" in str(error):
            remedy = "use select statements only; loads and `dbt build` change the warehouse"
        raise UserError("the query failed", first_paragraph(error), remedy) from error
    return layout.result(headings, rows[:MOST_ROWS], len(rows) > MOST_ROWS, console.width)
