"""The order of a call's rows, and their texts."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from readership.service.calls import METRICS
from readership.service.counting.blocks import SiteBlocks
from readership.service.counting.posts import Names, Posts
from readership.service.counting.subjects import Subject

# A read costs as much for some posts as for one.
_READ_POSTS: Final = 100
# An escape by number, and no such text after a backslash.
_ESCAPE: Final = re.compile(r"((?<!\\)(?:\\\\)*\\u)([0-9a-f]{4})")
_WHOLE: Final = frozenset(METRICS) - {
    "avg_engaged", "avg_engaged_new", "avg_engaged_returning", "recirculation_rate",
}  # fmt: skip


class Order:
    """The order of rows, and their fields before the metrics."""

    def __init__(
        self, subject: Subject, blocks: SiteBlocks, posts: Posts, names: Names | None
    ) -> None:
        self._subject = subject
        self._posts = posts
        self._post_keys = blocks.codes_of("post_key").texts
        self._referrers = blocks.codes_of("referrer_name").texts
        self._classes = blocks.codes_of("referrer_class").texts
        if names is not None:
            self._texts = names.codes.texts
        elif subject.column is not None:
            self._texts = blocks.codes_of(subject.column).texts

    def page(
        self,
        codes: NDArray[np.int64],
        values: NDArray[np.float64],
        skip: int,
        rows: int,
    ) -> list[int]:
        """Return the positions of a page's rows: the largest values first, then by name."""
        last = min(skip + rows, len(codes))
        if skip >= last:
            return []
        least = np.partition(values, len(values) - last)[len(values) - last]
        at_least = np.flatnonzero(values >= least).tolist()
        at_least.sort(key=lambda n: (-values[n], self._tie(int(codes[n]))))
        return at_least[skip:last]

    def _tie(self, code: int) -> Any:  # noqa: ANN401 - what is compared differs by subject
        if self._subject.kind == "posts":
            return self._posts.url(code), self._post_keys[code]
        if self._subject.kind == "referrers":
            return self._referrer(code)
        return "" if self._subject.kind == "site" else self._texts[code]

    def _referrer(self, code: int) -> tuple[str, str]:
        name, class_ = divmod(code, len(self._classes))
        return self._referrers[name], self._classes[class_]

    def fields(
        self,
        cursor: duckdb.DuckDBPyConnection,
        codes: list[int],
        every: NDArray[np.int64],
        values: NDArray[np.float64],
    ) -> list[str]:
        """Return the fields of rows before their metrics, as the inside of a JSON object.

        Posts that are read are read together with others that are high in this order.
        """
        if self._subject.kind == "posts":
            near = np.argsort(-values)[:_READ_POSTS]
            texts = self._posts.json(cursor, codes, every[near])
            return [text[1:-1] for text in texts]
        if self._subject.kind == "referrers":
            pairs = [self._referrer(code) for code in codes]
            return [f'"name":{json_text(name)},"type":{json_text(type_)}' for name, type_ in pairs]
        if self._subject.kind == "site":
            return [f'"site":{json_text(self._posts.site)}' for _ in codes]
        return [f'"{self._subject.column}":{json_text(self._texts[code])}' for code in codes]


def json_text(text: str) -> str:
    """Return a JSON string as DuckDB writes it."""
    encoded = json.dumps(text, ensure_ascii=False)
    # Python writes the digits of escapes in lower case.
    return _ESCAPE.sub(lambda escape: escape[1] + escape[2].upper(), encoded)


def row_text(fields: str, metrics: dict[str, float], subject: Subject) -> str:
    """Return a row as a JSON object, from its fields and its metrics in the order of responses."""
    numbers = {m: int(v) if m in _WHOLE else v for m, v in metrics.items()}
    views = numbers["views"]
    if subject.by_referrer:
        numbers = {"referrers_views": views} | numbers
    text = ",".join(f'"{metric}":{value!r}' for metric, value in numbers.items())
    return f'{{{fields},"metrics":{{{text}}},"_hits":{views}}}'
