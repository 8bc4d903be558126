"""Responses of all endpoints, compared with counts made by hand."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.newsrooms import NEWS, TRIBUNE
from tests.support.serving import SECRET, Service
from tests.support.warehouses import Warehouse

A, B, C = (f"https://{NEWS}/{name}" for name in "abc")
DAY = {"period_start": "24h"}


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ({"period_start": "10m"}, [(B, 1)]),
        ({"period_start": "1h"}, [(A, 2), (B, 1)]),
        # A period excludes its start: the view exactly 24 hours before the newest event.
        ({"period_start": "24h"}, [(A, 4), (B, 2)]),
        ({"period_start": "1d"}, [(A, 4), (B, 2)]),
        ({}, [(A, 4), (B, 3)]),
        ({"days": "1"}, [(A, 4), (B, 2)]),
        ({"days": "1", "period_start": "1h", "period_end": ""}, [(A, 2), (B, 1)]),
        ({"period_start": "", "period_end": "", "days": ""}, [(A, 4), (B, 3)]),
        ({"period_start": "1w"}, [(A, 4), (B, 3)]),
        ({"period_start": "90d"}, [(A, 4), (B, 3)]),
        # Periods beyond 90 days are exact too.
        ({"period_start": "2025-12-01"}, [(A, 4), (B, 3), (C, 1)]),
        ({"period_start": "2025-12-01", "period_end": "2025-12-01"}, [(C, 1)]),
        # Days are those of New York: the view at 03:59:59 UTC belongs to the day before.
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
def test_posts_of_a_period_are_counted(
    service: Service, period: dict[str, str], expected: list[tuple[str, int]]
) -> None:
    assert service.views("/analytics/posts", "url", **period) == expected


def test_an_unescaped_plus_sign_is_accepted(service: Service) -> None:
    call = f"?apikey={NEWS}&secret={SECRET}&period_start=2026-03-10T05:00+01:00&period_end=10m"
    rows = service.client.get(f"{service.root}/analytics/posts{call}", timeout=30).json()["data"]
    # From 04:00 UTC to ten minutes before the present.
    assert [(row["url"], row["metrics"]["views"]) for row in rows] == [(A, 2), (B, 1)]


@pytest.mark.parametrize(
    ("parameters", "expected"),
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
        # Includes the last second of March 1 in New York.
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
def test_posts_can_be_filtered(
    service: Service, parameters: dict[str, Any], expected: list[tuple[str, int]]
) -> None:
    rows = service.views("/analytics/posts", "url", period_start="2025-12-01", **parameters)
    assert rows == expected


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
def test_each_dimension_is_counted(
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
    names = ("views", "visitors", "engaged_minutes", "avg_engaged", "search_refs")
    assert [metrics[name] for name in names] == [2, 2, 1, 0.5, 1]
    assert metrics["recirculation_rate"] == 0.5


def test_every_row_has_every_metric_in_any_sort(service: Service) -> None:
    by_views = service.call("/analytics/posts", sort="views", **DAY)
    by_other = service.call("/analytics/posts", sort="search_refs", **DAY)
    assert by_views["data"] == by_other["data"]
    metrics = by_views["meta"]["metrics"]
    assert all(list(row["metrics"]) == metrics for row in by_views["data"])


def test_rows_are_sorted_by_the_requested_metric(service: Service) -> None:
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


def test_links_contain_no_keys(service: Service) -> None:
    response = service.get("/analytics/posts", limit=1, callback="cb", **DAY).text
    assert SECRET not in response
    assert "secret" not in response
    assert "apikey" not in response


@pytest.mark.parametrize(
    ("parameters", "status"),
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
def test_the_status_explains_an_empty_response(
    service: Service, parameters: dict[str, str], status: str
) -> None:
    response = service.call("/analytics/posts", **parameters)
    assert response["meta"]["status"] == status
    assert (response["data"] != []) == (status == "ok")
    assert response["meta"]["coverage_start"] == "2025-12-01T12:00:00"
    assert response["meta"]["coverage_end"] == "2026-03-10T16:00:00"


def test_a_post_of_another_site_is_unknown(service: Service) -> None:
    other = f"https://{TRIBUNE}/a"
    response = service.call("/analytics/posts", urls=other)
    assert (response["data"], response["meta"]["status"]) == ([], "unknown_post")
    assert service.views("/analytics/posts", "url", apikey=TRIBUNE) == [(other, 1)]


@pytest.mark.parametrize(
    "address",
    [A, f"{A}/", f"http://www.{NEWS}/a", f"//{NEWS.upper()}/a?utm_source=x#top", f"{A}?x=/b"],
)
def test_a_post_is_found_by_any_address_of_its_page(service: Service, address: str) -> None:
    (row,) = service.call("/analytics/post/detail", url=address)["data"]
    assert (row["url"], row["metrics"]["views"]) == (A, 4)
    assert service.views("/analytics/posts", "url", urls=address, **DAY) == [(A, 4)]


def test_the_detail_of_a_post_covers_90_days_by_default(service: Service) -> None:
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
def test_the_posts_of_one_author_section_or_tag(
    service: Service, path: str, expected: list[tuple[str, int]]
) -> None:
    assert service.views(path, "url", period_start="2025-12-01") == expected


def test_links_escape_the_name_in_the_path(service: Service) -> None:
    response = service.call("/analytics/tag/and%2For%3F/detail", limit=1)
    path = "/analytics/tag/and%2For%3F/detail?period_start=3d&sort=views&limit=1&page=1"
    assert response["links"]["first"] == path


@pytest.mark.parametrize(
    ("time", "expected"), [("5m", [(B, 1)]), (None, [(A, 2), (B, 1)]), ("24h", [(A, 4), (B, 2)])]
)
def test_a_realtime_call_covers_the_last_minutes_or_hours(
    service: Service, time: str | None, expected: list[tuple[str, int]]
) -> None:
    assert service.views("/realtime/posts", "url", time=time) == expected


def test_top_covers_today_and_needs_no_secret(service: Service) -> None:
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
def test_referrers_of_a_class_are_counted(
    service: Service, path: str, name: str, expected: list[tuple[str, int]]
) -> None:
    rows = service.call(path, **DAY)["data"]
    assert [(row[name], row["metrics"]["referrers_views"]) for row in rows] == expected
    assert [(row[name], row["metrics"]["views"]) for row in rows] == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
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
def test_conversions_are_counted_for_the_credited_pages(
    service: Service, parameters: dict[str, str], expected: list[tuple[str, float]]
) -> None:
    for path in ("/conversions/url", "/conversions/url/top"):
        if "url" not in parameters or not path.endswith("top"):
            rows = service.call(path, **parameters)["data"]
            assert [(row["url"], row["conversions"]) for row in rows] == expected


def test_search_needs_no_secret(service: Service) -> None:
    def search(**parameters: str) -> list[str]:
        return [row["url"] for row in service.call("/search", secret=None, **parameters)["data"]]

    assert search(q="budget") == [A]
    assert sorted(search(q="VOTE")) == [A, B]
    assert search(q="vote", sort="pub_date") == [A, B]
    assert search(q="vote", author="Bo") == [B]
    assert search(q="vote", pub_date_start="2026-03-09") == [A]
    assert search(q="vote", exclude="author:Bo") == [A]
    assert search(q="vote", exclude=["tag:budget", "author:ana"]) == [B]
    assert search(q="vote", exclude="section:Politics") == []
    assert search(q="vote", exclude="section:none") == search(q="vote")
    nothing = service.call("/search", q="harbour")
    assert (nothing["data"], nothing["meta"]["status"]) == ([], "no_match")


def test_related_posts_exclude_the_post_itself(service: Service) -> None:
    def related(**parameters: str) -> list[str]:
        return [row["url"] for row in service.call("/related", secret=None, **parameters)["data"]]

    # Ann read both.
    assert related(url=f"{A}/")[0] == B
    assert A not in related(url=A)
    # A visitor gets posts that they have not read.
    assert not {A, B} & set(related(uuid="ann"))
    assert B not in related(url=A, exclude="author:Bo")


def test_the_newest_posts_replace_missing_related_ones(service: Service) -> None:
    def related(**parameters: str) -> tuple[list[str], str]:
        answer = service.call("/related", secret=None, **parameters)
        return [row["url"] for row in answer["data"]], answer["meta"]["status"]

    # Nobody has read this post yet.
    just_out = f"{A}/just-out"
    assert related(url=just_out) == ([A, B, C], "unknown_post")
    assert related(url=just_out, section="Politics", limit="1") == ([A], "unknown_post")
    assert related(url=just_out, respect_empty_results="true") == ([], "unknown_post")
    rows = service.call("/related", url=just_out)["data"]
    assert [row["score"] for row in rows] == [0, 0, 0]
    assert related(uuid="nobody") == ([A, B, C], "ok")
    assert related(uuid="nobody", exclude="author:Ana") == ([B], "ok")
    assert related(uuid="nobody", respect_empty_results="true") == ([], "no_match")
    # Ann has read the others.
    assert related(uuid="ann", exclude="tag:stage") == ([], "no_match")


def test_history_lists_what_a_visitor_read_newest_first(service: Service) -> None:
    response = service.call("/history", uuid="ann", secret=None)
    assert response["data"] == {"uuid": "ann", "urls": [B, A]}
    # Fay's view was on March 9. The view of `old` is too long ago.
    assert service.call("/history", uuid="fay")["data"]["urls"] == [B]
    assert service.call("/history", uuid="old")["data"] == {"uuid": "old", "urls": []}
    other = service.call("/history", uuid="ann", apikey=TRIBUNE)
    assert other["data"]["urls"] == []


def test_profile_is_accepted_and_ignored(service: Service) -> None:
    response = service.get("/profile", uuid="ann", url=A, secret=None)
    assert response.json() == {"success": True}


def test_top_videos_cover_today(service: Service) -> None:
    rows = service.call("/top/videos", secret=None)["data"]
    assert [(row["title"], row["metrics"]["plays"]) for row in rows] == [("A", 1)]


@pytest.mark.parametrize(
    ("source", "mark"), [("widget", "?itm_source=widget"), ("a&b é", "?itm_source=a%26b%20%C3%A9")]
)
def test_urls_get_the_requested_itm_source(service: Service, source: str, mark: str) -> None:
    row = service.call("/analytics/posts", limit=1, itm_source=source)["data"][0]
    assert (row["url"], row["link"]) == (A + mark, A)


def test_responses_equal_those_of_api_responses_byte_for_byte(
    service: Service, newsrooms: Warehouse
) -> None:
    rows = newsrooms.rows(
        "select endpoint, site_id, period, sort, call, response from api_responses order by all"
    )
    assert len(rows) > 100
    # One call of each endpoint, site and period, with varying sorts.
    kinds: dict[tuple[str, str, str], list[Any]] = {}
    for endpoint, site, period, *call in rows:
        kinds.setdefault((endpoint, site, period), []).append((site, *call))
    for number, (kind, calls) in enumerate(kinds.items()):
        site, _, call, expected = calls[number % len(calls)]
        response = service.client.get(
            f"{service.root}{call}&apikey={site}&secret={SECRET}", timeout=30
        )
        assert response.content == expected.encode(), kind
