"""One dlt package into one warehouse: prepared, filled, committed, or explained to a person."""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Final

import dlt
import duckdb
import pyarrow as pa
from dlt.common.destination import Destination
from dlt.common.runtime import signals
from dlt.destinations.exceptions import DatabaseException
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed

from loaders.settings import MEMORY_VARIABLE
from loaders.tables import FILES, TABLES, arrow_table
from loaders.writing.connections import (
    PIPELINE_NAME,
    client_of,
    columns_of,
    opened,
    prepare_dlt,
    raw_schema,
)
from loaders.writing.destination import PARQUET, Rows, with_one_commit
from loaders.writing.ledger import Ledger
from loaders.writing.targets import Target
from readership.errors import (
    UserError,
    causes,
    exhausted,
    first_paragraph,
    is_interruption,
    redacted,
)
from readership.warehouse import RAW_SCHEMA

# What dlt does with a lot costs the same whatever its size.
_LOT_ROWS: Final = 5_000
_LOT_BYTES: Final = 32 * 1024**2


class PackageRows(Rows):
    """The rows of one package; remembers what went wrong while they were made."""

    error: BaseException | None = None
    given: Mapping[str, int] = MappingProxyType({})

    def items(self) -> Iterator[tuple[str, Any]]:
        """Give rows, each lot with the table that it is for."""
        given = self.given = Counter()
        try:
            for table, lot in self.made():
                given[table] += lot.num_rows
                yield table, lot
        except GeneratorExit:
            raise
        except BaseException as error:
            # DuckDB and dlt would tell of it in words of their own; and DuckDB's threads, which
            # ask for the rows, wait for ever when what they get is a wish to stop.
            self.error = error
            raise RuntimeError(str(error)) from error

    def made(self) -> Iterator[tuple[str, Any]]:
        """Make the rows: tables of Arrow or record batches, each with the table that it is for."""
        raise NotImplementedError

    def manifest(self) -> list[tuple[Any, ...]]:
        """Give rows of `raw.files`, in its columns, for the files before they are read."""
        raise NotImplementedError


def prepare_warehouse(target: Target, destination: Destination[Any, Any]) -> int:
    """See to it that every table exists and holds nothing of a broken load; give how many broke.

    Args:
        target: The warehouse.
        destination: What `Target.writing` gave: the warehouse, held alone.

    Raises:
        UserError: The warehouse refuses.

    """
    # What a process that died has left of its packages; the warehouse knows what they brought.
    shutil.rmtree(target.folder, ignore_errors=True)
    prepare_dlt()
    try:
        with opened(destination) as client:
            client.initialize_storage()
            client.update_stored_schema()
            return Ledger(client.sql_client).take_back_unfinished()
    except (DatabaseException, duckdb.Error, OSError) as error:
        raise _explained(target, error) from error


def load_package(target: Target, destination: Destination[Any, Any], rows: PackageRows) -> None:
    """Load rows as one dlt package, all or nothing.

    Args:
        target: The warehouse.
        destination: What `Target.writing` gave: the warehouse, held alone.
        rows: Makes the rows while the package is loaded, and takes part in its last commit.

    Raises:
        UserError: The load failed; what it had brought is taken back, now or by the next load.
        KeyboardInterrupt: A signal asks to stop; the load is in force or taken back.

    """
    try:
        pipeline = dlt.pipeline(
            PIPELINE_NAME,
            pipelines_dir=str(target.folder),
            destination=with_one_commit(destination, rows, reads_files=target.reads_files),
            dataset_name=RAW_SCHEMA,
        )
    except OSError as error:
        raise UserError(
            "cannot make the working folder",
            str(target.folder),
            f"check its rights ({error.strerror})",
        ) from error
    try:
        pipeline.extract(_source(target, rows), loader_file_format=PARQUET)
        pipeline.normalize()
        (load_id,) = pipeline.list_normalized_load_packages()
        with client_of(destination) as client:
            Ledger(client).begin(load_id, raw_schema())
        # dlt itself forgets a signal that comes after the last row.
        with signals.intercepted_signals():
            pipeline.load()
            is_to_stop = signals.was_signal_received()
    except (PipelineStepFailed, DatabaseException, duckdb.Error, OSError) as failure:
        with suppress(Exception), client_of(destination) as client:
            Ledger(client).take_back_unfinished()
        error = rows.error or failure
        if is_interruption(error):
            raise KeyboardInterrupt from failure
        if isinstance(error, UserError):
            raise error from failure
        raise _explained(target, error) from failure
    finally:
        shutil.rmtree(target.folder, ignore_errors=True)
    if is_to_stop:
        # It came too late to stop the package, which is in force now.
        raise KeyboardInterrupt


def _source(target: Target, rows: PackageRows) -> DltSource:
    def items() -> Iterator[Any]:
        # Where the warehouse reads the files itself, the package only names them.
        lots = (
            [(FILES, arrow_table(FILES, rows.manifest()))]
            if target.reads_files
            else _larger(rows.items())
        )
        for table, lot in lots:
            yield dlt.mark.with_table_name(lot, table)

    resource = dlt.resource(items, name="rows")
    for table in TABLES:
        resource.apply_hints(table_name=table, columns=columns_of(table), create_table_variant=True)
    return DltSource(raw_schema(), "loaders", [resource])


def _larger(lots: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, pa.Table]]:
    """Put lots together; each becomes a row group, which is what is in memory at once."""
    held: dict[str, list[pa.Table]] = defaultdict(list)
    for table, lot in lots:
        held[table] += [lot] if isinstance(lot, pa.Table) else [pa.Table.from_batches([lot])]
        if (
            sum(rows.num_rows for rows in held[table]) >= _LOT_ROWS
            or sum(rows.get_total_buffer_size() for rows in held[table]) >= _LOT_BYTES
        ):
            yield table, pa.concat_tables(held.pop(table))
    for table, rest in held.items():
        yield table, pa.concat_tables(rest)


def _explained(target: Target, failure: BaseException) -> UserError:
    cause = failure
    for cause in causes(failure):
        if is_interruption(cause):
            raise KeyboardInterrupt from cause
        if isinstance(cause, UserError):
            return cause
    used_up = exhausted(failure, target.place, MEMORY_VARIABLE)
    if used_up is not None:
        return used_up
    message = first_paragraph(cause) if isinstance(cause, duckdb.Error) else str(cause)
    return UserError(
        "the load failed",
        target.place,
        f"put this right and run again, nothing is lost or loaded twice: {redacted(message)}",
    )
