"""Many calls at once: who waits for whom, who is refused, and what nobody waits for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from service import serving
from tests.service.conftest import NEWS
from tests.service.running import Service, keys_of, running, sent, wait_until
from tests.warehouses import Warehouse

POSTS = "/analytics/posts"


class Slow:
    """Questions to the snapshot that take a while, and which they were.

    Attributes:
        seconds: How long a search takes.
        asked: What was asked, in order.
        go: What all others wait for.

    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        self.asked: list[str] = []
        self.go = threading.Event()
        self.go.set()
        self._answer = serving.answer
        monkeypatch.setattr(serving, "answer", self)

    def __call__(self, snapshot: Any, cursor: Any, question: Any) -> Any:  # noqa: ANN401, D102
        self.asked.append(question.path)
        if question.endpoint.path == "search":
            time.sleep(self.seconds)
        elif question.limit == 7:
            cursor.execute("select count(*) from range(1000000000000)").fetchone()
        else:
            self.go.wait(20)
        return self._answer(snapshot, cursor, question)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(monkeypatch)


@pytest.fixture
def start(newsrooms: Warehouse) -> Iterator[Callable[..., Service]]:
    """Starts a service with settings of its own."""
    open_ones: list[Any] = []

    def started(**settings: Any) -> Service:  # noqa: ANN401
        context = running(newsrooms.path, NEWS, keys_of(NEWS), **settings)
        open_ones.append(context)
        return context.__enter__()

    yield started
    for context in open_ones:
        context.__exit__(None, None, None)


def request_of(service: Service, path: str, **given: str) -> bytes:
    query = urlencode({"apikey": NEWS} | given)
    return f"GET {urlsplit(service.root).path}{path}?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def searches(service: Service, count: int, first: int = 0) -> list[Any]:
    """Connections that ask for so many words, each another one, without a secret."""
    words = range(first, first + count)
    return [sent(service, request_of(service, "/search", q=f"word{number}")) for number in words]


def status_of(connection: Any) -> tuple[int, bytes]:  # noqa: ANN401
    connection.settimeout(20)
    told = connection.recv(65_536)
    return int(told.split()[1]), told


def test_calls_without_a_secret_that_were_closed_hold_up_nobody(
    slow: Slow, start: Callable[..., Service]
) -> None:
    service = start(workers=2)
    slow.seconds = 0.2
    for connection in searches(service, 100):
        connection.close()
    # One after the other they would take 20 seconds of one thread.
    started = time.monotonic()
    assert service.call(POSTS)["data"]
    assert service.call("/search", q="vote", secret=None)["data"]
    assert time.monotonic() - started < 5
    assert len(slow.asked) < 10


def test_calls_without_a_secret_that_wait_hold_up_none_that_has_one(
    slow: Slow, start: Callable[..., Service]
) -> None:
    service = start(workers=2)
    slow.seconds = 0.5
    waiting = searches(service, 20)
    wait_until(lambda: slow.asked)
    started = time.monotonic()
    assert service.call(POSTS)["data"]
    # With the secret a search is not behind them either.
    assert service.call("/search", q="vote")["data"]
    assert time.monotonic() - started < 3
    for connection in waiting:
        connection.close()


def test_a_full_queue_refuses_and_tells_when_to_come_again(
    slow: Slow, start: Callable[..., Service]
) -> None:
    service = start(workers=1, most_waiting=2)
    slow.seconds = 1
    held = searches(service, 1)
    wait_until(lambda: len(slow.asked) == 1)
    held += searches(service, 2, first=1)
    wait_until(lambda: service.serving.open_lane.refusal() is not None)
    for path, given in (("/search", {"q": "word9"}), ("/related", {"uuid": "ann"}), ("/top", {})):
        refused = service.get(path, secret=None, **given)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json() == {
            "success": False, "code": 503,
            "message": "the service is busy: 2 calls without a secret wait already; "
            "ask again in 5 seconds",
        }  # fmt: skip
    # What was answered once costs nothing, and what has a secret is not among them.
    assert service.call(POSTS)["data"]
    assert [status_of(connection)[0] for connection in held] == [200, 200, 200]


def test_a_full_queue_is_told_from_a_period_that_is_too_long(
    slow: Slow, start: Callable[..., Service]
) -> None:
    service = start(workers=1, most_waiting=1, seconds=2)
    told: dict[str, Any] = {}

    def ask(name: str, **given: str) -> None:
        answer = service.get(POSTS, period_start="7d", **given)
        told[name] = answer.status_code, answer.json()["message"]

    first = threading.Thread(target=ask, args=("too long",), kwargs={"limit": 7})
    first.start()
    wait_until(lambda: slow.asked)
    second = threading.Thread(target=ask, args=("no turn",), kwargs={"limit": 8})
    second.start()
    lane = service.serving._long_lane
    wait_until(lambda: lane.refusal() is not None)
    ask("full", limit=9)
    first.join()
    second.join()
    busy = "the service is busy: "
    again = "; ask again in 1 seconds"
    assert told == {
        "too long": (200, "no answer within 2 seconds; ask for a shorter period"),
        "no turn": (503, f"{busy}no turn within 1 seconds among calls for more than a day{again}"),
        "full": (503, f"{busy}1 calls for more than a day wait already{again}"),
    }
    # Calls for a day have a queue of their own, and the thread is free again.
    assert service.call(POSTS, period_start="24h")["data"]
    assert service.call(POSTS, period_start="7d")["data"]


def test_a_query_that_nobody_waits_for_is_broken_off(
    slow: Slow, start: Callable[..., Service]
) -> None:
    service = start(workers=1, seconds=60)
    query = {"secret": "a secret of sixteen characters", "limit": "7"}
    connection = sent(service, request_of(service, POSTS, **query))
    wait_until(lambda: slow.asked)
    connection.close()
    started = time.monotonic()
    assert service.call(POSTS, period_start="7d")["data"]
    assert time.monotonic() - started < 10


def test_an_answer_that_one_of_two_waits_for_is_given(
    slow: Slow, start: Callable[..., Service]
) -> None:
    service = start()
    slow.go.clear()
    ask = request_of(service, POSTS, secret="a secret of sixteen characters")
    gone, stays = sent(service, ask), sent(service, ask)
    wait_until(lambda: slow.asked)
    time.sleep(0.2)
    gone.close()
    time.sleep(0.2)
    slow.go.set()
    assert status_of(stays)[0] == 200
    assert len(slow.asked) == 1
