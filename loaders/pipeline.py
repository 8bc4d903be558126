"""A load: discover, plan, read, enrich, write; the one module that knows all these rooms.

The files that the warehouse does not hold yet are loaded in dlt packages. Each package is a load of
its own with one commit at its end; a big load is several, so that one that breaks off is taken up
where it was. Files that a queue announces go the same way; the records of a stream are loaded as
files by `stream_loads`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from loaders.discovering import (
    EventFile,
    Listed,
    LoadRequest,
    NoEventFilesError,
    Plan,
    list_requested,
    look_up,
    plan_files,
)
from loaders.enriching import AlreadyDescribed
from loaders.file_rows import FileRows, LoadSummary, Progress
from loaders.reading import read_files, refuse_rerun
from loaders.settings import DEFAULT_LIMITS, Limits
from loaders.stream_loads import load_stream
from loaders.streaming import STREAMS, S3Queue, StreamAddress, is_stream, stream_address
from loaders.writing import (
    Ledger,
    Target,
    client_of,
    load_package,
    prepare_dlt,
    prepare_warehouse,
)
from readership.errors import UserError

__all__ = ["LoadSummary", "Progress", "init", "load", "load_new", "plan"]

# One commit for so many stored bytes: minutes of work at most.
_PACKAGE_BYTES: Final = 2 * 1024**3
# So many messages are held until the files are in that they name.
_MESSAGES: Final = 1_000


def init(target: Target) -> None:
    """Create the warehouse and its empty tables; change nothing that is there.

    Raises:
        UserError: The warehouse cannot be opened.

    """
    with target.writing() as destination:
        prepare_warehouse(target, destination)


def plan(request: LoadRequest, target: Target) -> Plan:
    """Say which files `load` would read, and change nothing; of streams it says nothing.

    Args:
        request: Which files.
        target: The warehouse, which need not exist.

    Raises:
        UserError: A path or the warehouse cannot be used.

    """
    prepare_dlt()
    return _todo(list_requested(request), target)


def _todo(listed: Listed, target: Target) -> Plan:
    if not target.exists():
        return plan_files(listed, {})
    with target.reading() as client:
        ledger = Ledger(client)
        return plan_files(listed, ledger.versions_in_force() if ledger.exists() else {})


def load_new(request: LoadRequest, target: Target, progress: Progress) -> LoadSummary | None:
    """Load like `load`, and leave the warehouse alone where nothing is new; give None then.

    Args:
        request: Which files, streams and queues.
        target: The warehouse, created when something is new.
        progress: Receives how far the load is.

    Raises:
        UserError: A path, a stream or the warehouse cannot be used.

    """
    if not any(map(is_stream, request.paths)) and not plan(request, target).files:
        return None
    summary = load(request, target, progress)
    return summary if summary.has_work else None


def load(
    request: LoadRequest,
    target: Target,
    progress: Progress,
    *,
    workers: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> LoadSummary:
    """Load what the warehouse does not hold yet of the files, streams and queues.

    The rows of a package become visible to staging together, when its load is marked finished. A
    load that is broken off at any moment is made good by the next one.

    Args:
        request: Which files, streams and queues.
        target: The warehouse, created when missing.
        progress: Receives how far the load is.
        workers: How many processes read files; None: as many as are worth it.
        limits: What one file may hold.

    Raises:
        UserError: A path, a stream or the warehouse cannot be used, or a reading process runs the
            calling script again. Packages finished before stay.

    """
    started = time.monotonic()
    refuse_rerun()
    summary = LoadSummary(target.place)
    prepare_dlt()
    streams = [stream_address(path) for path in request.paths if is_stream(path)]
    files = replace(request, paths=tuple(path for path in request.paths if not is_stream(path)))
    for address in streams:
        try:
            if address.kind in STREAMS:
                load_stream(address, request, target, progress, summary, limits)
            else:
                _load_announced(address, target, progress, summary, workers, limits)
        except UserError as error:
            if len(request.paths) == 1:
                raise
            # The other sources have nothing to do with it.
            summary.lost.append((str(address), str(error)))
    if not streams:
        # Before the warehouse is opened: listing a bucket may take a while, and may fail.
        listed = list_requested(files)
        _load_listed(listed, target, progress, summary, workers, limits)
    elif files.paths or files.reload:
        try:
            listed = list_requested(files)
            if _todo(listed, target).files:
                _load_listed(listed, target, progress, summary, workers, limits)
        except NoEventFilesError:
            # Beside a stream, none is as good as none that is new.
            pass
    summary.seconds = time.monotonic() - started
    return summary


def _load_listed(
    listed: Listed,
    target: Target,
    progress: Progress,
    summary: LoadSummary,
    workers: int | None,
    limits: Limits,
) -> None:
    with target.writing() as destination:
        summary.taken_back += prepare_warehouse(target, destination)
        with client_of(destination) as client:
            ledger = Ledger(client)
            todo = plan_files(listed, ledger.versions_in_force())
            described = ledger.already_described() if todo.files else AlreadyDescribed()
        summary.skipped += todo.skipped
        summary.undated += todo.undated
        summary.passed_over |= todo.passed_over
        with progress.reading(len(todo.files), todo.size_bytes):
            for files in _packages([planned.file for planned in todo.files]):
                if summary.not_tried:
                    summary.not_tried += len(files)
                    continue
                # The processes start, and read, while dlt makes its package.
                with read_files(
                    files, described.agents, described.hosts, workers, limits
                ) as batches:
                    rows = FileRows(files, batches, todo.in_force, described, summary, progress)
                    load_package(target, destination, rows)


def _load_announced(
    address: StreamAddress,
    target: Target,
    progress: Progress,
    summary: LoadSummary,
    workers: int | None,
    limits: Limits,
) -> None:
    """Load the files that the messages of a queue name; only then delete the messages."""
    queue = S3Queue(address)
    while True:
        announced = queue.receive(_MESSAGES)
        summary.unknown_messages += announced.unknown
        listed, failed = look_up(announced.urls)
        summary.lost += [(url, str(error)) for url, error in failed.items()]
        left = set(failed)
        if listed.found.files:
            if _todo(listed, target).files:
                _load_listed(listed, target, progress, summary, workers, limits)
            # What could not be loaded is announced again.
            left |= {planned.file.name for planned in _todo(listed, target).files}
        queue.delete(
            [receipt for receipt, urls in announced.files.items() if left.isdisjoint(urls)]
        )
        if left or len(announced.files) + announced.unknown < _MESSAGES:
            return


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
