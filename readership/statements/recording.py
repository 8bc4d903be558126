"""Log the statements that a dbt run sends to DuckDB, as transactions that can be replayed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.duckdb.environments import local
from dbt.artifacts.resources.types import NodeType
from dbt.artifacts.schemas.results import RunStatus
from dbt.artifacts.schemas.run import RunResult
from dbt.context.base import Var
from dbt.contracts.graph.manifest import Manifest
from dbt.task.base import BaseRunner
from dbt_common.events.base_types import EventMsg
from dbt_common.events.contextvars import get_node_info
from dbt_common.invocation import get_invocation_id

from readership.statements.state import Node, WarehouseState, is_determined

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_VIEW: Final = re.compile(r'create or replace view "?\w+"?[.]"?(\w+)"?[.]"?(\w+)"? as', re.I)
_BEGIN, _COMMIT, _ROLLBACK = "begin", "commit", "rollback"

BEFORE_NODES: Final = "(hooks before the first node)"
AFTER_NODES: Final = "(hooks after the last node)"


class CannotRecordError(Exception):
    """A part of a run sent a statement that cannot be replayed on another warehouse."""


@dataclass(frozen=True, slots=True)
class SentStatement:
    """One statement of a run, or the end of a connection's transaction.

    Attributes:
        connection: Number of the run's connection that sent it.
        part: The part of the run that sent it: the unique id of a dbt node, or `BEFORE_NODES` or
            `AFTER_NODES` for hooks of the run.
        sql: Text of the statement; `rollback` if the connection was rolled back or closed.

    """

    connection: int
    part: str
    sql: str


@dataclass(slots=True)
class RunLog:
    """The log of one run.

    Attributes:
        sent: Its statements, in order. Those of replayed nodes are left out.
        nodes: The nodes it built, in order, each with the state of the warehouse just before.
        replayed: The nodes among them that were replayed.
        variables: Names of the project's variables that the parts of the run read.
        refused: Why a part of the run cannot be recorded, by part.
        run_id: dbt's invocation id, which is part of the statements.
        settings: DuckDB settings of each session.

    """

    sent: list[SentStatement] = field(default_factory=list)
    nodes: dict[Node, list[Any]] = field(default_factory=dict)
    replayed: set[Node] = field(default_factory=set)
    variables: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    refused: dict[str, str] = field(default_factory=dict)
    run_id: str = ""
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def node_ids(self) -> set[str]:
        """The unique ids of the nodes that it built so far."""
        return {node.node_id for node in self.nodes}

    @property
    def part(self) -> str:
        """The part of the run that runs now in this thread."""
        node_id = (get_node_info() or {}).get("unique_id") or ""
        if node_id in self.node_ids:
            return node_id
        # A hook of the run has an id too, but is not built.
        return AFTER_NODES if self.nodes else BEFORE_NODES

    def on_event(self, message: EventMsg) -> None:
        """Handle a dbt event. Pass this to the run as a callback."""
        if message.info.name == "PrintEvent":
            self.refused[self.part] = "a macro printed a message"


NodeReplay = Callable[[duckdb.DuckDBPyConnection, Node, list[Any], str], bool]
"""Replays a node in the state that the facts describe, as part of the run with this id.

