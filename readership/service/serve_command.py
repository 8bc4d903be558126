"""What `readership serve` does: one process, or several that share the port."""

from __future__ import annotations

import argparse
import ipaddress
import os
import signal
import socket
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from readership.errors import UserError
from readership.service.answering import LOG, Serving
from readership.service.calls import ROOT
from readership.service.http import create_app
from readership.service.keys import KEYS, KEYS_FILE, SiteKeys, keys_from_environment
from readership.service.monitoring import METRICS_FOLDER, log_to_stderr
from readership.service.origins import origin_of
from readership.service.serve_options import chosen_options
from readership.service.server import (
    ConnectionPool,
    ServerState,
    Supervisor,
    bind,
    descriptor_limit,
    host_and_port,
    listen,
    make_server,
    run_apart,
    serve,
)
from readership.service.snapshots import (
    current_snapshot,
    publish,
    snapshot_folder,
)
from readership.service.sources import Origin
from readership.service.warehouses import PostgresAddress

_MIN_CONNECTIONS: Final = 16
# The memory that DuckDB may use for queries, in all processes together.
_MEMORY_MB: Final = 4000
# A process needs some time to stop, beside that of the calls in hand.
# Counting threads take turns with the one that reads requests; Python's five milliseconds a turn
# would add up to a multiple of what a call takes.
_SWITCH_SECONDS: Final = 0.001
_STOP_SECONDS: Final = 5


def run_serve(options: argparse.Namespace, warehouse: Path | PostgresAddress) -> int:
    """Serve until a signal arrives, and return the exit code.

    Raises:
        UserError: The service cannot start.

    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _site_keys(options)
    connections = _connections(options.connections)
    sockets = bind(options.host, options.port)
    is_alone = options.processes == 1
    if not is_alone:
        # Before a fork, no thread of DuckDB may have run here.
        run_apart(lambda: _prepare(options, warehouse))
    elif isinstance(warehouse, Path):
        _prepare(options, warehouse)
    log_to_stderr(options.log)
    if connections < options.connections:
        LOG.info("file descriptors limit connections to %d: see `ulimit -n`", connections)
    if is_alone:
        _serve_here(options, warehouse, sockets, connections)
        return 0
    listen(sockets, options.host)
    with tempfile.TemporaryDirectory(prefix="readership-metrics-") as folder:
        os.environ[METRICS_FOLDER] = folder
        supervisor = Supervisor(
            options.processes,
            lambda number, is_first: _serve_here(
                options, warehouse, sockets, connections, is_announced=is_first and number == 0
            ),
            options.drain + options.seconds + _STOP_SECONDS,
        )
        return supervisor.run()


def _prepare(options: argparse.Namespace, warehouse: Path | PostgresAddress) -> None:
    """Publish a snapshot if there is none, or see that the database answers."""
    if isinstance(warehouse, PostgresAddress):
        origin = _origin(options, warehouse, 1)
        origin.newest(None)
        origin.close()
    elif current_snapshot(snapshot_folder(warehouse)) is None:
        publish(warehouse)


def _origin(options: argparse.Namespace, warehouse: Path | PostgresAddress, threads: int) -> Origin:
    """Return the origin of what is served; nothing is opened yet."""
    memory = f"{_MEMORY_MB // options.processes}MB"
    return origin_of(warehouse, threads, memory, options.seconds)


def _serve_here(
    options: argparse.Namespace,
    warehouse: Path | PostgresAddress,
    sockets: list[socket.socket],
    connections: int,
    is_announced: bool = True,
) -> None:
    """Serve in this process, with its share of the machine and of the limits."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    share = options.processes
    cores = max(1, (os.cpu_count() or 1) // share)
    connections = max(_MIN_CONNECTIONS, connections // share)
    serving = Serving(
        _origin(options, warehouse, cores),
        # Read anew: a process that is started later must not take keys that were replaced.
        _site_keys(options),
        options.seconds,
        (options.cache << 20) // share,
        workers=cores,
        # A full queue of one lane must leave connections for the other lanes.
        max_waiting=max(1, min(options.queue // share, connections // 4)),
    )
    pool = ConnectionPool(connections, options.arrival)
    state = ServerState(pool)
    choices = chosen_options(options)
    if choices.rate_limit is not None:
        choices = replace(choices, rate_limit=choices.rate_limit / share)
    server = make_server(
        create_app(serving, choices, state), pool, options.seconds, state, options.drain
    )
    address = f"http://{host_and_port(options.host, listen(sockets, options.host))}"
    if is_announced:
        print(
            f"answering at {address}{ROOT}, described at {address}/docs; "
            f"dashboard: {address}/; sites: {', '.join(serving.source.sites)}",
            flush=True,
        )
    serve(server, sockets)


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
