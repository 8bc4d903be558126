"""Many lines at a time: the fast way against the rule."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loaders.fields import FIELDS
from loaders.reading import blocks
from loaders.reading.blocks import BlockJudge
from loaders.reading.gate import ROW_FIELDS, Rejection, judge
from loaders.reading.lines import LongLine
from loaders.reasons import REASONS
from tests.support.odd_lines import ODD_VALUES, PLAIN, lines_of_all_kinds, mutated, mutations


def rows_of(judged: blocks.Judged) -> dict[int, dict[str, Any]]:
    """Each event by its line number, its values in the columns of a row."""
    return {
        row.pop("_line"): {name: row[name] for name in ROW_FIELDS}
        for row in judged.events.to_pylist()
    }


def by_the_rule(lines: Sequence[Any]) -> tuple[dict[int, dict[str, Any]], dict[int, Rejection]]:
    rows, rejected = {}, {}
    for number, line in enumerate(lines, 1):
        verdict = judge(line)
        if isinstance(verdict, Rejection):
            rejected[number] = verdict
        elif verdict is not None:
            rows[number] = dict(zip(ROW_FIELDS, verdict, strict=True))
    return rows, rejected


def check_against_the_rule(judged: blocks.Judged, lines: Sequence[Any]) -> None:
    rows, rejected = by_the_rule(lines)
    assert rows_of(judged) == rows
    assert {number: verdict for number, verdict, _ in judged.rejected} == rejected
    assert judged.lines == len(lines) == len(rows) + len(rejected) + judged.blank


def test_every_line_is_in_one_of_the_counts_with_its_number_and_file() -> None:
    lines = [PLAIN.encode(), b"", b"not json", PLAIN.encode(), b" \r", LongLine(b"x", 17_000_000)]
    judged = BlockJudge().judge(lines, "a.jsonl", 101)
    assert judged.events.column("_line").to_pylist() == [101, 104]
    assert judged.events.column("_file").to_pylist() == ["a.jsonl"] * 2
    assert [(number, verdict.reason) for number, verdict, _ in judged.rejected] == [
        (103, "broken_json"),
        (106, "line_too_long"),
    ]
    assert [line for _, _, line in judged.rejected] == [b"not json", lines[-1]]
    assert (judged.lines, judged.blank) == (6, 2)


def test_an_empty_block_has_no_events() -> None:
    judged = BlockJudge().judge([], "a", 1)
    assert (judged.events.num_rows, judged.lines, judged.rejected) == (0, 0, [])


def test_the_distinct_values_for_the_lookups_come_from_both_paths() -> None:
    lines = [
        b'{"user_agent": "A", "url": "https://a.com/1"}',
        b'{"user_agent": "A", "url": "https://a.com/1", "version": "1"}',
        b'{"user_agent": "B", "referrer": "https://b.com/", "odd": 1}',
    ]
    judged = BlockJudge().judge(lines, "a", 1)
    assert dict(zip(blocks.LOOKUP_FIELDS, judged.lookups, strict=True)) == {
        "user_agent": {"A", "B"},
        "url": {"https://a.com/1", None},
        "referrer": {"https://b.com/", None},
        "session_initial_url": {None},
        "session_initial_referrer": {None},
    }


def test_a_field_never_seen_is_reported_once_and_kept_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = BlockJudge()
    lines = [PLAIN.encode(), b'{"slot_y": 1, "slot_x": [2]}', b'{"slot_x": null}']
    first = gate.judge(lines, "a", 1)
    assert first.unknown == {"slot_x": 2, "slot_y": 2}
    check_against_the_rule(first, lines)

    # What is learned takes the fast way, which need not ask the rule.
    monkeypatch.setattr(blocks, "judge", None)
    again = gate.judge(lines, "a", 1)
    assert again.unknown == {}
    check_against_the_rule(again, lines)


def test_more_made_up_names_than_can_be_learned_are_kept_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks, "_MAX_LEARNED", 3)
    gate = BlockJudge()
    lines = [json.dumps({f"name {at}": at}).encode() for at in range(10)]
    for _ in range(2):
        check_against_the_rule(gate.judge(lines, "a", 1), lines)


@pytest.mark.parametrize("name", ['q"', "back\\slash", "tab\t", "", "\x7f", "caf\u00e9"])
def test_a_field_of_any_name_is_reported_once_and_kept_each_time(name: str) -> None:
    gate = BlockJudge()
    lines = [json.dumps({name: 1}).encode(), json.dumps({name: 2, "other": 3}).encode()]
    assert gate.judge(lines, "a", 1).unknown == {name: 1, "other": 2}
    again = gate.judge(lines, "a", 1)
    assert again.unknown == {}
    check_against_the_rule(again, lines)


def test_identifiers_sent_as_numbers_take_the_fast_path(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [b'{"pageview_id": 12, "pageload_id": -7}', b'{"pageview_id": "x"}', b"{}"]
    monkeypatch.setattr(blocks, "judge", None)
    judged = BlockJudge().judge(lines, "a", 1)
    assert judged.events.column("pageview_id").to_pylist() == ["12", "x", None]
    assert judged.events.column("pageload_id").to_pylist() == ["-7", None, None]


@pytest.mark.slow
@given(
    block=st.lists(st.builds(mutated, lines_of_all_kinds, mutations), min_size=1, max_size=12),
    taught=st.booleans(),
)
@example(block=[b'{"action": "\xff"}', b'{"extra_data": "\xe9"}'], taught=False)
@example(block=[b'{"odd": "\xff", "odd": 1}', b'{"action": "\xff", "action": null}'], taught=True)
@example(
    block=[b'{"extra_data": "\xff", "extra_data": {}}', b'{"odd": 1, "odd": "\xff"}'], taught=True
)
@settings(parent=settings())
def test_the_fast_path_gives_what_the_gate_gives(block: list[bytes], taught: bool) -> None:
    gate = BlockJudge()
    if taught:
        gate.judge([b'{"odd": 1, "other": 2, "": 3, "learned_0": 4}'], "a", 1)
    judged = gate.judge(block, "a", 1)
    check_against_the_rule(judged, block)
    assert {verdict.reason for _, verdict, _ in judged.rejected} <= set(REASONS)
    # Whatever was seen before, the same lines give the same.
    check_against_the_rule(gate.judge(block, "a", 1), block)


@pytest.mark.parametrize("value", ODD_VALUES)
def test_each_field_takes_a_value_as_the_gate_does(value: str) -> None:
    for name in FIELDS:
        lines = [PLAIN.encode(), f'{{"{name}": {value}}}'.encode()]
        check_against_the_rule(BlockJudge().judge(lines, "a", 1), lines)
