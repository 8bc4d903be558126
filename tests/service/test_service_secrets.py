"""Secrets in headers: the same rules as in the query, and never an answer to someone else."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import requests

from tests.support.newsrooms import NEWS, TRIBUNE
from tests.support.serving import SECRET, Service

POSTS = "/analytics/posts"
BEARER = {"Authorization": f"Bearer {SECRET}"}
HEADER = {"X-Readership-Secret": SECRET}
REFUSED = {"success": False, "code": 403, "message": "apikey and secret do not fit"}


def ask(
    service: Service,
    headers: dict[str, str],
    path: str = POSTS,
    **parameters: Any,  # noqa: ANN401
) -> requests.Response:
    """Make a call with the site, but without the secret in the query."""
    return service.client.get(
        f"{service.root}{path}", params={"apikey": NEWS} | parameters, headers=headers, timeout=30
    )


@pytest.mark.parametrize(
    "headers",
    [BEARER, HEADER, {"authorization": f"bearer  {SECRET} "}, BEARER | HEADER,
     # A proxy's own credentials are not a secret.
     HEADER | {"Authorization": "Basic dTpw"}],
)  # fmt: skip
def test_a_secret_may_come_in_a_header(service: Service, headers: dict[str, str]) -> None:
    by_query = service.get(POSTS, period_start="24h")
    by_header = ask(service, headers, period_start="24h")
    assert by_header.content == by_query.content
    assert by_header.headers["etag"] == by_query.headers["etag"]
    assert by_header.headers["cache-control"].startswith("private")
    assert ask(service, headers, "/validate/secret").json() == {"success": True}
    # The same secret twice is one secret.
    assert ask(service, headers, secret=SECRET, limit=2).json()["success"]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer not the secret of this site"}, {"X-Readership-Secret": "no"},
     {"Authorization": f"Basic {SECRET}"}, {"Authorization": SECRET}, {"Authorization": "Bearer"},
     {"X-Readership-Secret": "\xe9\xff"}],
)  # fmt: skip
def test_a_wrong_secret_in_a_header_is_refused(service: Service, headers: dict[str, str]) -> None:
    assert ask(service, headers).json() == REFUSED
    assert ask(service, headers, "/validate/secret").status_code == 401


@pytest.mark.parametrize(
    ("headers", "parameters"),
    [(BEARER, {"secret": "another secret, also long"}),
     (BEARER | {"X-Readership-Secret": "another secret, also long"}, {}),
     ({"Authorization": "Bearer another secret, also long"}, {"secret": SECRET})],
)  # fmt: skip
def test_two_different_secrets_are_refused(
    service: Service, headers: dict[str, str], parameters: dict[str, str]
) -> None:
    refused = ask(service, headers, **parameters).json()
    assert refused["code"] == 422
    assert refused["message"].startswith("secret: given with 2 values")
    assert "another" not in refused["message"]


def test_an_answer_to_a_secret_in_a_header_is_never_repeated_without_it(service: Service) -> None:
    # Answered and cached with the secret in a header, then the very same URL without, or another.
    for headers in (BEARER, HEADER):
        for _ in range(2):
            assert ask(service, headers, limit=9).json()["success"]
            for other in ({}, {"Authorization": "Bearer wrong"}, {"X-Readership-Secret": "wrong"}):
                assert ask(service, other, limit=9).json() == REFUSED
                # With the tag of the answer neither.
                tag = ask(service, headers, limit=9).headers["etag"]
                refused = ask(service, other | {"If-None-Match": tag}, limit=9)
                assert (refused.status_code, refused.json()) == (200, REFUSED)
    # Both sites have the same secret here; the rows of one are not the other's.
    assert ask(service, BEARER, limit=9, apikey=TRIBUNE).content != ask(
        service, BEARER, limit=9
    ).content  # fmt: skip


@pytest.mark.parametrize("headers", [{}, BEARER])
def test_caches_keep_answers_by_the_headers_of_secrets(
    service: Service, headers: dict[str, str]
) -> None:
    for _ in range(2):
        answer = ask(service, headers, "/search", q="vote")
        vary = {name.strip().lower() for name in answer.headers["vary"].split(",")}
        assert {"authorization", "x-readership-secret"} <= vary
        assert answer.headers["cache-control"].split(",")[0] == ("private" if headers else "public")


def test_pages_of_other_origins_may_send_the_secret_in_a_header(service: Service) -> None:
    for name in ("authorization", "x-readership-secret", "if-none-match"):
        preflight = service.client.options(
            f"{service.root}{POSTS}",
            headers={
                "Origin": "https://cms.example.com", "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": name,
            },
            timeout=30,
        )  # fmt: skip
        assert preflight.status_code == 200
        allowed = preflight.headers["access-control-allow-headers"].lower()
        assert name in allowed
        assert preflight.headers["access-control-allow-origin"] == "*"


def test_the_log_has_no_secret_of_a_header(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "readership"):
        for headers in (BEARER, HEADER):
            ask(service, headers)
            ask(service, headers, secret="another secret, also long")
    assert "/v2/analytics/posts 200" in caplog.text
    assert SECRET not in caplog.text
    assert "another" not in caplog.text


def test_the_description_names_the_headers(service: Service) -> None:
    host = service.root.removesuffix("/v2")
    described = requests.get(f"{host}/openapi.json", timeout=30).json()
    schemes = described["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"
    assert schemes["header"]["name"] == "X-Readership-Secret"
    assert {} in described["security"]
