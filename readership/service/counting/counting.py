"""Rows of answers, counted from pageviews in memory."""

from __future__ import annotations

import itertools
import json
import logging
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from readership.service.calls import METRICS, SnapshotQuery
from readership.service.counting.blocks import Rows, SiteBlocks, views_between
from readership.service.counting.codes import microseconds
from readership.service.counting.metrics import Groups, Split, group
from readership.service.counting.posts import Names, Posts
from readership.service.counting.subjects import OTHER, SUBJECTS, TYPES, Subject
from readership.service.snapshots import SCHEMA, Snapshot

LOG: Final = logging.getLogger("readership.service")
_VIEW_COUNTS: Final = f"select * from {SCHEMA}.view_counts()"
_DAY_US: Final = 86_400_000_000
# A read costs as much for some posts as for one.
_READ_POSTS: Final = 100
_SEGMENTS: Final = "requested_segments"
# Arguments of calls, and the columns of views that they name a value of.
_VALUES: Final = {
    "requested_campaign_id": "campaign_id", "requested_campaign": "campaign",
    "requested_campaign_medium": "campaign_medium", "requested_campaign_source": "campaign_source",
    "requested_campaign_content": "campaign_content", "requested_campaign_term": "campaign_term",
    "requested_domain": "referrer_name",
}  # fmt: skip
_KNOWN: Final = frozenset({
    *_VALUES, _SEGMENTS, "requested_site", "requested_starts_after_at", "requested_ends_at",
    "requested_sort", "requested_skip", "requested_rows", "requested_urls", "requested_sections",
    "requested_authors", "requested_tags", "requested_published_from", "requested_published_to",
})  # fmt: skip
# An escape by number, and no such text after a backslash.
_ESCAPE: Final = re.compile(r"((?<!\\)(?:\\\\)*\\u)([0-9a-f]{4})")
_WHOLE: Final = frozenset(METRICS) - {
    "avg_engaged", "avg_engaged_new", "avg_engaged_returning", "recirculation_rate",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Site:
    """What is kept of a site besides blocks, for one version of its rows."""

    version: str
    posts: Posts
    view_counts: list[tuple[str, str, str]]

    def names(self, subject: Subject, cursor: duckdb.DuckDBPyConnection) -> Names | None:
        """Return the names of posts that rows are of; None if they are of something else."""
        if subject.kind in ("authors", "sections", "tags"):
            return self.posts.names(subject.kind, cursor)
        return None


@dataclass(slots=True)
class _Memory:
    """Everything that is kept of a site. All its codes are those of its blocks."""

    blocks: SiteBlocks
    site: _Site | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection, site: str) -> _Site:
        """Return what is kept besides blocks, as a snapshot has it."""
        version = snapshot.sites[site].version
        with self.lock:
            if self.site is None or self.site.version != version:
                self.site = _Site(
                    version,
                    Posts(cursor, site, self.blocks.codes_of("post_key")),
                    cursor.execute(_VIEW_COUNTS).fetchall(),
                )
            return self.site


