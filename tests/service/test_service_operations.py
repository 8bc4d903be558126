"""What an operator asks: metrics, readiness, and how the service stops."""

from __future__ import annotations

import re
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from readership.service.answering import serving
from tests.support.newsrooms import NEWS, TRIBUNE
from tests.support.serving import SECRET, Service, command, keys_of, running, sent, wait_until
from tests.support.warehouses import Warehouse

POSTS = "/analytics/posts"


@pytest.fixture
def fresh(newsrooms: Warehouse) -> Iterator[Service]:
    """A service that has counted nothing yet."""
    with running(newsrooms.path, NEWS, keys_of(NEWS, TRIBUNE)) as service:
        yield service


def root(service: Service) -> str:
    return service.root.removesuffix("/v2")


def metrics(service: Service) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return the value of each metric, by its name and labels."""
    text = service.client.get(f"{root(service)}/metrics", timeout=30).text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def metric(service: Service, name: str, **labels: str) -> float | None:
    return metrics(service).get((f"readership_{name}", frozenset(labels.items())))


def test_calls_are_counted_by_route_lane_and_origin_of_the_response(fresh: Service) -> None:
    for _ in range(3):
        fresh.get(POSTS, period_start="24h")
    tag = fresh.get(POSTS, period_start="24h", _="1").headers["etag"]
    url = f"{fresh.root}{POSTS}?apikey={NEWS}&secret={SECRET}&period_start=24h&page=1"
    fresh.client.get(url, headers={"If-None-Match": tag}, timeout=30)
    fresh.get("/analytics/authors", period_start="7d")
    fresh.get("/search", q="vote", secret=None)
    fresh.get("/analytics/author/Ana/detail")
    route = "/v2/analytics/posts"
    found = metrics(fresh)

    def count(name: str, **labels: str) -> float:
        return found[f"readership_{name}", frozenset(labels.items())]

    assert [
        count("requests_total", route=route, status=status, cache=cache)
        for status, cache in (
            ("200", "miss"), ("200", "repeated"), ("200", "hit"), ("304", "unmodified"),
        )
    ] == [1, 2, 1, 1]  # fmt: skip
    assert count("request_seconds_count", route=route, lane="short") == 1
    assert count("request_seconds_count", route=route, lane="none") == 4
    assert count("request_seconds_count", route="/v2/analytics/authors", lane="long") == 1
    assert count("request_seconds_count", route="/v2/search", lane="open") == 1
    assert count("response_bytes_total") > 3000


def test_refusals_are_counted_by_code(fresh: Service) -> None:
    fresh.get(POSTS, limit=0)
    fresh.get(POSTS, secret="wrong, but long enough")
    fresh.get("/shares/posts")
    found = {
        dict(labels)["code"]: value
        for (name, labels), value in metrics(fresh).items()
        if name == "readership_refusals_total"
    }
    assert found == {"422": 1, "403": 1, "501": 1}


def test_the_snapshot_the_cache_and_connections_have_metrics(fresh: Service) -> None:
    fresh.get(POSTS)
    health = fresh.client.get(f"{root(fresh)}/health", timeout=30).json()
    found = {name: value for (name, labels), value in metrics(fresh).items() if not labels}
    assert abs(found["readership_snapshot_age_seconds"] - health["age_seconds"]) < 3
    assert abs(found["readership_lag_seconds"] - health["lag_seconds"]) < 3
    assert found["readership_snapshot_swaps_total"] == 0
    assert found["readership_cache_entries"] == 2
    assert found["readership_cache_bytes"] > 2000
    assert found["readership_connections"] == 1
    assert found["readership_connections_limit"] == 1000
    assert found["readership_draining"] == found["readership_snapshot_refused"] == 0
    assert found["readership_sites"] == 2


def test_the_length_of_a_queue_is_a_metric(
    newsrooms: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = serving.answer

    def slow(*arguments: Any) -> Any:  # noqa: ANN401
        time.sleep(1)
        return answer(*arguments)

    monkeypatch.setattr(serving, "answer", slow)
    with running(newsrooms.path, NEWS, keys_of(NEWS), workers=1) as service:
        request = f"GET /v2/search?apikey={NEWS}&q=%d HTTP/1.1\r\nHost: x\r\n\r\n"
        waiting = [sent(service, (request % number).encode()) for number in range(3)]
        wait_until(lambda: metric(service, "queue_calls", lane="open") == 2)
        assert metric(service, "queries_running", lane="open") == 1
        assert metric(service, "queue_calls", lane="short") == 0
        for connection in waiting:
            connection.close()
        wait_until(lambda: metric(service, "queue_calls", lane="open") == 0)


def test_no_label_is_chosen_by_a_caller(fresh: Service) -> None:
    for number in range(20):
        fresh.get(f"/no/such/call/{number}")
        fresh.get(f"/analytics/author/Name{number}/detail")
        fresh.get(POSTS, apikey=f"site{number}.example.com")
        fresh.client.get(f"{root(fresh)}/static-offline-docs/{number}", timeout=30)
        fresh.client.request("OPTIONS", f"{fresh.root}/{number}", timeout=30)
    names = {value for _, labels in metrics(fresh) for _, value in labels}
    assert not any(re.search(r"Name\d|call/|site\d|secret", name) for name in names)
    assert len([name for name, _ in metrics(fresh) if name == "readership_requests_total"]) < 10


def test_metrics_come_in_the_form_that_is_asked_for(fresh: Service) -> None:
    url = f"{root(fresh)}/metrics"
    plain = requests.get(url, timeout=30)
    assert plain.headers["content-type"].startswith("text/plain; version=")
    assert plain.headers["cache-control"] == "no-store"
    assert plain.headers["content-encoding"] == "gzip"
    openmetrics = requests.get(
        url, headers={"Accept": "application/openmetrics-text; version=1.0.0"}, timeout=30
    )
    assert openmetrics.headers["content-type"].startswith("application/openmetrics-text")
    assert openmetrics.text.endswith("# EOF\n")


def test_a_service_that_is_told_to_stop_is_not_ready_and_still_answers(
    newsrooms: Warehouse,
) -> None:
    with running(newsrooms.path, NEWS, keys_of(NEWS), drain_seconds=1.5) as service:
        url = f"{root(service)}/ready"
        before = requests.get(url, timeout=30)
        assert (before.status_code, before.json()["ready"]) == (200, True)
        service.server.handle_exit(signal.SIGTERM, None)
        started = time.monotonic()
        draining = requests.get(url, timeout=30)
        assert (draining.status_code, draining.json()["ready"]) == (503, False)
        assert draining.headers["cache-control"] == "no-store"
        # Clients are told to go elsewhere with their next call.
        call = service.get(POSTS)
        assert call.json()["success"]
        assert call.headers["connection"] == "close"
        assert metric(service, "draining") == 1

        def is_refused() -> bool:
            try:
                socket.create_connection(("127.0.0.1", service.port), timeout=5).close()
            except ConnectionRefusedError:
                return True
            return False

        wait_until(is_refused)
        assert 1 < time.monotonic() - started < 10


def test_a_second_signal_ends_the_time_to_drain(newsrooms: Warehouse) -> None:
    with command("--open", "--drain", "60", warehouse=newsrooms.path) as run:
        host = run.root.removesuffix("/v2")
        assert requests.get(f"{host}/ready", timeout=30).ok
        run.process.send_signal(signal.SIGTERM)
        wait_until(lambda: requests.get(f"{host}/ready", timeout=30).status_code == 503)
        started = time.monotonic()
        assert run.stop() == 0
        assert time.monotonic() - started < 10
    assert not any("Traceback" in line for line in run.log)


def test_without_a_time_to_drain_new_connections_are_refused_at_once(
    newsrooms: Warehouse,
) -> None:
    with command("--open", warehouse=newsrooms.path) as run:
        assert requests.get(f"{run.root.removesuffix('/v2')}/ready", timeout=30).ok
        started = time.monotonic()
        assert run.stop() == 0
        assert time.monotonic() - started < 5
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", run.port), timeout=5)
