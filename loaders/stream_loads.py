"""A load from a stream: what it has after the ledger's positions, piece by piece, in packages.

The records are taken before the warehouse is opened for writing, those of a package while the one
before it is loaded, and what is taken is loaded only if the ledger has the same positions then. The
accounts of the pieces, which are the new positions, come into force with the rows, in the one
commit of the package.
"""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

from loaders.discovering import LoadRequest
from loaders.file_rows import FileRows, LoadSummary, Progress
from loaders.reading import read_records
from loaders.settings import Limits
from loaders.streaming import Gathered, Look, Positions, StreamAddress, start_of, stream_of
from loaders.writing import Ledger, Target, client_of, load_package, prepare_warehouse
from readership.errors import UserError

# They are in memory until they are in the warehouse.
_PACKAGE_BYTES: Final = 64 * 1024**2
_PACKAGE_RECORDS: Final = 200_000
# Loads of one stream at once, of which each has found the other's commit before its own.
_OVERTAKEN_TIMES: Final = 3


class _Read(NamedTuple):
    """Positions, and the newest of the ledger's loads when they were read from it.

    None where they follow from the positions before and from what was taken there.
    """

    positions: Positions
    newest: tuple[int, str | None] | None


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
    stream = stream_of(address)
    start = start_of(request.start) if request.start else None

    def look(positions: Positions, left: int) -> Gathered:
        return stream.gather(positions, start, min(left, _PACKAGE_RECORDS), _PACKAGE_BYTES)

    read, left = _positions(target, str(address)), request.most_records
    ahead: Look | None = None
    overtaken = 0
    while True:
        gathered = look(read.positions, left) if ahead is None else ahead.result()
        following = _Read(gathered.positions_after(read.positions, str(address)), None)
        rest = left - gathered.records
        goes_on = rest > 0 and not gathered.is_at_tip and gathered.error is None
        ahead = Look(partial(look, following.positions, rest)) if goes_on else None
        if gathered.pieces or gathered.marks:
            if not _load(gathered, read, str(address), target, progress, summary, limits):
                overtaken += 1
                if overtaken == _OVERTAKEN_TIMES:
                    raise UserError(
                        "another load reads the stream into the same warehouse",
                        str(address),
                        "run one of them",
                    )
                if ahead is not None:
                    ahead.wait()
                    ahead = None
                read = _positions(target, str(address))
                continue
            summary.expired += [f"{address}/{shard}" for shard in gathered.lost]
        if gathered.error is not None:
            summary.lost.append((str(address), str(gathered.error)))
        # A piece that was refused would be the next one again.
        if ahead is None or summary.files["refused"]:
            return
        read, left = following, rest


def _load(
    gathered: Gathered,
    read: _Read,
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
            # To look for positions takes longer than to see that nothing was loaded since.
            is_same = ledger.newest() == read.newest
            if not is_same and _of_ledger(ledger, stream) != read.positions:
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


def _positions(target: Target, stream: str) -> _Read:
    if not target.exists():
        return _Read(Positions(), None)
    with target.reading() as client:
        ledger = Ledger(client)
        if not ledger.exists():
            return _Read(Positions(), None)
        # First: a load that finishes in between is seen when the positions are compared.
        newest = ledger.newest()
        return _Read(_of_ledger(ledger, stream), newest)


def _of_ledger(ledger: Ledger, stream: str) -> Positions:
    return Positions.of_ledger(stream, ledger.stream_marks(stream), ledger.stream_positions(stream))
