"""White space around texts, and addresses with unusual schemes, change nothing."""

from __future__ import annotations

import pytest

from tests.support.events import SITE, event
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.warehouses import Warehouse

CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
GOOGLE = "https://www.google.com/"
AROUND = ["{} ", "\n{}", "\t{}\r\n", "\u00a0{}\u2003"]


@pytest.fixture(scope="module")
def warehouse(module_warehouse: Warehouse) -> Warehouse:
    """A first load with white space around texts and a second without, each with a build."""
    for number, forms in enumerate([AROUND, ["{}"]]):
        module_warehouse.load_events(
            event(
                f"{kind} {number} {at}",
                f"2026-03-02 10:0{at}:00",
                **{kind: form.format(text)},
                **({} if kind == "url" else {"path": f"/{kind}"}),
            )
            for at, form in enumerate(forms)
            for kind, text in [
                ("user_agent", CRAWLER),
                ("referrer", GOOGLE),
                ("url", f"https://{SITE}/page"),
            ]
        )
        scheme = "https" if number else "ftp"
        module_warehouse.load_events(
            [event(scheme, "2026-03-02 11:00:00", path="/x", referrer=f"{scheme}://ftp.bing.com/")]
        )
        module_warehouse.build()
    return module_warehouse


def test_white_space_around_a_user_agent_does_not_hide_a_crawler(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select bot_rule, count(*) from stg_events "
        "where page_clean_url like '%/user_agent' group by 1"
    ) == [("user_agent", len(AROUND) + 1)]


def test_a_referrer_has_its_class_and_name(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select source_class, source_name, sum(views) from fct_pageviews "
        "where page_url like '%/referrer' group by all"
    ) == [("search", "google", len(AROUND) + 1)]


def test_white_space_around_a_url_does_not_split_a_page(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select page_url, count(distinct post_key), sum(views) from fct_pageviews "
        "where page_url like '%page%' group by all"
    ) == [(f"https://{SITE}/page", 1, len(AROUND) + 1)]


def test_incremental_loads_give_the_rows_of_a_full_refresh(warehouse: Warehouse) -> None:
    assert_equal_to_a_full_refresh(warehouse)
