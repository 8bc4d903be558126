"""The post of a page: addresses in many forms, moved pages, wrong canonicals, front and AMP pages.

Each site is one case. Its events come in two loads, with a build after each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from readership.service import publish
from tests.support.events import event
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.serving import Service, keys_of, running
from tests.support.warehouses import Warehouse

AMP = {"flags_is_amp": True}


def named(canonical: str, title: str, **also: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"metadata_canonical_url": canonical, "metadata_title": title, **also}


# By site: its views in order, each with its address and further fields.
SITES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "escapes.example": [
        ("https://escapes.example/caf%c3%a9", {}),
        ("https://escapes.example/caf%C3%A9", {}),
        ("https://escapes.example/caf\u00e9", {}),
        ("https://escapes.example/c%61f\u00e9/", {}),
    ],
    "xn--bcher-kva.example": [
        ("https://xn--bcher-kva.example/a", named("https://b\u00fccher.example/a", "A")),
        ("https://B\u00dcCHER.example/a", {}),
    ],
    "plain.example": [
        ("https://plain.example/x", {}),
        ("https://plain.example./x", {}),
        ("https://Plain.Example:443/x", {}),
        ("https://me:pw@plain.example/x", {}),
        ("https://plain.example//x", {}),
        ("https://plain.example/./x", {}),
        ("https://plain.example/y/../x/#top", named("https://plain.example:443/x", "X")),
    ],
    "stray.example": [
        *[("https://stray.example/two", named("https://stray.example/two", "Two"))] * 10,
        ("https://stray.example/one", named("https://stray.example/one", "One")),
        ("https://stray.example/two", named("https://stray.example/one", "One")),
    ],
    "moved.example": [
        (f"https://moved.example/p{page}", named(f"https://moved.example/p{to}", "Moved"))
        for page, to in [(1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (3, 4), (4, 4)]
    ],
    "circle.example": [
        (f"https://circle.example/{page}", named(f"https://circle.example/{to}", "Round"))
        for page, to in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]
    ],
    "front.example": [
        ("https://front.example/", named("https://front.example/", "Home")),
        ("https://front.example/story", named("https://front.example/story", "Story")),
        ("https://www.front.example/?utm_source=x", named("https://front.example/story", "Story")),
        (
            "https://front.example",
            named("https://front.example/story", "Story", metadata_post_id="7"),
        ),
    ],
    "numbers.example": [
        *[
            (url, named(url, f"No. {url[-1]}"))
            for url in [f"https://numbers.example/?p={number}" for number in (1, 2, 3, 1, 2, 3)]
        ],
        ("https://numbers.example/index.php?utm_source=x&page_id=4", {}),
        ("https://numbers.example/", {}),
    ],
    "twice.example": [
        ("https://twice.example/a", {}),
        ("https://twice.example/a/amp/", AMP),
        ("https://twice.example/amp/a", AMP),
        ("https://amp.twice.example/a", AMP),
        ("https://twice.example/a?amp=1", AMP),
        ("https://twice-example.cdn.ampproject.org/c/s/twice.example/a/amp", AMP),
        ("https://www.google.com/amp/s/twice.example/a", AMP),
        ("https://twice.example/b.html", {}),
        ("https://twice.example/b.amp.html", AMP),
        ("https://twice.example/b.html/amp", AMP),
    ],
    "listed.example": [
        (
            "https://listed.example/new/story",
            named(
                "https://listed.example/new/story", "Story", metadata_post_id="77",
                metadata_urls=["https://listed.example/new/story", "https://Listed.example:443/s"],
            ),
        ),
        ("https://listed.example/new/story/amp", AMP),
        (
            "https://listed.example/old",
            named("https://listed.example/new/story", "Story", metadata_post_id=77.0),
        ),
        ("https://listed.example/s", {}),
        ("https://listed.example/bare", named("https://listed.example/bare", "Bare",
                                              metadata_urls="https://listed.example/other")),
        ("https://listed.example/other", {}),
    ],
}  # fmt: skip


def events_of(site: str) -> list[dict[str, Any]]:
    return [
        event(f"{site} {number}", f"2026-03-02 10:{number:02}:00", apikey=site, url=url, **fields)
        for number, (url, fields) in enumerate(SITES[site])
    ]


@pytest.fixture(scope="module")
def warehouse(module_warehouse: Warehouse) -> Warehouse:
    for part in range(2):
        module_warehouse.load_events(each for site in SITES for each in events_of(site)[part::2])
        module_warehouse.build()
    return module_warehouse


@pytest.fixture(scope="module")
def service(warehouse: Warehouse) -> Iterator[Service]:
    warehouse.run_dbt("run-operation", "publish_answers")
    publish(warehouse.path)
    with running(warehouse.path, "plain.example", keys_of(*SITES)) as running_service:
        yield running_service


@pytest.mark.parametrize(
    ("site", "posts"),
    [
        ("escapes.example", [("https://escapes.example/caf%C3%A9", None, 4)]),
        ("xn--bcher-kva.example", [("https://xn--bcher-kva.example/a", "A", 2)]),
        ("plain.example", [("https://plain.example/x", "X", 7)]),
        (
            "stray.example",
            [("https://stray.example/one", "One", 1), ("https://stray.example/two", "Two", 11)],
        ),
        ("moved.example", [("https://moved.example/p4", "Moved", 7)]),
        ("circle.example", [("https://circle.example/a", "Round", 4)]),
        (
            "front.example",
            [("https://front.example/", "Home", 3), ("https://front.example/story", "Story", 1)],
        ),
        (
            "numbers.example",
            [
                ("https://numbers.example/", None, 1),
                ("https://numbers.example/?p=1", "No. 1", 2),
                ("https://numbers.example/?p=2", "No. 2", 2),
                ("https://numbers.example/?p=3", "No. 3", 2),
                ("https://numbers.example/index.php?page_id=4", None, 1),
            ],
        ),
        (
            "twice.example",
            [("https://twice.example/a", None, 7), ("https://twice.example/b.html", None, 3)],
        ),
        (
            "listed.example",
            [
                ("https://listed.example/bare", "Bare", 2),
                ("https://listed.example/new/story", "Story", 4),
            ],
        ),
    ],
)
def test_each_site_has_the_expected_posts(
    warehouse: Warehouse, site: str, posts: list[tuple[str, str | None, int]]
) -> None:
    assert (
        warehouse.rows(
            "select posts.canonical_url, posts.title, sum(views.views) "
            "from fct_pageviews as views inner join dim_posts as posts using (post_key) "
            "where views.site_id = ? group by all order by 1",
            site,
        )
        == posts
    )


def test_no_stored_or_shown_address_contains_a_user(warehouse: Warehouse) -> None:
    assert warehouse.rows("select url from raw.events where url like '%pw@%'") == []
    assert warehouse.rows("select page_url from fct_pageviews where page_url like '%pw@%'") == []


@pytest.mark.parametrize(
    ("url", "views"),
    [
        ("https://plain.example/x", 7),
        ("http://www.plain.example./x/?a=b#c", 7),
        ("https://me:pw@plain.example:443//x", 7),
        ("plain.example/x", 7),
        ("https://escapes.example/caf\u00e9", 4),
        ("https://escapes.example/caf%c3%a9", 4),
        ("https://b\u00fccher.example/a", 2),
        ("https://xn--bcher-kva.example/a", 2),
        ("https://moved.example/p1", 7),
        ("https://circle.example/c", 4),
        ("https://stray.example/two", 11),
        ("https://front.example", 3),
        ("https://numbers.example/?utm_source=y&p=2", 2),
        ("https://listed.example/new/story/amp", 4),
        ("https://listed.example/old", 4),
        ("https://listed.example/s", 4),
        ("https://listed.example/amp/new/story", 4),
    ],
)
def test_the_service_finds_a_post_by_any_address_of_its_pages(
    service: Service, url: str, views: int
) -> None:
    site = "xn--bcher-kva.example" if "cher" in url else next(s for s in SITES if s in url)
    response = service.call("/analytics/post/detail", url=url, apikey=site)
    assert [row["metrics"]["views"] for row in response["data"]] == [views]


def test_an_address_without_a_page_is_an_unknown_post(service: Service) -> None:
    response = service.call("/analytics/post/detail", url="https://plain.example/y")
    assert (response["data"], response["meta"]["status"]) == ([], "unknown_post")


def test_incremental_loads_give_the_rows_of_a_full_refresh(warehouse: Warehouse) -> None:
    assert_equal_to_a_full_refresh(warehouse)
