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

from statements.state import Node, WarehouseState, is_determined

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
    plain = cursor.execute, connection.rollback, connection.close

    def is_built(node_id: str) -> bool:
        # A hook of the run is an operation; what it sends depends on what the run selects.
        node = manifest.nodes.get(node_id)
        return node is not None and node.resource_type != NodeType.Operation

    def note(wrapped: Any, sql: str) -> None:  # noqa: ANN401
        if id(wrapped) not in numbers:
            numbers[id(wrapped)] = next(next_number)
        node_id = (get_node_info() or {}).get("unique_id") or ""
        log.sent.append(SentStatement(numbers[id(wrapped)], node_id, sql))
        if is_built(node_id) and node_id not in {node.node_id for node in log.nodes}:
            node = Node.of(node_id, manifest)
            with DuckDBConnectionManager.env().conn.cursor() as apart:
                log.nodes[node] = start.of_node(apart, node, log.run_id)

    def execute(self: Any, sql: str, bindings: Any = None) -> Any:  # noqa: ANN401
        log.run_id = get_invocation_id()
        log.settings = dict(DuckDBConnectionManager.env().creds.settings or {})
        log.has_bindings |= bindings is not None
        note(self, sql)
        return plain[0](self, sql, bindings)

    def rollback(self: Any) -> Any:  # noqa: ANN401
        note(self._cursor, _ROLLBACK)
        return plain[1](self)

    def close(self: Any) -> None:  # noqa: ANN401
        note(self._cursor, _ROLLBACK)
        # Another connection may be given its place in memory, and with it its id.
        numbers.pop(id(self._cursor))
        plain[2](self)

    cursor.execute, connection.rollback, connection.close = execute, rollback, close
    try:
        yield log
    finally:
        cursor.execute, connection.rollback, connection.close = plain


@dataclass(frozen=True, slots=True)
class Transaction:
    """Statements that are committed together, or a single one that commits itself.

    Attributes:
        node: The node of dbt's that they were sent for, by its unique id; empty for the run's own.
        statements: Their text.
        is_open: Whether they stand between a begin and a commit.
        view: The view that they replace and describe, as schema.name, where they do nothing else.

    """

    node: str
    statements: tuple[str, ...]
    is_open: bool
    view: str


def transactions_of(log: RunLog, schema: str) -> list[Transaction]:
    """Give what a run committed, in order; what only asks, and what was rolled back, is left out.

    Raises:
        CannotRecordError: What it sent may be another thing in the same situation, or cannot be
            sent in one session.

    """
    if log.has_bindings:
        raise CannotRecordError("a statement has values apart from its text")
    if log.has_printed:
        raise CannotRecordError("the run told something")
    with duckdb.connect() as parser:
        return list(_committed(log.sent, schema, parser))


def _committed(
    sent: Sequence[SentStatement], schema: str, parser: duckdb.DuckDBPyConnection
) -> Iterator[Transaction]:
    opened: dict[int, list[SentStatement]] = {}
    for each in sent:
        word = _word(each.sql)
        if word == _BEGIN:
            opened[each.connection] = []
        elif word == _ROLLBACK:
            opened.pop(each.connection, None)
        elif word == _COMMIT:
            if done := opened.pop(each.connection, []):
                yield _transaction(done, is_open=True)
        elif _asks(each, schema, parser):
            continue
        elif any(done for other, done in opened.items() if other != each.connection):
            raise CannotRecordError("the run had two transactions open at once")
        elif each.connection in opened:
            opened[each.connection].append(each)
        else:
            yield _transaction([each], is_open=False)


def _word(sql: str) -> str:
    """Give the statement without comments where it is a single word, which else is no matter."""
    return _COMMENT.sub("", sql).strip().rstrip(";").lower() if len(sql) < 1000 else ""


def _asks(sent: SentStatement, schema: str, parser: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether a statement changes nothing; the situation has to hold what it asks for."""
    kinds = {statement.type for statement in parser.extract_statements(sent.sql)}
    if kinds != {duckdb.StatementType.SELECT}:
        return False
    question = _COMMENT.sub("", sent.sql)
    if not is_determined(question, schema, parser):
        raise CannotRecordError(
            f"{sent.node or 'the run'} asks what another warehouse in the same situation may "
            f"answer otherwise: {' '.join(question.split())[:200]}"
        )
    return True


def _transaction(sent: Sequence[SentStatement], *, is_open: bool) -> Transaction:
    texts = tuple(each.sql for each in sent)
    kinds = [kind.type for text in texts for kind in duckdb.extract_statements(text)]
    view = ""
    if kinds[0] == duckdb.StatementType.CREATE and set(kinds[1:]) <= {duckdb.StatementType.ALTER}:
        found = _VIEW.search(_COMMENT.sub("", texts[0]))
        view = ".".join(found.groups()) if found else ""
    return Transaction(sent[0].node, texts, is_open, view)
