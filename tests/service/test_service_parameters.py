"""Parameters as clients send them: each is honoured or refused by name."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from readership.service.calls.endpoints import ENDPOINTS
from tests.support.newsrooms import NEWS
from tests.support.serving import Service

A, B, C = (f"https://{NEWS}/{name}" for name in "abc")
POSTS = "/analytics/posts"
ANALYTICS = [f"/{e.path}" for e in ENDPOINTS if e.path.startswith("analytics/")]
# Values of required parameters.
REQUIRED = {"url": A, "q": "vote", "uuid": "ann"}


def path_of(endpoint: str) -> str:
    return endpoint.replace("{value}", "Ana")


def required(endpoint: str) -> dict[str, str]:
    (match,) = (e for e in ENDPOINTS if f"/{e.path}" == endpoint)
    return {
        name: value for name, value in REQUIRED.items() if name in match.parameters.model_fields
    }


def refusal(answer: requests.Response, code: int, status: int) -> str:
    body = answer.json()
    assert (answer.status_code, body["success"], body["code"]) == (status, False, code)
    assert "\n" not in body["message"]
    return body["message"]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        # A period excludes its start: the view ten minutes before the newest event.
        ("10m", [(B, 1)]),
        ("11m", [(A, 1), (B, 1)]),
        ("1h", [(A, 2), (B, 1)]),
        ("24h", [(A, 4), (B, 2)]),
        # Outside the limits of realtime calls.
        ("1m", [(B, 1)]),
        ("25h", [(A, 4), (B, 3)]),
        ("100d", [(A, 4), (B, 3), (C, 1)]),
    ],
)
def test_time_is_the_length_of_the_period(
    service: Service, time: str, expected: list[tuple[str, int]]
) -> None:
    assert service.views(POSTS, "url", time=time) == expected


@pytest.mark.parametrize("endpoint", ANALYTICS)
def test_time_has_the_same_meaning_at_every_analytics_endpoint(
    service: Service, endpoint: str
) -> None:
    path, parameters = path_of(endpoint), required(endpoint)
    by_time = service.get(path, time="1h", **parameters)
    assert by_time.json()["success"]
    assert by_time.content == service.get(path, period_start="1h", **parameters).content
    assert by_time.content != service.get(path, **parameters).content


@pytest.mark.parametrize(
    "parameters",
    [
        {"time": "yesterday"},
        {"time": "0h"},
        {"time": "2026-03-10"},
        {"time": "1h", "period_start": "2h"},
        {"time": "1h", "period_end": "2026-03-10"},
        {"time": "1h", "days": "3"},
    ],
)
def test_an_invalid_time_or_a_second_period_is_refused(
    service: Service, parameters: dict[str, str]
) -> None:
    assert "time: " in refusal(service.get(POSTS, **parameters), 422, 200)


@pytest.mark.parametrize("endpoint", [f"/{e.path}" for e in ENDPOINTS])
def test_an_unknown_parameter_is_refused(service: Service, endpoint: str) -> None:
    message = refusal(service.get(path_of(endpoint), unknown="1", **required(endpoint)), 400, 400)
    assert message.startswith("unknown: this call takes no such parameter; ")


@pytest.mark.parametrize(
    ("path", "name", "hint"),
    [
        (POSTS, "tiem", "did you mean time?"),
        (POSTS, "LIMIT", "did you mean limit?"),
        (POSTS, "period_strat", "did you mean period_start?"),
        (POSTS, "authors", "did you mean author?"),
        (POSTS, "url", "did you mean urls?"),
        ("/realtime/posts", "period_start", "it takes "),
        ("/realtime/posts", "limits", "did you mean limit?"),
        ("/top", "limit", "it takes "),
        ("/search?q=vote", "period_start", "did you mean pub_date_start?"),
        ("/search?q=vote", "time", "it takes "),
        ("/history?uuid=ann", "limit", "it takes "),
        ("/validate/secret", "limit", "it takes "),
        ("/profile?uuid=ann", "urls", "did you mean url?"),
    ],
)
def test_a_refusal_suggests_the_closest_name(
    service: Service, path: str, name: str, hint: str
) -> None:
    message = refusal(service.get(path, **{name: "1"}), 400, 400)
    assert message.startswith(f"{name}: ")
    assert hint in message


def test_an_unknown_parameter_of_a_jsonp_call_is_refused_as_a_script(service: Service) -> None:
    refused = service.get(POSTS, tiem="1h", callback="show")
    assert refused.text.startswith('/**/show({"success":false,"code":400,"message":"tiem: ')


@pytest.mark.parametrize(
    "parameters",
    [{"_": "1700000000000"}, {"_": ["1", "2"]}, {"tiem": ""}, {"metrics": "views,visitors"}],
)
def test_parameters_without_effect_are_ignored(
    service: Service, parameters: dict[str, str]
) -> None:
    assert service.get(POSTS, **parameters).content == service.get(POSTS).content


def test_a_secret_is_ignored_where_none_is_required(service: Service) -> None:
    for secret in (None, "", "not the secret of this site"):
        assert service.views("/top", "url", secret=secret) == [(A, 2), (B, 2)]


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": ["1", "2"]},
        {"apikey": [NEWS, "nobody.example.com"]},
        {"campaign": ["spring", "autumn"]},
        {"period_start": ["1h", "2h"]},
    ],
)
def test_a_second_value_of_a_single_valued_parameter_is_refused(
    service: Service, parameters: dict[str, list[str]]
) -> None:
    message = refusal(service.get(POSTS, **parameters), 422, 200)
    assert message == f"{next(iter(parameters))}: given with 2 values; this call takes one"


def test_a_repeated_value_counts_once(service: Service) -> None:
    assert len(service.call(POSTS, limit=["1", "1"], period_start="24h")["data"]) == 1


# Calls of real clients, with the dates of the newsroom: a Python library, which leaves out empty
# values and sends days with dates; a plugin of a content management system; and a page's script.
CALLS: list[tuple[str, dict[str, Any], list[str]]] = [
    (POSTS, {}, [A, B]),
    (POSTS, {"sort": "_hits", "limit": "10", "page": "1", "days": "14"}, [A, B]),
    (
        POSTS,
        {
            "period_start": "2026-03-10", "period_end": "2026-03-10", "days": "14",
            "pub_date_start": "2026-03-09", "pub_date_end": "2026-03-10", "sort": "_hits",
        },
        [A],
    ),
    (POSTS, {"limit": "10", "page": "1", "time": "1h"}, [A, B]),
    ("/analytics/post/detail", {"url": A, "days": "3"}, [A]),
    ("/analytics/post/detail", {"url": A, "period_start": "7d", "itm_source": "x"}, [A]),
    ("/analytics/post/detail", {"url": A, "sort": "avg_engaged", "segment": "premium"}, [A]),
    ("/analytics/post/detail", {"url": B, "segment": "premium"}, []),
    ("/analytics/author/Ana/detail", {"sort": "_hits", "limit": "10", "days": "14"}, [A]),
    ("/referrers/search/posts", {"days": "3", "section": "Politics"}, [A]),
    ("/referrers/search/author/Ana/detail", {"days": "3", "domain": "google"}, [A]),
    ("/search", {"q": "vote", "limit": "10", "page": "1", "boost": "views", "secret": "x"}, [A, B]),
    # /a was published one day before the newest event, /b eight days before.
    ("/search", {"q": "vote", "days": "3"}, [A]),
    ("/search", {"q": "vote", "days": "14"}, [A, B]),
    ("/search", {"q": "vote", "days": "3", "pub_date_start": "2026-03-01"}, [A, B]),
    ("/related", {"url": A, "days": "14", "limit": "10", "page": "1", "boost": "views"}, [B]),
    ("/related", {"url": A, "days": "3", "respect_empty_results": "true"}, []),
    ("/related", {"uuid": "fay", "days": "14", "limit": "10", "boost": "views"}, [A]),
    ("/related", {"url": A, "limit": "1", "sort": "score", "itm_source": "block"}, [B]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "parameters", "expected"), CALLS)
def test_calls_of_clients_are_answered(
    service: Service, path: str, parameters: dict[str, Any], expected: list[str]
) -> None:
    rows = service.call(path, **parameters)["data"]
    assert sorted(row["url"].partition("?")[0] for row in rows) == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [("google", 1), ("letter", 1)]),
        ({"period_start": "7d", "itm_source": "plugin"}, [("google", 1), ("letter", 1)]),
        ({"days": "3", "pub_date_start": "2026-03-09", "pub_date_end": "2026-03-10"},
         [("google", 1), ("letter", 1)]),
        ({"days": "3", "pub_date_start": "2026-03-10", "pub_date_end": "2026-03-10"}, []),
        ({"segment": "premium"}, [("letter", 1)]),
    ],
)  # fmt: skip
def test_referrers_of_a_post_can_be_filtered(
    service: Service, parameters: dict[str, str], expected: list[tuple[str, int]]
) -> None:
    rows = service.call("/referrers/post/detail", url=A, **parameters)["data"]
    assert [(row["name"], row["metrics"]["views"]) for row in rows] == expected


def test_every_row_with_a_url_gets_the_itm_source(service: Service) -> None:
    for path, parameters in (
        ("/search", {"q": "budget"}), ("/related", {"url": B}), ("/top", {}),
        ("/realtime/posts", {}), ("/conversions/url", {}), ("/referrers/search/posts", {}),
    ):  # fmt: skip
        rows = service.call(path, itm_source="widget", **parameters)["data"]
        assert [row["url"].partition("?")[2] for row in rows] == ["itm_source=widget"] * len(rows)
        assert rows, path
