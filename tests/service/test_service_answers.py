"""What calls are answered with, against counts made by hand."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.service.conftest import NEWS, TRIBUNE
from tests.service.running import SECRET, Service
from tests.warehouses import Warehouse

A, B, C = (f"https://{NEWS}/{name}" for name in "abc")
DAY = {"period_start": "24h"}


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ({"period_start": "10m"}, [(B, 1)]),
        ({"period_start": "1h"}, [(A, 2), (B, 1)]),
        # The view exactly 24 hours before the present is not among them.
        ({"period_start": "24h"}, [(A, 4), (B, 2)]),
        ({"period_start": "1d"}, [(A, 4), (B, 2)]),
        ({}, [(A, 4), (B, 3)]),
        ({"days": "1"}, [(A, 4), (B, 2)]),
        ({"days": "1", "period_start": "1h", "period_end": ""}, [(A, 2), (B, 1)]),
        ({"period_start": "", "period_end": "", "days": ""}, [(A, 4), (B, 3)]),
        ({"period_start": "1w"}, [(A, 4), (B, 3)]),
        ({"period_start": "90d"}, [(A, 4), (B, 3)]),
        # Beyond 90 days, exact too.
        ({"period_start": "2025-12-01"}, [(A, 4), (B, 3), (C, 1)]),
        ({"period_start": "2025-12-01", "period_end": "2025-12-01"}, [(C, 1)]),
        # Days are New York's: the view at 03:59:59 UTC is of the day before.
        ({"period_start": "2026-03-10", "period_end": "2026-03-10"}, [(A, 2), (B, 2)]),
        ({"period_start": "2026-03-09", "period_end": "2026-03-09"}, [(A, 2), (B, 1)]),
        ({"period_start": "2026-03-10+00:00"}, [(A, 3), (B, 2)]),
        ({"period_start": "2026-03-10 00:00", "period_end": "2026-03-10T00:00"}, [(B, 1)]),
        ({"period_start": "2026-03-10T04:00Z", "period_end": "2026-03-10T04:00Z"}, [(B, 1)]),
        (
            {"period_start": "2026-03-10T05:00+01:00", "period_end": "2026-03-09T23:00-05:00"},
            [(B, 1)],
        ),
        ({"period_start": "2026-03-10T11:50", "period_end": "2026-03-10T11:59"}, [(A, 1)]),
        ({"period_start": "2d", "period_end": "1d"}, [(B, 1)]),
        ({"period_end": "2026-03-09"}, [(A, 2), (B, 1)]),
        ({"period_start": "2026-03-10", "period_end": "2026-03-09"}, []),
    ],
)
def test_posts_of_a_period(
    service: Service, period: dict[str, str], expected: list[tuple[str, int]]
) -> None:
    assert service.views("/analytics/posts", "url", **period) == expected


def test_a_plus_sign_that_nobody_escaped_is_one(service: Service) -> None:
    call = f"?apikey={NEWS}&secret={SECRET}&period_start=2026-03-10T05:00+01:00&period_end=10m"
    rows = service.client.get(f"{service.root}/analytics/posts{call}", timeout=30).json()["data"]
    # From 04:00 UTC to ten minutes before the present.
    assert [(row["url"], row["metrics"]["views"]) for row in rows] == [(A, 2), (B, 1)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"author": "Bo"}, [(B, 3), (C, 1)]),
        ({"author": ["Ana", "Bo"]}, [(A, 4), (B, 3), (C, 1)]),
        ({"tag": "budget"}, [(A, 4)]),
        ({"tag": ["budget", "stage"]}, [(A, 4), (C, 1)]),
        ({"section": "Culture"}, [(C, 1)]),
        # Values of filters are case-sensitive.
        ({"section": "culture"}, []),
        ({"urls": [A, C]}, [(A, 4), (C, 1)]),
        ({"author": "Bo", "section": "Politics"}, [(B, 3)]),
        ({"pub_date_start": "2026-03-09"}, [(A, 4)]),
        # The last second of March 1 in New York is in it.
        ({"pub_date_start": "2026-03-01", "pub_date_end": "2026-03-01"}, [(B, 3)]),
        ({"pub_date_end": "2026-02-28"}, [(C, 1)]),
        ({"pub_date_start": "27h"}, [(A, 4)]),
        ({"pub_date_start": "26h"}, [(A, 4)]),
        ({"pub_date_start": "25h"}, []),
        ({"campaign": "spring"}, [(A, 1)]),
        ({"campaign_medium": "email", "campaign_source": "letter"}, [(A, 1)]),
        ({"campaign_medium": "email", "campaign_source": "elsewhere"}, []),
        ({"campaign_id": "none of these"}, []),
        ({"segment": "premium"}, [(A, 1)]),
        ({"segment": ["none of these", "premium"]}, [(A, 1)]),
        ({"segment": "none of these"}, []),
    ],
)
def test_posts_that_are_asked_for(
    service: Service, asked: dict[str, Any], expected: list[tuple[str, int]]
) -> None:
    found = service.views("/analytics/posts", "url", period_start="2025-12-01", **asked)
    assert found == expected


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("/analytics/authors", "author", [("Ana", 4), ("Bo", 2)]),
        ("/analytics/sections", "section", [("Politics", 6)]),
        ("/analytics/tags", "tag", [("vote", 6), ("budget", 4)]),
        ("/analytics/channels", "channel", [("website", 6)]),
        ("/analytics/segments", "segment", [("premium", 1)]),
        ("/analytics/campaigns", "campaign", [("spring", 1)]),
        ("/analytics/referrers", "name", [("example.com", 1), ("google", 1), ("letter", 1)]),
    ],
)
def test_names_of_a_day(
    service: Service, path: str, name: str, expected: list[tuple[str, int]]
) -> None:
    assert service.views(path, name, **DAY) == expected


def test_a_post_has_the_fields_that_clients_read(service: Service) -> None:
    row = service.call("/analytics/posts", period_start="1h", limit=1)["data"][0]
    metrics = row.pop("metrics")
    assert row == {
        "title": "A", "url": A, "link": A, "author": "Ana", "authors": ["Ana"],
        "section": "Politics", "tags": ["budget", "vote"], "pub_date": "2026-03-09T14:00:00",
        "image_url": None, "thumb_url_medium": None, "metadata": "",
        "full_content_word_count": None, "_hits": 2,
    }  # fmt: skip
    # Ann read for a minute and went on to /b; Bob did not.
    asked = ("views", "visitors", "engaged_minutes", "avg_engaged", "search_refs")
    assert [metrics[name] for name in asked] == [2, 2, 1, 0.5, 1]
    assert metrics["recirculation_rate"] == 0.5


def test_every_row_has_every_metric_whatever_it_is_sorted_by(service: Service) -> None:
    by_views = service.call("/analytics/posts", sort="views", **DAY)
    by_other = service.call("/analytics/posts", sort="search_refs", **DAY)
    assert by_views["data"] == by_other["data"]
    metrics = by_views["meta"]["metrics"]
    assert all(list(row["metrics"]) == metrics for row in by_views["data"])


def test_rows_are_sorted_by_what_is_asked_for(service: Service) -> None:
    # /b has more views without an hour before midnight, and /a more readers from searches.
    day = {"period_start": "2026-03-10", "period_end": "2026-03-10T15:45Z"}
    assert service.views("/analytics/posts", "url", sort="search_refs", **day) == [(A, 1), (B, 1)]
    assert service.call("/analytics/posts", sort="_hits", **DAY)["meta"]["sort"] == "views"


def test_pages_link_to_each_other(service: Service) -> None:
    first = service.call("/analytics/posts", limit=1, author=["Bo", "Ana"], **DAY)
    path = "/analytics/posts?period_start=24h&author=Bo&author=Ana&sort=views&limit=1&page="
    assert first["links"] == {"first": f"{path}1", "next": f"{path}2"}
    parameters = parse_qsl(urlsplit(first["links"]["next"]).query)
    grouped: dict[str, list[str]] = {}
    for name, value in parameters:
        grouped.setdefault(name, []).append(value)
    second = service.call("/analytics/posts", **grouped)
    assert [row["url"] for row in second["data"]] == [B]
    assert second["links"] == {"first": f"{path}1", "prev": f"{path}1"}
    third = service.call("/analytics/posts", **(grouped | {"page": ["3"]}))
    assert (third["data"], third["meta"]["status"]) == ([], "ok")
    assert third["links"] == {"first": f"{path}1", "prev": f"{path}2"}


def test_links_have_no_secret(service: Service) -> None:
    told = service.get("/analytics/posts", limit=1, callback="cb", **DAY).text
    assert SECRET not in told
    assert "secret" not in told
    assert "apikey" not in told


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"period_start": "1h"}, "ok"),
        ({"urls": A}, "ok"),
        ({"urls": f"{A}/not"}, "unknown_post"),
        ({"urls": [f"{A}/not", C]}, "no_traffic"),
        ({"urls": C, "period_start": "1h"}, "no_traffic"),
        ({"period_start": "2026-01-01", "period_end": "2026-01-02"}, "no_traffic"),
        ({"period_start": "2020-01-01", "period_end": "2020-01-02"}, "outside_coverage"),
        ({"period_start": "2027-01-01"}, "outside_coverage"),
    ],
)
def test_meta_tells_why_there_is_nothing(
    service: Service, asked: dict[str, str], status: str
) -> None:
    told = service.call("/analytics/posts", **asked)
    assert told["meta"]["status"] == status
    assert (told["data"] != []) == (status == "ok")
    assert told["meta"]["coverage_start"] == "2025-12-01T12:00:00"
    assert told["meta"]["coverage_end"] == "2026-03-10T16:00:00"


def test_a_post_of_another_site_is_unknown(service: Service) -> None:
    other = f"https://{TRIBUNE}/a"
    told = service.call("/analytics/posts", urls=other)
    assert (told["data"], told["meta"]["status"]) == ([], "unknown_post")
    assert service.views("/analytics/posts", "url", apikey=TRIBUNE) == [(other, 1)]


@pytest.mark.parametrize(
    "address",
    [A, f"{A}/", f"http://www.{NEWS}/a", f"//{NEWS.upper()}/a?utm_source=x#top", f"{A}?x=/b"],
)
def test_a_post_is_found_by_any_address_of_its_page(service: Service, address: str) -> None:
    (row,) = service.call("/analytics/post/detail", url=address)["data"]
    assert (row["url"], row["metrics"]["views"]) == (A, 4)
    assert service.views("/analytics/posts", "url", urls=address, **DAY) == [(A, 4)]


def test_detail_of_a_post_is_of_90_days_unless_told(service: Service) -> None:
    # 2025-12-01 is 99 days before.
    nothing = service.call("/analytics/post/detail", url=C)
    assert (nothing["data"], nothing["meta"]["status"]) == ([], "no_traffic")
    (row,) = service.call("/analytics/post/detail", url=C, days=100)["data"]
    assert row["metrics"]["views"] == 1
    unknown = service.call("/analytics/post/detail", url=f"https://{NEWS}/A")
    assert (unknown["data"], unknown["meta"]["status"]) == ([], "unknown_post")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/analytics/author/Bo/detail", [(B, 3), (C, 1)]),
        ("/analytics/author/Bo/detail?author=Ana", []),
        ("/analytics/author/Bo/detail?author=Ana&author=Bo", [(B, 3), (C, 1)]),
        ("/analytics/section/Politics/detail", [(A, 4), (B, 3)]),
        ("/analytics/tag/vote/detail?author=Ana", [(A, 4)]),
        ("/analytics/tag/and%2For/detail", []),
    ],
)
def test_posts_of_one_name(service: Service, path: str, expected: list[tuple[str, int]]) -> None:
    assert service.views(path, "url", period_start="2025-12-01") == expected


def test_links_of_one_name_have_it_escaped(service: Service) -> None:
    told = service.call("/analytics/tag/and%2For%3F/detail", limit=1)
    path = "/analytics/tag/and%2For%3F/detail?period_start=3d&sort=views&limit=1&page=1"
    assert told["links"]["first"] == path


@pytest.mark.parametrize(
    ("time", "expected"), [("5m", [(B, 1)]), (None, [(A, 2), (B, 1)]), ("24h", [(A, 4), (B, 2)])]
)
def test_realtime_is_of_the_last_minutes_or_hours(
    service: Service, time: str | None, expected: list[tuple[str, int]]
) -> None:
    assert service.views("/realtime/posts", "url", time=time) == expected


def test_top_is_of_today_and_asks_for_no_secret(service: Service) -> None:
    assert service.views("/top", "url", secret=None) == [(A, 2), (B, 2)]


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("/referrers/search", "name", [("google", 1)]),
        ("/referrers/internal", "name", [("example.com", 1)]),
        ("/referrers/social", "name", []),
        ("/referrers/ai", "name", []),
        ("/referrers/other", "name", [("letter", 1)]),
        ("/referrers/search?domain=bing", "name", []),
        ("/referrers/search/posts", "url", [(A, 1)]),
        ("/referrers/search/authors", "author", [("Ana", 1)]),
        ("/referrers/search/sections", "section", [("Politics", 1)]),
        ("/referrers/search/tags", "tag", [("budget", 1), ("vote", 1)]),
        ("/referrers/search/author/Ana/detail", "url", [(A, 1)]),
        ("/referrers/search/author/Bo/detail", "url", []),
        ("/referrers/internal/tag/vote/detail", "url", [(B, 1)]),
        (f"/referrers/post/detail?url={A}/", "name", [("google", 1), ("letter", 1)]),
    ],
)
def test_referrers_of_a_kind(
    service: Service, path: str, name: str, expected: list[tuple[str, int]]
) -> None:
    rows = service.call(path, **DAY)["data"]
    assert [(row[name], row["metrics"]["referrers_views"]) for row in rows] == expected
    assert [(row[name], row["metrics"]["views"]) for row in rows] == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [(A, 1.0)]),
        ({"attribution_type": "first_touch"}, [(A, 1.0)]),
        ({"url": A}, [(A, 1.0)]),
        ({"url": B}, []),
        ({"conversion_type": "newsletter_signup", "conversion_label": "footer"}, [(A, 1.0)]),
        ({"conversion_label": "header"}, []),
        ({"page_type": "index"}, []),
        ({"period_start": "10m"}, []),
    ],
)
def test_conversions_are_of_the_pages_that_are_credited(
    service: Service, asked: dict[str, str], expected: list[tuple[str, float]]
) -> None:
    for path in ("/conversions/url", "/conversions/url/top"):
        if "url" not in asked or not path.endswith("top"):
            rows = service.call(path, **asked)["data"]
            assert [(row["url"], row["conversions"]) for row in rows] == expected


def test_words_are_searched_for_without_a_secret(service: Service) -> None:
    def found(**asked: str) -> list[str]:
        return [row["url"] for row in service.call("/search", secret=None, **asked)["data"]]

    assert found(q="budget") == [A]
    assert sorted(found(q="VOTE")) == [A, B]
    assert found(q="vote", sort="pub_date") == [A, B]
    assert found(q="vote", author="Bo") == [B]
    assert found(q="vote", pub_date_start="2026-03-09") == [A]
    assert found(q="vote", exclude="author:Bo") == [A]
    assert found(q="vote", exclude=["tag:budget", "author:ana"]) == [B]
    assert found(q="vote", exclude="section:Politics") == []
    assert found(q="vote", exclude="section:none") == found(q="vote")
    nothing = service.call("/search", q="harbour")
    assert (nothing["data"], nothing["meta"]["status"]) == ([], "no_match")


def test_what_is_related_is_never_the_post_itself(service: Service) -> None:
    def related(**asked: str) -> list[str]:
        return [row["url"] for row in service.call("/related", secret=None, **asked)["data"]]

    # Ann read both.
    assert related(url=f"{A}/")[0] == B
    assert A not in related(url=A)
    # She is to read what she has not.
    assert not {A, B} & set(related(uuid="ann"))
    assert B not in related(url=A, exclude="author:Bo")


def test_where_none_is_related_the_newest_posts_are(service: Service) -> None:
    def related(**asked: str) -> tuple[list[str], str]:
        answer = service.call("/related", secret=None, **asked)
        return [row["url"] for row in answer["data"]], answer["meta"]["status"]

    # Nobody has read it yet.
    just_out = f"{A}/just-out"
    assert related(url=just_out) == ([A, B, C], "unknown_post")
    assert related(url=just_out, section="Politics", limit="1") == ([A], "unknown_post")
    assert related(url=just_out, respect_empty_results="true") == ([], "unknown_post")
    rows = service.call("/related", url=just_out)["data"]
    assert [row["score"] for row in rows] == [0, 0, 0]
    assert related(uuid="nobody") == ([A, B, C], "ok")
    assert related(uuid="nobody", exclude="author:Ana") == ([B], "ok")
    assert related(uuid="nobody", respect_empty_results="true") == ([], "no_match")
    # She has read the others.
    assert related(uuid="ann", exclude="tag:stage") == ([], "no_match")


def test_history_is_what_a_visitor_has_read_newest_first(service: Service) -> None:
    told = service.call("/history", uuid="ann", secret=None)
    assert told["data"] == {"uuid": "ann", "urls": [B, A]}
    # Fay's was on March 9; the old one's is out of the last days.
    assert service.call("/history", uuid="fay")["data"]["urls"] == [B]
    assert service.call("/history", uuid="old")["data"] == {"uuid": "old", "urls": []}
    other = service.call("/history", uuid="ann", apikey=TRIBUNE)
    assert other["data"]["urls"] == []


def test_profile_has_nothing_to_do(service: Service) -> None:
    told = service.get("/profile", uuid="ann", url=A, secret=None)
    assert told.json() == {"success": True}


def test_top_videos_are_of_today(service: Service) -> None:
    rows = service.call("/top/videos", secret=None)["data"]
    assert [(row["title"], row["metrics"]["plays"]) for row in rows] == [("A", 1)]


@pytest.mark.parametrize(
    ("source", "mark"), [("widget", "?itm_source=widget"), ("a&b é", "?itm_source=a%26b%20%C3%A9")]
)
def test_addresses_get_the_mark_that_is_asked_for(service: Service, source: str, mark: str) -> None:
    row = service.call("/analytics/posts", limit=1, itm_source=source)["data"][0]
    assert (row["url"], row["link"]) == (A + mark, A)


def test_calls_are_answered_byte_for_byte_as_api_responses_has_them(
    service: Service, newsrooms: Warehouse
) -> None:
    asked = newsrooms.rows(
        "select endpoint, site_id, period, sort, call, response from api_responses order by all"
    )
    assert len(asked) > 100
    # Of each endpoint, site and period another sort.
    kinds: dict[tuple[str, str, str], list[Any]] = {}
    for endpoint, site, period, *call in asked:
        kinds.setdefault((endpoint, site, period), []).append((site, *call))
    for number, (kind, calls) in enumerate(kinds.items()):
        site, _, call, response = calls[number % len(calls)]
        told = service.client.get(f"{service.root}{call}&apikey={site}&secret={SECRET}", timeout=30)
        assert told.content == response.encode(), kind
