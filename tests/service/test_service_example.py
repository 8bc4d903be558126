"""The example page of popular posts in a headless browser."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from readership.service.keys import SiteKeys
from tests.support.newsrooms import NEWS
from tests.support.serving import running
from tests.support.warehouses import ROOT, Warehouse

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
Show = Callable[..., str]


@pytest.fixture
def show(newsrooms: Warehouse, tmp_path: Path) -> Show:
    """Open the page with parameters; returns the HTML that it shows."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no browser is installed: none of {', '.join(BROWSERS)}")

    def open_page(**parameters: str) -> str:
        with running(newsrooms.path, NEWS, SiteKeys(is_open=True)) as service:
            page = (ROOT / "examples/popular.html").as_uri()
            address = f"{page}?{urlencode({'api': service.root, **parameters})}"
            done = subprocess.run(
                [browser, "--headless", "--no-sandbox", "--disable-gpu", "--timeout=20000",
                 f"--user-data-dir={tmp_path}", "--virtual-time-budget=20000", "--dump-dom",
                 address],
                capture_output=True, text=True, timeout=120, check=True,
            )  # fmt: skip
        return done.stdout[done.stdout.index("<section") : done.stdout.index("</section>")]

    return open_page


def test_the_page_shows_the_most_viewed_posts_first(show: Show) -> None:
    section = show(period="24h")
    links = re.findall(r'<a href="([^"]*)">(.*?)</a><small>(.*?)</small>', section)
    assert links == [
        (f"https://{NEWS}/a?itm_source=popular", "A", "Ana · 4 views · 4 readers"),
        (f"https://{NEWS}/b?itm_source=popular", "B", "Bo · 2 views · 2 readers"),
    ]
    assert "As of 2026-03-10 16:00:00 UTC" in section


def test_a_title_with_markup_is_shown_as_text(show: Show) -> None:
    section = show(period="2025-12-01", limit="3")
    assert html.escape("C <i>& co</i>", quote=False) in section
    assert "<i>" not in section


def test_the_page_shows_the_reason_of_a_refusal(show: Show) -> None:
    assert "No list: apikey and secret do not fit" in show(site="nobody.example.com")


def test_the_page_says_when_there_are_no_posts(show: Show) -> None:
    assert "Nothing was read." in show(site=NEWS, period="2027-01-01")
