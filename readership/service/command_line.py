"""The commands `readership serve`, `readership publish` and `readership key`."""

from __future__ import annotations

import argparse
import ipaddress
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

from readership.errors import CommandParser, UserError, print_error
from readership.service import option_types
from readership.service.connections import (
    ConnectionPool,
    descriptor_limit,
)
from readership.service.endpoints import ROOT
from readership.service.keys import (
    KEYS,
    KEYS_FILE,
    SiteKeys,
    key_line,
    keys_from_environment,
    new_secret,
    today,
)
from readership.service.logs import log_to_stderr
from readership.service.serve_options import add_serve_options, chosen_options
from readership.service.server_state import ServerState
from readership.service.serving import LOG, Serving
from readership.service.snapshots import current_snapshot, publish, snapshot_folder
from readership.warehouse import DEFAULT_WAREHOUSE, warehouse_file

_EXIT_CODES: Final = """\
exit codes:
  0  success, or stopped by SIGINT or SIGTERM after the requests in progress were answered
  1  failure; stderr says why
  2  the command line is wrong
"""
_MIN_CONNECTIONS: Final = 16


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "key":
            return _key(options)
        warehouse = warehouse_file(options.warehouse)
        if options.command == "publish":
            info = publish(warehouse)
            print(f"snapshot {info.id}, {info.bytes / 1e6:,.1f} MB, in {info.file.parent}")
            return 0
        return _serve(options, warehouse)
    except UserError as error:
        print_error(options.command, error)
        return 1
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="readership",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    serving = commands.add_parser(
        "serve",
        help="answer API requests over HTTP",
        description="Answer API requests over HTTP from the published snapshot of a warehouse. "
        "Publish one first if there is none.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_warehouse(serving)
    add_serve_options(serving)
    publishing = commands.add_parser(
        "publish",
        help="publish a snapshot of the warehouse; run it after a successful build",
        description="Copy the tables that answers read out of the warehouse, check the copy and "
        "publish it. A running service switches to it within a second or two.",
    )
    _add_warehouse(publishing)
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


def _add_warehouse(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--warehouse",
        metavar="FILE",
        help=f"DuckDB file (default: $READERSHIP_WAREHOUSE, else {DEFAULT_WAREHOUSE})",
    )


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


def _serve(options: argparse.Namespace, warehouse: Path) -> int:
    # Imported here so that `publish` and `key` need not wait for FastAPI.
    from readership.service.app import create_app
    from readership.service.server import bind, host_and_port, listen, make_server, serve

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    site_keys = _site_keys(options)
    connections = _connections(options.connections)
    sockets = bind(options.host, options.port)
    folder = snapshot_folder(warehouse)
    if current_snapshot(folder) is None:
        publish(warehouse)
    log_to_stderr(options.log)
    if connections < options.connections:
        LOG.info("file descriptors limit connections to %d: see `ulimit -n`", connections)
    # A full queue of one lane must leave connections for the other lanes.
    queue = min(options.queue, connections // 4)
    serving = Serving(folder, site_keys, options.seconds, options.cache << 20, max_waiting=queue)
    pool = ConnectionPool(connections, options.arrival)
    state = ServerState(pool)
    app = create_app(serving, chosen_options(options), state)
    server = make_server(app, pool, options.seconds, state, options.drain)
    address = f"http://{host_and_port(options.host, listen(sockets, options.host))}"
    print(
        f"answering at {address}{ROOT}, described at {address}/docs; "
        f"sites: {', '.join(serving.snapshot.sites)}",
        flush=True,
    )
    serve(server, sockets)
    return 0


def _connections(requested: int) -> int:
    """Return how many connections may be open: the requested number, or fewer if limited.

    Raises:
        UserError: The limit of file descriptors leaves too few connections.

    """
    allowed = descriptor_limit()
    if allowed is None or requested <= allowed:
        return requested
    if allowed < _MIN_CONNECTIONS:
        raise UserError(
            "the limit of open files is too low",
            f"it leaves {allowed} connections",
            "raise `ulimit -n`",
        )
    return allowed


def _site_keys(options: argparse.Namespace) -> SiteKeys:
    if options.open:
        if not _is_this_machine(options.host):
            raise UserError(
                "anyone who can reach the port could read the data of every site",
                f"--open --host {options.host}",
                "use --open only on a loopback address such as 127.0.0.1",
            )
        return SiteKeys(is_open=True)
    site_keys = keys_from_environment()
    if site_keys is None:
        raise UserError(
            "no site has a key",
            f"{KEYS_FILE} and {KEYS} are not set",
            "create keys with `readership key SITE`, or use --open on this machine",
        )
    return site_keys


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
