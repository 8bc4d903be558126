"""Connections: how long a request may be on its way, and how many may be open."""

from __future__ import annotations

import logging
import socket
import time

import pytest

from service import serving
from service.connections import MOST_HEAD_BYTES
from service.keys import SiteKeys
from tests.service.conftest import NEWS
from tests.service.running import Service, running, sent, wait_until
from tests.warehouses import Warehouse

HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
HALF = b"GET /health HTTP/1.1\r\nHost: "


def ends(connection: socket.socket, drip: bytes = b"", seconds: float = 10) -> bytes:
    """What a connection tells until it is closed from the other side, fed meanwhile."""
    told = b""
    connection.settimeout(0.05)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if not (some := connection.recv(65_536)):
                return told
            told += some
            connection.sendall(drip)
        except TimeoutError:
            connection.sendall(drip)
        except OSError:
            return told
    raise AssertionError(f"it is open still: {told[:100]!r}")


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
def test_a_request_that_does_not_come_is_not_waited_for(
    newsrooms: Warehouse, first: bytes, drip: bytes
) -> None:
    open_keys = SiteKeys(is_open=True)
    with running(newsrooms.path, NEWS, open_keys, arrival_seconds=0.5) as service:
        started = time.monotonic()
        told = ends(sent(service, first), drip)
        assert told.count(b"HTTP/1.1 200") == first.count(HEALTH)
        assert time.monotonic() - started < 8
        assert service.call("/top")["success"]


def test_a_request_without_an_end_is_refused(service: Service) -> None:
    told = ends(sent(service, HALF), b"x" * (MOST_HEAD_BYTES // 4))
    assert told == b"" or told.startswith(b"HTTP/1.1 431 ")


def test_of_more_connections_than_may_be_open_the_longest_waiting_is_closed(
    newsrooms: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    open_keys = SiteKeys(is_open=True)
    with running(newsrooms.path, NEWS, open_keys, connections=5) as service:
        half_sent = [sent(service, HALF) for _ in range(20)]
        # Who sends a whole request is answered.
        whole = sent(service, HEALTH)
        whole.settimeout(10)
        assert whole.recv(1000).startswith(b"HTTP/1.1 200 ")
        for connection in half_sent[:16]:
            assert ends(connection) == b""
        half_sent[-1].settimeout(0.2)
        with pytest.raises(TimeoutError):
            half_sent[-1].recv(1)
        wait_until(lambda: "no more may be" in caplog.text)
    told = [each.getMessage() for each in caplog.records if each.name == "readership.connections"]
    assert told == [
        "5 connections are open, and no more may be: 16 that waited longest were closed"
    ]


def test_where_all_connections_have_a_call_in_hand_one_more_is_told_to_come_again(
    newsrooms: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = serving.answer

    def slow(*given: object) -> object:
        time.sleep(1)
        return answer(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(serving, "answer", slow)
    open_keys = SiteKeys(is_open=True)
    with running(newsrooms.path, NEWS, open_keys, connections=2) as service:
        top = f"GET /v2/top?apikey={NEWS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        in_hand = [sent(service, top) for _ in range(2)]
        time.sleep(0.3)
        refused = ends(sent(service, b""))
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 5\r\n" in refused
        for connection in in_hand:
            assert ends(connection).startswith(b"HTTP/1.1 200 ")


def test_an_answer_that_nobody_reads_is_not_kept_for_ever(
    newsrooms: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    open_keys = SiteKeys(is_open=True)
    bundle = b"GET /static-offline-docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n"
    with (
        running(newsrooms.path, NEWS, open_keys, arrival_seconds=0.5) as service,
        socket.socket() as connection,
    ):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", service.port))
        connection.sendall(bundle * 8)
        wait_until(lambda: service.server.server_state.connections)
        wait_until(lambda: not service.server.server_state.connections)
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
