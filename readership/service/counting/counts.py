"""The count of one call: its groups, in the order of a metric, and all metrics of some of them."""

from __future__ import annotations

from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from readership.service.counting.blocks import Rows, SiteBlocks
from readership.service.counting.metrics import derived, minutes, readers
from readership.service.counting.posts import Names, Posts
from readership.service.counting.subjects import OTHER, TYPES, Subject

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]
_SEGMENTS: Final = "requested_segments"
# Arguments of calls, and the columns of views that they name a value of.
_VALUES: Final = {
    "requested_campaign_id": "campaign_id", "requested_campaign": "campaign",
    "requested_campaign_medium": "campaign_medium", "requested_campaign_source": "campaign_source",
    "requested_campaign_content": "campaign_content", "requested_campaign_term": "campaign_term",
    "requested_domain": "referrer_name",
}  # fmt: skip
# Metrics that blocks have the sums of, and the columns that they are sums of.
_KEPT: Final = {"views": "views", "engaged_minutes": "engaged_seconds"}
_SPARSE: Final = 4
ARGUMENTS: Final = frozenset({*_VALUES, _SEGMENTS})
"""Arguments of calls that leave out views."""


class Count:
    """The count of one call.

    Args:
        subject: What its rows are.
        blocks: The codes of its site.
        posts: The posts of its site.
        view_counts: Metrics that count views with one value in one column: metric, column, value.
        rows: The views of its period.
        names: The names of posts, if rows are of these.

    """

    def __init__(
        self,
        subject: Subject,
        blocks: SiteBlocks,
        posts: Posts,
        view_counts: list[tuple[str, str, str]],
        rows: Rows,
        names: Names | None,
    ) -> None:
        self._subject = subject
        self._blocks = blocks
        self._posts = posts
        self._view_counts = view_counts
        self._rows = rows
        self._names = names
        # A view without a post has the code -1, which is the last element.
        self._size = len(posts.codes)
        self._pages = _with_none(posts.flags(self._size, only_posts=subject.only_posts))
        # Which views count, apart from their posts; None for all.
        self._views: NDArray[np.bool_] | None = None

    def narrow(self, cursor: duckdb.DuckDBPyConnection, bound: dict[str, Any]) -> None:
        """Leave only views and posts that a call asks for."""
        posts = self._posts.requested(cursor, bound, self._size)
        if posts is not None:
            self._pages &= _with_none(posts)
        for argument, name in _VALUES.items():
            if (value := bound.get(argument)) is not None:
                code = self._blocks.codes_of(name).known(value)
                self._leave(self._rows.column(name) == code)
        if (segments := bound.get(_SEGMENTS)) is not None:
            codes = [self._blocks.codes_of("segment").known(segment) for segment in segments]
            self._leave(np.isin(self._rows.column("segment"), codes))

    def by(self, metric: str) -> tuple[_Ints, _Floats]:
        """Return the call's groups, and one of their metrics.

        A metric that is a sum of views is added up without the others.
        """
        if self._are_sums_kept and metric in _KEPT:
            cells, values = self._kept_sums(metric)
            present, places = _distinct(cells)
        else:
            present, places = self._groups
            values = self._added(metric, self._own)
        sums = np.bincount(places, values, len(present))
        codes = present
        if self._names is not None:
            positions, named = self._names.of(present)
            size = len(self._names.codes)
            sums = np.bincount(named, sums[positions], size)
            codes = np.flatnonzero(np.bincount(named, minlength=size))
            sums = sums[codes]
        if metric == "engaged_minutes":
            return codes, minutes(sums)
        if values is None:
            return codes, self.metrics(codes)[metric]
        return codes, sums

    def metrics(self, codes: _Ints) -> dict[str, _Floats]:
        """Return the metrics of some of the call's groups, which have distinct codes."""
        column, size = self._rows.column, len(codes)
        # What is wanted: these groups, or the posts that have these names.
        wanted, named = codes, None
        if self._names is not None:
            present = self._present
            named = self._names.among(present, codes)
            among = np.unique(named.posts)
            wanted = present[among]
        # All wanted posts are pages, so that their views are found without looking at the others.
        cells = column("post_key") if self._are_sums_kept else self._cells
        # The last element is that of a view without a post.
        last = max(int(cells.max(initial=0)), int(wanted.max(initial=0))) + 1
        places = np.full(last + 1, -1)
        places[wanted] = np.arange(len(wanted))
        groups = places[cells]
        rows = np.flatnonzero(groups >= 0)
        groups = groups[rows]
        if not self._are_sums_kept:
            rows = self._own[rows]
        sums = self._sums(rows, groups, len(wanted))
        if named is not None:
            positions, of_posts = named.of(among)
            sums = {
                metric: np.bincount(of_posts, values[positions], size)
                for metric, values in sums.items()
            }
            positions, groups = named.of(among[groups])
            rows = rows[positions]
        if self._subject.recirculates:
            sums["recirculated_views"] = self._recirculated(codes)
        read = readers(
            groups, column("visitor_key")[rows], column("engaged_seconds")[rows],
            column("is_returning")[rows], size,
        )  # fmt: skip
        return sums | derived(sums, read)

    def _leave(self, views: NDArray[np.bool_]) -> None:
        self._views = views if self._views is None else self._views & views

    @property
    def _are_sums_kept(self) -> bool:
        """Whether all views of a post count, so that blocks have its sums."""
        subject = self._subject
        return (
            self._views is None
            and subject.kind not in ("views", "site")
            and not subject.by_referrer
        )

    def _kept_sums(self, metric: str, key: str = "post_key") -> tuple[_Ints, _Floats]:
        """Return codes of pages and the sums of some of their views."""
        codes, sums = self._rows.sums(key, _KEPT[metric])
        of_pages = self._pages[codes]
        return codes[of_pages], sums[of_pages]

    def _sums(self, rows: _Ints, groups: _Ints, size: int) -> dict[str, _Floats]:
        """Return the metrics of groups that are sums of rows."""
        column = self._rows.column
        views = column("views")[rows].astype(np.float64)
        sums = {
            "views": np.bincount(groups, views, size),
            "engaged_seconds": np.bincount(groups, column("engaged_seconds")[rows], size),
        }
        if not self._subject.recirculates:
            recirculated = views * column("is_recirculated")[rows]
            sums["recirculated_views"] = np.bincount(groups, recirculated, size)
        by_column = itemgetter(1)
        for name, counts in groupby(sorted(self._view_counts, key=by_column), by_column):
            metrics, texts = zip(*((metric, text) for metric, _, text in counts), strict=True)
            width = len(metrics) + 1
            kinds = self._kinds(name, texts)[column(name)[rows]]
            split = np.bincount(groups * width + kinds, views, size * width)
            sums |= zip(metrics, split.reshape(size, width).T, strict=False)
        return sums

    def _added(self, metric: str, rows: _Ints) -> NDArray[np.generic] | None:
        """Return what rows add to a metric; None if it is no sum of theirs."""
        if metric == "engaged_minutes":
            return self._rows.column("engaged_seconds")[rows]
        views = self._rows.column("views")[rows]
        if metric == "views":
            return views
        for counted, name, text in self._view_counts:
            if counted == metric:
                return views * (self._kinds(name, (text,))[self._rows.column(name)[rows]] == 0)
        return None

    def _kinds(self, name: str, texts: tuple[str, ...]) -> NDArray[np.int8]:
        """Return, for each code of a column, its position in some texts, or their number."""
        codes = self._blocks.codes_of(name)
        # The last element is that of null.
        kinds = np.full(len(codes) + 1, len(texts), dtype=np.int8)
        for kind, text in enumerate(texts):
            if (code := codes.known(text)) >= 0:
                kinds[code] = kind
        return kinds

    @cached_property
    def _own(self) -> _Ints:
        """The positions of the views that count, after all narrowing."""
        column, subject = self._rows.column, self._subject
        own = self._pages[column("post_key")]
        if self._views is not None:
            own &= self._views
        if subject.kind == "views" and subject.column is not None:
            own &= column(subject.column) >= 0
        if not subject.by_referrer:
            return np.flatnonzero(own)
        own &= column("referrer_name") >= 0
        classes = column("referrer_class")
        if subject.kind == "referrers":
            own &= classes >= 0
        known = self._blocks.codes_of("referrer_class").known
        if subject.referrer_type == OTHER:
            own &= ~np.isin(classes, [known(name) for name in TYPES])
        elif subject.referrer_type is not None:
            own &= classes == known(subject.referrer_type)
        return np.flatnonzero(own)

    @cached_property
    def _present(self) -> _Ints:
        """The codes that occur; those of posts where rows are of their names."""
        return _distinct(self._kept_sums("views")[0])[0] if self._are_sums_kept else self._groups[0]

    @cached_property
    def _groups(self) -> tuple[_Ints, _Ints]:
        """The codes that occur, and the position of each view's among them."""
        return _distinct(self._cells)

    @cached_property
    def _cells(self) -> _Ints:
        """The code of each view that counts."""
        column, subject, own = self._rows.column, self._subject, self._own
        if subject.kind == "site":
            return np.zeros(len(own), dtype=np.int64)
        if subject.kind == "referrers":
            span = len(self._blocks.codes_of("referrer_class"))
            names = column("referrer_name")[own].astype(np.int64)
            return names * span + column("referrer_class")[own]
        name = subject.column if subject.kind == "views" and subject.column else "post_key"
        return column(name)[own].astype(np.int64)

    def _recirculated(self, codes: _Ints) -> _Floats:
        """Return the views that were referred from the posts of each group."""
        if self._views is None:
            referrers, views = self._kept_sums("views", "referrer_post_key")
        else:
            column = self._rows.column
            onward = self._views & self._pages[column("referrer_post_key")]
            referrers, views = column("referrer_post_key")[onward], column("views")[onward]
        sums = np.bincount(referrers, views, len(self._pages))
        if self._subject.kind == "site":
            return np.full(len(codes), sums.sum())
        if self._names is None:
            return sums[codes]
        referring = np.flatnonzero(sums)
        positions, named = self._names.of(referring)
        return np.bincount(named, sums[referring][positions], len(self._names.codes))[codes]


def _distinct(cells: _Ints) -> tuple[_Ints, _Ints]:
    """Return the numbers that occur, and the position of each cell's among them."""
    span = int(cells.max(initial=-1)) + 1
    # Beyond this, arrays of all numbers cost more than putting those that occur into order.
    if span > _SPARSE * len(cells):
        return np.unique(cells, return_inverse=True)
    present = np.flatnonzero(np.bincount(cells, minlength=span))
    places = np.empty(span, dtype=np.int64)
    places[present] = np.arange(len(present))
    return present, places[cells]


def _with_none(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.append(flags, False)
