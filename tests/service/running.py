"""The service as a client meets it: a server of its own port, asked over HTTP."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import requests
import uvicorn
from fastapi import FastAPI

from service.app import create_app
from service.keys import KEYS, KEYS_FILE, SiteKeys, keys_from_environment, line_of
from service.serving import Serving
from service.snapshots import folder_of

SECRET = "a secret of sixteen characters"


@dataclass
class Service:
    """A running service and a client of it.

    Attributes:
        root: The API's root.
        app: The application.
        serving: What it serves from.

    """

    root: str
    app: FastAPI
    serving: Serving
    site: str
    client: requests.Session = field(default_factory=requests.Session)

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
    **settings: Any,  # noqa: ANN401
) -> Iterator[Service]:
    """Serve the snapshot in force of a warehouse for the while."""
    serving = Serving(folder_of(warehouse), site_keys, look_seconds=0.05, **settings)
    app = create_app(serving)
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            host = f"http://127.0.0.1:{listening.getsockname()[1]}"
            yield Service(f"{host}/v2", app, serving, site)
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


def keys_of(*sites: str) -> SiteKeys:
    """Give site keys with which sites may ask by the one secret."""
    with mock.patch.dict(os.environ, {KEYS: ";".join(line_of(site, SECRET) for site in sites)}):
        os.environ.pop(KEYS_FILE, None)
        found = keys_from_environment()
    assert found is not None
    return found
