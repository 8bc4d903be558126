"""Choices of the operator: refusals with HTTP statuses, and a service without `/history`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis

from readership.service.answering import serving
from readership.service.http.guard import MAX_QUERY_LENGTH
from readership.service.options import Options
from tests.support.newsrooms import NEWS
from tests.support.serving import SECRET, Service, keys_of, running
from tests.support.warehouses import Warehouse

POSTS = "/analytics/posts"


@pytest.fixture(scope="module")
def strict(newsrooms: Warehouse) -> Iterator[Service]:
    """A service whose refusals have their code as status."""
    options = Options(http_statuses=True)
    with running(newsrooms.path, NEWS, keys_of(NEWS), options=options, seconds=1) as service:
        yield service


@pytest.mark.parametrize(
    ("path", "parameters", "status"),
    [
        (POSTS, {"secret": "wrong, but long enough"}, 403),
        (POSTS, {"secret": None}, 403),
        ("/top", {"apikey": "nobody.example.com"}, 403),
        ("/validate/secret", {"secret": "wrong, but long enough"}, 401),
        (POSTS, {"limit": 0}, 422),
        (POSTS, {"sort": "loudness"}, 422),
        (POSTS, {"limit": [1, 2]}, 422),
        (POSTS, {"q": "x" * MAX_QUERY_LENGTH}, 422),
        (POSTS, {"colour": "red"}, 400),
        ("/shares/posts", {}, 501),
        ("/nothing", {}, 404),
    ],
)
def test_the_status_of_a_refusal_is_its_code(
    strict: Service, path: str, parameters: dict[str, Any], status: int
) -> None:
    refused = strict.get(path, **parameters)
    assert (refused.status_code, refused.json()["code"]) == (status, status)
    assert refused.json()["success"] is False
    assert refused.headers["cache-control"] == "no-store"
    if path != "/nothing" and "q" not in parameters:
        # Browsers run no script with another status.
        script = strict.get(path, callback="show", **parameters)
        assert script.status_code == 200
        assert f'"code":{status}' in script.text


def test_a_success_has_status_200(strict: Service) -> None:
    assert strict.get(POSTS).status_code == 200


def test_failures_have_statuses_too(strict: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(snapshot: Any, cursor: Any, query: Any, counter: Any) -> Any:  # noqa: ANN401
        if query.limit == 7:
            cursor.execute("select count(*) from range(1000000000000)").fetchone()
        cursor.execute("select no_such_column")

    monkeypatch.setattr(serving, "answer", failing)
    for limit, status in ((7, 504), (8, 500)):
        refused = strict.get(POSTS, limit=limit)
        assert (refused.status_code, refused.json()["code"]) == (status, status)


def test_the_description_has_these_statuses(strict: Service, service: Service) -> None:
    described = {
        which: requests.get(f"{one.root.removesuffix('/v2')}/openapi.json", timeout=30).json()
        for which, one in (("strict", strict), ("usual", service))
    }
    schemathesis.openapi.from_dict(described["strict"])
    statuses = {
        which: set(schema["paths"]["/v2/analytics/posts"]["get"]["responses"])
        for which, schema in described.items()
    }
    assert statuses["strict"] - statuses["usual"] == {"403", "500", "501", "504"}
    assert "its code is the HTTP status" in described["strict"]["info"]["description"]
    assert "has HTTP status 200" in described["usual"]["info"]["description"]


def test_history_can_be_switched_off(newsrooms: Warehouse) -> None:
    options = Options(has_history=False)
    with running(newsrooms.path, NEWS, keys_of(NEWS), options=options) as service:
        for secret in (SECRET, None):
            refused = service.get("/history", uuid="ann", secret=secret)
            assert refused.status_code == 404
            assert refused.json() == {
                "success": False, "code": 404,
                "message": "/history is switched off on this service",
            }  # fmt: skip
            assert "ann" not in refused.text
        host = service.root.removesuffix("/v2")
        paths = requests.get(f"{host}/openapi.json", timeout=30).json()["paths"]
        assert "/v2/history" not in paths
        assert "/v2/related" in paths
        assert service.call("/related", uuid="ann")["success"]


def test_history_answers_unless_it_is_switched_off(service: Service) -> None:
    assert service.call("/history", uuid="ann")["success"]
