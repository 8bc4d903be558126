"""The service as a client meets it: a server of its own port, asked over HTTP."""

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

from service.app import create_app
from service.connections import ARRIVAL_SECONDS, MOST_CONNECTIONS, Room
from service.keys import KEYS, KEYS_FILE, SiteKeys, keys_from_environment, line_of
from service.server import server_of
from service.serving import Serving
from service.snapshots import folder_of
from tests.warehouses import ROOT

SECRET = "a secret of sixteen characters"


@dataclass
class Service:
    """A running service and a client of it.

    Attributes:
        root: The API's root.
        app: The application.
        serving: What it serves from.
        server: What talks to its connections.

    """

    root: str
    app: FastAPI
    serving: Serving
    site: str
    server: uvicorn.Server
    client: requests.Session = field(default_factory=requests.Session)

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return urlsplit(self.root).port or 0

    def get(self, path: str, **parameters: Any) -> requests.Response:  # noqa: ANN401
        """Make a call with the keys of the site, unless others are given."""
        given = {"apikey": self.site, "secret": SECRET} | parameters
        return self.client.get(f"{self.root}{path}", params=given, timeout=30)

    def call(self, path: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """Make a call that is answered, and give the envelope."""
        envelope = self.get(path, **parameters).json()
        assert envelope["success"], envelope
        return envelope

    def views(self, path: str, name: str, **parameters: Any) -> list[tuple[str, int]]:  # noqa: ANN401
        """Make a call and give a field of each row with its views."""
        rows = self.call(path, **parameters)["data"]
        return [(row[name], row["metrics"]["views"]) for row in rows]


@contextmanager
def running(
    warehouse: Path,
    site: str,
    site_keys: SiteKeys,
    connections: int = MOST_CONNECTIONS,
    arrival_seconds: float = ARRIVAL_SECONDS,
    **settings: Any,  # noqa: ANN401
) -> Iterator[Service]:
    """Serve the snapshot in force of a warehouse for the while."""
    serving = Serving(folder_of(warehouse), site_keys, look_seconds=0.05, **settings)
    app = create_app(serving)
    server = server_of(app, Room(connections, arrival_seconds), serving.seconds)
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
    """The command itself, in a process of its own.

    Attributes:
        root: The API's root.
        process: The process.
        told: The lines that it has written to standard error so far.

    """

    root: str
    process: subprocess.Popen[str]
    told: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return urlsplit(self.root).port or 0

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and give the exit code."""
        self.process.send_signal(sign)
        return self.process.wait(30)


@contextmanager
def command(
    *arguments: str, warehouse: Path, program: tuple[str, ...] = ("-m", "service")
) -> Iterator[Command]:
    """Run the command, or a program that calls it, at a free port for the while."""
    given = ["--warehouse", str(warehouse), "--port", "0", *arguments]
    with subprocess.Popen(
        [sys.executable, *program, *given], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        found = re.match(r"answering at (http://\S+?),", process.stdout.readline())
        if found is None:
            process.kill()
            raise AssertionError(process.stderr.read())
        run = Command(found[1], process)
        # What is told later must be taken off, or the process would wait.
        reading = threading.Thread(target=lines_to, args=(run.told, process.stderr))
        reading.start()
        try:
            yield run
        finally:
            if process.poll() is None:
                assert run.stop() == 0
            reading.join()


def sent(service: Service | Command, request: bytes) -> socket.socket:
    """A connection on which something was sent."""
    connection = socket.create_connection(("127.0.0.1", service.port), timeout=20)
    connection.sendall(request)
    return connection


def wait_until(is_so: Callable[[], object], seconds: float = 20) -> None:
    """Wait for what is to come."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def lines_to(told: list[str], stream: Iterable[str]) -> None:
    for line in stream:
        told.append(line)


def keys_of(*sites: str) -> SiteKeys:
    """Give site keys with which sites may ask by the one secret."""
    with mock.patch.dict(os.environ, {KEYS: ";".join(line_of(site, SECRET) for site in sites)}):
        os.environ.pop(KEYS_FILE, None)
        found = keys_from_environment()
    assert found is not None
    return found
