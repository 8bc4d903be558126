"""Text from outside made safe to print: one line, no control over the terminal, known width."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from rich.cells import cell_len, set_cell_size

_ESCAPES: Final = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x1b\x9b]\[?[0-?]*[ -/]*[@-~]", re.DOTALL
)
_LONGEST: Final = 2_000
_MOST_MARKS: Final = 3
_ZERO_WIDTH_NON_JOINER: Final = "\u200c"
_LEFT_TO_RIGHT_MARK: Final = "\u200e"
_REPLACEMENT: Final = "\ufffd"


def clean(text: str) -> str:
    """Give the text on one line without what steers a terminal or hides its width.

    Terminal escapes, control and direction characters, emoji joiners and variants, and
    combining marks beyond three in a row go; whitespace becomes single spaces. At most the
    first 2,000 characters are kept.
    """
    kept: list[str] = []
    marks = 0
    for character in _ESCAPES.sub("", text[:_LONGEST]):
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if character.isspace():
            kept.append(" ")
        elif category in {"Cn", "Co", "Cs"}:
            kept.append(_REPLACEMENT)
        elif marks <= _MOST_MARKS and not _is_unseen(character, category):
            kept.append(character)
    return " ".join("".join(kept).split())


def without_controls(text: str) -> str:
    """Give the text whole, line breaks too, without the characters that steer a terminal."""
    return "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) != "Cc"
    )


def cut(text: str, width: int) -> str:
    """Give cleaned text in at most so many cells, with an ellipsis where it was cut.

    Right-to-left text ends in a mark that keeps the numbers after it where they belong.
    """
    if cell_len(text) > width:
        text = set_cell_size(text, max(width - 1, 0)).rstrip() + "…"
    if any(unicodedata.bidirectional(character) in {"R", "AL", "AN"} for character in text):
        text += _LEFT_TO_RIGHT_MARK
    return text


def cut_start(text: str, width: int) -> str:
    """Give cleaned text in at most so many cells, cut at its start, for addresses."""
    while cell_len(text) > width:
        text = "…" + text[2:]
    return text


def _is_unseen(character: str, category: str) -> bool:
    if category == "Cf":
        return character != _ZERO_WIDTH_NON_JOINER
    is_variant = "\ufe00" <= character <= "\ufe0f" or "\U0001f3fb" <= character <= "\U0001f3ff"
    return category == "Cc" or is_variant
