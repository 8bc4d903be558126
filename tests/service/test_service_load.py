"""Many concurrent calls: which wait for which, which are refused, and which are cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from readership.service.answering import serving
from tests.support.newsrooms import NEWS
from tests.support.serving import SECRET, Service, keys_of, running, sent, wait_until
from tests.support.warehouses import Warehouse

POSTS = "/analytics/posts"


class Slow:
    """Slows down queries on the snapshot, and records them.

    Attributes:
        seconds: Duration of a search.
        queries: Paths of the queries, in order.
        go: An event that all other queries wait for.

    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        self.queries: list[str] = []
        self.go = threading.Event()
        self.go.set()
        self._answer = serving.answer
        monkeypatch.setattr(serving, "answer", self)

    def __call__(self, snapshot: Any, cursor: Any, query: Any, counter: Any) -> Any:  # noqa: ANN401, D102
        self.queries.append(query.path)
        if query.endpoint.path == "search":
            time.sleep(self.seconds)
        elif query.limit == 7:
            cursor.execute("select count(*) from range(1000000000000)").fetchone()
        else:
            self.go.wait(20)
        return self._answer(snapshot, cursor, query, counter)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(monkeypatch)


@pytest.fixture
def start(newsrooms: Warehouse) -> Iterator[Callable[..., Service]]:
    """Start a service with the given settings."""
    open_ones: list[Any] = []

    def started(**settings: Any) -> Service:  # noqa: ANN401
        context = running(newsrooms.path, NEWS, keys_of(NEWS), **settings)
        open_ones.append(context)
        return context.__enter__()

    yield started
    for context in open_ones:
        context.__exit__(None, None, None)


def request_of(service: Service, path: str, **parameters: str) -> bytes:
    query = urlencode({"apikey": NEWS} | parameters)
    return f"GET {urlsplit(service.root).path}{path}?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def searches(service: Service, count: int, first: int = 0) -> list[Any]:
    """Open connections that each search for a different word, without a secret."""
    words = range(first, first + count)
    return [sent(service, request_of(service, "/search", q=f"word{number}")) for number in words]


def status_of(connection: Any) -> tuple[int, bytes]:  # noqa: ANN401
    connection.settimeout(20)
    response = connection.recv(65_536)
    return int(response.split()[1]), response


def test_closed_calls_without_a_secret_delay_no_others(
    slow: Slow, start: Callable[..., Service]
) -> None:
    service = start(workers=2)
    slow.seconds = 0.2
    for connection in searches(service, 100):
        connection.close()
    # Processed one after the other they would take 20 seconds.
    started = time.monotonic()
    assert service.call(POSTS)["data"]
    assert service.call("/search", q="vote", secret=None)["data"]
    assert time.monotonic() - started < 5
    assert len(slow.queries) < 10


def test_waiting_calls_without_a_secret_do_not_delay_those_with_one(
    slow: Slow, start: Callable[..., Service]
) -> None:
    service = start(workers=2)
    slow.seconds = 0.5
    waiting = searches(service, 20)
    wait_until(lambda: slow.queries)
    started = time.monotonic()
    assert service.call(POSTS)["data"]
    # A search with the secret does not wait for them either.
    assert service.call("/search", q="vote")["data"]
    assert time.monotonic() - started < 3
    for connection in waiting:
        connection.close()


def test_a_full_queue_refuses_calls_with_retry_after(
    slow: Slow, start: Callable[..., Service]
) -> None:
    service = start(workers=1, max_waiting=2)
    slow.seconds = 1
    held = searches(service, 1)
    wait_until(lambda: len(slow.queries) == 1)
    held += searches(service, 2, first=1)
    wait_until(lambda: service.serving.open_lane.refusal() is not None)
    for path, parameters in (
        ("/search", {"q": "word9"}),
        ("/related", {"uuid": "ann"}),
        ("/top", {}),
    ):
        refused = service.get(path, secret=None, **parameters)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json() == {
            "success": False, "code": 503,
            "message": "the service is busy: 2 calls without a secret wait already; "
            "ask again in 5 seconds",
        }  # fmt: skip
    # Calls with a secret have a queue of their own, wherever the secret is.
    assert service.call(POSTS)["data"]
    service.client.headers["Authorization"] = f"Bearer {SECRET}"
    assert service.call("/search", q="vote", secret=None)["data"]
    assert [status_of(connection)[0] for connection in held] == [200, 200, 200]


def test_a_full_queue_and_a_timeout_have_different_messages(
    slow: Slow, start: Callable[..., Service]
) -> None:
    service = start(workers=1, max_waiting=1, seconds=2)
    responses: dict[str, Any] = {}

    def ask(name: str, **parameters: str) -> None:
        answer = service.get(POSTS, period_start="7d", **parameters)
        responses[name] = answer.status_code, answer.json()["message"]

    first = threading.Thread(target=ask, args=("too long",), kwargs={"limit": 7})
    first.start()
    wait_until(lambda: slow.queries)
    second = threading.Thread(target=ask, args=("no turn",), kwargs={"limit": 8})
    second.start()
    lane = service.serving._long_lane
    wait_until(lambda: lane.refusal() is not None)
    ask("full", limit=9)
    first.join()
    second.join()
    busy = "the service is busy: "
    again = "; ask again in 1 seconds"
    assert responses == {
        "too long": (200, "no answer within 2 seconds; ask for a shorter period"),
        "no turn": (503, f"{busy}no turn within 1 seconds among calls for more than a day{again}"),
        "full": (503, f"{busy}1 calls for more than a day wait already{again}"),
    }
    # Calls for a day have a queue of their own, and the thread is free again.
    assert service.call(POSTS, period_start="24h")["data"]
    assert service.call(POSTS, period_start="7d")["data"]


def test_a_query_is_cancelled_when_its_client_disconnects(
    slow: Slow, start: Callable[..., Service]
) -> None:
    service = start(workers=1, seconds=60)
    parameters = {"secret": "a secret of sixteen characters", "limit": "7"}
    connection = sent(service, request_of(service, POSTS, **parameters))
    wait_until(lambda: slow.queries)
    connection.close()
    started = time.monotonic()
    assert service.call(POSTS, period_start="7d")["data"]
    assert time.monotonic() - started < 10


def test_a_shared_query_continues_while_one_client_waits(
    slow: Slow, start: Callable[..., Service]
) -> None:
    service = start()
    slow.go.clear()
    request = request_of(service, POSTS, secret="a secret of sixteen characters")
    gone, stays = sent(service, request), sent(service, request)
    wait_until(lambda: slow.queries)
    time.sleep(0.2)
    gone.close()
    time.sleep(0.2)
    slow.go.set()
    assert status_of(stays)[0] == 200
    assert len(slow.queries) == 1
