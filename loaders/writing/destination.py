"""dlt's destinations with what a load needs beyond them.

Any warehouse: the last commit of a load also does away with what the load replaces
(`OneCommit`). DuckDB: one job reads the files themselves, through the gate, instead of Parquet
copies of them (`FilesJob`). Postgres: a lock that holds across machines, and a load's rows are
found without reading those of all others (`_Postgres`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Protocol

import pyarrow as pa
from dlt.common.destination import Destination, DestinationCapabilitiesContext
from dlt.common.destination.client import LoadJob, RunnableLoadJob
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema.typing import TSchemaTables
from dlt.common.schema.utils import new_table
from dlt.destinations._adbc_jobs import AdbcParquetCopyJob
from dlt.destinations.exceptions import DestinationTerminalException
from dlt.destinations.job_client_impl import SqlJobClientBase

from loaders.tables import ARROW_SCHEMAS, EVENTS, FILES, LOAD_ID, REJECTED_LINES
from loaders.writing.ledger import Ledger, SqlClient
from readership.errors import UserError
from readership.warehouse import RAW_SCHEMA

PARQUET: Final = "parquet"
"""The format in which rows go to a warehouse that does not take them from memory."""


class Rows(Protocol):
    """What a load puts into the warehouse."""

    given: Mapping[str, int]
    """How many rows have been given so far, by table."""

    def items(self) -> Iterator[tuple[str, pa.RecordBatch | pa.Table]]:
        """Give rows, each lot with the table that it is for."""
        ...

    def finish(self, ledger: Ledger, load_id: str) -> None:
        """Do what belongs into the load's last commit."""
        ...


class OneCommit(SqlJobClientBase):
    """A client whose loads come into force, and put others out of it, in one commit."""

    rows: Rows | None = None

    def lock(self) -> bool:
        """Keep other loads out while the client is connected; False: one is running."""
        return True

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        """Make the job that loads one file of a package."""
        job = super().create_load_job(table, file_path, load_id, restore)
        if isinstance(job, AdbcParquetCopyJob):
            # Otherwise the whole file is in memory, and it may be a hundred times its size there.
            job._ingest_per_rowgroup = True
        return job

    def complete_load(self, load_id: str) -> None:
        """Mark the load finished."""
        with self.sql_client.begin_transaction():
            ledger = Ledger(self.sql_client)
            ledger.claim(load_id)
            if self.rows is not None:
                self._check_counts(ledger, load_id, self.rows.given)
                self.rows.finish(ledger, load_id)
            ledger.forget_begun(load_id)
            super().complete_load(load_id)

    def _check_counts(self, ledger: Ledger, load_id: str, given: Mapping[str, int]) -> None:
        """Stop if a table has not what it was given.

        dlt sends a lot again when the connection was lost, even when it was lost just after the
        lot's commit. The rows of files have an account of their own, file by file.
        """
        for table in sorted(given.keys() - {EVENTS, REJECTED_LINES}):
            found = ledger.count(table, load_id)
            if found != given[table]:
                raise UserError(
                    f"{given[table]} rows were sent and {found} have arrived",
                    f"{RAW_SCHEMA}.{table}",
                    "run again, nothing of this load was kept",
                )


class _Postgres(OneCommit):
    """Postgres's client."""

    def lock(self) -> bool:
        """Take a lock of the database, which the end of the connection gives back."""
        ((taken,),) = self.sql_client.execute_sql(
            "select pg_try_advisory_lock(hashtext(%s))", f"readership.{RAW_SCHEMA}"
        ) or [(False,)]
        return bool(taken)

    def update_stored_schema(
        self,
        only_tables: Iterable[str] | None = None,
        expected_update: TSchemaTables | None = None,
        force: bool = False,
    ) -> TSchemaTables | None:
        """Make the tables, with the smallest index by which the rows of a load are found."""
        update = super().update_stored_schema(only_tables, expected_update, force)
        for table in (EVENTS, REJECTED_LINES):
            self.sql_client.execute_sql(
                f"create index if not exists {table}_by_load on "
                f"{self.sql_client.make_qualified_table_name(table)} "
                f"using brin ({self.sql_client.escape_column_name(LOAD_ID)}) "
                "with (autosummarize = on)"
            )
        return update


