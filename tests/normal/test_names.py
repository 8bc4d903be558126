"""The normal form of names and titles."""

from __future__ import annotations

import pytest

from readership.normal.names import normal_name


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Business & Technology", "Business & Technology"),
        ("Business &amp; Technology", "Business & Technology"),
        ("Business &amp;amp; Technology", "Business & Technology"),
        ("Business&nbsp;&#38; \n Technology ", "Business & Technology"),
        ("O&#039;Neill", "O'Neill"),
        ("It&amp;#8217;s", "It\u2019s"),
        ("&lt;b&gt;", "<b>"),
        ("R&D", "R&D"),
        ("Arts&sections", "Arts&sections"),
        ("A&B;C", "A&B;C"),
        ("Zu\u0308rich", "Z\u00fcrich"),
        ("Sport\u200b", "Sport"),
        ("\ufeffSport\u200d", "Sport"),
        ("S\u00adport\u200e", "Sport"),
        ("Line\u2028break\x07", "Line break"),
        (" \u00a0 ", ""),
    ],
)
def test_a_name_is_normalized_to_its_visible_text(written: str, kept: str) -> None:
    assert normal_name(written) == kept


@pytest.mark.parametrize(
    "name",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u0915\u094d\u200d\u0937",
    ],
)
def test_joiners_of_scripts_and_emoji_are_kept(name: str) -> None:
    assert normal_name(name) == name


def test_a_deeply_encoded_text_takes_little_time() -> None:
    assert len(normal_name("&#38;" * 3 + "amp;" * 1_000_000 + "x")) > 0
