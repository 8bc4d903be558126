"""What a load puts into the warehouse, and what it did: the same for files and for streams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

import pyarrow as pa

from loaders.enriching import AlreadyDescribed, FirstSightings
from loaders.reading import Account, Batch, Status
from loaders.tables import EVENTS, FILES, REJECTED_LINES, arrow_table
from loaders.writing import Ledger, PackageRows, unopened

_REJECTED_BYTES_HELD: Final = 32 * 1024**2
# A store that gives out for so many files one after another will do so for the rest.
_LOST_IN_A_ROW: Final = 3
_WITHOUT_ROWS: Final = frozenset({"unreadable", "refused"})


class Named(Protocol):
    """A file, or what is loaded as one: what the ledger says of it before it is read."""

    @property
    def name(self) -> str:
        """Its address."""
        ...

    @property
    def version(self) -> str:
        """What tells it from another of its name."""
        ...

    @property
    def size_bytes(self) -> int:
        """As stored."""
        ...

    @property
    def modified_at(self) -> datetime | None:
        """In UTC."""
        ...


@dataclass(slots=True)
class LoadSummary:
    """What one call of `load` did.

    Attributes:
        place: The warehouse.
        files: Files read, by status.
        skipped: Files whose version was in the warehouse already.
        undated: Files in no day folder, where days were requested.
        passed_over: What lies among the files and is none: its path, and what it is.
        replaced: Files of which an older account was replaced.
        events: Events loaded.
        bytes_read: Bytes taken from the files, as stored.
        rejected: Lines refused, by reason.
        unknown_fields: Fields seen that are not in the list and had not been seen before.
        troubles: Name and what is wrong, for each file not loaded to its end.
        lost: Files whose store gave out, and its error.
        not_tried: Files that were left for the next load after that.
        records: Records of streams that were loaded, by stream.
        expired: Shards whose records expired before they were read, as stream and shard.
        unknown_messages: Messages that name no files and were left in their queue.
        taken_back: Loads that had broken off before, whose rows were removed.
        seconds: Wall time of the call.

    """

    place: str
    files: Counter[Status] = field(default_factory=Counter)
    skipped: int = 0
    undated: int = 0
    passed_over: dict[str, str] = field(default_factory=dict)
    replaced: int = 0
    events: int = 0
    bytes_read: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    unknown_fields: set[str] = field(default_factory=set)
    troubles: list[tuple[str, str]] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)
    not_tried: int = 0
    records: Counter[str] = field(default_factory=Counter)
    expired: list[str] = field(default_factory=list)
    unknown_messages: int = 0
    taken_back: int = 0
    seconds: float = 0.0

    @property
    def has_work(self) -> bool:
        """Whether anything was loaded, or should have been."""
        return bool(self.files.total() or self.lost)


class Progress:
    """Takes what a load reports and says nothing; also what the tests use."""

    @contextmanager
    def reading(self, files: int, size_bytes: int) -> Iterator[None]:
        """Bracket a load of so many files and stored bytes."""
        del files, size_bytes
        yield

    def advance(self, *, files: int, events: int, rejected: int, bytes_read: int) -> None:
        """Take the totals of the load so far."""

    def finishing(self) -> None:
        """Take note that a package is read and its last rows and its commit come."""


class FileRows(PackageRows):
    """The rows of some files, read while the warehouse asks for them.

    Args:
        files: What is read.
        batches: What it gives; those of one file in order.
        in_force: The versions that the warehouse holds, by name.
        described: What needs no description.
        summary: Gains what the package brings, once it is in force.
        progress: Receives how far it is.
        marks: Rows of `raw.files` that stand for no lines.

    """

    def __init__(
        self,
        files: Sequence[Named],
        batches: Iterator[Batch],
        in_force: dict[str, set[str]],
        described: AlreadyDescribed,
        summary: LoadSummary,
        progress: Progress,
        marks: Sequence[tuple[Any, ...]] = (),
    ) -> None:
        self._files = {file.name: file for file in files}
        self._batches = batches
        self._in_force = in_force
        self._summary = summary
        self._progress = progress
        self._marks = marks
        self._accounts: dict[str, Account] = {}
        self._begun: set[str] = set()
        self._lost_in_a_row = 0
        self._events_read = self._rejected_read = self._bytes_read = 0
        self._rejected: list[pa.RecordBatch] = []
        self._rejected_bytes = 0
        self._sightings = FirstSightings(described)

    def manifest(self) -> list[tuple[Any, ...]]:
        """Give what is known of the files before they are read."""
        files = self._files.values()
        return [
            *((*_identity(file), *[None] * 4, "listed", None, None) for file in files),
            *self._marks,
        ]

    def made(self) -> Iterator[tuple[str, Any]]:
        """Read the files and give their rows; those of `raw.files` come last."""
        for batch in self._batches:
            self._note(batch)
            if batch.events is not None and batch.events.num_rows:
                yield EVENTS, batch.events
            yield from self._sightings.full_tables()
            if self._rejected_bytes > _REJECTED_BYTES_HELD:
                yield from self._rejected_rows()
            if self._lost_in_a_row == _LOST_IN_A_ROW:
                break
        self._progress.finishing()
        yield from self._rejected_rows()
        yield from self._sightings.remaining_tables()
        ledger = [
            row for name, account in self._accounts.items() for row in self._ledger(name, account)
        ]
        ledger += self._marks
        if ledger:
            yield FILES, arrow_table(FILES, ledger)

    def finish(self, ledger: Ledger, load_id: str) -> None:
        """Hold the accounts against what has landed, and let whole files replace older ones."""
        kept = {
            name for name, account in self._accounts.items() if account.status not in _WITHOUT_ROWS
        }
        ledger.drop_rows(load_id, sorted(self._begun - kept))
        landed = ledger.landed(load_id)
        for name, account in self._accounts.items():
            read = (account.events, account.rejected.total())
            if name in kept and landed.get(name, (0, 0)) != read:
                events, rejected = landed.get(name, (0, 0))
                _refuse(
                    account,
                    f"{account.events} events and {read[1]} rejected lines were read, "
                    f"{events} and {rejected} have arrived",
                )
                ledger.drop_rows(load_id, [name])
                ledger.refuse(load_id, name, account.detail or "")
        older = [name for name in self._accounts if name in self._in_force]
        whole = [name for name in older if self._accounts[name].status == "loaded"]
        ledger.replace(load_id, whole)
        for name in older:
            # What a broken file gives stands beside its older versions, but not beside itself.
            version = self._files[name].version
            if self._accounts[name].status == "partial" and version in self._in_force[name]:
                ledger.replace(load_id, [name], version)
        self._sum_up(len(whole))

    def _sum_up(self, replaced: int) -> None:
        """Count into the summary what the commit keeps, not what was read on the way."""
        summary = self._summary
        for name, account in self._accounts.items():
            summary.files[account.status] += 1
            summary.events += account.events
            summary.rejected.update(account.rejected)
            if account.detail is not None:
                summary.troubles.append((name, f"{account.status}: {account.detail}"))
            if account.lost:
                summary.lost.append((name, account.detail or ""))
        summary.not_tried += len(self._files) - len(self._accounts)
        summary.replaced += replaced
        summary.bytes_read += self._bytes_read
        summary.unknown_fields.update(self._sightings.fields)
        self._sightings.settle()

    def _note(self, batch: Batch) -> None:
        self._begun.add(batch.file)
        if batch.rejected is not None:
            self._rejected.append(batch.rejected)
            self._rejected_bytes += batch.rejected.get_total_buffer_size()
            self._rejected_read += batch.rejected.num_rows
        self._sightings.note(batch.agents, batch.hosts, batch.unknown_fields)
        self._events_read += 0 if batch.events is None else batch.events.num_rows
        self._bytes_read += batch.bytes_read
        if batch.end is not None:
            account = self._accounts[batch.file] = batch.end
            self._lost_in_a_row = self._lost_in_a_row + 1 if account.lost else 0
            if not account.adds_up:
                _refuse(
                    account,
                    f"{account.lines} lines are not {account.events} events + "
                    f"{account.rejected.total()} rejected + {account.blank} blank",
                )
        self._progress.advance(
            files=self._summary.files.total() + len(self._accounts),
            events=self._summary.events + self._events_read,
            rejected=self._summary.rejected.total() + self._rejected_read,
            bytes_read=self._summary.bytes_read + self._bytes_read,
        )

    def _rejected_rows(self) -> Iterator[tuple[str, Any]]:
        rows, self._rejected, self._rejected_bytes = self._rejected, [], 0
        for lines in rows:
            yield REJECTED_LINES, lines

    def _ledger(self, name: str, account: Account) -> Iterator[tuple[Any, ...]]:
        file, version, size_bytes, modified_at = _identity(self._files[name])
        if account.again:
            # The version must not count as known.
            version = unopened(version)
            if version in self._in_force.get(name, ()):
                # Still cannot be read: the ledger says so already.
                return
        yield (
            *(file, version, size_bytes, modified_at),
            *(account.lines, account.events, account.rejected.total(), account.blank),
            *(account.status, account.detail, None),
        )


def _refuse(account: Account, detail: str) -> None:
    account.status, account.detail, account.again = "refused", detail, True
    account.lines = account.events = account.blank = 0
    account.rejected.clear()


def _identity(file: Named) -> tuple[Any, ...]:
    return file.name, file.version, file.size_bytes, file.modified_at
