"""Conditional requests: tags, 304 without a query, and what caches may keep."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from readership.service.answering import serving
from readership.service.options import Options
from readership.service.requests.conditional import tag_of
from readership.service.snapshots import publish
from tests.support.newsrooms import NEWS, TRIBUNE, hear
from tests.support.serving import SECRET, Service, keys_of, running, wait_until
from tests.support.warehouses import Warehouse

POSTS = "/analytics/posts"
A = f"https://{NEWS}/a"


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of queries that ran."""
    ran: list[str] = []
    answer = serving.answer

    def counted(snapshot: Any, cursor: Any, query: Any, counter: Any) -> Any:  # noqa: ANN401
        ran.append(query.path)
        return answer(snapshot, cursor, query, counter)

    monkeypatch.setattr(serving, "answer", counted)
    return ran


@pytest.fixture
def fresh(newsrooms: Warehouse, queries: list[str]) -> Any:  # noqa: ANN401
    """A service that has answered nothing yet, and notes its queries."""
    with running(newsrooms.path, NEWS, keys_of(NEWS, TRIBUNE)) as service:
        yield service


def conditional(
    service: Service,
    path: str,
    tag: str,
    method: str = "GET",
    **parameters: Any,  # noqa: ANN401
) -> requests.Response:
    parameters = {"apikey": NEWS, "secret": SECRET} | parameters
    return service.client.request(
        method, f"{service.root}{path}", params=parameters, headers={"If-None-Match": tag},
        timeout=30,
    )  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_known_answer_is_304_without_a_query(
    fresh: Service, newsrooms: Warehouse, queries: list[str], method: str
) -> None:
    first = fresh.get(POSTS, period_start="24h")
    tag = first.headers["etag"]
    assert len(queries) == 1
    # Another process on the same snapshot gives the same tag, before any query of its own.
    with running(newsrooms.path, NEWS, keys_of(NEWS)) as other:
        for _ in range(2):
            known = conditional(other, POSTS, tag, method, period_start="24h")
            assert (known.status_code, known.content) == (304, b"")
            assert known.headers["etag"] == tag
            assert known.headers["cache-control"] == first.headers["cache-control"]
            assert "content-length" not in known.headers
    assert len(queries) == 1
    # Of a cached response too.
    fresh.get(POSTS, period_start="24h")
    assert conditional(fresh, POSTS, tag, method, period_start="24h").status_code == 304


@pytest.mark.parametrize(
    ("header", "is_known"),
    [('{tag}', True), ('W/{tag}', True), ('"x", {tag}', True), ("*", True),
     ('"x"', False), ("", False), ("{bare}", False), ("W/*", False)],
)  # fmt: skip
def test_any_listed_tag_counts(service: Service, header: str, is_known: bool) -> None:
    tag = service.get(POSTS, limit=3).headers["etag"]
    sent = header.format(tag=tag, bare=tag.strip('"'))
    for limit in (3, "3&_=1"):
        answer = service.client.get(
            f"{service.root}{POSTS}?apikey={NEWS}&secret={SECRET}&limit={limit}",
            headers={"If-None-Match": sent}, timeout=30,
        )  # fmt: skip
        assert (answer.status_code == 304) == is_known


def test_a_call_has_one_tag_however_it_is_written(service: Service) -> None:
    day = {"period_start": "24h"}
    tag = service.get(POSTS, **day).headers["etag"]
    assert service.get(POSTS, sort="_hits", page=1, metrics="views", **day).headers["etag"] == tag
    others = [
        service.get(POSTS, limit=1, **day), service.get(POSTS, callback="f", **day),
        service.get(POSTS, callback="g", **day), service.get(POSTS, apikey=TRIBUNE, **day),
        service.get(POSTS, page=2, **day), service.get("/analytics/authors", **day),
    ]  # fmt: skip
    tags = [answer.headers["etag"] for answer in others]
    assert len({tag, *tags}) == 7
    assert len({answer.content for answer in others}) == 6


def test_tags_of_lists_that_look_alike_differ() -> None:
    assert len({tag_of("a", "b"), tag_of("ab"), tag_of("a", "", "b"), tag_of("1:ab")}) == 4


def test_a_snapshot_gives_new_tags_to_sites_whose_rows_it_changes(own: Warehouse) -> None:
    with running(own.path, NEWS, keys_of(NEWS, TRIBUNE)) as service:
        tags = {site: service.get(POSTS, apikey=site).headers["etag"] for site in (NEWS, TRIBUNE)}
        hear(own, TRIBUNE, seconds=60)
        publish(own.path)
        wait_until(lambda: service.serving.swaps)
        assert conditional(service, POSTS, tags[NEWS]).status_code == 304
        changed = conditional(service, POSTS, tags[TRIBUNE], apikey=TRIBUNE)
        assert changed.status_code == 200
        assert changed.headers["etag"] != tags[TRIBUNE]


def test_bad_keys_are_refused_though_the_tag_is_known(service: Service) -> None:
    tag = service.get(POSTS).headers["etag"]
    refused = conditional(service, POSTS, tag, secret="wrong, but long enough")
    assert refused.json()["code"] == 403


@pytest.mark.parametrize(
    ("path", "parameters", "control"),
    [
        (POSTS, {}, "private, max-age=10"),
        ("/search", {"q": "vote"}, "private, max-age=10"),
        ("/search", {"q": "vote", "secret": None}, "public, max-age=10"),
        ("/top", {"secret": None, "callback": "f"}, "public, max-age=10"),
        ("/related", {"url": A, "secret": None}, "public, max-age=10"),
        # What is about one visitor is kept by their own browser alone.
        ("/related", {"uuid": "ann", "secret": None}, "private, max-age=10"),
        ("/history", {"uuid": "ann", "secret": None}, "private, max-age=10"),
        ("/validate/secret", {}, "private, no-cache"),
        ("/profile", {"uuid": "ann"}, "private, no-cache"),
        (POSTS, {"limit": 0}, "no-store"),
        (POSTS, {"secret": None}, "no-store"),
        ("/nothing", {}, "no-store"),
        ("/../health", {}, "no-store"),
    ],
)
def test_caches_keep_what_they_may(
    service: Service, path: str, parameters: dict[str, Any], control: str
) -> None:
    for _ in range(2):
        answer = service.get(path, **parameters)
        assert answer.headers["cache-control"] == control
        assert ("etag" in answer.headers) == (control != "no-store")
    if control != "no-store":
        known = conditional(service, path, answer.headers["etag"], **parameters)
        assert (known.status_code, known.headers["cache-control"]) == (304, control)


def test_the_time_that_caches_keep_answers_is_an_option(newsrooms: Warehouse) -> None:
    options = Options(max_age=0)
    with running(newsrooms.path, NEWS, keys_of(NEWS), options=options) as service:
        assert service.get(POSTS).headers["cache-control"] == "private, max-age=0"


def test_one_copy_in_a_proxy_is_right_for_pages_of_every_origin(service: Service) -> None:
    url = f"{service.root}/search?apikey={NEWS}&q=vote"
    for headers in ({}, {"Origin": "https://cms.example.com"}):
        for _ in range(2):
            answer = service.client.get(url, headers=headers, timeout=30)
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "Origin" not in answer.headers["vary"]
            assert "ETag" in answer.headers["access-control-expose-headers"]
