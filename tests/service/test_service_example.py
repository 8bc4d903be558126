"""The page of popular posts in a browser without a window."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from service.keys import SiteKeys
from tests.service.conftest import NEWS
from tests.service.running import running
from tests.warehouses import ROOT, Warehouse

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
Shown = Callable[..., str]


@pytest.fixture
def shown(newsrooms: Warehouse, tmp_path: Path) -> Shown:
    """What the page shows when it is opened with an address of its own."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no browser is here to open the page in: none of {', '.join(BROWSERS)}")

    def show(**asked: str) -> str:
        with running(newsrooms.path, NEWS, SiteKeys(is_open=True)) as service:
            page = (ROOT / "examples/popular.html").as_uri()
            address = f"{page}?{urlencode({'api': service.root, **asked})}"
            done = subprocess.run(
                [browser, "--headless", "--no-sandbox", "--disable-gpu", "--timeout=20000",
                 f"--user-data-dir={tmp_path}", "--virtual-time-budget=20000", "--dump-dom",
                 address],
                capture_output=True, text=True, timeout=120, check=True,
            )  # fmt: skip
        return done.stdout[done.stdout.index("<section") : done.stdout.index("</section>")]

    return show


def test_the_page_shows_the_most_read_posts_first(shown: Shown) -> None:
    found = shown(period="24h")
    links = re.findall(r'<a href="([^"]*)">(.*?)</a><small>(.*?)</small>', found)
    assert links == [
        (f"https://{NEWS}/a?itm_source=popular", "A", "Ana · 4 views · 4 readers"),
        (f"https://{NEWS}/b?itm_source=popular", "B", "Bo · 2 views · 2 readers"),
    ]
    assert "As of 2026-03-10 16:00:00 UTC" in found


def test_a_title_is_text_whatever_is_in_it(shown: Shown) -> None:
    found = shown(period="2025-12-01", limit="3")
    assert html.escape("C <i>& co</i>", quote=False) in found
    assert "<i>" not in found


def test_the_page_tells_of_a_refusal(shown: Shown) -> None:
    assert "No list: apikey and secret do not fit" in shown(site="nobody.example.com")


def test_the_page_tells_when_nothing_was_read(shown: Shown) -> None:
    assert "Nothing was read." in shown(site=NEWS, period="2027-01-01")