class _ReadsFiles(OneCommit):
    """DuckDB's client: the table of files stands for everything that is in them."""

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        """Make the job that loads one file of a package."""
        if table["name"] == FILES and self.rows is not None:
            return FilesJob(file_path, self.rows)
        return super().create_load_job(table, file_path, load_id, restore)


_KINDS: Final[dict[str, type[OneCommit]]] = {"postgres": _Postgres}


class FilesJob(RunnableLoadJob):
    """Inserts the rows of a load as they come from the files, in one transaction."""

    def __init__(self, file_path: str, rows: Rows) -> None:
        super().__init__(file_path)
        self._rows = rows
        self._job_client: _ReadsFiles

    def run(self) -> None:
        """Insert all, or nothing."""
        client = self._job_client.sql_client
        try:
            # Rows go into the file at once and not first into its log, for which DuckDB makes 2,048
            # of them at a time into one text, in memory that it does not count.
            client.execute_sql("set checkpoint_threshold = '1KB'")
            client.execute_sql("set auto_checkpoint_skip_wal_threshold = 1")
            # Rows know their file and line; keeping the order of arrival costs a third more.
            client.execute_sql("set preserve_insertion_order = false")
            with client.begin_transaction():
                for table, lots in groupby(self._rows.items(), key=itemgetter(0)):
                    self._insert(client, table, (rows for _, rows in lots))
        except Exception as error:
            # The rows cannot be had a second time, so dlt must not run this job again.
            raise DestinationTerminalException(error) from error

    def _insert(
        self, client: SqlClient, table: str, lots: Iterator[pa.RecordBatch | pa.Table]
    ) -> None:
        batches = (
            batch
            for rows in lots
            for batch in (rows.to_batches() if isinstance(rows, pa.Table) else [rows])
        )
        client.native_connection.register(
            "incoming", pa.RecordBatchReader.from_batches(ARROW_SCHEMAS[table], batches)
        )
        client.execute_sql(
            f"insert into {client.make_qualified_table_name(table)} by name "
            f"select *, '{self._load_id}' as {LOAD_ID} from incoming"
        )


def with_one_commit(
    destination: Destination[Any, Any], rows: Rows | None, *, reads_files: bool = False
) -> Destination[Any, Any]:
    """Give a destination like the one given, for one load.

    Args:
        destination: One of dlt's.
        rows: What the load will put into it; None when it is only looked into.
        reads_files: It is DuckDB and takes the rows from memory when it comes to the table of
            files; otherwise they all come in dlt's Parquet files.

    Raises:
        ImportError: A package that the destination needs is missing.
        UserError: The destination is no database, cannot commit a load as one, or takes no
            Parquet.

    """
    kind = type(destination)
    lacking = _lacking(destination)
    if lacking is not None:
        raise UserError(
            f"not a warehouse for this: {lacking}",
            destination.destination_name,
            "choose a destination of dlt's that is a database with transactions and takes Parquet",
        )
    ours = _ReadsFiles if reads_files else _KINDS.get(kind.__name__, OneCommit)
    client_class = type("Client", (ours, destination.client_class), {"rows": rows})

    class ForOneLoad(kind):  # type: ignore[misc, valid-type]
        destination_type = destination.destination_type

        @property
        def client_class(self) -> type[SqlJobClientBase]:
            return client_class

    copy = object.__new__(ForOneLoad)
    copy.__dict__.update(destination.__dict__)
    return copy


def _lacking(destination: Destination[Any, Any]) -> str | None:
    # dlt begins and ends transactions there, and does nothing; it does not say so beforehand.
    if type(destination).__name__ == "databricks":
        return "it has no transactions"
    if not issubclass(destination.client_class, SqlJobClientBase):
        return "it is no database"
    offers = destination.capabilities()
    if offers.supports_transactions is False:
        return "it has no transactions"
    if PARQUET not in _formats(offers):
        return "it takes no Parquet files"
    return None


def _formats(offers: DestinationCapabilitiesContext) -> Sequence[str]:
    formats = offers.supported_loader_file_formats or []
    if PARQUET in formats and offers.loader_file_format_selector is not None:
        # Some of dlt's destinations take Parquet only where a driver is installed.
        _, formats = offers.loader_file_format_selector(
            PARQUET, formats, table_schema=new_table(EVENTS, file_format=PARQUET)
        )
        if PARQUET not in formats:
            raise ImportError("it takes Parquet files through ADBC, and the driver is missing")
    return formats
