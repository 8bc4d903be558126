"""Limits on connections: how long a request may take to arrive, and how many may be open."""

from __future__ import annotations

import logging
import socket
import time

import pytest

from readership.service.answering import serving
from readership.service.keys import SiteKeys
from readership.service.server.connections import MAX_HEAD_BYTES
from tests.support.newsrooms import NEWS
from tests.support.serving import Service, running, sent, wait_until
from tests.support.warehouses import Warehouse

HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
HALF = b"GET /health HTTP/1.1\r\nHost: "


def read_until_closed(connection: socket.socket, drip: bytes = b"", seconds: float = 10) -> bytes:
    """Return what arrives until the server closes the connection; send `drip` meanwhile."""
    received = b""
    connection.settimeout(0.05)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if not (chunk := connection.recv(65_536)):
                return received
            received += chunk
            connection.sendall(drip)
        except TimeoutError:
            connection.sendall(drip)
        except OSError:
            return received
    raise AssertionError(f"the connection is still open: {received[:100]!r}")


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        (b"", b""),
        (b"", b"\r\n"),
        (HALF, b""),
        (HALF, b"x"),
        (HALF, b"x\r\ny: "),
        (b"GET /hea", b"l"),
        (HEALTH + HALF, b"x"),
        (HEALTH + HEALTH + b"\r\n", b"\r\n"),
        (b"POST /v2/top HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n", b"x"),
    ],
)
def test_a_request_that_does_not_arrive_in_time_is_closed(
    newsrooms: Warehouse, first: bytes, drip: bytes
) -> None:
    open_keys = SiteKeys(is_open=True)
    with running(newsrooms.path, NEWS, open_keys, request_seconds=0.5) as service:
        started = time.monotonic()
        received = read_until_closed(sent(service, first), drip)
        assert received.count(b"HTTP/1.1 200") == first.count(HEALTH)
        assert time.monotonic() - started < 8
        assert service.call("/top")["success"]


def test_an_endless_request_is_refused(service: Service) -> None:
    received = read_until_closed(sent(service, HALF), b"x" * (MAX_HEAD_BYTES // 4))
    assert received == b"" or received.startswith(b"HTTP/1.1 431 ")


def test_over_the_limit_the_longest_idle_connection_is_closed(
    newsrooms: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    open_keys = SiteKeys(is_open=True)
    with running(newsrooms.path, NEWS, open_keys, connections=5) as service:
        half_sent = [sent(service, HALF) for _ in range(20)]
        # A complete request is answered.
        whole = sent(service, HEALTH)
        whole.settimeout(10)
        assert whole.recv(1000).startswith(b"HTTP/1.1 200 ")
        for connection in half_sent[:16]:
            assert read_until_closed(connection) == b""
        half_sent[-1].settimeout(0.2)
        with pytest.raises(TimeoutError):
            half_sent[-1].recv(1)
        wait_until(lambda: "were idle longest" in caplog.text)
    messages = [
        record.getMessage() for record in caplog.records if record.name == "readership.connections"
    ]
    assert messages == ["reached the limit of 5 connections: closed the 16 that were idle longest"]


def test_a_connection_is_refused_with_503_when_all_others_are_busy(
    newsrooms: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = serving.answer

    def slow(*arguments: object) -> object:
        time.sleep(1)
        return answer(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(serving, "answer", slow)
    open_keys = SiteKeys(is_open=True)
    with running(newsrooms.path, NEWS, open_keys, connections=2) as service:
        top = f"GET /v2/top?apikey={NEWS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        in_progress = [sent(service, top) for _ in range(2)]
        time.sleep(0.3)
        refused = read_until_closed(sent(service, b""))
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 5\r\n" in refused
        for connection in in_progress:
            assert read_until_closed(connection).startswith(b"HTTP/1.1 200 ")


def test_a_response_that_is_not_read_times_out(
    newsrooms: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    open_keys = SiteKeys(is_open=True)
    bundle = b"GET /static-offline-docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n"
    with (
        running(newsrooms.path, NEWS, open_keys, request_seconds=0.5) as service,
        socket.socket() as connection,
    ):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", service.port))
        connection.sendall(bundle * 8)
        wait_until(lambda: service.server.server_state.connections)
        wait_until(lambda: not service.server.server_state.connections)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
