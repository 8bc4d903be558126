"""Rejected lines judged again, after the gate has learned to take what it refused.

Lines that are events now become rows of `raw.events` in a load of its own, and leave the rejected
ones with its last commit: there is no moment at which a line is in both or in neither. The lines
that are still refused stay as they are, and so do those that were kept cut.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import IO, Any, Final

import pyarrow as pa

from loaders.enriching import AlreadyDescribed, FirstSightings
from loaders.inspecting.queries import (
    KeptLine,
    KnownAccount,
    Queries,
    Selection,
    explain_database_errors,
    require_warehouse,
)
from loaders.reading import Account, FileReader
from loaders.reasons import LINE_TOO_LONG, TRUNCATED
from loaders.tables import ARROW_SCHEMAS, EVENTS, FILES, arrow_table
from loaders.writing import (
    Ledger,
    PackageRows,
    Target,
    client_of,
    load_package,
    prepare_warehouse,
)
from readership.errors import UserError

_ROWS_HELD: Final = 5_000

_Key = tuple[str, str]
"""Load id and file: what an account in force, and a rejected line's account, is identified by."""


@dataclass(slots=True)
class ReplaySummary:
    """What one call of `replay` did.

    Attributes:
        place: The warehouse.
        looked_at: Rejected lines selected, by reason.
        events: Those of them that are events now, by the reason for which they had been refused.
        files: Files that they are of.
        unknown_fields: Fields seen that are not in the list and had not been seen before.
        taken_back: Loads that had broken off before, whose rows were removed.

    """

    place: str
    looked_at: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    files: set[str] = field(default_factory=set)
    unknown_fields: set[str] = field(default_factory=set)
    taken_back: int = 0


def replay(selection: Selection, target: Target) -> ReplaySummary:
    """Judge rejected lines again and load those that are events now; without any, load nothing.

    Everything goes in one load, but for files of which two versions are in force, whose lines
    could not be told apart in it: the older versions have a load each after it.

    Args:
        selection: Which lines.
        target: The warehouse, which exists.

    Raises:
        UserError: There is no warehouse, it cannot be used, knows no such file, or refuses the
            rows.

    """
    require_warehouse(target)
    summary = ReplaySummary(target.place)
    with target.writing() as destination:
        summary.taken_back = prepare_warehouse(target, destination)
        with client_of(destination) as client, explain_database_errors(target):
            queries = Queries(client)
            queries.check_files(selection.files)
            summary.looked_at.update(queries.reasons(selection))
            rounds = _rounds(queries.accounts_with_rejected())
            described = queries.already_described() if rounds else AlreadyDescribed()
        for accounts in rounds:
            with _spool() as spool:
                with client_of(destination) as client, explain_database_errors(target):
                    rows = _ReplayedRows(accounts, described, spool, summary)
                    rows.judge_again(Queries(client), selection)
                if rows.found:
                    load_package(target, destination, rows)
    return summary


@contextmanager
def _spool() -> Iterator[IO[bytes]]:
    try:
        with tempfile.TemporaryFile() as spool:
            yield spool
    except OSError as error:
        raise UserError(
            "cannot put the events aside until the warehouse takes them",
            tempfile.gettempdir(),
            f"make room there, or name another folder with TMPDIR ({error.strerror or error})",
        ) from error


def _rounds(accounts: list[KnownAccount]) -> list[dict[_Key, KnownAccount]]:
    """Put accounts into loads, so that none has two of one file."""
    rounds: list[dict[_Key, KnownAccount]] = []
    seen: Counter[str] = Counter()
    for account in accounts:
        if seen[account.file] == len(rounds):
            rounds.append({})
        rounds[seen[account.file]][account.load_id, account.file] = account
        seen[account.file] += 1
    return rounds


