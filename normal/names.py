"""The form in which names and titles are kept: as a reader sees them.

HTML entities are decoded, also where they were encoded more than once; white space and line breaks
are one space; characters without width and control characters are gone; letters are composed (NFC).
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

# Without its semicolon an entity is as likely a word: `Arts&sections`.
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ENCODED_AGAIN: Final = re.compile(r"&(?:amp;)+")
# Of kinds that take turns; a text may not keep this busy for long.
_MOST_ENCODINGS: Final = 3
_SPACE: Final = re.compile(r"\s+")
_PLAIN: Final = re.compile(r"(?! )(?:[!-%'-~]| (?! ))+(?<! )")
# Soft hyphens, marks of direction, zero-width spaces, byte order marks, controls other than space.
_WIDTHLESS: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"
)
# Joiners belong to the writing of other scripts and to emoji; beside Latin letters, digits, spaces
# and ends they say nothing.
_IDLE_JOINER: Final = re.compile(
    "(?:^|(?<=[\\s!-~\u00a1-\u024f]))[\u200c\u200d]+|[\u200c\u200d]+(?=$|[\\s!-~\u00a1-\u024f])"
)


def normal_name(text: str) -> str:
    """Give a name as a reader sees it; an empty text when nothing is left of it."""
    if _PLAIN.fullmatch(text):
        return text
    for _ in range(_MOST_ENCODINGS):
        decoded = _ENTITY.sub(
            lambda entity: html.unescape(entity[0]), _ENCODED_AGAIN.sub("&amp;", text)
        )
        if decoded == text:
            break
        text = decoded
    text = _IDLE_JOINER.sub("", _WIDTHLESS.sub("", text))
    return unicodedata.normalize("NFC", _SPACE.sub(" ", text).strip())