Returns False, and has changed nothing, if it cannot.
"""


@contextmanager
def logging_run(
    manifest: Manifest, start: WarehouseState, replay_node: NodeReplay
) -> Iterator[RunLog]:
    """Log every statement that dbt sends from this process until the block ends.

    dbt's events hold statements too, but truncate those of seeds.

    Args:
        manifest: The parsed project.
        start: The state of the warehouse at the start of the run.
        replay_node: Called for each node before dbt builds it. dbt builds it if this returns False.

    """
    log = RunLog()
    numbers: dict[int, int] = {}
    next_number = count()
    cursor, connection = local.DuckDBCursorWrapper, local.DuckDBConnectionWrapper
    originals = cursor.execute, connection.rollback, connection.close
    build, has_variable = BaseRunner.compile_and_execute, Var.has_var

    def record(wrapped: Any, sql: str) -> None:  # noqa: ANN401
        if id(wrapped) not in numbers:
            numbers[id(wrapped)] = next(next_number)
        log.sent.append(SentStatement(numbers[id(wrapped)], log.part, sql))

    def execute(self: Any, sql: str, bindings: Any = None) -> Any:  # noqa: ANN401
        log.run_id = get_invocation_id()
        log.settings = dict(DuckDBConnectionManager.env().creds.settings or {})
        if bindings is not None:
            log.refused[log.part] = "a statement has bound parameters"
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

    def has_var(self: Any, name: str) -> bool:  # noqa: ANN401
        log.variables[log.part].add(name)
        return has_variable(self, name)

    def compile_and_execute(self: Any, parsed: Manifest, context: Any) -> Any:  # noqa: ANN401
        node_id = self.node.unique_id
        if node_id not in manifest.nodes or self.node.resource_type == NodeType.Operation:
            return build(self, parsed, context)
        node, run_id = Node.of(node_id, manifest), get_invocation_id()
        with DuckDBConnectionManager.env().conn.cursor() as session:
            for name, value in (DuckDBConnectionManager.env().creds.settings or {}).items():
                session.execute(f"set {name} = '{value}'")
            log.nodes[node] = facts = start.node_facts(session, node, run_id)
            is_replayed = replay_node(session, node, facts, run_id)
        if not is_replayed:
            return build(self, parsed, context)
        log.replayed.add(node)
        _add_to_cache(self.adapter, self.node)
        return _result(context.node)

    cursor.execute, connection.rollback, connection.close = execute, rollback, close
    BaseRunner.compile_and_execute = compile_and_execute  # type: ignore[method-assign]
    Var.has_var = has_var  # type: ignore[method-assign]
    try:
        yield log
    finally:
        cursor.execute, connection.rollback, connection.close = originals
        BaseRunner.compile_and_execute = build  # type: ignore[method-assign]
        Var.has_var = has_variable  # type: ignore[method-assign]


def _add_to_cache(adapter: Any, node: Any) -> None:  # noqa: ANN401
    """Tell dbt of a relation that was not created by its own statements."""
    kind = "view" if node.config.materialized == "view" else "table"
    relation = adapter.Relation.create_from(adapter.config, node, type=kind)
    adapter.cache_added(relation.incorporate(dbt_created=True))


def _result(node: Any) -> RunResult:  # noqa: ANN401
    return RunResult(
        status=RunStatus.Success,
        timing=[],
        thread_id="",
        execution_time=0.0,
        adapter_response={},
        message="REPLAYED",
        failures=None,
        node=node,
    )


@dataclass(frozen=True, slots=True)
class Transaction:
    """Statements that are committed together, or a single autocommitted statement.

    Attributes:
        part: The part of the run that sent them.
        statements: Texts of the statements.
        is_explicit: Whether `begin` and `commit` enclose the statements.
        view: `schema.name` of the view, if the transaction only replaces and describes one view.

    """

    part: str
    statements: tuple[str, ...]
    is_explicit: bool
    view: str


def transactions_of(log: RunLog, schema: str) -> dict[str, list[Transaction]]:
    """Return the transactions that each part of a run committed, in order.

    Queries and statements that were rolled back are left out. So are parts whose statements could
    differ on another warehouse with the same facts; `log.refused` says why.

    Args:
        log: The log of the run.
        schema: The schema of dbt's tables.

    Raises:
        CannotRecordError: The statements cannot be replayed in one session.

    """
    parts: dict[str, list[Transaction]] = {
        part: [] for part in (BEFORE_NODES, *(node.node_id for node in log.nodes), AFTER_NODES)
    }
    with duckdb.connect() as parser:
        for transaction in _committed(log, schema, parser):
            if transaction.part != AFTER_NODES and parts[AFTER_NODES]:
                raise CannotRecordError("a hook of the run sent statements between two nodes")
            parts[transaction.part].append(transaction)
    return {part: kept for part, kept in parts.items() if part not in log.refused}


def _committed(
    log: RunLog, schema: str, parser: duckdb.DuckDBPyConnection
) -> Iterator[Transaction]:
    opened: dict[int, list[SentStatement]] = {}
    for statement in log.sent:
        connection = statement.connection
        command = _command(statement.sql)
        if command == _BEGIN:
            opened[connection] = []
        elif command == _ROLLBACK:
            opened.pop(connection, None)
        elif command == _COMMIT:
            if committed := opened.pop(connection, []):
                yield _transaction(committed, is_explicit=True)
        elif _is_query(statement, parser):
            if not is_determined(_COMMENT.sub("", statement.sql), schema, parser):
                log.refused[statement.part] = "a query reads rows that may differ"
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


def _is_query(sent: SentStatement, parser: duckdb.DuckDBPyConnection) -> bool:
    kinds = {statement.type for statement in parser.extract_statements(sent.sql)}
    return kinds == {duckdb.StatementType.SELECT}


def _transaction(sent: Sequence[SentStatement], *, is_explicit: bool) -> Transaction:
    texts = tuple(statement.sql for statement in sent)
    kinds = [parsed.type for text in texts for parsed in duckdb.extract_statements(text)]
    view = ""
    if kinds[0] == duckdb.StatementType.CREATE and set(kinds[1:]) <= {duckdb.StatementType.ALTER}:
        match = _VIEW.search(_COMMENT.sub("", texts[0]))
        view = ".".join(match.groups()) if match else ""
    return Transaction(sent[0].part, texts, is_explicit, view)