class _ReplayedRows(PackageRows):
    """The rows of one replay; the events wait on disk until the warehouse takes them.

    Args:
        accounts: The accounts in force whose lines may be taken.
        described: What finished loads have described.
        spool: Open for writing and reading bytes.
        summary: Gains what the load has done once it is in force.

    """

    def __init__(
        self,
        accounts: dict[_Key, KnownAccount],
        described: AlreadyDescribed,
        spool: IO[bytes],
        summary: ReplaySummary,
    ) -> None:
        self._accounts = accounts
        self._summary = summary
        self._spool = spool
        self._reader = FileReader(described.agents, described.hosts)
        self._sightings = FirstSightings(described)
        self._moved: Counter[_Key] = Counter()
        self._reasons: Counter[str] = Counter()

    @property
    def found(self) -> bool:
        """Whether there are lines that are events now."""
        return bool(self._moved)

    def judge_again(self, queries: Queries, selection: Selection) -> None:
        """Judge the lines again and keep those that are events now."""
        with pa.ipc.new_stream(self._spool, ARROW_SCHEMAS[EVENTS]) as sink:
            held: list[pa.RecordBatch] = []
            for lines in queries.kept_lines(selection):
                for (load_id, file, cut), some in groupby(lines, key=_judged_together_by):
                    if (load_id, file) in self._accounts and cut is not None:
                        held += self._judged((load_id, file), list(some), cut=cut)
                _write(sink, held)
                held.clear()

    def manifest(self) -> list[tuple[Any, ...]]:
        """Give the rows of `raw.files`: one for each account that lines were taken from."""
        rows = []
        for key, count in sorted(self._moved.items()):
            account = self._accounts[key]
            rows.append(
                (
                    *(account.file, account.version, account.size_bytes, account.modified_at),
                    *(count, count, 0, 0, "replayed", None, None),
                )
            )
        return rows

    def made(self) -> Iterator[tuple[str, Any]]:
        """Give the events, what they describe, and the accounts."""
        self._spool.seek(0)
        with pa.ipc.open_stream(self._spool) as source:
            for batch in source:
                yield EVENTS, batch
        yield from self._sightings.remaining_tables()
        yield FILES, arrow_table(FILES, self.manifest())

    def finish(self, ledger: Ledger, load_id: str) -> None:
        """Hold the accounts against what has landed, and take the lines out of the rejected."""
        landed = ledger.landed(load_id)
        replayed = {file: (count, 0) for (_, file), count in self._moved.items()}
        if landed != replayed:
            raise UserError(
                "not all of the lines that are events now have arrived",
                self._summary.place,
                "nothing was changed; run again",
            )
        moved: dict[str, dict[str, int]] = defaultdict(dict)
        for (of_load, file), count in self._moved.items():
            moved[of_load][file] = count
        for of_load, counts in moved.items():
            ledger.move_replayed(load_id, of_load, counts)
        self._sightings.settle()
        self._summary.events.update(self._reasons)
        self._summary.files.update(replayed)
        self._summary.unknown_fields.update(self._sightings.fields)

    def _judged(self, key: _Key, lines: list[KeptLine], *, cut: bool) -> Iterator[pa.RecordBatch]:
        numbers = [kept.number for kept in lines]
        # Only its events are of interest: what is refused or blank now stays what it was.
        batch = self._reader.judge(
            [kept.line for kept in lines], key[1], numbers, Account(), cut=cut
        )
        if batch.events is None or not batch.events.num_rows:
            return
        self._sightings.note(batch.agents, batch.hosts, batch.unknown_fields)
        now_events = set(batch.events["_line"].to_pylist())
        self._moved[key] += len(now_events)
        self._reasons.update(kept.reason for kept in lines if kept.number in now_events)
        yield batch.events


def _judged_together_by(kept: KeptLine) -> tuple[str, str, bool | None]:
    """Give what lines judged together share; the last is None for those that cannot be judged."""
    if kept.reason == LINE_TOO_LONG:
        # Only its beginning was kept, whatever the limit is now.
        return kept.load_id, kept.file, None
    return kept.load_id, kept.file, kept.reason == TRUNCATED


def _write(sink: pa.RecordBatchWriter, batches: list[pa.RecordBatch]) -> None:
    """Write small batches as few."""
    if batches:
        sink.write_table(pa.Table.from_batches(batches).combine_chunks(), _ROWS_HELD)
