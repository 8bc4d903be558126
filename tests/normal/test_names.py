"""The form in which names and titles are kept."""

from __future__ import annotations

import pytest

from normal.names import normal_name


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
def test_a_name_is_kept_as_a_reader_sees_it(written: str, kept: str) -> None:
    assert normal_name(written) == kept


@pytest.mark.parametrize(
    "name",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u0915\u094d\u200d\u0937",
    ],
)
def test_joiners_that_belong_to_a_script_or_an_emoji_stay(name: str) -> None:
    assert normal_name(name) == name


def test_a_text_encoded_without_end_is_done_soon() -> None:
    assert len(normal_name("&#38;" * 3 + "amp;" * 1_000_000 + "x")) > 0
