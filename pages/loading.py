"""What a page loads by itself, from addresses of the network."""

from __future__ import annotations

import re
from html.parser import HTMLParser


def loaded(html: str) -> list[str]:
    """Give the addresses of the network that a page loads scripts, styles or pictures from.

    What it links to is the reader's choice.
    """
    parser = _Loaded()
    parser.feed(html)
    return parser.addresses


class _Loaded(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag loads."""
        given = dict(attrs)
        address = given.get("src") or (given.get("href") if tag == "link" else None) or ""
        if re.match(r"(https?:)?//", address):
            self.addresses.append(address)
