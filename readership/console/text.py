"""Text from outside made safe to print: one line, no control over the terminal, known width.

Two ways lead there. `clean` leaves out what nobody ought to see, for titles and names that people
read; `visible` spells it out, for file names and lines that people look for.
"""

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
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


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


def visible(text: str | bytes) -> str:
    """Give text on one line with what cannot be seen, or steers a terminal, spelled out."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _UNSEEN
        else character
        for character in text
    )


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


def fitted(text: str, width: int) -> str:
    """Give cleaned text in exactly so many cells, cut or filled up with spaces."""
    short = cut(text, width)
    return short + " " * (width - cell_len(short))


def counted(count: int, unit: str) -> str:
    """Give a count with its unit: 1 row, 2 rows."""
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"


def _is_unseen(character: str, category: str) -> bool:
    if category == "Cf":
        return character != _ZERO_WIDTH_NON_JOINER
    is_variant = "\ufe00" <= character <= "\ufe0f" or "\U0001f3fb" <= character <= "\U0001f3ff"
    return category == "Cc" or is_variant
