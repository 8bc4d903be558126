"""A load: discover, plan, read, enrich, write; the one module that knows all these rooms.

The files that the warehouse does not hold yet are loaded in dlt packages. Each package is a load of
its own with one commit at its end; a big load is several, so that one that breaks off is taken up
where it was.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from loaders.discovering import EventFile, LoadRequest, Plan, list_requested, plan_files
from loaders.enriching import AlreadyDescribed, FirstSightings
from loaders.reading import Account, Batch, Status, read_files
from loaders.settings import DEFAULT_LIMITS, Limits
from loaders.tables import EVENTS, FILES, REJECTED_LINES, arrow_table
from loaders.writing import (
    Ledger,
    PackageRows,
    Target,
    client_of,
    load_package,
    prepare_dlt,
    prepare_warehouse,
    unopened,
)

# One commit for so many stored bytes: minutes of work at most.
_PACKAGE_BYTES: Final = 2 * 1024**3
_REJECTED_BYTES_HELD: Final = 32 * 1024**2
# A store that gives out for so many files one after another will do so for the rest.
_LOST_IN_A_ROW: Final = 3
_WITHOUT_ROWS: Final = frozenset({"unreadable", "refused"})


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
    taken_back: int = 0
    seconds: float = 0.0


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


def init(target: Target) -> None:
    """Create the warehouse and its empty tables; change nothing that is there.

    Raises:
        UserError: The warehouse cannot be opened.

    """
    with target.writing() as destination:
        prepare_warehouse(target, destination)


def plan(request: LoadRequest, target: Target) -> Plan:
    """Say what `load` would read, and change nothing.

    Args:
        request: Which files.
        target: The warehouse, which need not exist.

    Raises:
        UserError: A path or the warehouse cannot be used.

    """
    prepare_dlt()
    listed = list_requested(request)
    if not target.exists():
        return plan_files(listed, {})
    with target.reading() as client:
        ledger = Ledger(client)
        return plan_files(listed, ledger.versions_in_force() if client.has_dataset() else {})


def load(
    request: LoadRequest,
    target: Target,
    progress: Progress,
    *,
    workers: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> LoadSummary:
    """Load the files under the paths that the warehouse does not hold yet.

    The rows of a package become visible to staging together, when its load is marked finished. A
    load that is broken off at any moment is made good by the next one.

    Args:
        request: Which files.
        target: The warehouse, created when missing.
        progress: Receives how far the load is.
        workers: How many processes read; None: as many as are worth it.
        limits: What one file may hold.

    Raises:
        UserError: A path or the warehouse cannot be used. Packages finished before stay.

    """
    started = time.monotonic()
    summary = LoadSummary(target.place)
    prepare_dlt()
    # Before the warehouse is opened: listing a bucket may take a while, and may fail.
    listed = list_requested(request)
    with target.writing() as destination:
        summary.taken_back = prepare_warehouse(target, destination)
        with client_of(destination) as client:
            ledger = Ledger(client)
            todo = plan_files(listed, ledger.versions_in_force())
            described = ledger.already_described() if todo.files else AlreadyDescribed()
        summary.skipped = todo.skipped
        summary.undated = todo.undated
        summary.passed_over = todo.passed_over
        with progress.reading(len(todo.files), todo.size_bytes):
            for files in _packages([planned.file for planned in todo.files]):
                if summary.not_tried:
                    summary.not_tried += len(files)
                    continue
                # The processes start, and read, while dlt makes its package.
                with read_files(
                    files, described.agents, described.hosts, workers, limits
                ) as batches:
                    rows = _FileRows(files, batches, todo.in_force, described, summary, progress)
                    load_package(target, destination, rows)
    summary.seconds = time.monotonic() - started
    return summary


def _packages(files: list[EventFile]) -> Iterator[list[EventFile]]:
    package: list[EventFile] = []
    size = 0
    for file in files:
        if package and size + file.size_bytes > _PACKAGE_BYTES:
            yield package
            package, size = [], 0
        package.append(file)
        size += file.size_bytes
    if package:
        yield package


class _FileRows(PackageRows):
    """The rows of some files, read while the warehouse asks for them."""

    def __init__(
        self,
        files: list[EventFile],
        batches: Iterator[Batch],
        in_force: dict[str, set[str]],
        described: AlreadyDescribed,
        summary: LoadSummary,
        progress: Progress,
    ) -> None:
        self._files = {file.name: file for file in files}
        self._batches = batches
        self._in_force = in_force
        self._summary = summary
        self._progress = progress
        self._accounts: dict[str, Account] = {}
        self._begun: set[str] = set()
        self._lost_in_a_row = 0
        self._events_read = self._rejected_read = self._bytes_read = 0
        self._rejected: list[pa.RecordBatch] = []
        self._rejected_bytes = 0
        self._sightings = FirstSightings(described)

    def manifest(self) -> list[tuple[Any, ...]]:
        """Give what is known of the files before they are read."""
        return [
            (*_identity(file), *[None] * 4, "listed", None, None) for file in self._files.values()
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


def _identity(file: EventFile) -> tuple[Any, ...]:
    return file.name, file.version, file.size_bytes, file.modified_at
