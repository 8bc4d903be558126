"""The command line: `python -m service`, `... publish` and `... key`."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import signal
import sys
from pathlib import Path
from typing import Final

from errors import UserError
from service.app import ROOT, create_app
from service.connections import ARRIVAL_SECONDS, MOST_CONNECTIONS, Room, descriptors_allow
from service.keys import KEYS, KEYS_FILE, SiteKeys, keys_from_environment, line_of, new_secret
from service.server import bound_at, listen, serve, server_of, shown
from service.serving import LOG, MOST_WAITING, Serving
from service.snapshots import folder_of, in_force, publish
from warehouse import DEFAULT_WAREHOUSE, warehouse_file

_EXIT_CODES: Final = """\
exit codes:
  0  done, or stopped by SIGINT or SIGTERM, when the calls in hand are answered
  1  could not be done; stderr says why
  2  the command line is wrong
"""
_LEAST_CONNECTIONS: Final = 16


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and give the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "key":
            return _key(options.site, options.own)
        warehouse = warehouse_file(options.warehouse)
        if options.command == "publish":
            named = publish(warehouse)
            print(f"snapshot {named.id}, {named.bytes / 1e6:,.1f} MB, in {named.file.parent}")
            return 0
        return _serve(options, warehouse)
    except UserError as error:
        print(f"service: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service",
        description="Answer calls over HTTP from the snapshot in force of a warehouse; make one "
        "first where there is none.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_warehouse(parser, None)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    parser.add_argument("--port", type=_port, default=8000, help="port (%(default)s)")
    parser.add_argument(
        "--open",
        action="store_true",
        help="ask for no secrets; for this machine alone. Without it, site keys are those of "
        f"${KEYS_FILE} or ${KEYS}",
    )
    parser.add_argument(
        "--seconds", type=_seconds, default=10.0,
        help="how long an answer may take, half of it waiting for its turn (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--queue", type=_count, metavar="CALLS", default=MOST_WAITING,
        help="how many calls may wait for their turn: without a secret, for a day or less, and for "
        "more, each (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--connections", type=_count, metavar="NUMBER", default=MOST_CONNECTIONS,
        help="how many may be open, as far as the limit of descriptors has room (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--arrival", type=_seconds, metavar="SECONDS", default=ARRIVAL_SECONDS,
        help="how long a request may be on its way (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--cache", type=_megabytes, metavar="MB", default=64,
        help="megabytes of answers to remember (%(default)s)",
    )  # fmt: skip
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    publishing = commands.add_parser(
        "publish",
        help="put a snapshot of the warehouse in force; after a build that succeeded",
        description="Copy what answers need out of the warehouse, try the copy, and put it in "
        "force. A running service changes to it within a second or two.",
    )
    _add_warehouse(publishing, argparse.SUPPRESS)
    key = commands.add_parser(
        "key",
        help="make a secret for a site, and the line that goes into the file of site keys",
        description="Print the line for the file of site keys to standard output and a new secret "
        "to standard error.",
    )
    key.add_argument("site", metavar="SITE", help="the site's id, as in dim_sites")
    key.add_argument("--own", action="store_true", help="read the secret from standard input")
    return parser


def _add_warehouse(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument(
        "--warehouse",
        metavar="FILE",
        default=default,
        help=f"the DuckDB file (default: $READERSHIP_WAREHOUSE, else {DEFAULT_WAREHOUSE})",
    )


def _key(site: str, is_own: bool) -> int:
    secret = sys.stdin.readline().strip() if is_own else new_secret()
    print(line_of(site, secret))
    if not is_own:
        print(f"secret of {site}, shown once: {secret}", file=sys.stderr)
    return 0


def _serve(options: argparse.Namespace, warehouse: Path) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    site_keys = _site_keys(options)
    connections = _connections(options.connections)
    sockets = bound_at(options.host, options.port)
    folder = folder_of(warehouse)
    if in_force(folder) is None:
        publish(warehouse)
    _log_to_stderr()
    if connections < options.connections:
        LOG.info("no more than %d connections may be open: see `ulimit -n`", connections)
    # Calls of no lane take the connections that those of the others need.
    queue = min(options.queue, connections // 4)
    serving = Serving(folder, site_keys, options.seconds, options.cache << 20, most_waiting=queue)
    server = server_of(create_app(serving), Room(connections, options.arrival), options.seconds)
    address = f"http://{shown(options.host, listen(sockets, options.host))}"
    print(
        f"answering at {address}{ROOT}, described at {address}/docs; "
        f"sites: {', '.join(serving.snapshot.sites)}",
        flush=True,
    )
    serve(server, sockets)
    return 0


def _connections(wanted: int) -> int:
    """Give how many connections may be open.

    Raises:
        UserError: The limit of descriptors leaves no room for them.

    """
    allowed = descriptors_allow()
    if allowed is None or wanted <= allowed:
        return wanted
    if allowed < _LEAST_CONNECTIONS:
        raise UserError(
            "too few files may be open", f"room for {allowed} connections", "raise `ulimit -n`"
        )
    return allowed


def _site_keys(options: argparse.Namespace) -> SiteKeys:
    if options.open:
        if not _is_this_machine(options.host):
            raise UserError(
                "anybody who reaches the port could ask for every site",
                f"--open --host {options.host}",
                "use --open at 127.0.0.1 alone",
            )
        return SiteKeys(is_open=True)
    found = keys_from_environment()
    if found is None:
        raise UserError(
            "no site may ask yet",
            f"{KEYS_FILE} and {KEYS} are not set",
            "make keys with `python -m service key SITE`, or use --open on this machine",
        )
    return found


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    for name in ("readership", "uvicorn"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1,000,000")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds between 0 and 3600")
    return seconds


def _megabytes(text: str) -> int:
    if not text.isdecimal() or int(text) > 1 << 20:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of megabytes")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
