"""Pageviews in memory: columns of six hours of a site, read once and kept while they stay the same.

A block is made of one part of `int_hourly_views` and of the sessions of its views. It is used as
long as the snapshot has the same parts, by their checksums; so what is counted is what a query of
the snapshot would read.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from readership.service.counting.codes import EPOCH, Codes, integers
from readership.service.snapshots import PART_SECONDS, SCHEMA, PartState, Snapshot

VIEWS: Final = "int_hourly_views"
SESSIONS: Final = "int_session_spans"
_US: Final = 1_000_000
_BLOCK_US: Final = PART_SECONDS[VIEWS] * _US
# A read costs as much for a day as for less.
_BLOCKS_OF_DAY: Final = 86_400 // PART_SECONDS[VIEWS]
_SESSION_US: Final = PART_SECONDS[SESSIONS] * _US
_READ: Final = f"select * from {SCHEMA}.counted_views(?, ?, ?)"
_NUMBERS: Final = ("views", "engaged_seconds", "is_recirculated", "is_returning")
# Texts with the same meaning share their codes.
_CODES_OF: Final = {"referrer_post_key": "post_key"}

Part = tuple[str, int]
"""A table and the number of a period."""
Sums = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Codes, and the sum for each of them."""


def views_between(parts: dict[Part, PartState], starts_after: int, ends: int) -> int:
    """Return the number of pageviews in the blocks of a period."""
    return sum(parts[VIEWS, period].rows for period in _periods(parts, starts_after, ends))


