"""Refused calls: their codes and messages, which reveal nothing internal."""

from __future__ import annotations

import logging
import re
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from readership.service.answering import serving
from readership.service.http.guard import MAX_QUERY_LENGTH
from readership.service.keys import KEYS, KEYS_FILE, key_line, keys_from_environment
from tests.support.newsrooms import NEWS, TRIBUNE
from tests.support.serving import SECRET, Service, keys_of, running
from tests.support.warehouses import Warehouse

POSTS = "/analytics/posts"


def refusal(answer: requests.Response, code: int, status: int = 200) -> str:
    """Check the code and fields of a refusal, and return its message."""
    body = answer.json()
    assert (answer.status_code, body["success"], body["code"]) == (status, False, code)
    assert list(body) == ["success", "code", "message"]
    return body["message"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"secret": "not the secret of this site"},
        {"secret": ""},
        {"secret": None},
        {"apikey": "nobody.example.com"},
        {"apikey": ""},
        {"apikey": None, "secret": None},
        {"secret": SECRET.upper()},
        {"secret": "\ud800".encode("utf-8", "surrogatepass")},
    ],
)
def test_bad_keys_are_refused_with_200_and_code_403(service: Service, parameters: Any) -> None:  # noqa: ANN401
    message = refusal(service.get(POSTS, **parameters), 403)
    # The message does not reveal whether the site exists.
    assert message == "apikey and secret do not fit"


def test_the_secret_of_another_site_is_refused(newsrooms: Warehouse) -> None:
    with running(newsrooms.path, NEWS, keys_of(NEWS)) as service:
        assert service.call(POSTS)["data"]
        refusal(service.get(POSTS, apikey=TRIBUNE), 403)


def test_validate_secret_checks_a_site_and_secret(service: Service) -> None:
    assert service.get("/validate/secret").json() == {"success": True}
    refusal(service.get("/validate/secret", secret="another one, not right"), 401, status=401)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"limit": "ten"}, "limit: "),
        ({"limit": 0}, "limit: "),
        ({"limit": 2001}, "limit: "),
        ({"page": 0}, "page: "),
        ({"page": 21, "limit": 100}, "page times limit is 2,100"),
        ({"period_start": "last week"}, "period_start: 'last week' is no date"),
        ({"period_start": "2026-02-30"}, "period_start: '2026-02-30' does not exist"),
        ({"period_end": "2026-03-01T25:00"}, "period_end: "),
        ({"period_start": "2026-03-01+99:00"}, "period_start: "),
        ({"period_start": "0001-01-01+14:00"}, "outside the calendar"),
        ({"period_start": "999999w"}, "before all calendars"),
        ({"pub_date_start": "9999-12-31"}, "outside the calendar"),
        ({"days": "-1"}, "days: "),
        ({"tag": list("abcdef")}, "tag: "),
        ({"urls": ["https://x/"] * 101}, "urls: "),
        ({"author": "a" * 2049}, "author: "),
        ({"callback": "alert(1)//"}, "callback: "),
        ({"callback": "a" * 101}, "callback: "),
    ],
)
def test_an_invalid_value_is_refused(
    service: Service, parameters: dict[str, Any], words: str
) -> None:
    answer = service.get(POSTS, **parameters)
    assert words in refusal(answer, 422)
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("time", ["4m", "25h", "1d2", "2026-03-01"])
def test_a_realtime_period_is_from_5_minutes_to_24_hours(service: Service, time: str) -> None:
    assert "no time from 5m to 24h" in refusal(service.get("/realtime/posts", time=time), 422)


def test_the_detail_of_a_post_requires_its_url(service: Service) -> None:
    assert "url: " in refusal(service.get("/analytics/post/detail"), 422)
    assert "url: " in refusal(service.get("/analytics/post/detail", url=""), 422)


@pytest.mark.parametrize(
    ("sort", "words"),
    [
        ("loudness", "'loudness' is no metric; there are views, "),
        ("fb_interactions", "fb_interactions cannot be derived from events"),
        ("views; drop table dim_sites", "is no metric"),
    ],
)
def test_an_unknown_sort_is_refused_with_422(service: Service, sort: str, words: str) -> None:
    assert words in refusal(service.get(POSTS, sort=sort), 422, status=422)


