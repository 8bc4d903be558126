"""A NATS server with JetStream, from the system's package `nats-server`."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

SERVER: Final = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
_START_SECONDS: Final = 30


class NatsServer:
    """A server in a process of its own, which keeps its streams in a folder.

    Args:
        folder: Where; it is created.
        options: Further options of the server.

    """

    def __init__(self, folder: Path, *options: str) -> None:
        folder.mkdir(parents=True)
        assert SERVER is not None
        command = [SERVER, "-js", "-sd", folder, "-a", "127.0.0.1", "-p", "-1"]
        self._process = subprocess.Popen(
            [*map(str, command), "--ports_file_dir", str(folder), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ports = folder / f"nats-server_{self._process.pid}.ports"
        started = time.monotonic()
        while not (ports.exists() and (text := ports.read_text())):
            assert time.monotonic() - started < _START_SECONDS, "the server does not start"
            time.sleep(0.02)
        self.url = str(json.loads(text)["nats"][0])
        self.make_as: dict[str, str] = {}
        """The user and password with which streams are made and written."""

    def run(self, work: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:  # noqa: ANN401
        """Do something with the JetStream of a client."""
        import nats

        async def connected() -> Any:  # noqa: ANN401
            client = await nats.connect(self.url, **self.make_as)
            try:
                return await work(client.jetstream())
            finally:
                await client.close()

        return asyncio.run(connected())

    def make(self, name: str, **settings: Any) -> None:  # noqa: ANN401
        """Make a stream of what is published under its name."""
        self.run(lambda stream: stream.add_stream(name=name, subjects=[name], **settings))

    def put(self, name: str, *records: bytes) -> None:
        """Publish records."""

        async def publish(stream: Any) -> None:  # noqa: ANN401
            for record in records:
                await stream.publish(name, record)

        self.run(publish)

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
