"""The posts of a site in memory: what filters, groups and orders rows, by the code of the post."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from readership.service.counting.codes import Codes, integers, microseconds
from readership.service.snapshots import SCHEMA

_JSON: Final = f"select * from {SCHEMA}.post_json(?)"
_POST_FILTERS: Final = (
    "requested_urls", "requested_sections", "requested_authors", "requested_tags",
    "requested_published_from", "requested_published_to",
)  # fmt: skip
_UNPUBLISHED: Final = np.iinfo(np.int64).min


class Names:
    """The names of posts: pairs of a post and one of its names, both as codes."""

    def __init__(self, posts: NDArray[np.int64], names: NDArray[np.int64], codes: Codes) -> None:
        order = np.argsort(posts, kind="stable")
        order = order[names[order] >= 0]
        self.posts, self.names, self.codes = posts[order], names[order], codes
        # Where the names of each post begin; those of any later post begin at the end.
        last = int(self.posts[-1]) if len(order) else -1
        self._starts = np.searchsorted(self.posts, np.arange(last + 3))

    def of(self, posts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return positions in an array of posts, repeated for each name, and the names."""
        posts = np.minimum(posts, len(self._starts) - 2)
        first = self._starts[posts]
        number = self._starts[posts + 1] - first
        positions = np.repeat(np.arange(len(posts)), number)
        offsets = np.arange(len(positions)) - np.repeat(np.cumsum(number) - number, number)
        return positions, self.names[first[positions] + offsets]

    def among(self, posts: NDArray[np.int64], names: NDArray[np.int64]) -> Names:
        """Return those of some posts and names, whose positions take the place of their codes."""
        positions, named = self.of(posts)
        places = np.full(len(self.codes), -1)
        places[names] = np.arange(len(names))
        return Names(positions, places[named], self.codes)

    def posts_with(self, names: Iterable[str]) -> NDArray[np.int64]:
        """Return the posts that have any of some names."""
        return self.posts[np.isin(self.names, [self.codes.known(name) for name in names])]


class Posts:
    """The posts of one site in one snapshot. Names are read when they are first asked for.

    Args:
        cursor: A connection to the snapshot.
        site: The site.
        codes: The codes of post keys, which are extended.

    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, site: str, codes: Codes) -> None:
        self.site = site
        self.codes = codes
        table = _read(cursor, "counted_posts", site)
        self._posts = codes.encode(table["post_key"]).astype(np.int64)
        self._urls = table["url"].combine_chunks()
        self._sections = table["section"]
        self._are_posts = table["is_post"].combine_chunks().to_numpy(zero_copy_only=False)
        self._published_at = integers(table["published_at"], _UNPUBLISHED)
        self._positions = np.full(len(codes), -1, dtype=np.int64)
        self._positions[self._posts] = np.arange(len(self._posts))
        self._json: dict[int, str] = {}
        self._names: dict[str, Names] = {}

    def flags(self, size: int, *, only_posts: bool = False) -> NDArray[np.bool_]:
        """Return whether codes below a size are pages, and posts if only these count."""
        return self._where(self._are_posts if only_posts else slice(None), size)

    def url(self, code: int) -> str:
        """Return the canonical URL of a post."""
        return self._urls[int(self._positions[code])].as_py()  # type: ignore[no-any-return]

    def names(self, kind: str, cursor: duckdb.DuckDBPyConnection) -> Names:
        """Return the names of a kind: authors, tags, bylines or sections."""
        if kind not in self._names:
            codes = Codes()
            if kind == "sections":
                posts, names = self._posts, self._sections
            else:
                table = _read(cursor, f"counted_{kind}", self.site)
                posts = self.codes.encode(table["post_key"]).astype(np.int64)
                names = table["name"]
            self._names[kind] = Names(posts, codes.encode(names).astype(np.int64), codes)
        return self._names[kind]

    def requested(
        self, cursor: duckdb.DuckDBPyConnection, bound: dict[str, Any], size: int
    ) -> NDArray[np.bool_] | None:
        """Return whether codes below a size are requested posts; None if all are requested."""
        if all(bound.get(name) is None for name in _POST_FILTERS):
            return None
        flags = self.flags(size)
        if (urls := bound.get("requested_urls")) is not None:
            flags &= self._where(
                pc.is_in(self._urls, pa.array(urls, self._urls.type)).to_numpy(
                    zero_copy_only=False
                ),
                size,
            )
        for argument, kinds in (
            ("requested_sections", ["sections"]),
            ("requested_authors", ["authors", "bylines"]),
            ("requested_tags", ["tags"]),
        ):
            if (texts := bound.get(argument)) is not None:
                named = np.zeros(size, dtype=bool)
                for kind in kinds:
                    posts = self.names(kind, cursor).posts_with(texts)
                    named[posts[posts < size]] = True
                flags &= named
        first: datetime | None = bound.get("requested_published_from")
        last: datetime | None = bound.get("requested_published_to")
        published_at = self._published_at
        if first is not None or last is not None:
            flags &= self._where(published_at != _UNPUBLISHED, size)
        if first is not None:
            flags &= self._where(published_at >= microseconds(first), size)
        if last is not None:
            flags &= self._where(published_at <= microseconds(last), size)
        return flags

    def _where(self, chosen: NDArray[np.bool_] | slice, size: int) -> NDArray[np.bool_]:
        flags = np.zeros(size, dtype=bool)
        posts = self._posts[chosen]
        flags[posts[posts < size]] = True
        return flags

    def json(
        self, cursor: duckdb.DuckDBPyConnection, codes: list[int], near: NDArray[np.int64]
    ) -> list[str]:
        """Return the fields of some posts as JSON objects without metrics.

        If any has to be read, those nearby are read with it.
        """
        if any(code not in self._json for code in codes):
            wanted = {*codes, *near.tolist()} - self._json.keys()
            keys = [self.codes.texts[code] for code in wanted]
            for key, text in cursor.execute(_JSON, [keys]).fetchall():
                self._json[self.codes.known(key)] = text
        return [self._json[code] for code in codes]


def _read(cursor: duckdb.DuckDBPyConnection, macro: str, site: str) -> pa.Table:
    return cursor.sql(f"select * from {SCHEMA}.{macro}(?)", params=[site]).to_arrow_table()
