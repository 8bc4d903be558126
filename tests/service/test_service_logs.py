"""Logs in text and JSON, and the ids of requests in them."""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any

import pytest

from readership.service.monitoring.access import request_id
from readership.service.monitoring.logs import JsonFormatter
from tests.support.newsrooms import NEWS
from tests.support.serving import SECRET, Service, command, wait_until
from tests.support.warehouses import Warehouse

POSTS = "/analytics/posts"


@pytest.mark.parametrize(
    "sent",
    ["7d1f8c90-5f0e-4a43-9a5e-0f1c2d3e4f50", "Root=1-67891233-abcdef012345678912345678", "a",
     "x" * 128],
)  # fmt: skip
def test_a_sane_id_of_a_request_is_kept(service: Service, sent: str) -> None:
    for path in (POSTS, POSTS, "/no/such/call"):
        answer = service.client.get(
            f"{service.root}{path}?apikey={NEWS}&secret={SECRET}",
            headers={"X-Request-ID": sent}, timeout=30,
        )  # fmt: skip
        assert answer.headers["x-request-id"] == sent


@pytest.mark.parametrize(
    "sent", [None, b"", b"two words", b"x" * 129, b"a\tb", b'"', b"\xe9", b"a\n"]
)
def test_other_requests_get_an_id_of_their_own(sent: bytes | None) -> None:
    made = [request_id(sent) for _ in range(2)]
    assert made[0] != made[1]
    assert all(re.fullmatch(rb"[0-9a-f]{16}", one) for one in made)


def test_every_response_has_the_id_that_the_log_has(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "readership.access"):
        ids = [
            service.get(POSTS, limit=1).headers["x-request-id"],
            service.get(POSTS, limit=1).headers["x-request-id"],
            service.get(POSTS, limit=0).headers["x-request-id"],
            service.get("/no/such/call").headers["x-request-id"],
        ]
        # A line is written after its response.
        wait_until(lambda: ids[-1] in caplog.text)
    assert len(set(ids)) == 4
    lines = [record.getMessage() for record in caplog.records if record.name.endswith("access")]
    assert [line.rpartition(" id=")[2] for line in lines] == ids
    assert [f"site={NEWS} " in line for line in lines] == [True, True, True, False]


def test_a_log_in_json_has_one_object_a_line_without_secrets(newsrooms: Warehouse) -> None:
    with command("--open", "--log", "json", warehouse=newsrooms.path) as run:
        service = Service(run.root, None, None, NEWS, None)  # type: ignore[arg-type]
        first = service.get(POSTS, limit=3, _="1")
        service.get(POSTS, limit=3, _="1")
        service.get(POSTS, limit=0)
        service.get(POSTS, apikey=f"no site but {SECRET}")
        service.client.get(
            f"{service.root}/search", params={"apikey": NEWS, "q": "words of a reader"},
            headers={"Authorization": f"Bearer {SECRET}"}, timeout=30,
        )  # fmt: skip
        service.get(f"/{SECRET}")
        wait_until(lambda: sum("request_id" in line for line in run.log) == 6)
    lines: list[dict[str, Any]] = [json.loads(line) for line in run.log]
    requests = [line for line in lines if "request_id" in line]
    assert [
        (one["route"], one["status"], one["code"], one["cache"], one["site"]) for one in requests
    ] == [
        ("/v2/analytics/posts", 200, None, "miss", NEWS),
        ("/v2/analytics/posts", 200, None, "repeated", NEWS),
        ("/v2/analytics/posts", 200, 422, None, NEWS),
        ("/v2/analytics/posts", 200, 403, None, None),
        ("/v2/search", 200, None, "miss", NEWS),
        ("(no such call)", 404, 404, None, None),
    ]
    one = requests[0]
    assert one["request_id"] == first.headers["x-request-id"]
    # The bytes are those that were sent, in gzip.
    sent = int(first.headers["content-length"])
    assert (one["method"], one["bytes"], one["lane"]) == ("GET", sent, "long")
    assert 0 < one["seconds"] < 30
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", one["time"])
    # What is not about a request is in JSON too: the server's start and stop.
    assert any("message" in line and line["logger"].startswith("uvicorn") for line in lines)
    for line in run.log:
        assert SECRET not in line
        assert "words of a reader" not in line


def test_an_error_in_json_is_one_line_with_its_traceback() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.LogRecord(
            "readership.service", logging.ERROR, "", 0, "it %s", ("failed",), sys.exc_info()
        )
    line = JsonFormatter().format(record)
    assert "\n" not in line
    values = json.loads(line)
    assert (values["level"], values["message"]) == ("error", "it failed")
    assert values["exception"].endswith("ValueError: two\nlines")
