"""The dashboard in a browser: what it shows, to whom, and what it never does."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from readership.command_line import main
from readership.service import publish
from readership.service.dashboard import single_file
from readership.service.keys import SiteKeys
from tests.support.newsrooms import NEWS, TRIBUNE
from tests.support.serving import SECRET, Service, running, wait_until
from tests.support.warehouses import Warehouse

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
HOSTILE = "</script><img src=x onerror=alert(1)><script>alert(2)</script>\u2028"

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


class Watched:
    """A page, and what it asked for and complained of.

    Attributes:
        page: The page.
        requests: The addresses that it asked for.
        complaints: Errors and warnings of its console, exceptions, and dialogs.

    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda line: line.type in ("error", "warning") and self.complaints.append(line.text),
        )
        page.on("dialog", lambda dialog: (self.complaints.append("dialog"), dialog.dismiss()))

    def texts(self, selector: str) -> list[str]:
        """Return the texts of elements."""
        return [re.sub(r"\s+", " ", text).strip() for text in
                self.page.locator(selector).all_text_contents()]  # fmt: skip

    def show(self, address: str) -> Watched:
        """Open an address, and wait for its numbers."""
        self.page.goto("about:blank")
        self.page.goto(address)
        self.page.wait_for_selector("#now")
        return self


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser is installed: none of {', '.join(BROWSERS)}")
    with playwright.sync_playwright() as running_playwright:
        started = running_playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Watched]:  # noqa: ANN401
    """A page that has complained of nothing when the block ends."""
    context = browser.new_context(**{"viewport": WIDE} | options)
    watched = Watched(context.new_page())
    yield watched
    context.close()
    assert watched.complaints == []


@pytest.fixture(scope="module")
def open_service(newsrooms: Warehouse) -> Iterator[Service]:
    with running(
        newsrooms.path, NEWS, SiteKeys(is_open=True), poll_seconds=3600
    ) as running_service:
        yield running_service


def address(service: Service, site: str = NEWS, period: str = "today") -> str:
    return f"{service.root.removesuffix('/v2')}/#site={site}&period={period}"


