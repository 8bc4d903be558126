"""A load from a stream: what it has after the ledger's positions, piece by piece, in packages.

The records are taken before the warehouse is opened for writing, and what is taken is loaded only
if the positions are still the same then. The accounts of the pieces, which are the new positions,
come into force with the rows, in the one commit of the package.
"""

from __future__ import annotations

from typing import Final

from loaders.discovering import LoadRequest
from loaders.file_rows import FileRows, LoadSummary, Progress
from loaders.reading import read_records
from loaders.settings import Limits
from loaders.streaming import Gathered, KinesisStream, Positions, StreamAddress, start_of
from loaders.writing import Ledger, Target, client_of, load_package, prepare_warehouse
from readership.errors import UserError

# They are in memory until they are in the warehouse.
_PACKAGE_BYTES: Final = 64 * 1024**2
_PACKAGE_RECORDS: Final = 200_000
# Loads of one stream at once, of which each has found the other's commit before its own.
_OVERTAKEN_TIMES: Final = 3


def load_stream(
    address: StreamAddress,
    request: LoadRequest,
    target: Target,
    progress: Progress,
    summary: LoadSummary,
    limits: Limits,
) -> None:
    """Load the records of a stream, up to its tip or to as many as are requested.

    Args:
        address: The stream.
        request: Where it is begun, and how many records are taken.
        target: The warehouse, created when there is something to load.
        progress: Receives how far the load is.
        summary: Gains what was loaded, and what kept it from going on.
        limits: What one piece may hold.

    Raises:
        UserError: The stream or the warehouse cannot be used. Packages finished before stay.

    """
    stream = KinesisStream(address)
    start = start_of(request.start) if request.start else None
    left, overtaken = request.most_records, 0
    while True:
        positions = _positions(target, str(address))
        records = min(left, _PACKAGE_RECORDS)
        gathered = stream.gather(positions, start, records, _PACKAGE_BYTES)
        if gathered.pieces or gathered.marks:
            if not _load(gathered, positions, str(address), target, progress, summary, limits):
                overtaken += 1
                if overtaken == _OVERTAKEN_TIMES:
                    raise UserError(
                        "another load reads the stream into the same warehouse",
                        str(address),
                        "run one of them",
                    )
                continue
            summary.expired += [f"{address}/{shard}" for shard in gathered.lost]
        left -= gathered.records
        if gathered.error is not None:
            summary.lost.append((str(address), str(gathered.error)))
            return
        # A piece that was refused would be the next one again.
        if gathered.is_at_tip or left <= 0 or summary.files["refused"]:
            return


def _load(
    gathered: Gathered,
    positions: Positions,
    stream: str,
    target: Target,
    progress: Progress,
    summary: LoadSummary,
    limits: Limits,
) -> bool:
    """Load what was gathered, unless the ledger has gone on since; tell whether it was."""
    pieces = gathered.pieces
    with target.writing() as destination:
        summary.taken_back += prepare_warehouse(target, destination)
        with client_of(destination) as client:
            ledger = Ledger(client)
            if _of_ledger(ledger, stream) != positions:
                return False
            described = ledger.already_described()
        with progress.reading(len(pieces), sum(piece.size_bytes for piece in pieces)):
            batches = read_records(
                ((piece.name, piece.records) for piece in pieces),
                described.agents,
                described.hosts,
                limits,
            )
            rows = FileRows(pieces, batches, {}, described, summary, progress, marks=gathered.marks)
            load_package(target, destination, rows)
    summary.records[stream] += gathered.records
    return True


def _positions(target: Target, stream: str) -> Positions:
    if not target.exists():
        return Positions()
    with target.reading() as client:
        return _of_ledger(Ledger(client), stream) if client.has_dataset() else Positions()


def _of_ledger(ledger: Ledger, stream: str) -> Positions:
    return Positions.of_ledger(stream, ledger.stream_marks(stream), ledger.stream_positions(stream))
