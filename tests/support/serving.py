"""Run the service on a free port, and call it over HTTP."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import requests
import uvicorn
from fastapi import FastAPI

from readership.service import snapshot_folder
from readership.service.answering.serving import Serving
from readership.service.http.app import create_app
from readership.service.keys import KEYS, KEYS_FILE, SiteKeys, key_line, keys_from_environment
from readership.service.options import Options
from readership.service.server.connections import MAX_CONNECTIONS, REQUEST_SECONDS, ConnectionPool
from readership.service.server.server import make_server
from readership.service.server.server_state import ServerState
from readership.service.snapshots import SnapshotFolder
from readership.service.sources import Origin
from tests.support.warehouses import ROOT

SECRET = "a secret of sixteen characters"
# The command, with slow queries.
SLOW = """
import sys, time
from readership.command_line import main
from readership.service.answering import serving
answer = serving.answer
def slow(snapshot, cursor, query, counter):
    print("running", file=sys.stderr, flush=True)
    if query.limit == 7:
        cursor.execute("select count(*) from range(1000000000000)").fetchone()
    time.sleep(1)
    return answer(snapshot, cursor, query, counter)
serving.answer = slow
sys.exit(main(["serve", *sys.argv[1:]]))
"""


@dataclass
class Service:
    """A running service and a client of it.

    Attributes:
        root: URL of the API's root.
        app: The application.
        serving: The part that answers queries.
        site: The site whose keys calls have by default.
        server: The HTTP server.
        client: The HTTP client.

    """

    root: str
    app: FastAPI
    serving: Serving
    site: str
    server: uvicorn.Server
    client: requests.Session = field(default_factory=requests.Session)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return urlsplit(self.root).port or 0

    def get(self, path: str, **parameters: Any) -> requests.Response:  # noqa: ANN401
        """Make a call, by default with the keys of the site."""
        parameters = {"apikey": self.site, "secret": SECRET} | parameters
        return self.client.get(f"{self.root}{path}", params=parameters, timeout=30)

    def call(self, path: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """Make a call that must succeed, and return the envelope."""
        envelope = self.get(path, **parameters).json()
        assert envelope["success"], envelope
        return envelope

    def views(self, path: str, name: str, **parameters: Any) -> list[tuple[str, int]]:  # noqa: ANN401
        """Make a call, and return a field and the views of each row."""
        rows = self.call(path, **parameters)["data"]
        return [(row[name], row["metrics"]["views"]) for row in rows]


@contextmanager
def running(
    warehouse: Path | Origin,
    site: str,
    site_keys: SiteKeys,
    connections: int = MAX_CONNECTIONS,
    request_seconds: float = REQUEST_SECONDS,
    options: Options | None = None,
    drain_seconds: float = 0.0,
    poll_seconds: float = 0.05,
    **settings: Any,  # noqa: ANN401
) -> Iterator[Service]:
    """Serve the current snapshot of a warehouse, or another origin, until the block ends."""
    origin = (
        SnapshotFolder(snapshot_folder(warehouse)) if isinstance(warehouse, Path) else warehouse
    )
    serving = Serving(origin, site_keys, poll_seconds=poll_seconds, **settings)
    pool = ConnectionPool(connections, request_seconds)
    state = ServerState(pool)
    app = create_app(serving, options, state)
    server = make_server(app, pool, serving.seconds, state, drain_seconds)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            host = f"http://127.0.0.1:{listening.getsockname()[1]}"
            yield Service(f"{host}/v2", app, serving, site, server)
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


@dataclass
class Command:
    """The service command in a separate process.

    Attributes:
        root: URL of the API's root.
        process: The process.
        log: The lines that it has written to standard error so far.

    """

    root: str
    process: subprocess.Popen[str]
    log: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return urlsplit(self.root).port or 0

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(sign)
        return self.process.wait(30)


@contextmanager
def command(
    *arguments: str, warehouse: Path, program: tuple[str, ...] = ("-m", "readership", "serve")
) -> Iterator[Command]:
    """Run the command, or a program that calls it, on a free port until the block ends."""
    options = ["--warehouse", str(warehouse), "--port", "0", *arguments]
    with subprocess.Popen(
        [sys.executable, *program, *options], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        match = re.match(r"answering at (http://\S+?),", process.stdout.readline())
        if match is None:
            process.kill()
            raise AssertionError(process.stderr.read())
        run = Command(match[1], process)
        # Read the log continuously: the process would block once the pipe is full.
        reading = threading.Thread(target=read_lines, args=(process.stderr, run.log))
        reading.start()
        try:
            yield run
        finally:
            if process.poll() is None:
                assert run.stop() == 0
            reading.join()


def sent(service: Service | Command, request: bytes) -> socket.socket:
    """Open a connection and send a request."""
    connection = socket.create_connection(("127.0.0.1", service.port), timeout=20)
    connection.sendall(request)
    return connection


def wait_until(is_so: Callable[[], object], seconds: float = 20) -> None:
    """Wait until a condition holds; fail after a timeout."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.02)


def read_lines(stream: Iterable[str], lines: list[str]) -> None:
    for line in stream:
        lines.append(line)


def keys_of(*sites: str) -> SiteKeys:
    """Return site keys in which all sites have the same secret."""
    with mock.patch.dict(os.environ, {KEYS: ";".join(key_line(site, SECRET) for site in sites)}):
        os.environ.pop(KEYS_FILE, None)
        site_keys = keys_from_environment()
    assert site_keys is not None
    return site_keys
