"""Rows of answers, counted from pageviews in memory."""

from __future__ import annotations

import itertools
import logging
import threading
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb

from readership.service.calls import METRICS, SnapshotQuery
from readership.service.counting.blocks import SiteBlocks, views_between
from readership.service.counting.codes import microseconds
from readership.service.counting.counts import ARGUMENTS, Count
from readership.service.counting.orders import Order, row_text
from readership.service.counting.posts import Names, Posts
from readership.service.counting.subjects import SUBJECTS, Subject
from readership.service.snapshots import SCHEMA, Snapshot

LOG: Final = logging.getLogger("readership.service")
_VIEW_COUNTS: Final = f"select * from {SCHEMA}.view_counts()"
_DAY_US: Final = 86_400_000_000
_KNOWN: Final = frozenset({
    *ARGUMENTS, "requested_site", "requested_starts_after_at", "requested_ends_at",
    "requested_sort", "requested_skip", "requested_rows", "requested_urls", "requested_sections",
    "requested_authors", "requested_tags", "requested_published_from", "requested_published_to",
})  # fmt: skip


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
    # The version of the site whose newest days were all read.
    is_read_for: str | None = None
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
        days_ahead: The newest days of a site, which are read before calls ask for them until
            all sites together have as many bytes in memory as one may have.

    Attributes:
        is_stopped: Whether an answer was found wrong, so that nothing is counted any more.

    """

    def __init__(
        self,
        max_bytes: int = 256 << 20,
        max_rows: int = 2_000_000,
        max_visitors: int = 2_000_000,
        checked: int = 200,
        days_ahead: int = 120,
    ) -> None:
        self.is_stopped = False
        self._checked = checked
        self._ahead_us = days_ahead * _DAY_US
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
        count = Count(subject, blocks, site.posts, site.view_counts, rows, names)
        count.narrow(cursor, bound)
        codes, values = count.by(bound["requested_sort"])
        order = Order(subject, blocks, site.posts, names)
        page = order.page(codes, values, bound["requested_skip"], bound["requested_rows"])
        # All metrics are made for the rows of the page alone.
        metrics = {name: of.tolist() for name, of in count.metrics(codes[page]).items()}
        fields = order.fields(cursor, codes[page].tolist(), codes, values)
        texts = [
            row_text(text, {name: metrics[name][n] for name in METRICS}, subject)
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

    def read_ahead(self, snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection) -> bool:
        """Read one of the newest days of a site that was counted before.

        Returns:
            Whether there was one to read, so that there may be more.

        """
        with self._lock:
            memories = dict(self._memory) if self._base == snapshot.base else {}
        # Those with the least in memory first, so that no site takes all of it.
        for site in sorted(
            snapshot.sites.keys() & memories.keys(), key=lambda site: memories[site].blocks.bytes
        ):
            memory, state = memories[site], snapshot.sites[site]
            if memory.is_read_for == state.version:
                continue
            ends = microseconds(state.clock.as_of_at)
            has_room = (
                sum(other.blocks.bytes for other in memories.values()) < self._max_bytes
                and len(memory.blocks.codes_of("visitor_key")) <= self._max_visitors // 2
            )
            if has_room and memory.blocks.read_missing(
                snapshot, cursor, site, ends - self._ahead_us, ends
            ):
                return True
            memory.is_read_for = state.version
        return False

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
