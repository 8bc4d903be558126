"""The commands `readership serve`, `publish`, `dashboard` and `key`."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from typing import Final

from readership.errors import CommandParser, UserError, interruptible, print_error
from readership.service import option_types, publish
from readership.service.keys import key_line, new_secret, today
from readership.service.warehouses import PostgresAddress, chosen_warehouse
from readership.warehouse import DEFAULT_WAREHOUSE

_EXIT_CODES: Final = """\
exit codes:
  0  success, or stopped by SIGINT or SIGTERM after the requests in progress were answered
  1  failure; stderr says why
  2  the command line is wrong
"""
_NOT_NEEDED: Final = (
    "nothing to publish: the service reads the tables of {place} themselves; "
    "`dbt run-operation publish_answers` is needed after the SQL of an export has changed"
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser(arguments or sys.argv[1:]).parse_args(arguments)
    try:
        with interruptible():
            if options.command == "key":
                return _key(options)
            warehouse = chosen_warehouse(options.warehouse)
            if options.command == "publish":
                if isinstance(warehouse, PostgresAddress):
                    print(_NOT_NEEDED.format(place=warehouse.place))
                    return 0
                info = publish(warehouse, whole=options.whole)
                print(
                    f"snapshot {info.id}, {info.bytes / 1e6:,.1f} MB, of these "
                    f"{info.new_bytes / 1e6:,.1f} MB new, in {info.folder}"
                )
                return 0
            if options.command == "dashboard":
                from readership.service.dashboard_command import run_dashboard

                return run_dashboard(options, warehouse)
            from readership.service.serve_command import run_serve

            return run_serve(options, warehouse)
    except UserError as error:
        print_error(options.command, error)
        return 1
    except KeyboardInterrupt:
        if options.command != "publish":
            # The end of a service.
            return 0
        print_error("publish", "interrupted: the snapshot before it stays")
        return 1


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="readership",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    serving = commands.add_parser(
        "serve",
        help="answer API requests over HTTP",
        description="Answer API requests over HTTP: from the published snapshot of a DuckDB file, "
        "after publishing one if there is none, or from the tables of a PostgreSQL database.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_warehouse(
        serving,
        "FILE|URL",
        f"DuckDB file (default: $READERSHIP_WAREHOUSE, else {DEFAULT_WAREHOUSE}), or "
        "postgresql://USER@HOST:PORT/DATABASE (default with $READERSHIP_TARGET=postgres). What "
        "the URL leaves out, such as the password, is read from $READERSHIP_POSTGRES_*",
    )
    if "serve" in arguments:
        # Imported here so that `publish` and `key` need not wait for what serves.
        from readership.service.serve_options import add_serve_options

        add_serve_options(serving)
    publishing = commands.add_parser(
        "publish",
        help="publish a snapshot of the warehouse; run it after a successful build",
        description="Write what has changed in the tables that answers read, check it and publish "
        "it. A running service switches to it within a second or two. A service that reads "
        "PostgreSQL needs none.",
    )
    _add_warehouse(
        publishing,
        "FILE",
        f"DuckDB file (default: $READERSHIP_WAREHOUSE, else {DEFAULT_WAREHOUSE})",
    )
    publishing.add_argument(
        "--whole", action="store_true", help="write all rows anew, changed or not"
    )
    dashboard = commands.add_parser(
        "dashboard",
        help="write the dashboard to a file that opens anywhere",
        description="Write the dashboard of some sites, with its numbers of the last published "
        "snapshot, to one HTML file. It opens from disk, without a service or network, and shows "
        "the periods and posts that it was made with. `readership serve` shows the same page at "
        "`/`, which follows new data. Whoever has the file has the numbers of the sites in it.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_warehouse(
        dashboard,
        "FILE|URL",
        f"DuckDB file (default: $READERSHIP_WAREHOUSE, else {DEFAULT_WAREHOUSE}), which is "
        "published first if it never was, or postgresql://USER@HOST:PORT/DATABASE",
    )
    dashboard.add_argument(
        "--out", metavar="FILE", default="data/dashboard.html",
        help="the file to write (default: %(default)s)",
    )  # fmt: skip
    dashboard.add_argument(
        "--site", metavar="SITE", action="append",
        help="id of a site, as in dim_sites; repeat it for several (default: all sites)",
    )  # fmt: skip
    key = commands.add_parser(
        "key",
        help="create a secret for a site, and its line for the file of site keys",
        description="Print the line for the file of site keys to standard output, and the new "
        "secret to standard error.",
    )
    key.add_argument("site", metavar="SITE", help="id of the site, as in dim_sites")
    key.add_argument(
        "--own",
        action="store_true",
        help="read the secret from standard input instead of creating one",
    )
    lasting = key.add_mutually_exclusive_group()
    lasting.add_argument(
        "--expires", type=option_types.day, metavar="DATE",
        help="the day from which on, in UTC, the secret is refused, such as 2027-01-31; by default "
        "it does not expire",
    )  # fmt: skip
    lasting.add_argument(
        "--days", type=option_types.days, metavar="N", help="the same, as a number of days from now"
    )
    return parser


def _add_warehouse(parser: argparse.ArgumentParser, metavar: str, about: str) -> None:
    parser.add_argument("--warehouse", metavar=metavar, help=about)


def _key(options: argparse.Namespace) -> int:
    site, expires_on = options.site, options.expires
    if options.days is not None:
        expires_on = today() + timedelta(days=options.days)
    secret = sys.stdin.readline().strip() if options.own else new_secret()
    print(key_line(site, secret, expires_on))
    if expires_on is not None:
        print(f"the secret is valid until {expires_on}, 00:00 UTC", file=sys.stderr)
    if not options.own:
        print(f"secret of {site}, shown only once: {secret}", file=sys.stderr)
    return 0