def faults(page: Page) -> list[str]:
    """What axe-core finds that is serious or critical."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page).response
    assert len(found["passes"]) > 15
    return [
        f"{fault['id']}: {node['html']}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def test_it_shows_the_numbers_of_the_api(browser: Browser, open_service: Service) -> None:
    with opened(browser) as shown:
        shown.show(address(open_service))
        called = open_service.call("/analytics/site", period_start="1h")["data"][0]["metrics"]
        assert shown.texts("#now .figure") == [str(called["visitors"])] == ["2"]
        assert shown.texts("#now .soft") == ["3 views of posts; usually 0"]
        assert shown.texts("#posts .post .open") == ["A", "B"]
        assert shown.texts("#posts tbody tr:not(.details) td.number:nth-of-type(2)") == ["2", "2"]
        today = {"period_start": "2026-03-10", "period_end": "2026-03-10"}
        site = open_service.call("/analytics/site", **today)["data"][0]["metrics"]
        assert shown.texts("#against .value")[:2] == [str(site["visitors"]), str(site["views"])]
        seconds = round(site["avg_engaged"] * 60)
        assert shown.texts("#audience .value")[:2] == [
            f"{seconds // 60}:{seconds % 60:02} min",
            f"{round(100 * site['recirculation_rate'])} %",
        ]
        sources = open_service.call("/analytics/sources", **today)["data"]
        numbers = shown.texts("#sources .number")
        assert sorted(int(text.split()[0]) for text in numbers) == sorted(
            [row["metrics"]["views"] for row in sources] + [0]
        )
        # Assistants stand apart, even when none sent a reader.
        assert shown.texts("#sources .ai .source") == ["AI assistants"]
        assert shown.texts("#as-of") == [
            "As of 12:00, Tuesday, 10 March 2026: the newest event, America/New York time"
        ]


def test_it_asks_only_its_own_service(browser: Browser, open_service: Service) -> None:
    with opened(browser) as shown:
        shown.show(address(open_service, period="7d"))
        shown.page.click("#posts .open >> nth=0")
        shown.page.wait_for_selector(".life")
        host = open_service.root.removesuffix("/v2")
        assert len(shown.requests) > 6
        assert [
            one for one in shown.requests if not one.startswith((f"{host}/", "about:", "data:"))
        ] == []


def test_a_site_and_a_period_can_be_chosen(browser: Browser, open_service: Service) -> None:
    with opened(browser) as shown:
        page = shown.show(address(open_service)).page
        page.get_by_label("30 days").check()
        page.wait_for_selector("#posts-title:has-text('30 days')")
        assert page.url.endswith(f"#site={NEWS}&period=30d")
        page.get_by_label("Site").select_option(TRIBUNE)
        page.wait_for_selector("#posts .open:has-text('A')")
        page.wait_for_selector("#name:has-text('Example Tribune')")
        # The one view of this site is the only one on record.
        assert shown.texts("#now .figure") == ["1"]
        assert shown.texts("#now .lead") == [
            "What is usual at this hour is known after a week of data."
        ]
        assert "no full period before" in shown.texts("#against .note")
        assert shown.texts("#trends .quiet") == [
            "No post has enough readers now to rise or to fade."
        ]


def test_the_keyboard_is_enough(browser: Browser, open_service: Service) -> None:
    with opened(browser) as shown:
        page = shown.show(address(open_service)).page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the numbers"
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.className") == "open":
                break
        page.keyboard.press("Enter")
        page.wait_for_selector(".life")
        assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
        # Hours are read with the arrow keys, in words.
        slider = page.get_by_label("Readers by hour")
        slider.focus()
        assert slider.get_attribute("aria-valuetext").endswith("2 readers, usually 0")
        for _ in range(12):
            page.keyboard.press("ArrowLeft")
        # Dan came at midnight, and Eve a second before.
        words = slider.get_attribute("aria-valuetext")
        assert words.startswith("Mon 9 Mar, 23:00")
        assert words.endswith("2 readers, usually 0")
        assert shown.texts("#now .readout") == [words]


def test_the_life_of_a_post_is_the_one_told(browser: Browser, open_service: Service) -> None:
    with opened(browser) as shown:
        page = shown.show(address(open_service)).page
        page.click("#posts .open >> nth=0")
        page.wait_for_selector(".life")
        told = open_service.call("/dashboard/post", url=f"https://{NEWS}/a")
        total = sum(hour["views"] for hour in told["hours"])
        assert shown.texts(".life .facts")[0].startswith(
            f"Since Mon 9 Mar: {total} views by 4 readers"
        )
        assert shown.texts(".life .names li") == ["google Search, 1", "letter Newsletters, 1"]
        page.click("#posts .open >> nth=0")
        assert page.locator(".life").is_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_no_serious_fault(
    browser: Browser,
    open_service: Service,
    scheme: str,
    size: dict[str, int],
) -> None:
    with opened(browser, viewport=size, color_scheme=scheme) as shown:
        page = shown.show(address(open_service, period="7d")).page
        page.click("#posts .open >> nth=0")
        page.wait_for_selector(".life")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_secret_is_asked_for_and_kept_out_of_addresses(
    browser: Browser, service: Service
) -> None:
    with opened(browser) as shown:
        page = shown.page
        page.goto(service.root.removesuffix("v2"))
        page.get_by_label("Site").last.fill(NEWS)
        page.get_by_label("Secret").fill("another of sixteen letters")
        page.get_by_text("Show the numbers").click()
        page.wait_for_selector("#notice:has-text('do not fit')")
        page.get_by_label("Secret").fill(SECRET)
        assert faults(page) == []
        page.get_by_text("Show the numbers").click()
        page.wait_for_selector("#now")
        assert shown.texts("#now .figure") == ["2"]
        assert page.locator("#site-choice").is_hidden()
        page.reload()
        page.wait_for_selector("#now")
        assert not [one for one in shown.requests if "secret" in one or "sixteen" in one]


def test_new_numbers_come_by_themselves_and_a_failure_is_said(
    browser: Browser,
    own: Warehouse,
) -> None:
    with opened(browser) as shown:
        page = shown.page
        page.clock.install()
        with running(own.path, NEWS, SiteKeys(is_open=True)) as service:
            shown.show(address(service))
            page.click("#posts .open >> nth=0")
            page.wait_for_selector(".life")
            own.execute(
                "insert into int_hourly_views by name select * replace (uuid() as visitor_key) "
                f"from int_hourly_views where site_id = '{NEWS}' and viewed_at = '2026-03-10 15:30'"
            )
            publish(own.path)
            wait_until(lambda: service.serving.swaps)
            page.clock.run_for(31_000)
            page.wait_for_selector("#now .figure:text-is('3')")
            # What was open stays open.
            page.wait_for_selector(".life")
        page.clock.run_for(31_000)
        page.wait_for_selector("#notice:has-text('Not up to date')")
        assert shown.texts("#now .figure") == ["3"]
        shown.complaints[:] = [one for one in shown.complaints if "ERR_CONNECTION" not in one]


def test_the_file_opens_offline_with_the_same_numbers(
    browser: Browser,
    own: Warehouse,
    open_service: Service,
    tmp_path: Path,
) -> None:
    own.execute(f"update dim_posts set title = '{HOSTILE}' where canonical_url like '%{NEWS}/b'")
    publish(own.path)
    file = tmp_path / "dashboard.html"
    assert main(["dashboard", "--warehouse", str(own.path), "--out", str(file)]) == 0
    assert HOSTILE not in file.read_text()
    assert not re.search(r"(?:src|href)=\"?(?:https?:)?//", file.read_text())
    with opened(browser, offline=True) as shown, opened(browser) as served:
        page = shown.show(f"{file.as_uri()}#site={NEWS}&period=30d").page
        served.show(address(open_service, period="30d"))
        for part in ("#now .figure", "#against .value", "#posts .number", "#sources .number"):
            assert shown.texts(part) == served.texts(part) != []
        # A hostile title is text.
        assert HOSTILE.strip() in shown.texts("#posts .open")
        page.get_by_text(HOSTILE.strip()).first.click()
        page.wait_for_selector(".life")
        page.get_by_label("Site").select_option(TRIBUNE)
        page.wait_for_selector("#name:has-text('Example Tribune')")
        assert {one.partition(":")[0] for one in shown.requests} <= {"file", "data", "about"}
        assert len([one for one in shown.requests if one.startswith("file")]) == 1


def test_what_rises_and_fades_is_named_in_this_order_with_what_was_expected(
    browser: Browser, own: Warehouse, tmp_path: Path
) -> None:
    own.execute(f"delete from trending_posts where site_id = '{NEWS}'")
    for path, state, position, views, expected in [
        ("/b", "fading", 1, 1, 12), ("/c", "steady", 2, 1100, 1000), ("/a", "rising", 3, 9, 2),
    ]:  # fmt: skip
        own.execute(f"""
            insert into trending_posts by name
            select
                post_key as trending_key, site_id, post_key, canonical_url, title, section,
                '{state}' as state, {position} as position, {views} as views,
                {expected} as expected_views, {views} / {expected} as score
            from dim_posts where canonical_url = 'https://{NEWS}{path}'
        """)
    publish(own.path)
    file = tmp_path / "dashboard.html"
    assert main(["dashboard", "--warehouse", str(own.path), "--out", str(file)]) == 0
    with opened(browser) as shown:
        page = shown.show(f"{file.as_uri()}#site={NEWS}&period=today").page
        assert shown.texts("#trends li") == [
            "▲ risingA9 views, 2 expected",
            "■ steadyC <i>& co</i>1,100 views, 1,000 expected",
            "▼ fadingB1 view, 12 expected",
        ]
        page.locator("#trends").get_by_role("button", name="B").click()
        page.wait_for_selector("#trends .life")
        assert faults(page) == []


def test_a_warehouse_without_a_site_says_so(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "empty.html"
    sites = {"success": True, "needs_secret": False, "sites": []}
    file.write_text(single_file({"dashboard/sites": json.loads(json.dumps(sites))}))
    with opened(browser) as shown:
        shown.page.goto(file.as_uri())
        shown.page.wait_for_selector("#notice:has-text('There is no site yet')")
