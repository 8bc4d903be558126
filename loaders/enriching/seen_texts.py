"""Which texts have been seen before, at the same small cost for each, however long it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

_DIGEST_BYTES: Final = 16


class SeenTexts:
    """A set of texts that only tells which are new.

    It keeps 128 bits of each: texts come from outside, may be many and long, and are held by every
    process that reads.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._digests = {_digest(text) for text in texts}

    def __len__(self) -> int:
        return len(self._digests)

    def __contains__(self, text: str) -> bool:
        return _digest(text) in self._digests

    def add(self, text: str) -> bool:
        """Take note of a text; tell whether it is new."""
        before = len(self._digests)
        self._digests.add(_digest(text))
        return len(self._digests) > before

    def update(self, other: SeenTexts) -> None:
        """Take note of all that another has seen."""
        self._digests |= other._digests


def _digest(text: str) -> bytes:
    return hashlib.blake2b(
        text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES
    ).digest()
