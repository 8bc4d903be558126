"""One event file from its listing to its last line, in pieces that fit in memory.

A file whose store gives out is read again from where it was; one that turned into another version
while it was read, or that cannot be read to its end, is given up whole: the end says so, and the
load takes back the pieces that have gone through. A file is never loaded by half.
"""

from __future__ import annotations

import errno
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, Literal

import pyarrow as pa

from loaders import agents, hosts
from loaders.blocks import BlockJudge, Judged
from loaders.reading import (
    Block,
    DamagedGzipError,
    LongLine,
    NotGzipError,
    Reading,
    read_blocks,
)
from loaders.sources import SourceFile, current_version, open_file
from warehouse.errors import redacted

Status = Literal["loaded", "partial", "unreadable", "refused", "replayed"]
"""What became of a file: whole; as far as it goes; not at all; its account does not add up; some
of its rejected lines taken again."""

# The version of a file that could not be read says nothing about content, so it must not count
# as known once the file can be.
UNOPENED: Final = "unopened:"

_RETRY_SECONDS: Final = (0.5, 2.0, 8.0)
_FOR_GOOD: Final = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)
_DETAIL_CHARS: Final = 300
_CHANGED: Final = "it changed while it was read; the next load takes it"


@dataclass(slots=True)
class Account:
    """What became of a file, line by line.

    Attributes:
        lines: Lines that the file has, by its line ends.
        events: Lines that are events.
        blank: Lines with nothing on them.
        rejected: Refused lines, by reason.
        status: What became of the file.
        detail: What is wrong with a file that is not loaded whole, in a few words.
        again: Whether the same version may be taken otherwise another time.
        lost: Whether its store gave out, several times.

    """

    lines: int = 0
    events: int = 0
    blank: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    status: Status = "loaded"
    detail: str | None = None
    again: bool = False
    lost: bool = False

    @property
    def adds_up(self) -> bool:
        """Whether every line is in exactly one of the counts."""
        return self.lines == self.events + self.blank + self.rejected.total()


@dataclass(slots=True)
class Piece:
    """Some lines of one file, judged.

    Attributes:
        file: The name of the file.
        events: Rows of `raw.events`, without load id.
        rejected: Rows of `raw.rejected_lines`.
        agents: Rows of `raw.user_agents` for user agents that were not known.
        hosts: Rows of `raw.hosts` for hosts that were not known.
        unknown: Rows of `raw.unknown_fields`: fields met for the first time by this reader.
        bytes_read: Bytes taken from the file for this piece, as stored.
        end: The account of the file, with its last piece.

    """

    file: str
    events: pa.RecordBatch | None = None
    rejected: list[tuple[Any, ...]] = field(default_factory=list)
    agents: list[agents.Agent] = field(default_factory=list)
    hosts: list[hosts.Host] = field(default_factory=list)
    unknown: list[tuple[str, str, int]] = field(default_factory=list)
    bytes_read: int = 0
    end: Account | None = None


class Taker:
    """Takes files one after another; user agents and hosts are described when first met."""

    def __init__(self, known_agents: set[str], known_hosts: set[str]) -> None:
        self._agents = {None, *known_agents}
        self._hosts = set(known_hosts)
        self._judge = BlockJudge()

    def pieces(
        self, file: SourceFile, *, sleep: Callable[[float], None] = time.sleep
    ) -> Iterator[Piece]:
        """Give a file's pieces in order; the last one carries the account of all.

        Args:
            file: The file as it was listed.
            sleep: Waits so many seconds before the file is opened again.

        """
        account = Account()
        passed = 0
        careful = False
        waits = iter(_RETRY_SECONDS)
        while True:
            reading = Reading()
            try:
                with open_file(file) as stream:
                    for block in _rest(stream, reading, file, passed, careful=careful):
                        judged = self._judge.judge(block, file.name, passed + 1)
                        piece = self._piece(file, judged, account)
                        piece.bytes_read, reading.bytes_read = reading.bytes_read, 0
                        passed += judged.lines
                        yield piece
                    found = current_version(file)
            except DamagedGzipError:
                careful = True
                continue
            except NotGzipError as error:
                account.status, account.detail = "unreadable", f"not gzip: {error}"
            # Stores raise errors of many libraries, and each of them may be a passing one.
            except Exception as error:
                wait = None if _is_for_good(error) else next(waits, None)
                if wait is not None:
                    sleep(wait)
                    continue
                account = _given_up(_reason(error), lost=not _is_for_good(error))
            else:
                if found != file.version:
                    account = _given_up(_CHANGED)
            break
        last = Piece(file.name, bytes_read=reading.bytes_read)
        if account.status == "loaded":
            account.lines = reading.lines
            if reading.damage is not None:
                account.status, account.detail = "partial", reading.damage
                if reading.tail is not None:
                    judged = self._judge.judge([reading.tail], file.name, passed + 1, cut=True)
                    last = self._piece(file, judged, account)
                    last.bytes_read = reading.bytes_read
        last.end = account
        yield last

    def _piece(self, file: SourceFile, judged: Judged, account: Account) -> Piece:
        account.events += judged.events.num_rows
        account.blank += judged.blank
        account.rejected.update(verdict.reason for _, verdict, _ in judged.rejected)
        user_agents, *urls = judged.lookups
        new_agents = user_agents - self._agents
        new_hosts = hosts.hosts_in(set().union(*urls)) - self._hosts
        self._agents |= new_agents
        self._hosts |= new_hosts
        return Piece(
            file.name,
            judged.events,
            [
                (file.name, number, *verdict, line.head if isinstance(line, LongLine) else line)
                for number, verdict, line in judged.rejected
            ],
            [agents.describe(agent) for agent in sorted(filter(None, new_agents))],
            [hosts.describe(host) for host in sorted(new_hosts)],
            [(name, file.name, number) for name, number in sorted(judged.unknown.items())],
        )


def _rest(
    stream: BinaryIO, reading: Reading, file: SourceFile, passed: int, *, careful: bool
) -> Iterator[Block]:
    """Give the blocks of a file from the line after those that have been passed on."""
    gzip_named = file.name.endswith(".gz")
    for block in read_blocks(stream, reading, gzip_named=gzip_named, careful=careful):
        rest = block[passed:]
        passed = max(0, passed - len(block))
        if rest:
            yield rest


def _is_for_good(error: Exception) -> bool:
    return isinstance(error, _FOR_GOOD) or getattr(error, "errno", None) == errno.ESTALE


def _given_up(detail: str, *, lost: bool = False) -> Account:
    return Account(status="unreadable", detail=detail, again=True, lost=lost)


def _reason(error: Exception) -> str:
    if getattr(error, "errno", None) == errno.ESTALE:
        return _CHANGED
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return redacted(" ".join(said.split()))[:_DETAIL_CHARS]