class Counter:
    """Counts the metrics of a period, for calls whose rows are these.

    Args:
        max_bytes: Size of the pageviews that are kept, per site.
        max_rows: Pageviews up to which a period is counted here.
        max_visitors: Keys of visitors that are kept, per site; then all of its memory is forgotten.
        checked: One of this many answers is checked by a query.

    Attributes:
        is_stopped: Whether an answer was found wrong, so that nothing is counted any more.

    """

    def __init__(
        self,
        max_bytes: int = 256 << 20,
        max_rows: int = 2_000_000,
        max_visitors: int = 2_000_000,
        checked: int = 200,
    ) -> None:
        self.is_stopped = False
        self._checked = checked
        self._counted = itertools.count(1)
        self._max_bytes = max_bytes
        self._max_rows = max_rows
        self._max_visitors = max_visitors
        self._lock = threading.Lock()
        self._base: tuple[str, str] | None = None
        self._memory: dict[str, _Memory] = {}

    def count(
        self,
        snapshot: Snapshot,
        cursor: duckdb.DuckDBPyConnection,
        query: SnapshotQuery,
        bound: dict[str, Any],
    ) -> tuple[str, int] | None:
        """Return the rows of an answer as JSON, and the number of rows on all pages.

        Args:
            snapshot: The snapshot that is asked.
            cursor: A connection to it.
            query: The query.
            bound: The arguments of its table macro.

        Returns:
            None if this answer has to be a query of the snapshot.

        Raises:
            duckdb.InterruptException: Another thread interrupted the cursor.

        """
        subject = SUBJECTS.get(query.endpoint.macro)
        if (
            self.is_stopped
            or subject is None
            or query.itm_source is not None
            or not bound.keys() <= _KNOWN
        ):
            return None
        starts_after = microseconds(query.time_range.starts_after_at)
        ends = microseconds(query.time_range.ends_at)
        if views_between(snapshot.parts(query.site), starts_after, ends) > self._max_rows:
            return None
        memory = self._memory_of(snapshot, query.site)
        blocks = memory.blocks
        rows = blocks.rows(snapshot, cursor, query.site, starts_after, ends)
        if rows is None:
            return None
        site = memory.at(snapshot, cursor, query.site)
        names = site.names(subject, cursor)
        count = _Count(subject, blocks, site, rows, names)
        count.narrow(cursor, bound)
        codes, metrics = count.groups().metrics()
        order = _Order(subject, blocks, site.posts, names)
        page = order.page(
            codes, metrics[bound["requested_sort"]], bound["requested_skip"],
            bound["requested_rows"],
        )  # fmt: skip
        chosen = {metric: metrics[metric][page].tolist() for metric in METRICS}
        fields = order.fields(cursor, codes[page].tolist(), codes, metrics["views"])
        texts = [
            _row(text, {metric: chosen[metric][n] for metric in METRICS}, subject)
            for n, text in enumerate(fields)
        ]
        return f"[{','.join(texts)}]", len(codes)

    def is_check_due(self) -> bool:
        """Return whether the answer just counted is to be checked by a query."""
        return next(self._counted) % self._checked == 0

    def stop(self, query: SnapshotQuery) -> None:
        """Count nothing any more, because this query has other rows."""
        self.is_stopped = True
        LOG.error(
            "counted rows differ from those of the query %s for site %s; "
            "all answers are queries until the service is started again",
            query.path, query.site,
        )  # fmt: skip

    def prepare(self, snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection) -> None:
        """Read the newest day of sites that were counted before, for a snapshot to come."""
        for site in snapshot.sites.keys() & self._memory.keys():
            ends = microseconds(snapshot.sites[site].clock.as_of_at)
            memory = self._memory_of(snapshot, site)
            memory.blocks.rows(snapshot, cursor, site, ends - _DAY_US, ends)
            memory.at(snapshot, cursor, site)

    def _memory_of(self, snapshot: Snapshot, site: str) -> _Memory:
        with self._lock:
            # An erasure writes all rows anew; nothing of those before it stays in memory.
            if self._base != snapshot.base:
                self._base, self._memory = snapshot.base, {}
            memory = self._memory.get(site)
            # Codes are never taken back, so that they are forgotten together with all blocks.
            if memory is None or len(memory.blocks.codes_of("visitor_key")) > self._max_visitors:
                memory = self._memory[site] = _Memory(SiteBlocks(self._max_bytes))
            return memory