def test_metrics_that_events_cannot_show_are_refused_with_501(service: Service) -> None:
    for path in ("/shares/posts", "/shares/authors", "/shares/post/detail"):
        refusal(service.get(path), 501)


@pytest.mark.parametrize(
    ("path", "parameters", "code"),
    [
        ("/related", {}, 422),
        ("/related", {"url": "https://x/", "exclude": "mood:x"}, 422),
        ("/related", {"url": "https://x/", "respect_empty_results": "perhaps"}, 422),
        ("/search", {"q": "x", "exclude": "tag:"}, 422),
        ("/search", {}, 422),
        ("/search", {"q": "x", "sort": "views"}, 422),
        ("/history", {}, 422),
        ("/history", {"uuid": "a\0b"}, 422),
        ("/conversions/url", {"attribution_type": "best"}, 422),
        ("/conversions/url", {"secret": "not the secret of this site"}, 403),
        ("/search", {"q": "x", "apikey": "nobody.example.com", "secret": None}, 403),
        ("/top", {"apikey": "nobody.example.com", "secret": None}, 403),
    ],
)
def test_a_missing_or_invalid_parameter_is_refused(
    service: Service, path: str, parameters: dict[str, Any], code: int
) -> None:
    refusal(service.get(path, **parameters), code)


def test_an_unknown_path_or_method_is_refused(service: Service) -> None:
    refusal(service.get("/analytics/nothing"), 404, status=404)
    refused = service.client.post(f"{service.root}{POSTS}", timeout=30)
    refusal(refused, 405, status=405)


@pytest.mark.parametrize(
    "path",
    ["/v2/analytics/posts/", "/v2/search/", "/v2/analytics/author/Ana/detail/", "/v2/top/videos/",
     "/v2/validate/secret/", "/v2/", "/health/", "/docs/", "/v2//top"],
)  # fmt: skip
def test_a_path_with_a_trailing_slash_is_unknown(service: Service, path: str) -> None:
    host = service.root.removesuffix("/v2")
    answer = service.client.get(
        f"{host}{path}?apikey={NEWS}&secret={SECRET}&q=vote", allow_redirects=False, timeout=30,
        headers={"Host": "elsewhere.example.com", "X-Forwarded-Proto": "https"},
    )  # fmt: skip
    refusal(answer, 404, status=404)
    assert "location" not in answer.headers
    assert "elsewhere" not in answer.text


def test_head_returns_the_status_and_headers_of_get_without_a_body(service: Service) -> None:
    host = service.root.removesuffix("/v2")
    keys = f"apikey={NEWS}&secret={SECRET}"
    paths = requests.get(f"{host}/openapi.json", timeout=30).json()["paths"]
    urls = [f"{path.replace('{value:path}', 'Ana')}?{keys}" for path in paths]
    urls += ["/docs", "/openapi.json", "/v2/none", f"/v2{POSTS}?{keys}&sort=loudness"]
    for path in urls:
        head = service.client.head(f"{host}{path}", timeout=30)
        get = service.client.get(f"{host}{path}", timeout=30)
        assert (head.status_code, head.content) == (get.status_code, b""), path
        # Bodies are not compared: /health contains ages in seconds.
        names = ("content-type", "content-length", "x-content-type-options")
        assert [head.headers.get(n) for n in names] == [get.headers.get(n) for n in names], path
        assert int(head.headers["content-length"]) > 0


def test_other_methods_than_get_and_head_are_refused(service: Service) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        refused = service.client.request(method, f"{service.root}{POSTS}", data="x", timeout=30)
        refusal(refused, 405, status=405)
        assert refused.headers["allow"] == "GET, HEAD"


def test_a_long_query_string_is_refused(service: Service) -> None:
    assert "characters" in refusal(service.get(POSTS, q="x" * MAX_QUERY_LENGTH), 422)


