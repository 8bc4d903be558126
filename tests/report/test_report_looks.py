"""No title can break the layout of the report."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.text import Text

HOSTILE = [
    "[red]x[/red] [/nothing] :smile:",
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil\x07link\x1b]8;;\x07 \x07\x08\r",
    "line one\nline two\ttab\u2028more",
    "long " * 5_000,
    "\u05e9\u05dc\u05d5\u05dd " * 30,
    "\u202eesrever\u202c \u2066isolated",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f \U0001f44d\U0001f3fd " * 9,
    "e" + "\u0301" * 900,
    "\u97d3\u570b\u65b0\u805e" * 30,
    "\u200b\u200d",
]


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_stays_within_its_column(
    title: str, run: Callable, warehouse: Path, change: Callable
) -> None:
    quoted = "'" + title.replace("'", "''") + "'"
    change(
        warehouse,
        f"update api_top_posts set title = {quoted}",
        f"update trending_posts set title = {quoted}",
        f"update dim_sites set site_name = {quoted}",
    )
    done = run("--warehouse", warehouse)
    assert done.code == 0
    (row,) = [line for line in done.out.splitlines() if line.endswith("6,789        1,011")]
    assert cell_len(row) <= 80
    assert row.startswith("  1  ")
    before_next = done.out.split("Try next")[0].splitlines()
    wide = [line for line in before_next if cell_len(line) > 80 and str(warehouse) not in line]
    assert wide == []
    assert not set("\x1b\x07\x08\r\u202e\u2066") & set(done.out)


def test_markup_is_printed_verbatim(run: Callable, warehouse: Path, change: Callable) -> None:
    change(warehouse, "update api_top_posts set title = '[red]x[/red] :smile: [1]'")
    assert "[red]x[/red] :smile: [1]  12,345" in run("--warehouse", warehouse).out


def test_a_long_title_is_cut_with_an_ellipsis(
    run: Callable, warehouse: Path, change: Callable
) -> None:
    change(warehouse, "update api_top_posts set title = repeat('abcdefghi ', 20)")
    out = run("--warehouse", warehouse).out
    assert "abcdefghi abc…  12,345" in out


def test_a_terminal_gets_the_same_text_in_colour(
    run: Callable, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = run("--warehouse", warehouse).out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = run("--warehouse", warehouse).out.removesuffix("\n")
    assert "\x1b[1m" in coloured
    assert "\x1b" not in plain
    assert [
        line.rstrip() for line in Text.from_ansi(coloured).plain.split("\n")
    ] == plain.splitlines()


def test_an_ascii_stream_gets_only_ascii(
    run: Callable, warehouse: Path, monkeypatch: pytest.MonkeyPatch, change: Callable
) -> None:
    change(warehouse, "update api_top_posts set title = 'Süß ' || repeat('x', 100)")
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    assert run("--warehouse", warehouse).code == 0
    stream.seek(0)
    out = stream.read()
    assert "S?? xxx" in out
    assert "x~" in out
    assert "####" in out
