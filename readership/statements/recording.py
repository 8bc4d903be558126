"""Log the statements that a dbt run sends to DuckDB, as transactions that can be replayed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.duckdb.environments import local
from dbt.artifacts.resources.types import NodeType
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg
from dbt_common.events.contextvars import get_node_info
from dbt_common.invocation import get_invocation_id

from readership.statements.state import Node, WarehouseState, is_determined

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_VIEW: Final = re.compile(r'create or replace view "?\w+"?[.]"?(\w+)"?[.]"?(\w+)"? as', re.I)
_BEGIN, _COMMIT, _ROLLBACK = "begin", "commit", "rollback"


class CannotRecordError(Exception):
    """A run sent a statement that cannot be replayed on another warehouse."""


@dataclass(frozen=True, slots=True)
class SentStatement:
    """One statement of a run, or the end of a connection's transaction.

    Attributes:
        connection: Number of the run's connection that sent it.
        node: Unique id of the dbt node it was sent for; empty for hooks of the run.
        sql: Text of the statement; `rollback` if the connection was rolled back or closed.

    """

    connection: int
    node: str
    sql: str


@dataclass(slots=True)
class RunLog:
    """The log of one run.

    Attributes:
        sent: Its statements, in order.
        nodes: The nodes it built, in order, each with the state of the warehouse just before.
        run_id: dbt's invocation id, which is part of the statements.
        settings: DuckDB settings of each session.
        has_bindings: Whether a statement had bound parameters.
        has_printed: Whether a macro printed a message.

    """

    sent: list[SentStatement] = field(default_factory=list)
    nodes: dict[Node, list[Any]] = field(default_factory=dict)
    run_id: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    has_bindings: bool = False
    has_printed: bool = False

    def on_event(self, message: EventMsg) -> None:
        """Handle a dbt event. Pass this to the run as a callback."""
        self.has_printed |= message.info.name == "PrintEvent"


@contextmanager
def logging_run(manifest: Manifest, start: WarehouseState) -> Iterator[RunLog]:
    """Log every statement that dbt sends from this process until the block ends.

    dbt's events hold statements too, but truncate those of seeds.
    """
    log = RunLog()
    numbers: dict[int, int] = {}
    next_number = count()
    cursor, connection = local.DuckDBCursorWrapper, local.DuckDBConnectionWrapper
    originals = cursor.execute, connection.rollback, connection.close

    def is_built(node_id: str) -> bool:
        # Hooks of the run are operations. Their statements depend on what the run selects.
        node = manifest.nodes.get(node_id)
        return node is not None and node.resource_type != NodeType.Operation

    def record(wrapped: Any, sql: str) -> None:  # noqa: ANN401
        if id(wrapped) not in numbers:
            numbers[id(wrapped)] = next(next_number)
        node_id = (get_node_info() or {}).get("unique_id") or ""
        log.sent.append(SentStatement(numbers[id(wrapped)], node_id, sql))
        if is_built(node_id) and node_id not in {node.node_id for node in log.nodes}:
            node = Node.of(node_id, manifest)
            with DuckDBConnectionManager.env().conn.cursor() as session:
                log.nodes[node] = start.node_facts(session, node, log.run_id)

    def execute(self: Any, sql: str, bindings: Any = None) -> Any:  # noqa: ANN401
        log.run_id = get_invocation_id()
        log.settings = dict(DuckDBConnectionManager.env().creds.settings or {})
        log.has_bindings |= bindings is not None
        record(self, sql)
        return originals[0](self, sql, bindings)

    def rollback(self: Any) -> Any:  # noqa: ANN401
        record(self._cursor, _ROLLBACK)
        return originals[1](self)

    def close(self: Any) -> None:  # noqa: ANN401
        record(self._cursor, _ROLLBACK)
        # Python may reuse the id for a later cursor.
        numbers.pop(id(self._cursor))
        originals[2](self)

    cursor.execute, connection.rollback, connection.close = execute, rollback, close
    try:
        yield log
    finally:
        cursor.execute, connection.rollback, connection.close = originals


@dataclass(frozen=True, slots=True)
class Transaction:
    """Statements that are committed together, or a single autocommitted statement.

    Attributes:
        node: Unique id of the dbt node they were sent for; empty for hooks of the run.
        statements: Texts of the statements.
        is_explicit: Whether `begin` and `commit` enclose the statements.
        view: `schema.name` of the view, if the transaction only replaces and describes one view.

    """

    node: str
    statements: tuple[str, ...]
    is_explicit: bool
    view: str


def transactions_of(log: RunLog, schema: str) -> list[Transaction]:
    """Return the transactions that a run committed, in order.

    Queries and statements that were rolled back are left out.

    Args:
        log: The log of the run.
        schema: The schema of dbt's tables.

    Raises:
        CannotRecordError: The statements could differ on another warehouse with the same facts, or
            cannot be replayed in one session.

    """
    if log.has_bindings:
        raise CannotRecordError("a statement has bound parameters")
    if log.has_printed:
        raise CannotRecordError("a macro printed a message")
    with duckdb.connect() as parser:
        return list(_committed(log.sent, schema, parser))


def _committed(
    sent: Sequence[SentStatement], schema: str, parser: duckdb.DuckDBPyConnection
) -> Iterator[Transaction]:
    opened: dict[int, list[SentStatement]] = {}
    for statement in sent:
        connection = statement.connection
        command = _command(statement.sql)
        if command == _BEGIN:
            opened[connection] = []
        elif command == _ROLLBACK:
            opened.pop(connection, None)
        elif command == _COMMIT:
            if committed := opened.pop(connection, []):
                yield _transaction(committed, is_explicit=True)
        elif _is_query(statement, schema, parser):
            continue
        elif any(pending for other, pending in opened.items() if other != connection):
            raise CannotRecordError("the run had two transactions open at once")
        elif connection in opened:
            opened[connection].append(statement)
        else:
            yield _transaction([statement], is_explicit=False)


def _command(sql: str) -> str:
    """Return the statement in lower case without comments; empty for long statements.

    Only the one-word commands of transactions matter to the caller, and they are short.
    """
    return _COMMENT.sub("", sql).strip().rstrip(";").lower() if len(sql) < 1000 else ""


def _is_query(sent: SentStatement, schema: str, parser: duckdb.DuckDBPyConnection) -> bool:
    """Check whether a statement only reads.

    Raises:
        CannotRecordError: It reads rows that the recorded facts about the warehouse do not cover.

    """
    kinds = {statement.type for statement in parser.extract_statements(sent.sql)}
    if kinds != {duckdb.StatementType.SELECT}:
        return False
    query = _COMMENT.sub("", sent.sql)
    if not is_determined(query, schema, parser):
        raise CannotRecordError(
            f"{sent.node or 'the run'} reads rows that can differ between warehouses with the "
            f"same facts: {' '.join(query.split())[:200]}"
        )
    return True


def _transaction(sent: Sequence[SentStatement], *, is_explicit: bool) -> Transaction:
    texts = tuple(statement.sql for statement in sent)
    kinds = [parsed.type for text in texts for parsed in duckdb.extract_statements(text)]
    view = ""
    if kinds[0] == duckdb.StatementType.CREATE and set(kinds[1:]) <= {duckdb.StatementType.ALTER}:
        match = _VIEW.search(_COMMENT.sub("", texts[0]))
        view = ".".join(match.groups()) if match else ""
    return Transaction(sent[0].node, texts, is_explicit, view)
