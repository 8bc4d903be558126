"""The normal form of names and titles: the text that a reader sees.

HTML entities are decoded, even if they were encoded several times. Each run of white space becomes
one space. Zero-width and control characters are removed. Letters are composed (Unicode NFC).
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

# The semicolon is required: without it an entity may be a word, as in `Arts&sections`.
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ENCODED_AGAIN: Final = re.compile(r"&(?:amp;)+")
# Limits the passes over texts whose entities of different kinds are nested without end.
_MOST_ENCODINGS: Final = 3
_SPACE: Final = re.compile(r"\s+")
_NORMAL: Final = re.compile(r"(?! )(?:[!-%'-~]| (?! ))+(?<! )")
# Soft hyphens, direction marks, zero-width spaces, byte order marks, and control characters other
# than white space.
_WIDTHLESS: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"
)
# Joiners are part of some scripts and of emoji. Next to Latin letters, digits, spaces and the ends
# of the text they have no meaning.
_IDLE_JOINER: Final = re.compile(
    "(?:^|(?<=[\\s!-~\u00a1-\u024f]))[\u200c\u200d]+|[\u200c\u200d]+(?=$|[\\s!-~\u00a1-\u024f])"
)


def normal_name(text: str) -> str:
    """Return a name as a reader sees it; empty if nothing visible is left."""
    if _NORMAL.fullmatch(text):
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
