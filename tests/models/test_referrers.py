"""Referrers: each has a class and a name, in any form that browsers and links send."""

from __future__ import annotations

import pytest

from tests.support.events import event, without_session
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.warehouses import Warehouse

DIRECT = [
    *(
        "about:blank",
        "-",
        "null",
        "(direct)",
        "undefined",
        "unknown",
        " ",
        "(not set)",
        "None",
        "0",
    ),
    *("file:///C:/mail.htm", "mailto:ana@example.com", "javascript:void(0)", "http://", "/a/b"),
    *("content://com.android.email/1", "chrome://newtab/", "data:text/html,x", "//", "news"),
]

REFERRERS = {
    # apps
    "android-app://com.google.android.gm/": ("email", "gmail"),
    "android-app://com.facebook.katana/": ("social", "facebook"),
    "android-app://com.linkedin.android/": ("social", "linkedin"),
    "android-app://org.telegram.messenger/": ("social", "telegram"),
    "android-app://com.pinterest/": ("social", "pinterest"),
    "android-app://com.reddit.frontpage": ("social", "reddit"),
    "android-app://com.instagram.android/": ("social", "instagram"),
    "android-app://com.twitter.android/": ("social", "twitter"),
    "Android-App://com.whatsapp/": ("social", "whatsapp"),
    "android-app://com.facebook.orca/": ("social", "messenger"),
    "android-app://com.snapchat.android/": ("social", "snapchat"),
    "android-app://com.zhiliaoapp.musically/": ("social", "tiktok"),
    "android-app://com.viber.voip/": ("social", "viber"),
    "android-app://jp.naver.line.android/": ("social", "line"),
    "android-app://kik.android/": ("social", "kik"),
    "android-app://com.google.android.googlequicksearchbox/https/www.google.com": (
        "search",
        "google",
    ),
    "android-app://com.google.android.apps.magazines/": ("aggregator", "google news"),
    "android-app://flipboard.app/": ("aggregator", "flipboard"),
    "android-app://jp.gocro.smartnews.android/": ("aggregator", "smartnews"),
    "android-app://ai.perplexity.app.android/": ("ai", "perplexity"),
    "android-app://com.Slack/": ("other", "slack"),
    "android-app://ai.example.android/": ("other", "ai.example.android"),
    "android-app://ai.sample.android/": ("other", "ai.sample.android"),
    "android-app://de.example.mail/": ("other", "de.example.mail"),
    "ios-app://544007664/": ("social", "youtube"),
    "ios-app://1/": ("other", "ios-app://1"),
    "tg://resolve?domain=x": ("social", "telegram"),
    "app://notes.example/": ("other", "app://notes.example"),
    "chrome-extension://abcdef/page.html": ("other", "chrome-extension://abcdef"),
    # addresses
    "//www.google.com/": ("search", "google"),
    "www.google.com": ("search", "google"),
    "http://192.0.2.7:8080/a": ("other", "192.0.2.7"),
    "http://[2001:db8::7]/": ("other", "[2001:db8::7]"),
    "http://intranet/wiki": ("other", "intranet"),
    "https://forum.example.edu/t/1": ("other", "example.edu"),
    "ftp://files.example.edu/": ("other", "example.edu"),
    # search engines, on any of their hosts
    "https://google.co.uk/": ("search", "google"),
    "https://images.google.de/": ("search", "google"),
    "https://m.google.com/": ("search", "google"),
    "https://google.com./": ("search", "google"),
    "https://search.brave.com/": ("search", "brave"),
    "https://duckduckgo.com/": ("search", "duckduckgo"),
    "https://html.duckduckgo.com/": ("search", "duckduckgo"),
    "https://ecosia.org/": ("search", "ecosia"),
    "https://qwant.com/": ("search", "qwant"),
    "https://lite.qwant.com/": ("search", "qwant"),
    "https://eu.startpage.com/": ("search", "startpage"),
    "https://kagi.com/": ("search", "kagi"),
    "https://yandex.com.tr/": ("search", "yandex"),
    "https://ya.ru/": ("search", "yandex"),
    "https://m.baidu.com/": ("search", "baidu"),
    "https://search.naver.com/": ("search", "naver"),
    "https://search.seznam.cz/": ("search", "seznam"),
    "https://uk.search.yahoo.com/": ("search", "yahoo"),
    "https://search.yahoo.co.jp/": ("search", "yahoo japan"),
    "https://cn.bing.com/": ("search", "bing"),
    "https://petalsearch.com/": ("search", "petal"),
    "https://mojeek.com/": ("search", "mojeek"),
    "https://docs.google.com/": ("other", "google docs"),
    "https://drive.google.com/": ("other", "google.com"),
    # assistants, networks, aggregators, webmail
    "https://chatgpt.com/": ("ai", "chatgpt"),
    "https://www.perplexity.ai/": ("ai", "perplexity"),
    "https://gemini.google.com/": ("ai", "gemini"),
    "https://chat.deepseek.com/": ("ai", "deepseek"),
    "https://you.com/": ("ai", "you.com"),
    "https://lm.facebook.com/": ("social", "facebook"),
    "https://www.pinterest.co.uk/": ("social", "pinterest"),
    "https://out.reddit.com/": ("social", "reddit"),
    "https://news.google.co.uk/": ("aggregator", "google news"),
    "https://us-mg6.mail.yahoo.com/": ("email", "yahoo mail"),
    "https://deref-gmx.net/": ("email", "gmx mail"),
}

