"""One load: the new versions of the listed files, into the warehouse as one dlt package."""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import dlt
import duckdb
from dlt.common.schema import Schema
from dlt.common.schema.utils import new_column, new_table
from dlt.extract import DltSource
from dlt.pipeline import trace
from dlt.pipeline.exceptions import PipelineStepFailed

from loaders import ledger
from loaders.batches import Batch, Lookups, arrow_table
from loaders.gate import Rejection, judge
from loaders.listing import SourceFile, find_files
from loaders.progress import Progress
from loaders.reading import Line, NotGzipError, Reading, read_lines
from loaders.tables import FILES, HOSTS, LOAD_ID, TABLES, USER_AGENTS
from warehouse.errors import UserError
from warehouse.file import RAW_SCHEMA, open_for_writing

PIPELINE_NAME: Final = "readership"

Status = Literal["loaded", "partial", "unreadable"]

# The version of a file that could not be opened says nothing about content, so it must not
# count as known once the file can be.
_UNOPENED: Final = "unopened:"
_DETAIL_CHARS: Final = 300

_DLT_SETTINGS: Final = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "CRITICAL",
    # Otherwise every load leaves a copy of its rows beside the warehouse.
    "LOAD__DELETE_COMPLETED_JOBS": "true",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
}


@dataclass(slots=True)
class Summary:
    """What one call of `load` did.

    Attributes:
        warehouse: The warehouse file.
        files: Files taken, by status.
        skipped: Files whose version was in the warehouse already.
        events: Events loaded.
        rejected: Lines refused, by reason.
        unknown_fields: Fields met that are not in the list of fields.
        troubles: Name and what is wrong, for each file not loaded to its end.
        settled: What was done about a load that had broken off before; None if there was none.
        seconds: Wall time of the call.

    """

    warehouse: Path
    files: Counter[Status] = field(default_factory=Counter)
    skipped: int = 0
    events: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    unknown_fields: set[str] = field(default_factory=set)
    troubles: list[tuple[str, str]] = field(default_factory=list)
    settled: Literal["finished", "taken back"] | None = None
    seconds: float = 0.0


@dataclass(slots=True)
class _Tally:
    """The verdicts on one file's lines."""

    taken: int = 0
    events: int = 0
    blank: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


def init(warehouse: Path) -> None:
    """Create the warehouse and its empty tables; change nothing that is there.

    Raises:
        UserError: The warehouse cannot be opened.

    """
    with open_for_writing(warehouse) as connection:
        _open_pipeline(warehouse, connection)


def load(paths: list[str], warehouse: Path, progress: Progress) -> Summary:
    """Load the files under the paths that the warehouse does not hold yet.

    All rows become visible to staging together, when the load is marked finished.

    Args:
        paths: Files, folders, patterns, URLs.
        warehouse: The DuckDB file, created when missing.
        progress: Told how far the load is.

    Raises:
        UserError: A path or the warehouse cannot be used, or a file broke off in the middle
            of being read. Nothing is loaded then.

    """
    started = time.monotonic()
    summary = Summary(warehouse)
    found = find_files(paths)
    with open_for_writing(warehouse) as connection:
        pipeline = _open_pipeline(warehouse, connection)
        pipeline, summary.settled = _settle(pipeline, warehouse, connection)
        known = ledger.known_versions(connection)
        new = [file for file in found if (file.name, file.version) not in known]
        summary.skipped = len(found) - len(new)
        if new:
            lookups = Lookups(ledger.known_user_agents(connection), ledger.known_hosts(connection))
            rows = _Load(new, known, lookups, summary, progress)
            with progress.reading(len(new), sum(file.size_bytes for file in new)):
                _run(pipeline, rows)
        _tidy(pipeline)
    summary.seconds = time.monotonic() - started
    return summary


