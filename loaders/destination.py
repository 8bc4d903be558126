"""dlt's destinations with what a load needs beyond them.

Any warehouse: the last commit of a load also does away with what the load replaces
(`OneCommit`). DuckDB: one job reads the files themselves, through the gate, instead of Parquet
copies of them (`FilesJob`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Protocol

import pyarrow as pa
from dlt.common.destination import Destination
from dlt.common.destination.client import LoadJob, RunnableLoadJob
from dlt.common.destination.typing import PreparedTableSchema
from dlt.destinations.exceptions import DestinationTerminalException
from dlt.destinations.job_client_impl import SqlJobClientBase

from loaders.ledger import Ledger, SqlClient
from loaders.tables import ARROW_SCHEMAS, FILES, LOAD_ID
from warehouse.errors import UserError

# Enough to write two of DuckDB's row groups of this width at once, whatever the size of the load.
_MEMORY: Final = "1GB"
_THREADS: Final = 2


class Rows(Protocol):
    """What a load puts into the warehouse."""

    def items(self) -> Iterator[tuple[str, pa.RecordBatch | pa.Table]]:
        """Give rows, each lot with the table that it is for."""
        ...

    def finish(self, ledger: Ledger, load_id: str) -> None:
        """Do what belongs into the load's last commit."""
        ...


class OneCommit(SqlJobClientBase):
    """A client whose loads come into force, and put others out of it, in one commit."""

    rows: Rows | None = None

    def complete_load(self, load_id: str) -> None:
        """Mark the load finished."""
        with self.sql_client.begin_transaction():
            ledger = Ledger(self.sql_client)
            if self.rows is not None:
                self.rows.finish(ledger, load_id)
            ledger.forget_begun(load_id)
            super().complete_load(load_id)


class _ReadsFiles(OneCommit):
    """DuckDB's client: the table of files stands for everything that is in them."""

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        """Make the job that loads one file of a package."""
        if table["name"] == FILES and self.rows is not None:
            return FilesJob(file_path, self.rows)
        return super().create_load_job(table, file_path, load_id, restore)


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
            client.execute_sql(f"set threads = {_THREADS}")
            client.execute_sql(f"set memory_limit = '{_MEMORY}'")
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


def with_one_commit(destination: Destination[Any, Any], rows: Rows | None) -> Destination[Any, Any]:
    """Give a destination like the one given, for one load.

    Args:
        destination: One of dlt's.
        rows: What the load will put into it; None when it is only looked into.

    Raises:
        UserError: The destination is not a database.

    """
    kind = type(destination)
    if not issubclass(destination.client_class, SqlJobClientBase):
        raise UserError(
            "not a warehouse",
            destination.destination_name,
            "choose a destination of dlt's that is a database and takes Parquet",
        )
    ours = _ReadsFiles if kind.__name__ == "duckdb" else OneCommit
    client_class = type("Client", (ours, destination.client_class), {"rows": rows})

    class ForOneLoad(kind):  # type: ignore[misc, valid-type]
        destination_type = destination.destination_type

        @property
        def client_class(self) -> type[SqlJobClientBase]:
            return client_class

    copy = object.__new__(ForOneLoad)
    copy.__dict__.update(destination.__dict__)
    return copy
