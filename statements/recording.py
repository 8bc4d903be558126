"""What a dbt run sends to DuckDB: listened to, and kept as transactions to send again."""

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

from statements.situation import Node, Situation, follows

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_VIEW: Final = re.compile(r'create or replace view "?\w+"?[.]"?(\w+)"?[.]"?(\w+)"? as', re.I)
_BEGIN, _COMMIT, _ROLLBACK = "begin", "commit", "rollback"


class CannotRecordError(Exception):
    """A run did what cannot be sent again blindly."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement of a run, or the end of a connection.

    Attributes:
        connection: Which of the run's connections it went through.
        node: The node of dbt's that it was sent for, by its unique id; empty for the run's own.
        sql: The statement; `rollback` where the connection was rolled back or closed.

    """

    connection: int
    node: str
    sql: str


@dataclass(slots=True)
class Listened:
    """What was known_votes of one run.

    Attributes:
        sent: Its statements, in order.
        nodes: The nodes that it built, in order, each with its situation just before.
        run_id: dbt's name of the run, which stands in the statements.
        settings: What dbt set for each of its sessions.
        has_bindings: Whether a statement came with values apart from its text.
        has_told: Whether it told the one who ran it something.

    """

    sent: list[Sent] = field(default_factory=list)
    nodes: dict[Node, list[Any]] = field(default_factory=dict)
    run_id: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    has_bindings: bool = False
    has_told: bool = False

    def hear(self, message: EventMsg) -> None:
        """Take an event of dbt's; the run has to have this among its callbacks."""
        self.has_told |= message.info.name == "PrintEvent"


@contextmanager
def listening(manifest: Manifest, start: Situation) -> Iterator[Listened]:
    """Listen to everything that dbt sends from this process until the block ends.

    dbt's own events tell of statements too, but shorten those of seeds.
    """
    known_votes = Listened()
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
        known_votes.sent.append(Sent(numbers[id(wrapped)], node_id, sql))
        if is_built(node_id) and node_id not in {node.node_id for node in known_votes.nodes}:
            node = Node.of(node_id, manifest)
            with DuckDBConnectionManager.env().conn.cursor() as apart:
                known_votes.nodes[node] = start.of_node(apart, node, known_votes.run_id)

    def execute(self: Any, sql: str, bindings: Any = None) -> Any:  # noqa: ANN401
        known_votes.run_id = get_invocation_id()
        known_votes.settings = dict(DuckDBConnectionManager.env().creds.settings or {})
        known_votes.has_bindings |= bindings is not None
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
        yield known_votes
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


def transactions_of(known_votes: Listened, schema: str) -> list[Transaction]:
    """Give what a run committed, in order; what only asks, and what was rolled back, is left out.

    Raises:
        CannotRecordError: What it sent may be another thing in the same situation, or cannot be
            sent in one session.

    """
    if known_votes.has_bindings:
        raise CannotRecordError("a statement has values apart from its text")
    if known_votes.has_told:
        raise CannotRecordError("the run told something")
    with duckdb.connect() as parser:
        return list(_committed(known_votes.sent, schema, parser))


def _committed(
    sent: Sequence[Sent], schema: str, parser: duckdb.DuckDBPyConnection
) -> Iterator[Transaction]:
    opened: dict[int, list[Sent]] = {}
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


def _asks(sent: Sent, schema: str, parser: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether a statement changes nothing; the situation has to hold what it asks for."""
    kinds = {statement.type for statement in parser.extract_statements(sent.sql)}
    if kinds != {duckdb.StatementType.SELECT}:
        return False
    question = _COMMENT.sub("", sent.sql)
    if not follows(question, schema, parser):
        raise CannotRecordError(
            f"{sent.node or 'the run'} asks what another warehouse in the same situation may "
            f"answer otherwise: {' '.join(question.split())[:200]}"
        )
    return True


def _transaction(sent: Sequence[Sent], *, is_open: bool) -> Transaction:
    texts = tuple(each.sql for each in sent)
    kinds = [kind.type for text in texts for kind in duckdb.extract_statements(text)]
    view = ""
    if kinds[0] == duckdb.StatementType.CREATE and set(kinds[1:]) <= {duckdb.StatementType.ALTER}:
        found = _VIEW.search(_COMMENT.sub("", texts[0]))
        view = ".".join(found.groups()) if found else ""
    return Transaction(sent[0].node, texts, is_open, view)