def _open_pipeline(warehouse: Path, connection: duckdb.DuckDBPyConnection) -> dlt.Pipeline:
    """Set dlt up beside the warehouse and see to it that every table exists."""
    os.environ.update(_DLT_SETTINGS)
    # Even with telemetry off these write an id into the home folder.
    trace.TRACKING_MODULES = []
    folder = warehouse.parent / ".dlt" / warehouse.stem
    try:
        pipeline = dlt.pipeline(
            PIPELINE_NAME,
            pipelines_dir=str(folder),
            destination=dlt.destinations.duckdb(connection),
            dataset_name=RAW_SCHEMA,
        )
    except OSError as error:
        raise UserError(
            "cannot make the working folder", str(folder), f"check its rights ({error.strerror})"
        ) from error
    with pipeline.destination_client() as client:
        client.schema = _schema()
        client.initialize_storage()
        client.update_stored_schema()
    return pipeline


def _schema() -> Schema:
    schema = Schema(PIPELINE_NAME)
    for table in TABLES:
        columns = [*_columns(table), new_column(LOAD_ID, "text", nullable=False)]
        schema.update_table(new_table(table, write_disposition="append", columns=columns))
    # The round trip stamps the version by which dlt knows a schema that it has stored.
    return Schema.from_dict(schema.to_dict())


def _columns(table: str) -> list[Any]:
    return [new_column(name, kind) for name, kind in TABLES[table].items()]


def _source(rows: Iterator[Any]) -> DltSource:
    resource = dlt.resource(rows, name="lines")
    for table in TABLES:
        resource.apply_hints(table_name=table, columns=_columns(table), create_table_variant=True)
    return DltSource(_schema(), "loaders", [resource])


def _settle(
    pipeline: dlt.Pipeline, warehouse: Path, connection: duckdb.DuckDBPyConnection
) -> tuple[dlt.Pipeline, Literal["finished", "taken back"] | None]:
    """Bring a load that broke off to an end: finish it, or take it back to be done again.

    A package of which no row has arrived is finished. One that has partly arrived is taken
    back, because which of its jobs were committed cannot be known for certain; its files are
    then new again.
    """
    # What a process that died while reading has left; holding the warehouse, we are alone here.
    for leftover in Path(pipeline.working_dir, "normalize").glob("*/"):
        if leftover.name != "extracted":
            shutil.rmtree(leftover, ignore_errors=True)
    pending = [*pipeline.list_extracted_load_packages(), *pipeline.list_normalized_load_packages()]
    removed = ledger.remove_unfinished(connection)
    finished = any(ledger.is_finished(connection, load_id) for load_id in pending)
    if pending and not removed and not finished:
        try:
            pipeline.normalize()
            pipeline.load()
        except PipelineStepFailed as failure:
            _raise_interrupt(failure)
            ledger.remove_unfinished(connection)
        else:
            return pipeline, "finished"
    if pending:
        pipeline.drop()
        pipeline = _open_pipeline(warehouse, connection)
    return pipeline, "taken back" if removed or (pending and not finished) else None


def _run(pipeline: dlt.Pipeline, rows: _Load) -> None:
    try:
        pipeline.run(_source(rows.items()), loader_file_format="parquet")
    except PipelineStepFailed as failure:
        _raise_interrupt(failure)
        for cause in _causes(failure):
            if isinstance(cause, UserError):
                raise cause from failure
            if isinstance(cause, OSError | duckdb.Error):
                raise UserError(
                    "the load failed",
                    str(rows.summary.warehouse),
                    f"nothing was loaded; put this right and run again: {cause}",
                ) from failure
        raise


def _raise_interrupt(failure: PipelineStepFailed) -> None:
    # dlt wraps even the user's wish to stop.
    for cause in _causes(failure):
        if isinstance(cause, KeyboardInterrupt):
            raise cause from failure


