"""How far a stream has been read, and where it was begun: as the ledger has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from loaders.sequences import SEQUENCE_DIGITS
from readership.errors import UserError

BEGINNING: Final = "trim-horizon"
LATEST: Final = "latest"

CLOSED: Final = "closed"
"""The version of the account of a shard that was read to its end."""

_FROM: Final = "from "


@dataclass(frozen=True, slots=True)
class Start:
    """Where a stream is begun.

    Attributes:
        word: `trim-horizon`, `latest`, or nothing for a time.
        at: The time; None for the oldest record that the stream still has.

    """

    word: str = BEGINNING
    at: datetime | None = None

    @property
    def version(self) -> str:
        """The version of the stream's own account, which says where it was begun."""
        return " ".join(filter(None, [_FROM.strip(), self.word, self.at and self.at.isoformat()]))

    @classmethod
    def of_version(cls, version: str) -> Start:
        """Read what `version` gave."""
        word, _, time = version.removeprefix(_FROM).rpartition(" ")
        if time == BEGINNING:
            return cls()
        return cls(word, datetime.fromisoformat(time))

    def __str__(self) -> str:
        return " of ".join(filter(None, [self.word, self.at and self.at.isoformat()]))


def start_of(text: str) -> Start:
    """Read what a person says: `trim-horizon`, `latest`, or a time.

    Raises:
        ValueError: It is none of them.

    """
    if text == BEGINNING:
        return Start()
    if text == LATEST:
        return Start(LATEST)
    at = datetime.fromisoformat(text)
    return Start("", at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Positions:
    """How far a stream has been read.

    Attributes:
        start: Where it was begun; None before the first load.
        identity: Which stream of its name that was.
        sequences: The last sequence number that was read, by shard.
        closed: The shards that were read to their end.

    """

    start: Start | None = None
    identity: str | None = None
    sequences: dict[str, str] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()

    @classmethod
    def of_ledger(
        cls, stream: str, marks: list[tuple[str, str, str | None]], last: list[tuple[str, str]]
    ) -> Positions:
        """Read the accounts of a stream.

        Args:
            stream: Its address.
            marks: Name, version and detail of the accounts of the stream and of its closed shards.
            last: The name of each shard, and the version of its last piece.

        """
        start, identity = None, None
        closed = set()
        for name, version, detail in marks:
            if name == stream:
                start, identity = Start.of_version(version), detail
            elif version == CLOSED:
                closed.add(name.removeprefix(f"{stream}/"))
        sequences = {name.removeprefix(f"{stream}/"): str(int(version)) for name, version in last}
        return cls(start, identity, sequences, frozenset(closed))

    def after(
        self, stream: str, marks: list[tuple[str, str, str | None]], last: list[tuple[str, str]]
    ) -> Positions:
        """Give what the ledger will say when it has further accounts.

        Args:
            stream: As for `of_ledger`, and so are the others.
            marks: Name, version and detail of the further accounts without lines.
            last: The name of each further piece's shard, and the version of the piece.

        """
        new = Positions.of_ledger(stream, marks, last)
        return Positions(
            self.start or new.start,
            self.identity or new.identity,
            self.sequences | new.sequences,
            self.closed | new.closed,
        )

    def check_identity(self, identity: str, where: str, leads_to_it: str) -> None:
        """Refuse another stream of the same name.

        Args:
            identity: What tells the stream from others of its name.
            where: The address, for a message.
            leads_to_it: The settings by which the stream is found, for a message.

        Raises:
            UserError: It is not the stream that was read before.

        """
        if self.identity not in (None, identity):
            raise UserError(
                f"this is {identity}, and what was read before is {self.identity}",
                where,
                f"set {leads_to_it} as before; a stream that was made anew needs a new name",
            )

    def begun(self, wanted: Start | None, now: datetime, where: str) -> Start:
        """Give where the stream was or is begun.

        Args:
            wanted: Where a person wants it to begin; None where nobody says.
            now: The present, as the stream's own clock has it.
            where: The address, for a message.

        Raises:
            UserError: It was begun elsewhere, so that records would be skipped or read twice; or
                the time is to come.

        """
        if self.start is not None:
            same = wanted is None or wanted.word == self.start.word != ""
            if not same and wanted != self.start:
                raise UserError(
                    f"the stream was begun from {self.start}, and is read on from where it is",
                    where,
                    "leave out --from, which is for the first load of a stream",
                )
            return self.start
        start = wanted or Start()
        if start.word == LATEST:
            return Start(LATEST, now)
        if start.at is not None and start.at > now:
            raise UserError(f"{start.at.isoformat()} is to come", where, "name a time before now")
        return start


def padded(sequence: str, where: str) -> str:
    """Give a sequence number with so many digits that its text orders as the number does.

    Raises:
        UserError: It is longer than any of Kinesis is.

    """
    if len(sequence) > SEQUENCE_DIGITS or not sequence.isdigit():
        raise UserError(
            f"{sequence[:80]} is no sequence number of a stream",
            where,
            f"they have up to {SEQUENCE_DIGITS} digits; report what gives this one",
        )
    return sequence.zfill(SEQUENCE_DIGITS)
