"""What exports of warehouses, data frames and pages write, and the form that it is kept in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loaders.reading.gate import ROW_FIELDS, Rejection, judge


def kept(field: str, written: str) -> Any:  # noqa: ANN401
    """What is kept of a field whose value is written as JSON text."""
    verdict = judge(f'{{"{field}": {written}}}'.encode())
    assert isinstance(verdict, tuple)
    assert not isinstance(verdict, Rejection), verdict
    return dict(zip(ROW_FIELDS, verdict, strict=True))[field]


@pytest.mark.parametrize(
    "written", ["true", '"true"', '"True"', '"TRUE"', '"t"', "1", '"1"', "1.0"]
)
def test_a_flag_is_true(written: str) -> None:
    assert kept("flags_is_amp", written) is True


@pytest.mark.parametrize("written", ["false", '"False"', '"f"', "0", '"0"', "0.0", '"no"'])
def test_a_flag_is_false(written: str) -> None:
    assert kept("flags_is_amp", written) is False


@pytest.mark.parametrize("field", ["flags_is_amp", "engaged_time_inc", "ip_lat"])
@pytest.mark.parametrize("written", ["null", "NaN", '""', '"NaN"', '"None"', '"null"', '"<NA>"'])
def test_what_stands_for_nothing_is_nothing(field: str, written: str) -> None:
    assert kept(field, written) is None


@pytest.mark.parametrize("field", ["pageview_id", "metadata_post_id", "visitor_site_id"])
@pytest.mark.parametrize("written", ["559017744", "559017744.0", '"559017744.0"', "5.59017744e8"])
def test_an_identifier_is_the_number_that_it_was(field: str, written: str) -> None:
    assert kept(field, written) == "559017744"


@pytest.mark.parametrize("written", ['"7.5"', '"1.10"', '"v1.0"', '"2026.0.1"'])
def test_an_identifier_that_is_no_whole_number_stays(written: str) -> None:
    assert kept("metadata_post_id", written) == json.loads(written)


@pytest.mark.parametrize(
    "written",
    [
        '["Ana Bell", "Bo"]',
        '["Ana&nbsp;Bell", " Bo\\n", "Bo"]',
        '[["Ana Bell"], "Bo", null, ""]',
        '"[\\"Ana Bell\\", \\"Bo\\"]"',
        "\"['Ana Bell', 'Bo']\"",
        '"{\\"Ana Bell\\",Bo}"',
        '[{"@type": "Person", "name": "Ana Bell"}, {"@type": "Person", "name": "Bo"}]',
        '[{"givenName": "Ana", "familyName": "Bell"}, {"name": "Bo", "url": "https://x.example/bo"}]',
        '{"@type": "Person", "name": ["Ana Bell", "Bo"]}',
        '"[{\\"@type\\": \\"Person\\", \\"name\\": \\"Ana Bell\\"}, {\\"name\\": \\"Bo\\"}]"',
        '["{\\"name\\": \\"Ana Bell\\"}", "Bo"]',
    ],
)
def test_authors_are_their_names(written: str) -> None:
    assert kept("metadata_authors", written) == '["Ana Bell", "Bo"]'


@pytest.mark.parametrize("text", ["Ana Bell, Bo Ash", "Ana Bell; Bo  Ash", "Ana Bell,\nBo Ash"])
def test_authors_in_one_text_are_each_one(text: str) -> None:
    kept_names = kept("metadata_authors", json.dumps(text))
    assert kept_names == '["Ana Bell", "Bo Ash"]'


@pytest.mark.parametrize("text", ["Bell, Ana", "Bo Ash, jr.", "Ana Bell and Bo Ash", "Reuters, AP"])
def test_a_comma_may_be_part_of_a_name(text: str) -> None:
    assert kept("metadata_authors", json.dumps(text)) == json.dumps([text])
    assert kept("metadata_authors", json.dumps(["Ana Bell, Bo Ash"])) == '["Ana Bell, Bo Ash"]'


@pytest.mark.parametrize("text", ["Ana Bell", "[Breaking] News", "{odd", "A, B", "R&D", "[]]"])
def test_a_bare_text_is_a_list_of_one(text: str) -> None:
    assert kept("metadata_tags", json.dumps(text)) == json.dumps([text])


@pytest.mark.parametrize("written", ['""', '" "', "{}", '"{}"', '{"@type": "Person"}', "null"])
def test_a_list_that_says_nothing_is_none(written: str) -> None:
    assert kept("metadata_authors", written) is None


def test_numbers_in_a_list_stay_as_they_are_written() -> None:
    assert kept("metadata_tags", "[2026, 1.50, 1e999]") == '["2026", "1.50", "1e999"]'
    assert kept("metadata_tags", "2026") == '["2026"]'


@pytest.mark.parametrize(
    "written", ['{"tier":"gold"}', '"{\\"tier\\": \\"gold\\"}"', "\"{'tier': 'gold'}\""]
)
def test_extra_data_may_be_written_into_a_text(written: str) -> None:
    assert kept("extra_data", written) == '{"tier":"gold"}'


@pytest.mark.parametrize("field", ["metadata_title", "utm_campaign"])
def test_half_a_surrogate_pair_becomes_the_replacement_character(field: str) -> None:
    assert kept(field, '"late \\ud83d"') == "late \ufffd"
    assert kept(field, '"\\ude00 late"') == "\ufffd late"
    assert kept(field, '"\\ud83d\\ude00 and \\\\ud83d"') == "\U0001f600 and \\ud83d"


def test_half_a_surrogate_pair_in_json_becomes_that_character_too() -> None:
    assert kept("metadata_authors", '["Ana \\ud83d"]') == '["Ana \ufffd"]'
    assert kept("metadata_authors", '"[\\"Ana \\\\ud83d\\"]"') == '["Ana \ufffd"]'
    assert json.loads(kept("extra_data", '{"a": "x\\ud83d", "b": "\\ud83d\\ude00"}')) == {
        "a": "x\ufffd",
        "b": "\U0001f600",
    }


def test_addresses_are_kept_in_their_normal_form() -> None:
    assert kept("url", '" https://Me:pw@News.Example.:443/a//b "') == "https://news.example/a/b"
    assert kept("url_netloc", '"me:pw@News.Example:443"') == "news.example"
    assert kept("metadata_urls", '"https://news.example:443/a"') == '["https://news.example/a"]'
    assert kept("metadata_post_id", '"HTTPS://News.Example"') == "https://news.example/"


def test_names_are_kept_as_a_reader_sees_them() -> None:
    assert kept("metadata_section", '" Business &amp; Tech\\n"') == "Business & Tech"
    assert kept("metadata_title", '"Z\\u0061\\u0308h"') == "Z\u00e4h"
