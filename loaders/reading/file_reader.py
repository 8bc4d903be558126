"""One event file from its opening to its last line, in batches that fit in memory.

A file whose store gives out is read again from where it was; one that turned into another version
while it was read, or that cannot be read to its end, is given up whole: the end says so, and the
load takes back the batches that have gone through. A file is never loaded by half.
"""

from __future__ import annotations

import errno
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import pyarrow as pa

from loaders.discovering import EventFile
from loaders.enriching import (
    Agent,
    Host,
    SeenTexts,
    describe_agent,
    describe_host,
    hosts_in,
)
from loaders.reading.blocks import BlockJudge, Judged
from loaders.reading.lines import (
    Block,
    DamagedGzipError,
    LongLine,
    NotGzipError,
    StreamState,
    TooLargeError,
    read_blocks,
)
from loaders.reading.records import lines_of_record
from loaders.settings import DEFAULT_LIMITS, Limits
from loaders.tables import ARROW_SCHEMAS, REJECTED_LINES
from readership.errors import message_of

Status = Literal["loaded", "partial", "unreadable", "refused", "replayed"]
"""What became of a file: whole; as far as it goes; not at all; its account does not add up, or it
holds more than a file may; some of its rejected lines judged again."""

_RETRY_SECONDS: Final = (0.5, 2.0, 8.0)
# A store that is silent so long gets no further request for the file: each takes as long.
_PATIENCE_SECONDS: Final = 20.0
_FOR_GOOD: Final = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)
_CHANGED: Final = "it changed while it was read; the next load takes it"
# Of records, what is judged together.
_BLOCK_LINES: Final = 4_000
_BLOCK_BYTES: Final = 4 * 1024 * 1024
# No browser's and no crawler's is as long, nor is any host's name in the DNS. What is longer stays
# in the event, and is not described: it takes time, and would be held by every process.
_MAX_AGENT_CHARS: Final = 2_048
_MAX_HOST_CHARS: Final = 253


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
        again: Whether the same version may be read with another outcome another time.
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
class Batch:
    """Some lines of one file, judged.

    Attributes:
        file: The name of the file.
        events: Rows of `raw.events`, without load id.
        rejected: Rows of `raw.rejected_lines`.
        agents: Rows of `raw.user_agents` for user agents that were not known.
        hosts: Rows of `raw.hosts` for hosts that were not known.
        unknown_fields: Rows of `raw.unknown_fields`: fields seen for the first time by this reader.
        bytes_read: Bytes taken from the file for this batch, as stored.
        end: The account of the file, with its last batch.

    """

    file: str
    events: pa.RecordBatch | None = None
    rejected: pa.RecordBatch | None = None
    agents: list[Agent] = field(default_factory=list)
    hosts: list[Host] = field(default_factory=list)
    unknown_fields: list[tuple[str, str, int]] = field(default_factory=list)
    bytes_read: int = 0
    end: Account | None = None


