"""Compressed responses: who gets them, under which tag, and that they are the same answer."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from readership.service.requests import compression
from readership.service.requests.compression import MIN_BYTES, accepted
from tests.support.newsrooms import NEWS
from tests.support.serving import SECRET, Service, keys_of, running
from tests.support.warehouses import Warehouse

POSTS = "/analytics/posts"


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", ""), ("gzip", "gzip"), ("GZIP", "gzip"), ("x-gzip", "gzip"), ("*", "gzip"),
        ("gzip, deflate, br, zstd", "gzip"), ("br", ""), ("identity", ""),
        ("gzip;q=0", ""), ("gzip;q=0.000", ""), ("*;q=0", ""), ("gzip;q=0, *", ""),
        ("gzip;q=0.001", "gzip"), ("gzip ; q=0.5", "gzip"), ("br, *;q=0.1", "gzip"),
        ("gzip;q=0.5, identity", ""), ("gzip;q=0.5, identity;q=0.5", "gzip"),
        ("gzip;q=0.5, *;q=0.8", ""), ("gzip, identity;q=0", "gzip only"),
        ("gzip, *;q=0", "gzip only"), ("gzip;q=0, identity;q=0", ""),
        # What is no quality is no consent.
        ("gzip;q=2", ""), ("gzip;q=", ""), ("gzip;q=0.5000", ""), (";;,,", ""),
        ("gzip;q=1.000", "gzip"),
    ],
)  # fmt: skip
def test_the_header_decides_by_its_qualities(header: str, coding: str) -> None:
    assert accepted(header) == coding


def raw(service: Service, accept: str | None, **parameters: Any) -> tuple[bytes, dict[str, str]]:  # noqa: ANN401
    """Make a call, and return the body as it was sent, and the headers."""
    parameters = {"apikey": NEWS, "secret": SECRET} | parameters
    path = parameters.pop("path", POSTS)
    with service.client.get(
        f"{service.root}{path}", params=parameters, stream=True, timeout=30,
        headers={"Accept-Encoding": accept},
    ) as answer:  # fmt: skip
        return answer.raw.read(decode_content=False), {
            name.lower(): value for name, value in answer.headers.items()
        }


@pytest.mark.parametrize("parameters", [{}, {"callback": "show"}, {"path": "/top", "secret": None}])
def test_a_large_body_is_compressed_for_those_who_accept_it(
    service: Service, parameters: dict[str, Any]
) -> None:
    plain, headers = raw(service, None, **parameters)
    assert len(plain) >= MIN_BYTES
    for _ in range(2):
        body, compressed = raw(service, "gzip, br", **parameters)
        assert compressed["content-encoding"] == "gzip"
        assert int(compressed["content-length"]) == len(body) < len(plain)
        assert gzip.decompress(body) == plain
        # One tag for the same bytes, another for others.
        assert compressed["etag"] == headers["etag"].removesuffix('"') + '-gzip"'
        for other in (None, "br", "gzip;q=0"):
            body, headers = raw(service, other, **parameters)
            assert body == plain
            assert "content-encoding" not in headers
            assert headers["vary"] == compressed["vary"]
            assert "Accept-Encoding" in headers["vary"]


def test_a_small_body_is_compressed_only_if_nothing_else_is_accepted(service: Service) -> None:
    nothing = {"period_start": "2020-01-01", "period_end": "2020-01-01"}
    plain, headers = raw(service, "gzip", **nothing)
    assert len(plain) < MIN_BYTES
    assert "content-encoding" not in headers
    body, headers = raw(service, "gzip, identity;q=0", **nothing)
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == plain


@pytest.mark.parametrize(
    ("accept", "tags", "known"),
    [
        ("gzip", "{gzip}", "{gzip}"),
        ("gzip", "{plain}", "{plain}"),
        ("gzip", "W/{gzip}", "{gzip}"),
        (None, "{plain}", "{plain}"),
        (None, "{gzip}, {plain}", "{plain}"),
        # The form that the client has is one that it accepts no more.
        (None, "{gzip}", None),
        ("gzip, identity;q=0", "{plain}", None),
    ],
)
def test_the_tag_of_a_form_that_the_client_accepts_is_known(
    newsrooms: Warehouse, service: Service, accept: str | None, tags: str, known: str | None
) -> None:
    names = {"plain": raw(service, None)[1]["etag"], "gzip": raw(service, "gzip")[1]["etag"]}
    with running(newsrooms.path, NEWS, keys_of(NEWS)) as fresh:
        for asked in (fresh, service):
            answer = asked.client.get(
                f"{asked.root}{POSTS}", params={"apikey": NEWS, "secret": SECRET}, timeout=30,
                headers={"Accept-Encoding": accept, "If-None-Match": tags.format(**names)},
            )  # fmt: skip
            assert (answer.status_code == 304) == (known is not None)
            if known is not None:
                assert answer.headers["etag"] == known.format(**names)


def test_a_cached_response_is_compressed_once(
    newsrooms: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed: list[int] = []
    compress = compression.isal_zlib.compress

    class Counting:
        @staticmethod
        def compress(body: bytes, *arguments: Any) -> bytes:  # noqa: ANN401
            compressed.append(len(body))
            return compress(body, *arguments)

    monkeypatch.setattr(compression, "isal_zlib", Counting)
    with running(newsrooms.path, NEWS, keys_of(NEWS)) as service:
        bodies = {raw(service, accept)[0] for accept in ("gzip", "br, gzip", "gzip;q=0.5", "gzip")}
    assert len(bodies) == 1
    assert len(compressed) == 1
