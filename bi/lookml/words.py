"""Names and sentences for people."""

from __future__ import annotations

import re
from typing import Final

# Written otherwise than their first letter in upper case.
_WORDS: Final = {"api": "API", "id": "ID", "os": "OS", "url": "URL", "utc": "UTC", "ai": "AI"}


def label(name: str) -> str:
    """Give the label of a name in lower case: `entry_page_url` is `Entry page URL`."""
    first, *rest = (_WORDS.get(word, word) for word in name.split("_"))
    return " ".join([first[:1].upper() + first[1:], *rest])


def one_line(text: str) -> str:
    """Give a description without line ends and double quotes, which would end it in LookML."""
    return re.sub(r"\s+", " ", text).strip().replace('"', "'")