def test_values_are_never_interpreted_as_sql(service: Service) -> None:
    for value in ("' or 1=1 --", "a'); drop table dim_sites; --", "\\", "%", "$site", "\0"):
        for name in ("author", "tag", "section", "urls", "segment", "campaign_id", "itm_source"):
            answer = service.call(POSTS, period_start="2025-12-01", **{name: value})
            assert (answer["data"] == []) == (name != "itm_source")


def test_a_jsonp_response_calls_the_function(service: Service) -> None:
    plain = service.get(POSTS, limit=1)
    script = service.get(POSTS, limit=1, callback="site.show_1")
    assert script.text == f"/**/site.show_1({plain.text});"
    assert script.headers["content-type"] == "application/javascript"
    assert script.headers["x-content-type-options"] == "nosniff"


def test_a_refused_jsonp_call_calls_the_function_too(service: Service) -> None:
    refused = service.get(POSTS, sort="loudness", callback="show")
    # Browsers do not run scripts with another status.
    assert refused.status_code == 200
    assert refused.text.startswith('/**/show({"success":false,"code":422,')


def test_pages_of_other_origins_may_call(service: Service) -> None:
    answer = service.client.get(
        f"{service.root}{POSTS}", headers={"Origin": "https://cms.example.com"}, timeout=30
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def test_a_slow_query_times_out(newsrooms: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = serving.answer

    def slow(snapshot: Any, cursor: Any, query: Any, counter: Any) -> Any:  # noqa: ANN401
        if query.limit == 7:
            cursor.execute("select count(*) from range(1000000000000)").fetchone()
        return answer(snapshot, cursor, query, counter)

    monkeypatch.setattr(serving, "answer", slow)
    with running(newsrooms.path, NEWS, keys_of(NEWS), seconds=0.5, workers=1) as service:
        started = time.monotonic()
        assert "within 0.5 seconds" in refusal(service.get(POSTS, limit=7), 504)
        assert time.monotonic() - started < 10
        # Its thread is free again for another query.
        service.serving.seconds = 20
        assert service.call(POSTS)["data"]


def test_the_log_contains_no_url_and_no_secret(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        service.get(POSTS, limit=1)
        service.get(POSTS, limit=1)
        service.get("/analytics/author/Ana%0D/detail")
        service.get("/analytics/author/Ana%0D/detail")
        service.get(POSTS, secret="wrong, but a secret of another")
        service.get("/no/such/call")
        service.get(f"/{SECRET}")
        service.get(POSTS, sort="loudness")
    log = caplog.text
    assert "/v2/analytics/posts 200 code=-" in log
    assert "/v2/analytics/posts 200 code=403" in log
    assert "(no such call) 404" in log
    # The requested name is not logged, whether or not the response was cached.
    assert log.count("/v2/analytics/author/{value:path}/detail 200") == 2
    assert " repeated" in log
    for line in (record.getMessage() for record in caplog.records if "readership" in record.name):
        assert "secret" not in line
        assert "apikey" not in line


def test_a_line_of_keys_matches_only_its_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "keys"
    old, new = "an older secret of a site", "a newer secret of a site"
    lines = ["# sites", "", key_line(NEWS, old), f"  {key_line(NEWS, new)}  "]
    file.write_text("\n".join(lines))
    monkeypatch.setenv(KEYS_FILE, str(file))
    monkeypatch.setenv(KEYS, key_line(TRIBUNE, old))
    site_keys = keys_from_environment()
    assert site_keys is not None
    assert old not in repr(site_keys)
    assert re.fullmatch(r"news\.example\.com sha256\$[0-9a-f]{32}\$[0-9a-f]{64}", lines[2])
    # The same secret gets a new salt and hash each time.
    assert key_line(NEWS, old) != lines[2]
    matching = [(site, secret) for site in (NEWS, TRIBUNE, "else") for secret in (old, new, "")
            if site_keys.matches(site, secret)]  # fmt: skip
    assert matching == [(NEWS, old), (NEWS, new), (TRIBUNE, old)]
