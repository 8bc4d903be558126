"""What a look at a stream brings: pieces, which load as files do, and accounts without lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from loaders.streaming.positions import CLOSED, Positions, Start, padded
from readership.errors import UserError

_EXPIRED_SHARD: Final = "its records expired; those after the last piece were not read"

Account = tuple[Any, ...]
"""A row of `raw.files`, in its columns."""


@dataclass(slots=True)
class Piece:
    """Records of one shard, one after another, that are loaded together as a file is.

    Attributes:
        name: The stream, the shard, and the sequence number of the first record.
        version: The sequence number of the last one; both with leading zeros.
        size_bytes: The bytes of the records.
        modified_at: When the last record arrived, UTC.
        records: What they hold.

    """

    name: str
    version: str
    size_bytes: int
    modified_at: datetime | None
    records: list[bytes] = field(repr=False)


@dataclass(slots=True)
class Gathered:
    """What one look at a stream brought.

    Attributes:
        pieces: The records, by shard.
        marks: Accounts without lines: where the stream was begun, and shards that have ended.
        is_at_tip: Whether there was nothing more.
        error: What kept it from going on; what is there can be loaded.
        lost: Shards of which records expired before they were read.

    """

    pieces: list[Piece] = field(default_factory=list)
    marks: list[Account] = field(default_factory=list)
    is_at_tip: bool = True
    error: UserError | None = None
    lost: list[str] = field(default_factory=list)

    @property
    def records(self) -> int:
        """How many records there are."""
        return sum(len(piece.records) for piece in self.pieces)

    def positions_after(self, positions: Positions, stream: str) -> Positions:
        """Give the positions when all of this is loaded.

        Args:
            positions: Those before.
            stream: The address of the stream.

        """
        return positions.after(
            stream,
            [(name, version, detail) for name, version, *_, detail, _ in self.marks],
            [(piece.name.rpartition("/")[0], piece.version) for piece in self.pieces],
        )


class Stream(Protocol):
    """A stream: shards, each a sequence of records with numbers that grow."""

    def gather(
        self, positions: Positions, wanted: Start | None, most_records: int, most_bytes: int
    ) -> Gathered:
        """Take the records that come after some positions, up to the tip of the stream.

        Args:
            positions: How far the stream has been read.
            wanted: Where a person wants it to be begun; None where nobody says.
            most_records: About how many records to take.
            most_bytes: About how many bytes of them.

        Raises:
            UserError: There is no such stream, it is another one than that of the positions, or
                it was begun elsewhere. Errors after the first record are in what is given.

        """


@dataclass(slots=True)
class ShardRead:
    """What was read of a shard."""

    first: str = ""
    last: str = ""
    arrived_at: datetime | None = None
    size_bytes: int = 0
    records: list[bytes] = field(default_factory=list)

    def add(self, sequence: str, data: bytes, arrived_at: datetime | None) -> None:
        """Take a further record."""
        self.last = sequence
        self.first = self.first or sequence
        self.arrived_at = arrived_at or self.arrived_at
        self.size_bytes += len(data)
        self.records.append(data)


def pieces_of(stream: str, read: dict[str, ShardRead]) -> list[Piece]:
    """Make pieces of what was read, by shard.

    Args:
        stream: The address of the stream.
        read: What was read of each shard.

    Raises:
        UserError: A sequence number is none that can be ordered.

    """
    return [
        Piece(
            f"{stream}/{shard}/{padded(part.first, stream)}",
            padded(part.last, stream),
            part.size_bytes,
            part.arrived_at,
            part.records,
        )
        for shard, part in sorted(read.items())
        if part.records
    ]


def mark_of_start(stream: str, start: Start, identity: str) -> Account:
    """Give the account of the stream itself: where it was begun, and which one it was."""
    return _mark(stream, start.version, identity)


def mark_of_end(stream: str, shard: str, *, is_expired: bool = False) -> Account:
    """Give the account of a shard from which nothing will come any more."""
    return _mark(f"{stream}/{shard}", CLOSED, _EXPIRED_SHARD if is_expired else None)


def _mark(name: str, version: str, detail: str | None) -> Account:
    return name, version, 0, None, 0, 0, 0, 0, "loaded", detail, None
