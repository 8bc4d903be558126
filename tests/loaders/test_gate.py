"""The gate: what is an event, what is not, and why."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.fields import FIELDS
from loaders.reading.gate import ROW_FIELDS, Rejection, judge
from loaders.reading.lines import MAX_LINE_BYTES, LongLine
from loaders.reasons import REASONS


def values(line: str | bytes) -> dict[str, Any]:
    row = judge(line if isinstance(line, bytes) else line.encode())
    assert isinstance(row, tuple)
    assert not isinstance(row, Rejection), row
    found = dict(zip(ROW_FIELDS, row, strict=True))
    return {name: value for name, value in found.items() if value is not None}


def rejection(line: str | bytes) -> Rejection:
    verdict = judge(line if isinstance(line, bytes) else line.encode())
    assert isinstance(verdict, Rejection), verdict
    return verdict


def test_a_row_has_every_field_and_the_unknown_ones() -> None:
    assert set(ROW_FIELDS) == {*FIELDS, "_unknown_fields"}


def test_a_plain_event_keeps_its_values() -> None:
    line = (
        '{"action": "pageview", "session_id": 3, "ip_lat": 48.1, "visitor": true, "url": null,'
        ' "metadata_authors": ["Ana", "Bo"], "extra_data": {"tier": "gold"}}'
    )
    assert values(line) == {
        "action": "pageview",
        "session_id": 3,
        "ip_lat": 48.1,
        "visitor": True,
        "metadata_authors": '["Ana", "Bo"]',
        "extra_data": '{"tier": "gold"}',
    }


def test_an_empty_object_is_an_event_for_staging_to_judge() -> None:
    assert values("{}") == {}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"engaged_time_inc": "8"}', {"engaged_time_inc": 8}),
        ('{"session_timestamp": "1_429_707_722_000"}', {"session_timestamp": 1429707722000}),
        ('{"version": "-1"}', {"version": -1}),
        ('{"version": 1.0}', {"version": 1}),
        ('{"session_timestamp": 1.429707722e12}', {"session_timestamp": 1429707722000}),
        ('{"version": "1.0"}', {"version": 1}),
        ('{"version": 9223372036854775807}', {"version": 2**63 - 1}),
        ('{"version": -9223372036854775808}', {"version": -(2**63)}),
        ('{"ip_lat": "48.137"}', {"ip_lat": 48.137}),
        ('{"ip_lat": "1_000.5"}', {"ip_lat": 1000.5}),
        ('{"ip_lat": 48}', {"ip_lat": 48.0}),
        ('{"pageview_id": 123456789012345678901}', {"pageview_id": "123456789012345678901"}),
        ('{"pageview_id": -7}', {"pageview_id": "-7"}),
        ('{"ip_lat": NaN, "action": "x"}', {"action": "x"}),
        ('{"version": Infinity, "action": "x"}', {"action": "x"}),
        ('{"ip_lat": -Infinity, "action": "x"}', {"action": "x"}),
        ('{"ip_lat": "NaN", "action": "x"}', {"action": "x"}),
        ('{"extra_data": {"a": NaN, "b": "é"}}', {"extra_data": '{"a":null,"b":"é"}'}),
        ('{"metadata_authors": "Ana Example"}', {"metadata_authors": '["Ana Example"]'}),
        ('{"metadata_tags": []}', {"metadata_tags": "[]"}),
        ('{"extra_data": "gold"}', {"extra_data": '"gold"'}),
        ('{"extra_data": 3}', {"extra_data": "3"}),
        ('{"extra_data": true}', {"extra_data": "true"}),
        ('{"extra_data": [1, 2]}', {"extra_data": "[1, 2]"}),
        ('{"extra_data": null, "slot": false}', {"slot": False}),
        ('{"action": "a", "action": "b"}', {"action": "b"}),
        ('{"slot_x": 1, "slot_x": 2}', {"_unknown_fields": '{"slot_x":2}'}),
        (
            '{"slot_x": 12, "flags": {"a": [1.50]}, "action": "x"}',
            {"_unknown_fields": '{"flags":{"a": [1.50]},"slot_x":12}', "action": "x"},
        ),
        ('{"slot_url": null}', {"_unknown_fields": '{"slot_url":null}'}),
        ('{"metadata_title": "\\u00fcber \\ud83d\\ude00"}', {"metadata_title": "über 😀"}),
        ('{"metadata_title": "\\\\u0000"}', {"metadata_title": "\\u0000"}),
        ('{"extra_data": "\\\\\\\\u0000"}', {"extra_data": '"\\\\\\\\u0000"'}),
        ('  {"action": "x"}\t', {"action": "x"}),
    ],
)
def test_what_real_deliveries_contain_is_accepted(line: str, expected: dict[str, Any]) -> None:
    assert values(line) == expected


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ('{"version": "eight"}', 'version: expected a whole number, found "eight"'),
        ('{"visitor": "maybe"}', 'visitor: expected true or false, found "maybe"'),
        ('{"visitor": 2}', "visitor: expected true or false, found 2"),
        ('{"version": "_1"}', 'version: expected a whole number, found "_1"'),
        ('{"version": 1.5}', "version: expected a whole number, found 1.5"),
        ('{"version": true}', "version: expected a whole number, found true"),
        (
            '{"version": 9223372036854775808}',
            "version: expected a whole number of 64 bits, found 9223372036854775808",
        ),
        (
            '{"version": "1e999999999"}',
            'version: expected a whole number of 64 bits, found "1e999999999"',
        ),
        ('{"ip_lat": 1e999}', "ip_lat: expected a number of 64 bits, found 1e999"),
        ('{"ip_lat": "north"}', 'ip_lat: expected a number, found "north"'),
        ('{"ip_lat": [1]}', "ip_lat: expected a number, found [1]"),
        ('{"action": 1.5}', "action: expected text, found 1.5"),
        ('{"action": true}', "action: expected text, found true"),
        ('{"action": ["x"]}', 'action: expected text, found ["x"]'),
        ('{"metadata_title": "a\\u0000b"}', "metadata_title: holds a NUL character"),
        ('{"extra_data": {"a\\u0000": 1}}', "extra_data: holds a NUL character"),
        ('{"odd": "\\u0000"}', "odd: holds a NUL character"),
    ],
)
def test_a_value_that_is_not_its_fields_type_is_refused_with_the_field(
    line: str, detail: str
) -> None:
    assert rejection(line) == ("wrong_type", detail)


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        (b'{"action": "x"', "broken_json", "character 15"),
        (b"{'action': 'x'}", "broken_json", "character 2"),
        (b'{"action": "x"} {}', "broken_json", "Extra data"),
        (b'{"action": "tab\there"}', "broken_json", "control character"),
        (b'{"action": "\x00"}', "broken_json", "control character"),
        (b'{"extra_data": [1,]}', "broken_json", "character 19"),
        (b'{"extra_data": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "broken_json", "nested"),
        (b"[]", "not_an_object", "found a list"),
        (b'"text"', "not_an_object", "found a text"),
        (b"12", "not_an_object", "found a number"),
        (b"NaN", "not_an_object", "found null"),
        (b"true", "not_an_object", "found true or false"),
        (b'{"action": "\xff"}', "invalid_utf8", "byte 13"),
        (b'{"extra_data": "\xe9"}', "invalid_utf8", "byte 17"),
    ],
)
def test_a_line_that_is_no_json_object_is_refused(line: bytes, reason: str, detail: str) -> None:
    found = rejection(line)
    assert found.reason == reason
    assert detail in found.detail


def test_a_line_beyond_the_limit_is_refused_with_its_length() -> None:
    at_limit = b'{"action": "' + b"x" * (MAX_LINE_BYTES - 14) + b'"}'
    assert len(at_limit) == MAX_LINE_BYTES
    assert not isinstance(judge(at_limit), Rejection)
    assert rejection(at_limit + b" ").reason == "line_too_long"
    verdict = judge(LongLine(at_limit, 17_000_000))
    assert verdict == ("line_too_long", "17000000 bytes; the first 16777216 of them are kept")


@pytest.mark.parametrize("line", [b"", b"   ", b"\t", b" \r", b"\x0c"])
def test_a_line_of_white_space_is_blank(line: bytes) -> None:
    assert judge(line) is None


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (b'{"action": "pagev', "truncated"),
        (b'{"metadata_title": "caf\xc3', "truncated"),
        (b"12", "truncated"),
        (b'{"version": "eight"}', "wrong_type"),
    ],
)
def test_a_cut_tail_is_truncated_unless_it_is_whole(tail: bytes, reason: str) -> None:
    verdict = judge(tail, cut=True)
    assert isinstance(verdict, Rejection)
    assert verdict.reason == reason


def test_a_cut_tail_that_is_a_whole_event_is_an_event() -> None:
    assert not isinstance(judge(b'{"action": "x"}', cut=True), Rejection)


# Not every JSON parser takes what another one does, and one refusal would stop a whole load.
WAREHOUSE = duckdb.connect()

VALID_LINES = [
    json.dumps({"action": "pageview", "session_id": 3, "ip_lat": 1.5, "visitor": True}),
    '{"metadata_title": "\\ud83d\\ude00 caf\u00e9", "metadata_authors": ["Ana"], "slot": false}',
    '{"extra_data": {"a": [1, 2.5e3, null, NaN], "b": "\\u0041"}, "slot_x": 1}',
    '{"session_timestamp": "1_429_707_722_000", "pageview_id": 12}',
]


@given(
    line=st.sampled_from([line.encode() for line in VALID_LINES]),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=3), st.integers(0, 3)),
        min_size=1,
        max_size=4,
    ),
    cut=st.booleans(),
)
def test_every_mutation_of_a_line_is_an_event_a_rejection_or_blank(
    line: bytes, changes: list[tuple[float, bytes, int]], cut: bool
) -> None:
    for where, put_in, taken_out in changes:
        at = int(where * (len(line) + 1))
        line = line[:at] + put_in + line[at + taken_out :]
    counts = {"lines": 0, "events": 0, "rejected": 0, "blank": 0}
    for part in line.split(b"\n"):
        counts["lines"] += 1
        verdict = judge(part, cut=cut)
        if verdict is None:
            counts["blank"] += 1
        elif isinstance(verdict, Rejection):
            assert verdict.reason in REASONS
            counts["rejected"] += 1
        else:
            assert len(verdict) == len(ROW_FIELDS)
            for name, value in zip(ROW_FIELDS, verdict, strict=True):
                if isinstance(value, str):
                    assert "\0" not in value.encode().decode()
                    if FIELDS.get(name, "json") == "json":
                        WAREHOUSE.execute("select ?::json", [value])
            counts["events"] += 1
    assert counts["lines"] == counts["events"] + counts["rejected"] + counts["blank"]