SOURCES = {
    "chatgpt.com": ("ai", "chatgpt"),
    "perplexity": ("ai", "perplexity"),
    "Facebook": ("social", "facebook"),
    "fb": ("social", "facebook"),
    "ig": ("social", "instagram"),
    "m.facebook.com": ("social", "facebook"),
    "t.co": ("social", "twitter"),
    "google": ("search", "google"),
    "google.co.uk": ("search", "google"),
    "bing": ("search", "bing"),
    "google_news": ("aggregator", "google news"),
    "newsletter": ("email", "newsletter"),
    "Partner": ("campaign", "partner"),
}

LINKS = [
    "?utm_campaign=spring&amp;utm_medium=email&amp;utm_source=letter",
    "?utm%5Fmedium=email&utm%5Fcampaign=spring&utm_source=letter",
    "?UTM_Medium=email&UTM_Campaign=spring&UTM_SOURCE=letter",
    "?utm_campaign=spring?utm_medium=email?utm_source=letter",
    "#utm_campaign=spring&utm_medium=email&utm_source=letter",
    "#!/path?utm_campaign=spring&utm_medium=email&utm_source=letter",
    "?utm_campaign=spring&#38;utm_medium=email&#38;utm_source=letter",
]


def view(place: str, number: int, **fields: object) -> dict[str, object]:
    return without_session(
        event(f"{place} {number}", "2026-03-02 10:00:00", path=f"/{place}", **fields)
    )


@pytest.fixture(scope="module")
def warehouse(module_warehouse: Warehouse) -> Warehouse:
    """Three loads with a build after each; later loads repeat referrers of earlier ones."""
    module_warehouse.load_events(
        [
            *(view("direct", n, referrer=text) for n, text in enumerate(DIRECT)),
            *(
                view("source", n, url=f"https://news.example.com/source?utm_source={source}")
                for n, source in enumerate(SOURCES)
            ),
        ]
    )
    module_warehouse.build()
    module_warehouse.load_events(
        view("referrer", n, referrer=text) for n, text in enumerate(REFERRERS)
    )
    module_warehouse.build()
    module_warehouse.load_events(
        [
            *(
                view("link", n, url=f"https://news.example.com/link{link}")
                for n, link in enumerate(LINKS)
            ),
            view("met", 1, referrer="https://com.whatsapp/"),
            view("met", 2, referrer="https://m.facebook.com/"),
        ]
    )
    module_warehouse.build()
    return module_warehouse


def referrers_of(warehouse: Warehouse, place: str) -> dict[int, tuple[str, str]]:
    """Return class and name of the referrers of the views of a path, by their numbers."""
    rows = warehouse.rows(
        "select visitor_site_id, referrer_class, referrer_name, source_class, source_name "
        "from fct_pageviews join dim_visitors using (visitor_key) where visitor_site_id like ?",
        f"{place} %",
    )
    assert all(row[1:3] == row[3:] for row in rows)
    return {int(row[0].split()[-1]): row[1:3] for row in rows}


def test_a_referrer_that_is_not_an_address_is_direct(warehouse: Warehouse) -> None:
    assert referrers_of(warehouse, "direct") == {n: ("direct", None) for n, _ in enumerate(DIRECT)}


def test_a_referrer_has_its_class_and_name(warehouse: Warehouse) -> None:
    found = referrers_of(warehouse, "referrer")
    assert {text: found.get(n) for n, text in enumerate(REFERRERS)} == REFERRERS


def test_a_known_campaign_source_gives_class_and_name(warehouse: Warehouse) -> None:
    found = referrers_of(warehouse, "source")
    assert {source: found.get(n) for n, source in enumerate(SOURCES)} == SOURCES


def test_a_campaign_is_recognized_in_any_form_of_link(warehouse: Warehouse) -> None:
    assert referrers_of(warehouse, "link") == {n: ("email", "letter") for n, _ in enumerate(LINKS)}
    assert warehouse.rows(
        "select campaign, campaign_medium, campaign_source, views from dim_campaigns "
        "where campaign is not null"
    ) == [("spring", "email", "letter", len(LINKS))]


def test_only_direct_visits_have_no_name(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select referrer_class from fct_pageviews where referrer_name is null group by all "
        "union all select source_class from fct_sessions where source_name is null group by all"
    ) == [("direct",), ("direct",)]


def test_incremental_loads_give_the_rows_of_a_full_refresh(warehouse: Warehouse) -> None:
    assert_equal_to_a_full_refresh(warehouse)
