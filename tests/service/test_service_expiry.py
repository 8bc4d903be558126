"""Keys that expire: their lines, their refusal, and the warnings before."""

from __future__ import annotations

import logging
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from readership.command_line import main
from readership.errors import UserError
from readership.service import keys
from readership.service.keys import KEYS, KEYS_FILE, key_line, keys_from_environment
from tests.support.newsrooms import NEWS, TRIBUNE
from tests.support.serving import SECRET, Service, running, wait_until
from tests.support.warehouses import Warehouse

POSTS = "/analytics/posts"
NEW = "a newer secret of the site"
DAY = date(2030, 6, 1)


class Calendar:
    """The day in UTC, which a test sets."""

    def __init__(self) -> None:
        self.today = DAY

    def __call__(self) -> date:  # noqa: D102
        return self.today


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    calendar = Calendar()
    monkeypatch.setattr(keys, "today", calendar)
    return calendar


def keys_of_lines(monkeypatch: pytest.MonkeyPatch, *lines: str) -> keys.SiteKeys:
    monkeypatch.delenv(KEYS_FILE, raising=False)
    monkeypatch.setenv(KEYS, "\n".join(lines))
    site_keys = keys_from_environment()
    assert site_keys is not None
    return site_keys


def test_a_secret_is_wrong_from_the_day_on_that_it_expires(
    monkeypatch: pytest.MonkeyPatch, calendar: Calendar
) -> None:
    expiring = key_line(NEWS, SECRET, DAY + timedelta(days=2))
    assert expiring.endswith(" expires=2030-06-03")
    # Lines without a day are as they were, and mean what they meant.
    site_keys = keys_of_lines(monkeypatch, expiring, key_line(NEWS, NEW), key_line(TRIBUNE, SECRET))
    for days, is_valid in ((0, True), (1, True), (2, False), (3, False), (900, False)):
        calendar.today = DAY + timedelta(days=days)
        assert site_keys.matches(NEWS, SECRET) == is_valid
        assert site_keys.matches(NEWS, NEW)
        assert site_keys.matches(TRIBUNE, SECRET)
        assert site_keys.knows(NEWS)


@pytest.mark.parametrize(
    "wrong", ["expires=2030-02-30", "expires=tomorrow", "expires=", "2030-06-01"]
)
def test_a_line_with_a_wrong_day_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    with pytest.raises(UserError, match="line 1 of the site keys is invalid"):
        keys_of_lines(monkeypatch, f"{key_line(NEWS, SECRET)} {wrong}")


def test_an_expired_secret_is_refused_like_a_wrong_one_though_its_answer_is_cached(
    newsrooms: Warehouse, monkeypatch: pytest.MonkeyPatch, calendar: Calendar
) -> None:
    line = key_line(NEWS, SECRET, DAY + timedelta(days=1))
    site_keys = keys_of_lines(monkeypatch, line, key_line(NEWS, NEW))
    with running(newsrooms.path, NEWS, site_keys) as service:
        answers = [service.get(POSTS) for _ in range(2)]
        assert all(answer.json()["success"] for answer in answers)
        calendar.today += timedelta(days=1)
        expired, wrong = service.get(POSTS), service.get(POSTS, secret="wrong, but long enough")
        assert expired.content == wrong.content
        assert expired.json()["code"] == 403
        service.client.headers["If-None-Match"] = answers[0].headers["etag"]
        assert service.get(POSTS).json()["code"] == 403
        assert service.get(POSTS, secret=NEW).status_code == 304
        # What needs no secret is answered as before.
        assert service.call("/search", q="vote", secret=None)["data"]


def test_the_log_and_health_warn_of_keys_that_expire_within_14_days(
    newsrooms: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    calendar: Calendar,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def count(service: Service) -> int:
        return service.client.get(service.root.replace("/v2", "/health"), timeout=30).json()[
            "keys_expiring"
        ]

    lines = [key_line(NEWS, SECRET, DAY + timedelta(days=days)) for days in (14, 15, 1)]
    site_keys = keys_of_lines(monkeypatch, *lines, key_line(TRIBUNE, SECRET))
    with (
        caplog.at_level(logging.WARNING, "readership.service"),
        running(newsrooms.path, NEWS, site_keys) as service,
    ):
        assert count(service) == 2
        wait_until(lambda: "2030-06-02" in caplog.text)
        assert [record.getMessage() for record in caplog.records] == [
            f"a key of {NEWS} expires on {day}: create another with `readership key {NEWS}`"
            for day in ("2030-06-15, in 14 days", "2030-06-02, in 1 days")
        ]
        # Once a day, and of those that have expired too.
        calendar.today += timedelta(days=1)
        wait_until(lambda: f"a key of {NEWS} has expired on 2030-06-02: remove" in caplog.text)
        wait_until(lambda: "2030-06-16, in 14 days" in caplog.text)
        assert len(caplog.records) == 5
        assert count(service) == 3


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    assert main(["key", NEWS, *arguments]) == 0
    output = capsys.readouterr()
    return output.out, output.err


def test_the_command_creates_keys_that_expire(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line, about = printed(capsys, "--expires", "2999-12-31")
    assert re.search(r" expires=2999-12-31\n$", line)
    assert "valid until 2999-12-31, 00:00 UTC" in about
    before = datetime.now(UTC).date()
    line, _ = printed(capsys, "--days", "90")
    # At midnight the day may change meanwhile.
    assert line.split("expires=")[1].strip() in {
        str(before + timedelta(days=days)) for days in (90, 91)
    }
    assert "expires" not in printed(capsys)[0]
    assert [site for site, _ in keys_of_lines(monkeypatch, line).expiries()] == [NEWS]


def test_a_key_that_would_have_expired_is_not_created(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["key", NEWS, "--expires", "2020-01-01"]) == 1
    assert "the key would have expired already: 2020-01-01" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--expires", "soon"], ["--expires", "2027-02-30"], ["--days", "0"], ["--days", "x"],
     ["--days", "1", "--expires", "2999-01-01"]],
)  # fmt: skip
def test_a_wrong_day_on_the_command_line_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["key", NEWS, *arguments])
    assert exit_.value.code == 2