class FileReader:
    """Reads files one after another; user agents and hosts are described when first seen."""

    def __init__(
        self, agents: SeenTexts, hosts: SeenTexts, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        """Begin.

        Args:
            agents: User agents that need no description; gains those that are seen.
            hosts: Hosts that need none; likewise.
            limits: What one file may hold.

        """
        self._agents = agents
        self._hosts = hosts
        self._limits = limits
        self._block_judge = BlockJudge()

    def batches(
        self, file: EventFile, *, sleep: Callable[[float], None] = time.sleep
    ) -> Iterator[Batch]:
        """Give a file's batches in order; the last one carries the account of all.

        Args:
            file: The file as it was listed.
            sleep: Waits so many seconds before the file is opened again.

        """
        account = Account()
        passed = 0
        careful = False
        waits = iter(_RETRY_SECONDS)
        last_batch_at = time.monotonic()
        while True:
            state = StreamState()
            try:
                with file.open() as stream:
                    blocks = read_blocks(
                        stream,
                        state,
                        gzip_named=file.name.endswith(".gz"),
                        careful=careful,
                        limits=self._limits,
                    )
                    for block in _unread(blocks, passed):
                        numbers = range(passed + 1, passed + 1 + len(block))
                        batch = self.judge(block, file.name, numbers, account)
                        batch.bytes_read, state.bytes_read = state.bytes_read, 0
                        passed += len(block)
                        yield batch
                        last_batch_at = time.monotonic()
                    found = file.current_version()
            except DamagedGzipError:
                careful = True
                continue
            except NotGzipError as error:
                account.status, account.detail = "unreadable", f"not gzip: {error}"
            except TooLargeError as error:
                account = Account(status="refused", detail=str(error), again=True)
            except MemoryError:
                # It says nothing of the store, and would not pass.
                raise
            # Stores raise errors of many libraries, and each of them may be a passing one.
            except Exception as error:
                wait = None if _is_for_good(error) else next(waits, None)
                if wait is not None and time.monotonic() - last_batch_at < _PATIENCE_SECONDS:
                    sleep(wait)
                    continue
                account = _given_up(_reason(error), lost=not _is_for_good(error))
            else:
                if found != file.version:
                    account = _given_up(_CHANGED)
            break
        last = Batch(file.name, bytes_read=state.bytes_read)
        if account.status == "loaded":
            account.lines = state.lines
            if state.damage is not None:
                account.status, account.detail = "partial", state.damage
                if state.tail is not None:
                    last = self.judge([state.tail], file.name, [passed + 1], account, cut=True)
                    last.bytes_read = state.bytes_read
        last.end = account
        yield last

    def batches_of_records(self, name: str, records: Sequence[bytes]) -> Iterator[Batch]:
        """Give the batches of a stream's records in order; the last one carries the account of all.

        Args:
            name: What the records together are called.
            records: The records as the stream gave them.

        """
        account = Account()
        state = StreamState()
        block: Block = []
        first, held, size_bytes = 1, 0, 0
        for record in records:
            found = lines_of_record(record)
            state.lines += found.count
            block += state.cut(list(found.lines), self._limits)
            held += sum(map(len, found.lines))
            size_bytes += len(record)
            if len(block) >= _BLOCK_LINES or held >= _BLOCK_BYTES:
                batch = self.judge(block, name, range(first, first + len(block)), account)
                batch.bytes_read, size_bytes = size_bytes, 0
                first, held, block = first + len(block), 0, []
                yield batch
        last = self.judge(block, name, range(first, first + len(block)), account)
        account.lines = state.lines
        last.bytes_read, last.end = size_bytes, account
        yield last

    def judge(
        self,
        lines: Block,
        file: str,
        numbers: Sequence[int],
        account: Account,
        *,
        cut: bool = False,
    ) -> Batch:
        """Judge some lines of a file, wherever they come from, and count them into its account.

        Args:
            lines: The lines.
            file: The name of the file.
            numbers: The number of each line in the file, from 1.
            account: Gains the events, the rejected and the blank lines among them.
            cut: The lines are what is left of lines in which the file breaks off.

        """
        judged = self._block_judge.judge_numbered(lines, file, numbers, cut=cut)
        account.events += judged.events.num_rows
        account.blank += judged.blank
        account.rejected.update(verdict.reason for _, verdict, _ in judged.rejected)
        user_agents, *urls = judged.lookups
        new_agents = _new(user_agents, self._agents, _MAX_AGENT_CHARS)
        new_hosts = _new(hosts_in(set().union(*urls)), self._hosts, _MAX_HOST_CHARS)
        return Batch(
            file,
            judged.events,
            _rejected_rows(judged, file),
            [describe_agent(agent) for agent in new_agents],
            [describe_host(host) for host in new_hosts],
            [(name, file, number) for name, number in sorted(judged.unknown.items())],
        )


def _new(texts: set[str | None], seen: SeenTexts, longest: int) -> list[str]:
    """Give the texts that are to be described and were not seen before, sorted."""
    return sorted(text for text in texts if text and len(text) <= longest and seen.add(text))


def _rejected_rows(judged: Judged, file: str) -> pa.RecordBatch | None:
    if not judged.rejected:
        return None
    numbers, verdicts, lines = zip(*judged.rejected, strict=True)
    reasons, details = zip(*verdicts, strict=True)
    values = (
        [file] * len(numbers),
        numbers,
        reasons,
        details,
        [line.head if isinstance(line, LongLine) else line for line in lines],
    )
    schema = ARROW_SCHEMAS[REJECTED_LINES]
    arrays = [pa.array(each, kind) for each, kind in zip(values, schema.types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _unread(blocks: Iterator[Block], passed: int) -> Iterator[Block]:
    """Give the blocks of a file from the line after those that have been passed on."""
    for block in blocks:
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
    return message_of(error)