def _periods(parts: dict[Part, PartState], starts_after: int, ends: int) -> list[int]:
    """Return the blocks of a period that have rows, in order."""
    periods = range(starts_after // _BLOCK_US, ends // _BLOCK_US + 1)
    if len(periods) <= len(parts):
        return [period for period in periods if (VIEWS, period) in parts]
    return sorted(period for table, period in parts if table == VIEWS and period in periods)


@dataclass(frozen=True, slots=True)
class Block:
    """The pageviews of a part, in the order of time.

    Attributes:
        viewed_at: Microseconds since 1970.
        columns: The other columns; texts are codes.
        made_of: The parts that it was made of, as they were.
        is_exact: Whether every view has its session. If not, the block cannot be counted.
        kept: Sums that were asked for, by the columns that they are of.

    """

    viewed_at: NDArray[np.int64]
    columns: dict[str, NDArray[np.generic]]
    made_of: dict[Part, PartState | None]
    is_exact: bool
    kept: dict[tuple[str, str], Sums] = field(default_factory=dict)

    def sums(self, key: str, value: str) -> Sums:
        """Return the codes in a column, and the sums of another by these."""
        if (key, value) not in self.kept:
            self.kept[key, value] = _sums(self.columns[key], self.columns[value])
        return self.kept[key, value]

    @property
    def bytes(self) -> int:
        """Its size in memory."""
        return self.viewed_at.nbytes + sum(column.nbytes for column in self.columns.values())


class Rows:
    """The pageviews of a period, from several blocks."""

    def __init__(self, blocks: list[Block], starts_after: int, ends: int) -> None:
        self._slices = [
            (
                block,
                slice(
                    int(np.searchsorted(block.viewed_at, starts_after, "right")),
                    int(np.searchsorted(block.viewed_at, ends, "right")),
                ),
            )
            for block in blocks
        ]
        self._columns: dict[str, NDArray[np.generic]] = {}

    def column(self, name: str) -> NDArray[np.generic]:
        """Return a column."""
        if name not in self._columns:
            self._columns[name] = np.concatenate(
                [block.columns[name][rows] for block, rows in self._slices]
                or [np.zeros(0, dtype=np.int8)]
            )
        return self._columns[name]

    def sums(self, key: str, value: str) -> Sums:
        """Return codes in a column and sums of another; a code may occur once for each block."""
        found = [
            block.sums(key, value)
            if rows == slice(0, len(block.viewed_at))
            else _sums(block.columns[key][rows], block.columns[value][rows])
            for block, rows in self._slices
        ]
        if not found:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        codes, sums = zip(*found, strict=True)
        return np.concatenate(codes), np.concatenate(sums)


class SiteBlocks:
    """The codes and blocks of one site; the least recently used blocks are dropped."""

    def __init__(self, max_bytes: int) -> None:
        self.codes: dict[str, Codes] = {}
        self._max_bytes = max_bytes
        self._bytes = 0
        self._blocks: OrderedDict[int, Block] = OrderedDict()
        self._lock = threading.Lock()
        # Held while blocks are read, so that none is read twice; who needs none does not wait.
        self._reading = threading.Lock()

    def __len__(self) -> int:
        """Return the number of blocks that are kept."""
        return len(self._blocks)

    @property
    def bytes(self) -> int:
        """The size of the blocks that are kept."""
        return self._bytes

    def codes_of(self, column: str) -> Codes:
        """Return the codes of the texts in a column."""
        return self.codes.setdefault(_CODES_OF.get(column, column), Codes())

    def rows(
        self,
        snapshot: Snapshot,
        cursor: duckdb.DuckDBPyConnection,
        site: str,
        starts_after: int,
        ends: int,
    ) -> Rows | None:
        """Return the pageviews of a period, read from the snapshot if they are not kept.

        Returns:
            The rows; None if some of them cannot be counted.

        Raises:
            duckdb.InterruptException: Another thread interrupted the cursor.

        """
        parts = snapshot.parts(site)
        needed = _periods(parts, starts_after, ends)
        blocks = self._kept(needed, parts)
        if len(blocks) < len(needed):
            with self._reading:
                blocks |= self._kept([p for p in needed if p not in blocks], parts)
                for first, last in _ranges([p for p in needed if p not in blocks]):
                    read = self._read(cursor, site, parts, first, last)
                    self._keep(read)
                    blocks |= read
        found = [blocks[period] for period in needed]
        if not all(block.is_exact for block in found):
            return None
        return Rows(found, starts_after, ends)

    def read_missing(
        self,
        snapshot: Snapshot,
        cursor: duckdb.DuckDBPyConnection,
        site: str,
        starts_after: int,
        ends: int,
    ) -> bool:
        """Read the newest day of a period that is not kept, and return whether there was one."""
        parts = snapshot.parts(site)
        needed = _periods(parts, starts_after, ends)
        with self._lock:
            missing = [p for p in needed if not _is_made_of(self._blocks.get(p), parts)]
        if not missing:
            return False
        starts = missing[-1] * _BLOCK_US
        self.rows(snapshot, cursor, site, starts, starts + _BLOCK_US - 1)
        return True

    def _kept(self, periods: list[int], parts: dict[Part, PartState]) -> dict[int, Block]:
        """Return those blocks of some periods that are kept and are made of these parts."""
        found = {}
        with self._lock:
            for period in periods:
                block = self._blocks.get(period)
                if block is not None and _is_made_of(block, parts):
                    found[period] = block
                    self._blocks.move_to_end(period)
        return found

    def _keep(self, read: dict[int, Block]) -> None:
        with self._lock:
            for period, block in read.items():
                if period in self._blocks:
                    self._bytes -= self._blocks.pop(period).bytes
                self._blocks[period] = block
                self._bytes += block.bytes
            while self._bytes > self._max_bytes and self._blocks:
                self._bytes -= self._blocks.popitem(last=False)[1].bytes

    def _read(
        self,
        cursor: duckdb.DuckDBPyConnection,
        site: str,
        parts: dict[Part, PartState],
        first: int,
        last: int,
    ) -> dict[int, Block]:
        """Read the blocks of some periods, one after the other."""
        bounds = [EPOCH + timedelta(microseconds=_BLOCK_US * n) for n in (first, last + 1)]
        table = cursor.sql(_READ, params=[site, *bounds]).to_arrow_table()
        columns: dict[str, NDArray[np.generic]] = {}
        for name in table.column_names:
            column = table.column(name)
            if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                columns[name] = self.codes_of(name).encode(column)
            elif name in _NUMBERS:
                columns[name] = column.combine_chunks().to_numpy(zero_copy_only=False)
        viewed_at = integers(table.column("viewed_at"), 0)
        sessions = integers(table.column("session_started_at"), -1)
        starts = np.searchsorted(viewed_at, [_BLOCK_US * n for n in range(first, last + 2)])
        blocks = {}
        for period, (begin, end) in zip(
            range(first, last + 1), pairwise(starts.tolist()), strict=True
        ):
            if (VIEWS, period) not in parts:
                continue
            started = sessions[begin:end]
            used = {(VIEWS, period)} | {
                (SESSIONS, int(number)) for number in np.unique(started // _SESSION_US)
            }
            blocks[period] = Block(
                viewed_at[begin:end].copy(),
                {name: _narrow(column[begin:end]) for name, column in columns.items()},
                {part: parts.get(part) for part in used},
                is_exact=not bool(np.any(started < 0)),
            )
        return blocks


def _sums(keys: NDArray[np.generic], values: NDArray[np.generic]) -> Sums:
    # The code of null is -1.
    codes = keys.astype(np.int64) + 1
    present = np.flatnonzero(np.bincount(codes))
    return present - 1, np.bincount(codes, values)[present]


def _is_made_of(block: Block | None, parts: dict[Part, PartState]) -> bool:
    """Return whether there is a block, and its parts are still the same."""
    return block is not None and all(
        parts.get(part) == state for part, state in block.made_of.items()
    )


def _ranges(periods: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of whole days that have some of these periods."""
    days = sorted({period // _BLOCKS_OF_DAY for period in periods})
    for index, day in enumerate(days):
        if not index or day != days[index - 1] + 1:
            first = day
        if index + 1 == len(days) or days[index + 1] != day + 1:
            yield first * _BLOCKS_OF_DAY, (day + 1) * _BLOCKS_OF_DAY - 1


def _narrow(column: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return a copy in the smallest type that holds all values."""
    if column.dtype.kind != "i" or not len(column):
        return column.copy()
    low, high = int(column.min()), int(column.max())
    kind = np.result_type(np.min_scalar_type(min(low, -1)), np.min_scalar_type(high))
    return column.astype(kind if kind.kind == "i" else np.int64)
