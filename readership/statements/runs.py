"""Replay recorded statements of dbt where they match the warehouse, and run dbt where not."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg

from readership.errors import UserError, first_paragraph
from readership.statements.files import Command, RecordedRun, Recording, RecordingFiles
from readership.statements.recording import (
    AFTER_NODES,
    BEFORE_NODES,
    CannotRecordError,
    RunLog,
    logging_run,
    transactions_of,
)
from readership.statements.state import Node, WarehouseState, view_checksums
from readership.warehouse import open_for_writing

Listener = Callable[[EventMsg], None]
"""A callback for dbt's events."""


@dataclass(frozen=True)
class Recordings:
    """Recorded runs of one project.

    Attributes:
        files: Where they are kept.
        settings: DuckDB settings of a session that replays, in addition to those of the run.

    """

    files: RecordingFiles
    settings: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        warehouse: Path,
        arguments: Sequence[str],
        run_dbt: Callable[[Listener], object],
        manifest: Callable[[], Manifest],
    ) -> bool:
        """Replay the recordings of a dbt command, or run dbt and record what it sends.

        Where the hooks of the run are not recorded, dbt runs the command, and recordings replace
        its work node by node. If only the recording of a node is missing, the replay stops there
        and dbt runs the whole command in this way. For dbt, the warehouse is then in the state that
        an interrupted run leaves.

        Args:
            warehouse: The DuckDB file.
            arguments: The command and options of the dbt invocation.
            run_dbt: Runs the command by dbt in this process, with a callback for dbt's events.
            manifest: Returns the parsed project; called only when dbt has to run.

        Returns:
            Whether recordings replaced dbt completely.

        Raises:
            UserError: A replayed statement failed. Earlier nodes are kept; nothing of its own is.

        """
        if not warehouse.exists():
            run_dbt(lambda _: None)
            return False
        command, database = Command.of(arguments), warehouse.stem
        with open_for_writing(warehouse) as connection:
            if self._replay(connection, database, command):
                return True
            start = WarehouseState(connection, self.files.schema)
            facts = start.run_facts(connection)
            views = view_checksums(connection)

        def replay_node(
            session: duckdb.DuckDBPyConnection, node: Node, node_facts: list[Any], run_id: str
        ) -> bool:
            recording = self.files.node(database, command, node, node_facts)
            if recording is not None:
                replay(session, recording, run_id, views)
            return recording is not None

        with logging_run(manifest(), start, replay_node) as log:
            run_dbt(log.on_event)
        with open_for_writing(warehouse) as connection, suppress(CannotRecordError):
            self._record(log, database, command, facts, view_checksums(connection))
        return False

    def _replay(
        self, connection: duckdb.DuckDBPyConnection, database: str, command: Command
    ) -> bool:
        start = WarehouseState(connection, self.files.schema)
        run = self.files.run(database, command, start.run_facts(connection))
        if run is None:
            return False
        run_id = str(uuid.uuid4())
        views = view_checksums(connection)
        # A new session, in which none of dbt's temporary tables exist yet.
        with connection.cursor() as session:
            for name, value in (run.settings | self.settings).items():
                session.execute(f"set {name} = '{value}'")
            replay(session, run.before, run_id, views)
            for node in run.nodes:
                facts = start.node_facts(session, node, run_id)
                recording = self.files.node(database, command, node, facts)
                if recording is None:
                    return False
                replay(session, recording, run_id, views)
            replay(session, run.after, run_id, views)
        return True

    def _record(
        self,
        log: RunLog,
        database: str,
        command: Command,
        facts: Sequence[Any],
        views: Mapping[str, str],
    ) -> None:
        parts = transactions_of(log, self.files.schema)

        def recording(part: str) -> Recording:
            created = {transaction.view for transaction in parts[part] if transaction.view}
            checksums = {view: views[view] for view in sorted(created)}
            return Recording(log.run_id, tuple(parts[part]), checksums)

        for node, node_facts in log.nodes.items():
            if node not in log.replayed and (part := node.node_id) in parts:
                self.files.save_node(
                    database, command, node, node_facts, log.variables[part], recording(part)
                )
        if {BEFORE_NODES, AFTER_NODES} <= parts.keys():
            run = RecordedRun(
                log.settings, recording(BEFORE_NODES), tuple(log.nodes), recording(AFTER_NODES)
            )
            self.files.save_run(database, command, facts, run)


def replay(
    session: duckdb.DuckDBPyConnection,
    recording: Recording,
    run_id: str,
    current_views: Mapping[str, str],
) -> None:
    """Execute recorded transactions as part of another run, up to the first error.

    Views that already are what the recording would create are left alone.

    Args:
        session: A connection to the warehouse.
        recording: The transactions.
        run_id: The id that replaces the recorded one in the statements.
        current_views: Checksums of the warehouse's views at the start of the run.

    Raises:
        UserError: A statement failed.

    """
    for transaction in recording.transactions:
        view = transaction.view
        if view and current_views.get(view) == recording.views[view]:
            continue
        texts = [text.replace(recording.run_id, run_id) for text in transaction.statements]
        if transaction.is_explicit:
            texts = ["begin", *texts, "commit"]
        try:
            for text in texts:
                session.execute(text)
        except duckdb.Error as error:
            if transaction.is_explicit:
                session.rollback()
            raise UserError(
                "a statement of the run failed",
                transaction.part,
                f"nodes built before it are kept; run dbt for details ({first_paragraph(error)})",
            ) from error
