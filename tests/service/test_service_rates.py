"""Rate limits of sites."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from readership.service.options import Options
from readership.service.requests import rates
from readership.service.requests.rates import Rates
from tests.support.newsrooms import NEWS, TRIBUNE
from tests.support.serving import Service, keys_of, running
from tests.support.warehouses import Warehouse

POSTS = "/analytics/posts"


class Clock:
    """A clock that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(rates, "monotonic", lambda: self.now)


def allowed(limits: Rates, count: int, has_secret: bool = True, site: str = NEWS) -> int:
    """Make calls at once, and return how many are allowed."""
    return sum(limits.refusal(site, has_secret) is None for _ in range(count))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_site_makes_so_many_calls_a_second_and_twice_after_a_pause(
    clock: Clock,
) -> None:
    limits = Rates(5)
    assert allowed(limits, 20) == 10
    for _ in range(3):
        clock.now += 1
        assert allowed(limits, 20) == 5
    clock.now += 0.21
    assert allowed(limits, 20) == 1
    clock.now += 3600
    assert allowed(limits, 20) == 10
    # Others are not concerned: neither another site, nor calls without the secret.
    assert allowed(limits, 20, site=TRIBUNE) == 10
    assert allowed(limits, 20, has_secret=False) == 10


def test_a_refused_call_is_told_when_to_ask_again(clock: Clock) -> None:
    limits = Rates(0.25)
    assert allowed(limits, 3) == 1
    refused = limits.refusal(NEWS, True)
    assert refused is not None
    assert (refused.code, refused.status, refused.retry_seconds) == (429, 429, 4)
    # Refused calls use up nothing.
    clock.now += 4
    assert allowed(limits, 3) == 1


def test_without_a_limit_every_call_is_allowed() -> None:
    assert allowed(Rates(None), 1000) == 1000


@pytest.fixture
def limited(newsrooms: Warehouse, clock: Clock) -> Iterator[Service]:
    """A service with two calls a second, whose clock stands still."""
    options = Options(rate_limit=2)
    with running(newsrooms.path, NEWS, keys_of(NEWS, TRIBUNE), options=options) as service:
        yield service


def test_cached_calls_count_and_the_rest_get_429(limited: Service, clock: Clock) -> None:
    answers = [limited.get(POSTS, limit=3) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    refused = answers[4:]
    assert refused[0].headers["retry-after"] == "1"
    assert refused[0].headers["cache-control"] == "no-store"
    assert refused[0].json() == {
        "success": False, "code": 429,
        "message": "more than 2 calls a second for this site with a secret; "
        "ask again in 1 seconds",
    }  # fmt: skip
    # Calls that are not cached, and known ones, count too.
    assert limited.get(POSTS, limit=4).status_code == 429
    tag = answers[0].headers["etag"]
    limited.client.headers["If-None-Match"] = tag
    assert limited.get(POSTS, limit=3).status_code == 429
    # Another site, calls without a secret, and health are not concerned.
    assert limited.call(POSTS, limit=3, apikey=TRIBUNE)["data"]
    assert limited.call("/search", q="vote", secret=None)["data"]
    script = limited.get(POSTS, limit=3, callback="show")
    assert (script.status_code, '"code":429' in script.text) == (200, True)
    clock.now += 0.5
    assert limited.get(POSTS, limit=3).status_code == 304
    assert limited.get(POSTS, limit=3).status_code == 429


def test_calls_with_wrong_keys_use_up_nothing(limited: Service) -> None:
    for number in range(30):
        refused = limited.get(POSTS, limit=3, secret=f"wrong, but long enough {number}")
        assert refused.json()["code"] == 403
    assert limited.call(POSTS, limit=3)["data"]
