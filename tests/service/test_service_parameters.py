"""Parameters as clients send them: honoured, or refused by name, and none passed over."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from service.endpoints import ENDPOINTS
from tests.service.conftest import NEWS
from tests.service.running import Service

A, B, C = (f"https://{NEWS}/{name}" for name in "abc")
POSTS = "/analytics/posts"
ANALYTICS = [f"/{e.path}" for e in ENDPOINTS if e.path.startswith("analytics/")]
# What a call must have, wherever it is taken.
NEEDED = {"url": A, "q": "vote", "uuid": "ann"}


def path_of(endpoint: str) -> str:
    return endpoint.replace("{value}", "Ana")


def needed(endpoint: str) -> dict[str, str]:
    (found,) = (e for e in ENDPOINTS if f"/{e.path}" == endpoint)
    return {name: value for name, value in NEEDED.items() if name in found.parameters.model_fields}


def refusal(answer: requests.Response, code: int, status: int) -> str:
    body = answer.json()
    assert (answer.status_code, body["success"], body["code"]) == (status, False, code)
    assert "\n" not in body["message"]
    return body["message"]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        # The view ten minutes before the present is not among them.
        ("10m", [(B, 1)]),
        ("11m", [(A, 1), (B, 1)]),
        ("1h", [(A, 2), (B, 1)]),
        ("24h", [(A, 4), (B, 2)]),
        # Beyond what realtime may be asked for.
        ("1m", [(B, 1)]),
        ("25h", [(A, 4), (B, 3)]),
        ("100d", [(A, 4), (B, 3), (C, 1)]),
    ],
)
def test_time_is_how_far_back_the_period_reaches(
    service: Service, time: str, expected: list[tuple[str, int]]
) -> None:
    assert service.views(POSTS, "url", time=time) == expected


@pytest.mark.parametrize("endpoint", ANALYTICS)
def test_time_means_the_same_at_every_call_for_a_period(service: Service, endpoint: str) -> None:
    path, given = path_of(endpoint), needed(endpoint)
    by_time = service.get(path, time="1h", **given)
    assert by_time.json()["success"]
    assert by_time.content == service.get(path, period_start="1h", **given).content
    assert by_time.content != service.get(path, **given).content


@pytest.mark.parametrize(
    "given",
    [
        {"time": "yesterday"},
        {"time": "0h"},
        {"time": "2026-03-10"},
        {"time": "1h", "period_start": "2h"},
        {"time": "1h", "period_end": "2026-03-10"},
        {"time": "1h", "days": "3"},
    ],
)
def test_a_time_that_is_none_or_one_of_two_periods_is_refused(
    service: Service, given: dict[str, str]
) -> None:
    assert "time: " in refusal(service.get(POSTS, **given), 422, 200)


@pytest.mark.parametrize("endpoint", [f"/{each.path}" for each in ENDPOINTS])
def test_a_parameter_that_a_call_does_not_take_is_refused(service: Service, endpoint: str) -> None:
    message = refusal(service.get(path_of(endpoint), wanted="1", **needed(endpoint)), 400, 400)
    assert message.startswith("wanted: this call takes no such parameter; ")


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
def test_a_refusal_tells_the_nearest_name(
    service: Service, path: str, name: str, hint: str
) -> None:
    message = refusal(service.get(path, **{name: "1"}), 400, 400)
    assert message.startswith(f"{name}: ")
    assert hint in message


def test_a_script_is_told_of_a_parameter_that_is_not_taken(service: Service) -> None:
    refused = service.get(POSTS, tiem="1h", callback="show")
    assert refused.text.startswith('/**/show({"success":false,"code":400,"message":"tiem: ')


@pytest.mark.parametrize(
    "given",
    [{"_": "1700000000000"}, {"_": ["1", "2"]}, {"tiem": ""}, {"metrics": "views,visitors"}],
)
def test_what_changes_no_answer_is_passed_over(service: Service, given: dict[str, str]) -> None:
    assert service.get(POSTS, **given).content == service.get(POSTS).content


def test_a_secret_is_passed_over_where_none_is_asked_for(service: Service) -> None:
    for secret in (None, "", "not the secret of this site"):
        assert service.views("/top", "url", secret=secret) == [(A, 2), (B, 2)]


@pytest.mark.parametrize(
    "given",
    [
        {"limit": ["1", "2"]},
        {"apikey": [NEWS, "nobody.example.com"]},
        {"campaign": ["spring", "autumn"]},
        {"period_start": ["1h", "2h"]},
    ],
)
def test_a_second_value_is_refused_where_one_is_taken(
    service: Service, given: dict[str, list[str]]
) -> None:
    message = refusal(service.get(POSTS, **given), 422, 200)
    assert message == f"{next(iter(given))}: given with 2 values; this call takes one"


def test_the_same_value_twice_is_one(service: Service) -> None:
    assert len(service.call(POSTS, limit=["1", "1"], period_start="24h")["data"]) == 1


# What clients send, with the dates of the newsroom: a Python library, which leaves empty values out
# and sends days with dates, a plugin of a content system, and a page's script.
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
    # Published in the last days: /a on the day before the present, /b eight days before.
    ("/search", {"q": "vote", "days": "3"}, [A]),
    ("/search", {"q": "vote", "days": "14"}, [A, B]),
    ("/search", {"q": "vote", "days": "3", "pub_date_start": "2026-03-01"}, [A, B]),
    ("/related", {"url": A, "days": "14", "limit": "10", "page": "1", "boost": "views"}, [B]),
    ("/related", {"url": A, "days": "3", "respect_empty_results": "true"}, []),
    ("/related", {"uuid": "fay", "days": "14", "limit": "10", "boost": "views"}, [A]),
    ("/related", {"url": A, "limit": "1", "sort": "score", "itm_source": "block"}, [B]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "given", "expected"), CALLS)
def test_calls_of_clients_are_answered(
    service: Service, path: str, given: dict[str, Any], expected: list[str]
) -> None:
    rows = service.call(path, **given)["data"]
    assert sorted(row["url"].partition("?")[0] for row in rows) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [("google", 1), ("letter", 1)]),
        ({"period_start": "7d", "itm_source": "plugin"}, [("google", 1), ("letter", 1)]),
        ({"days": "3", "pub_date_start": "2026-03-09", "pub_date_end": "2026-03-10"},
         [("google", 1), ("letter", 1)]),
        ({"days": "3", "pub_date_start": "2026-03-10", "pub_date_end": "2026-03-10"}, []),
        ({"segment": "premium"}, [("letter", 1)]),
    ],
)  # fmt: skip
def test_referrers_of_a_post_are_filtered_as_all_others(
    service: Service, given: dict[str, str], expected: list[tuple[str, int]]
) -> None:
    rows = service.call("/referrers/post/detail", url=A, **given)["data"]
    assert [(row["name"], row["metrics"]["views"]) for row in rows] == expected


def test_every_row_with_an_address_gets_the_mark(service: Service) -> None:
    for path, given in (
        ("/search", {"q": "budget"}), ("/related", {"url": B}), ("/top", {}),
        ("/realtime/posts", {}), ("/conversions/url", {}), ("/referrers/search/posts", {}),
    ):  # fmt: skip
        rows = service.call(path, itm_source="widget", **given)["data"]
        assert [row["url"].partition("?")[2] for row in rows] == ["itm_source=widget"] * len(rows)
        assert rows, path
