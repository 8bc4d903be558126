"""Text made safe to print, tables that fit, lines that are sparse."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from readership.console import (
    Column,
    SparseLines,
    aligned_table,
    clean,
    counted,
    cut,
    cut_start,
    fitted,
    ruled_table,
    visible,
    without_controls,
)


def test_cleaning_keeps_the_words() -> None:
    assert clean("  a\n\tb\u00a0c ") == "a b c"
    assert clean("\x1b[1;31mred\x1b[0m") == "red"
    assert clean("na\u00efve cafe\u0301") == "na\u00efve cafe\u0301"
    assert clean("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645").count("\u200c") == 1
    assert without_controls('{"a":\n\t"\u00a0\x1b[1m\u200d"}') == '{"a":\n\t"\u00a0[1m\u200d"}'


def test_cutting_counts_cells() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdef", 5) == "abcd…"
    assert cell_len(cut("\u97d3\u570b\u65b0\u805e", 6)) <= 6
    assert cut("\u05e9\u05dc", 5).endswith("\u200e")
    assert cut_start("https://a.example/post-1", 8) == "…/post-1"
    assert cut_start("ab", 1) == "…"


def test_what_cannot_be_seen_is_spelled_out() -> None:
    assert visible("/events/a b.jsonl") == "/events/a b.jsonl"
    assert visible("caf\u00e9\x1b[1m\u202e\n") == "caf\u00e9\\x1b[1m\\u202e\\n"
    assert visible(b"a\xff") == "a\\xff"


def test_a_count_has_its_unit() -> None:
    assert (counted(1, "file"), counted(0, "file"), counted(2_000, "file")) == (
        "1 file",
        "0 files",
        "2,000 files",
    )


@pytest.mark.parametrize(
    "text", ["", "short", "longer than it may be", "\u97d3\u570b\u65b0\u805e\u97d3"]
)
def test_a_fitted_text_has_its_width(text: str) -> None:
    assert cell_len(fitted(text, 8)) == 8


COLUMNS = [Column("name", shrinks=True), Column("views", is_number=True)]
ROWS = [("a rather long name of something", "12,345"), ("b", "6")]


@pytest.mark.parametrize("width", [20, 30, 60])
def test_the_column_that_shrinks_is_cut_and_numbers_are_whole(width: int) -> None:
    text = aligned_table(COLUMNS, ROWS, width, "a note").plain.splitlines()
    stream = io.StringIO()
    Console(file=stream, width=width).print(ruled_table(COLUMNS, ROWS, width))
    for lines in (text[:-1], stream.getvalue().splitlines()):
        assert max(cell_len(line.rstrip()) for line in lines) <= width
        assert sum("12,345" in line for line in lines) == 1
        assert any("…" in line for line in lines) == (width < 40)
    assert text[-1] == "a note"


def test_lines_are_sparse_once_one_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    stream = io.StringIO()
    lines = SparseLines(stream, "readership load", 60)
    lines.say("reading")
    assert not lines.due
    now[0] += 59.9
    assert not lines.due
    now[0] += 0.1
    assert lines.due
    assert stream.getvalue() == "readership load: reading\n"