class _Count:
    """The count of one call."""

    def __init__(
        self, subject: Subject, blocks: SiteBlocks, site: _Site, rows: Rows, names: Names | None
    ) -> None:
        self._subject = subject
        self._blocks = blocks
        self._site = site
        self._rows = rows
        self._names = names
        # A view without a post has the code -1, which is the last element.
        self._size = len(site.posts.codes)
        self._pages = _with_none(site.posts.flags(self._size, only_posts=subject.only_posts))
        self._views = np.ones(len(rows.column("post_key")), dtype=bool)

    def narrow(self, cursor: duckdb.DuckDBPyConnection, bound: dict[str, Any]) -> None:
        """Leave only views and posts that a call asks for."""
        posts = self._site.posts.requested(cursor, bound, self._size)
        if posts is not None:
            self._pages &= _with_none(posts)
        for argument, name in _VALUES.items():
            if (value := bound.get(argument)) is not None:
                self._views &= self._rows.column(name) == self._blocks.codes_of(name).known(value)
        if (segments := bound.get(_SEGMENTS)) is not None:
            codes = [self._blocks.codes_of("segment").known(segment) for segment in segments]
            self._views &= np.isin(self._rows.column("segment"), codes)

    def groups(self) -> Groups:
        """Return the sums of the call's groups."""
        column, subject = self._rows.column, self._subject
        own = np.flatnonzero(self._own_views())
        views = column("views")[own].astype(np.float64)
        values: dict[str, NDArray[np.generic]] = {"views": views}
        if not subject.recirculates:
            values["recirculated_views"] = views * column("is_recirculated")[own]
        groups = group(
            self._cells(own), values, self._splits(own), column("visitor_key")[own],
            column("engaged_seconds")[own], column("is_returning")[own],
        )  # fmt: skip
        if self._names is not None:
            groups = groups.through(self._names)
        groups.recirculated_views = (
            self._recirculated(groups.codes)
            if subject.recirculates
            else groups.sums.pop("recirculated_views")
        )
        return groups

    def _splits(self, own: NDArray[np.int64]) -> Iterator[Split]:
        """Yield the metrics that count views with one value in a column, by column."""
        counts = sorted(self._site.view_counts, key=itemgetter(1))
        for name, values in groupby(counts, itemgetter(1)):
            metrics, texts = zip(*((metric, text) for metric, _, text in values), strict=True)
            codes = self._blocks.codes_of(name)
            # The last element is that of null.
            kinds = np.full(len(codes) + 1, len(metrics), dtype=np.int8)
            for kind, text in enumerate(texts):
                if (code := codes.known(text)) >= 0:
                    kinds[code] = kind
            yield list(metrics), kinds[self._rows.column(name)[own]]

    def _own_views(self) -> NDArray[np.bool_]:
        column, subject = self._rows.column, self._subject
        own = self._views & self._pages[column("post_key")]
        if subject.kind == "views" and subject.column is not None:
            own &= column(subject.column) >= 0
        if not subject.by_referrer:
            return own
        own &= column("referrer_name") >= 0
        classes = column("referrer_class")
        if subject.kind == "referrers":
            own &= classes >= 0
        known = self._blocks.codes_of("referrer_class").known
        if subject.referrer_type == OTHER:
            own &= ~np.isin(classes, [known(name) for name in TYPES])
        elif subject.referrer_type is not None:
            own &= classes == known(subject.referrer_type)
        return own

    def _cells(self, own: NDArray[np.int64]) -> NDArray[np.int64]:
        column, subject = self._rows.column, self._subject
        if subject.kind == "referrers":
            span = len(self._blocks.codes_of("referrer_class"))
            names = column("referrer_name")[own].astype(np.int64)
            return names * span + column("referrer_class")[own]
        name = subject.column if subject.kind == "views" and subject.column else "post_key"
        return column(name)[own].astype(np.int64)

    def _recirculated(self, codes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the views that were referred from the posts of each group."""
        referrers = self._rows.column("referrer_post_key")
        onward = self._views & self._pages[referrers]
        views = np.bincount(referrers[onward], self._rows.column("views")[onward], len(self._pages))
        if self._names is None:
            return views[codes]
        referring = np.flatnonzero(views)
        positions, named = self._names.of(referring)
        return np.bincount(named, views[referring][positions], len(self._names.codes))[codes]


class _Order:
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
        return self._texts[code]

    def _referrer(self, code: int) -> tuple[str, str]:
        name, class_ = divmod(code, len(self._classes))
        return self._referrers[name], self._classes[class_]

    def fields(
        self,
        cursor: duckdb.DuckDBPyConnection,
        codes: list[int],
        every: NDArray[np.int64],
        views: NDArray[np.float64],
    ) -> list[str]:
        """Return the fields of rows before their metrics, as the inside of a JSON object.

        Posts that are read are read together with others that have many views.
        """
        if self._subject.kind == "posts":
            near = np.argsort(-views)[:_READ_POSTS]
            texts = self._posts.json(cursor, codes, every[near])
            return [text[1:-1] for text in texts]
        if self._subject.kind == "referrers":
            pairs = [self._referrer(code) for code in codes]
            return [f'"name":{json_text(name)},"type":{json_text(type_)}' for name, type_ in pairs]
        return [f'"{self._subject.column}":{json_text(self._texts[code])}' for code in codes]


def json_text(text: str) -> str:
    """Return a JSON string as DuckDB writes it."""
    encoded = json.dumps(text, ensure_ascii=False)
    # Python writes the digits of escapes in lower case.
    return _ESCAPE.sub(lambda escape: escape[1] + escape[2].upper(), encoded)


def _row(fields: str, metrics: dict[str, float], subject: Subject) -> str:
    numbers = {m: int(v) if m in _WHOLE else v for m, v in metrics.items()}
    views = numbers["views"]
    if subject.by_referrer:
        numbers = {"referrers_views": views} | numbers
    text = ",".join(f'"{metric}":{value!r}' for metric, value in numbers.items())
    return f'{{{fields},"metrics":{{{text}}},"_hits":{views}}}'


def _with_none(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.append(flags, False)
