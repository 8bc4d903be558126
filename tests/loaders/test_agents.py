"""What a user agent says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from loaders.enriching import describe_agent

ANDROID = "Mozilla/5.0 (Linux; Android 14; {model}) AppleWebKit/537.36 (KHTML, like Gecko) "
IOS = "Mozilla/5.0 ({device}; CPU {os} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
DESKTOP = "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.109 "


def listed(name: str) -> list[dict[str, str]]:
    """The rows of a file beside this one: user agents made up in the shape of real ones."""
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_nobody_is_taken_for_a_robot() -> None:
    people = listed("agents_of_people.tsv")
    assert len(people) >= 150
    taken = [(row["who"], describe_agent(row["user_agent"]).bot_kind) for row in people]
    assert [(who, kind) for who, kind in taken if kind is not None] == []


def test_robots_are_found() -> None:
    robots = listed("agents_of_robots.tsv")
    assert len(robots) >= 80
    assert [row["who"] for row in robots if not describe_agent(row["user_agent"]).is_bot] == []


def test_devices_are_recognised_by_what_they_say_and_not_by_the_names_of_apps() -> None:
    wrong = [
        (row["who"], found, row["device"])
        for row in listed("agents_of_people.tsv")
        if (found := describe_agent(row["user_agent"]).device_type) != row["device"]
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("user_agent", "kind"),
    [
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
         "bingbot (search-engine)"),
        (DESKTOP.format(system="X11; Linux x86_64") + "Safari/537.36 NyhetsBot/1.0",
         "says NyhetsBot"),
        (DESKTOP.format(system="X11; Linux x86_64") + "Safari/537.36; compatible; GPTBot/1.2",
         "GPTBot (ai-crawler)"),
        ("AltaVista Intranet V2.0", "Spider (ua-parser)"),
        ("Mozilla/5.0 (compatible; Gatherer/1.0)", "compatible and no browser"),
        ("Mozilla/5.0 Gatherer", "a browser of no system"),
    ],
)  # fmt: skip
def test_the_evidence_of_a_robot_is_kept(user_agent: str, kind: str) -> None:
    assert describe_agent(user_agent).bot_kind == kind


def test_a_text_without_end_costs_no_more_than_a_long_one() -> None:
    phone = ANDROID.format(model="Pixel 8") + "Chrome/120.0.0.0 Mobile Safari/537.36 "
    for filling in ("x", "(", "bot.", "Mobile "):
        text = phone + filling * 2_000_000
        found = describe_agent(text)
        assert found.user_agent == text
        assert found.device_type in ("mobile", "other")


@pytest.mark.parametrize(
    ("user_agent", "device_type"),
    [
        (IOS.format(device="iPhone", os="iPhone OS 17_1_2") + "Mobile/15E148", "mobile"),
        (IOS.format(device="iPad", os="OS 16_6") + "Mobile/15E148", "tablet"),
        (ANDROID.format(model="Pixel 8") + "Chrome/120.0.0.0 Mobile Safari/537.36", "mobile"),
        (ANDROID.format(model="SM-X710") + "Chrome/120.0.0.0 Safari/537.36", "tablet"),
        (DESKTOP.format(system="Windows NT 10.0; Win64; x64") + "Safari/537.36", "desktop"),
        (DESKTOP.format(system="Macintosh; Intel Mac OS X 10_15_7") + "Safari/537.36", "desktop"),
        (DESKTOP.format(system="X11; Linux x86_64") + "Safari/537.36", "desktop"),
        (DESKTOP.format(system="X11; CrOS x86_64 14541.0.0") + "Safari/537.36", "desktop"),
        ("Mozilla/5.0 (Windows NT 6.1; Tablet PC 2.0; rv:11.0) like Gecko", "desktop"),
        ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 Chrome/79.0 Safari", "other"),
        ("Dalvik/2.1.0 (Linux; U; Android 9; SM-G960F Build/PPR1)", "mobile"),
        ("Opera/9.80 (J2ME/MIDP; Opera Mini/9/174; U; en) Presto/2.12", "mobile"),
        ("", "other"),
        ("gibberish", "other"),
    ],
)
def test_each_kind_of_device_is_recognised(user_agent: str, device_type: str) -> None:
    found = describe_agent(user_agent)
    assert (found.device_type, found.is_bot) == (device_type, False)


def test_browser_system_and_device_are_named_with_their_versions() -> None:
    iphone = IOS.format(device="iPhone", os="iPhone OS 17_1_2")
    found = describe_agent(iphone + "Version/17.1 Mobile/15E148 Safari/604.1")
    assert (found.browser, found.browser_version) == ("Mobile Safari", "17.1")
    assert (found.os, found.os_version) == ("iOS", "17.1.2")
    assert (found.device, found.device_brand, found.device_model) == ("iPhone", "Apple", "iPhone")
    assert found.bot_kind is None


def test_what_is_not_known_is_null() -> None:
    assert describe_agent("gibberish")[1:] == (None,) * 7 + ("other", False, None)


def test_a_robot_is_a_robot_whatever_device_it_claims() -> None:
    found = describe_agent(
        ANDROID.format(model="Nexus 5X")
        + "Chrome/119.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; "
        "+http://www.google.com/bot.html)"
    )
    assert (found.is_bot, found.device_type) == (True, "other")
    assert found.bot_kind == "Googlebot (search-engine)"
