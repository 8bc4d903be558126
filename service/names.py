"""Names of authors, sections and tags, as the models store them."""

from __future__ import annotations

import unicodedata


def as_stored(name: str) -> str:
    """Give a name with composed letters (NFC) and one space where there is white space."""
    return " ".join(unicodedata.normalize("NFC", name).split())
