"""Alternating headlines are one version; changed headlines are new versions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.events import event
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.warehouses import Warehouse

# One site is loaded from the first event to the last, the other in reverse.
SITES = ("forward.example.com", "backward.example.com")
# Headlines of each page, hour by hour from 2026-03-02 20:00 on, and then on later days.
HOURS = {
    "/test": "AB BA AB BAB",
    "/midnight": "    ABAB",
    "/late": "AAA ABBABAA",
    "/back": "ABA",
    "/changed": "AAB BBB",
    "/photographs": "PQPQ",
}
DAYS = {"/test": "   B B", "/changed": "    A", "/late": "B"}


def all_views() -> list[dict[str, Any]]:
    """Return a view of each page and hour, with the headline for its letter."""
    found = []
    for path, letters in HOURS.items():
        for hour, letter in enumerate(letters):
            at = f"2026-03-0{2 + (20 + hour) // 24} {(20 + hour) % 24:02}:00:00"
            found.append((at, path, letter))
        for day, letter in enumerate(DAYS.get(path, "")):
            found.append((f"2026-03-0{4 + day} 10:00:00", path, letter))
    return [
        event(
            f"reader of {path}",
            at,
            path=path,
            metadata_canonical_url=f"https://cases.example.com{path}",
            metadata_title="One" if letter in "PQ" else f"Title {letter}",
            metadata_image_url=f"https://cases.example.com/{letter}.jpg",
        )
        for at, path, letter in sorted(found)
        if letter != " "
    ]


@pytest.fixture(scope="module")
def warehouse(module_warehouse: Warehouse) -> Warehouse:
    """Three loads, with a build after each."""
    views = all_views()
    for number in range(3):
        for site, part in zip(SITES, (number, 2 - number), strict=True):
            third = views[part * len(views) // 3 : (part + 1) * len(views) // 3]
            module_warehouse.load_events(
                view | {"apikey": site, "url": view["url"].replace("cases.example.com", site)}
                for view in third
            )
        module_warehouse.build()
    return module_warehouse


def versions(warehouse: Warehouse, path: str) -> list[tuple[Any, ...]]:
    """Return titles, variants and starts of a page's versions, which must agree on both sites."""
    one, other = (
        warehouse.rows(
            "select history.title, title_variants, strftime(valid_from, '%d %H') "
            "from dim_posts_history as history "
            f"where site_id = '{site}' and canonical_url like '%{path}' order by version_number"
        )
        for site in SITES
    )
    assert one == other
    return one


BOTH = '["Title A","Title B"]'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/test", [("Title B", BOTH, "02 20")]),
        ("/midnight", [("Title B", BOTH, "03 00")]),
        ("/photographs", [("One", None, "02 20")]),
    ],
)
def test_alternating_headlines_are_one_version(
    warehouse: Warehouse, path: str, expected: list[tuple[Any, ...]]
) -> None:
    assert versions(warehouse, path) == expected


@pytest.mark.parametrize(
    ("path", "starts"),
    [("/back", ["02 20", "02 21", "02 22"]), ("/changed", ["02 20", "02 22", "08 10"])],
)
def test_a_reverted_headline_is_a_new_version(
    warehouse: Warehouse, path: str, starts: list[str]
) -> None:
    assert versions(warehouse, path) == [
        (title, None, start)
        for title, start in zip(["Title A", "Title B", "Title A"], starts, strict=True)
    ]


def test_a_change_after_a_headline_test_is_a_version(warehouse: Warehouse) -> None:
    assert versions(warehouse, "/late") == [
        ("Title A", BOTH, "02 20"),
        ("Title B", None, "04 10"),
    ]


def test_every_view_has_the_metadata_of_one_version(warehouse: Warehouse) -> None:
    assert (
        warehouse.rows(
            "select * from fct_pageviews as views left join dim_posts_history as history "
            "on views.post_key = history.post_key and viewed_at >= valid_from "
            "and (viewed_at < valid_to or valid_to is null) qualify count(history.post_key) "
            "over (partition by views.pageview_key) <> 1"
        )
        == []
    )


def test_loads_in_any_order_give_the_rows_of_a_full_refresh(warehouse: Warehouse) -> None:
    assert_equal_to_a_full_refresh(warehouse)