def _causes(failure: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = failure
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _tidy(pipeline: dlt.Pipeline) -> None:
    """Remove what dlt keeps of finished loads; the warehouse holds their history."""
    for load_id in pipeline.list_completed_load_packages():
        shutil.rmtree(Path(pipeline.working_dir, "load", "loaded", load_id), ignore_errors=True)


class _Load:
    """The rows of one load, produced while dlt asks for them."""

    def __init__(
        self,
        files: list[SourceFile],
        known: set[tuple[str, str]],
        lookups: Lookups,
        summary: Summary,
        progress: Progress,
    ) -> None:
        self._files = files
        self._known = known
        self._lookups = lookups
        self.summary = summary
        self._progress = progress
        self._batch = Batch()
        self._given = 0
        self._bytes_read = 0
        self._ledger: list[tuple[Any, ...]] = []

    def items(self) -> Iterator[Any]:
        """Yield the load's Arrow tables, each marked with the table it goes to."""
        for file in self._files:
            yield from self._file_items(file)
            self._report(_Tally(), Reading())
        yield from self._batch_items()
        self._progress.writing()
        rest: dict[str, list[Any]] = {
            USER_AGENTS: self._lookups.described_agents(),
            HOSTS: self._lookups.described_hosts(),
            FILES: self._ledger,
        }
        for table, rows in rest.items():
            if rows:
                yield dlt.mark.with_table_name(arrow_table(table, rows), table)

    def _file_items(self, file: SourceFile) -> Iterator[Any]:
        tally = _Tally()
        reading = Reading()
        mark, given = self._batch.mark(), self._given
        status: Status = "loaded"
        detail = None
        try:
            with file.filesystem.open(file.path, "rb") as stream:
                for lines in read_lines(stream, reading, gzip_named=file.name.endswith(".gz")):
                    for line in lines:
                        self._take(file.name, tally, line)
                    self._report(tally, reading)
                    if self._batch.full:
                        yield from self._batch_items()
        except NotGzipError as error:
            status, detail = "unreadable", f"not gzip: {error}"
        except OSError as error:
            if self._given != given:
                raise UserError(
                    "reading broke off",
                    file.name,
                    f"nothing was loaded; run again ({_reason(error)})",
                ) from error
            self._batch.back_to(mark)
            tally, reading = _Tally(), Reading()
            file = file._replace(version=_UNOPENED + file.version)
            status, detail = "unreadable", _reason(error)
        if reading.damage is not None:
            status, detail = "partial", reading.damage
            if reading.tail is not None:
                self._take(file.name, tally, reading.tail, cut=True)
        self._bytes_read += reading.bytes_read
        self._enter(file, reading.lines, tally, status, detail)

    def _take(self, file: str, tally: _Tally, line: Line, *, cut: bool = False) -> None:
        tally.taken += 1
        verdict = judge(line, cut=cut)
        if verdict is None:
            tally.blank += 1
        elif isinstance(verdict, Rejection):
            tally.rejected[verdict.reason] += 1
            self._batch.add_rejection(file, tally.taken, verdict, line)
        else:
            tally.events += 1
            self._batch.add_event(file, tally.taken, verdict, len(line))

    def _enter(
        self, file: SourceFile, lines: int, tally: _Tally, status: Status, detail: str | None
    ) -> None:
        rejected = tally.rejected.total()
        if lines != tally.events + rejected + tally.blank:
            raise AssertionError(
                f"{file.name}: {lines} lines are not {tally.events} events + "
                f"{rejected} rejected + {tally.blank} blank; nothing was loaded"
            )
        self.summary.files[status] += 1
        self.summary.events += tally.events
        self.summary.rejected += tally.rejected
        if detail is not None:
            self.summary.troubles.append((file.name, f"{status}: {detail}"))
        if (file.name, file.version) in self._known:
            # Still cannot be opened: the ledger says so already.
            return
        self._ledger.append(
            (
                file.name,
                file.version,
                file.size_bytes,
                file.modified_at,
                lines,
                tally.events,
                rejected,
                tally.blank,
                status,
                detail,
                None,
            )
        )

    def _batch_items(self) -> Iterator[Any]:
        batch, self._batch = self._batch, Batch()
        self._given += 1
        for table, rows in batch.tables(self._lookups, self.summary.unknown_fields).items():
            yield dlt.mark.with_table_name(rows, table)

    def _report(self, tally: _Tally, reading: Reading) -> None:
        """Tell the progress: the files done, and the one being read."""
        self._progress.advance(
            files=self.summary.files.total(),
            events=self.summary.events + tally.events,
            rejected=self.summary.rejected.total() + tally.rejected.total(),
            bytes_read=self._bytes_read + reading.bytes_read,
        )


def _reason(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__)[:_DETAIL_CHARS]
