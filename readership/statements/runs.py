"""Replay recorded statements of dbt where they match the warehouse, and run dbt where not."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import duckdb
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg

from readership.errors import UserError, first_paragraph
from readership.statements.recording import (
    CannotRecordError,
    RunLog,
    Transaction,
    logging_run,
    transactions_of,
)
from readership.statements.state import Node, WarehouseState, view_checksums
from readership.warehouse import open_for_writing

T = TypeVar("T")

Listener = Callable[[EventMsg], None]
"""A callback for dbt's events."""

PROJECT_FILES: Final = (
    "dbt_project.yml", "selectors.yml", "profiles", "models", "macros", "seeds", "tests/data",
)  # fmt: skip
"""The files and folders of the project that dbt reads."""

_PACKAGES: Final = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "duckdb")
_SELECTION_OPTIONS: Final = ("--select", "-s", "--exclude", "--selector", "--exclude-resource-type")


def project_checksum(root: Path) -> str:
    """Return a checksum of all that dbt renders statements from.

    It covers the project's path and files, and the versions of dbt and DuckDB.
    """
    checksum = hashlib.sha256(str([root.absolute(), *map(version, _PACKAGES)]).encode())
    for name in PROJECT_FILES:
        for file in sorted([root / name, *(root / name).rglob("*")]):
            if file.is_file():
                checksum.update(f"{file.relative_to(root)} {file.stat().st_size}\n".encode())
                checksum.update(file.read_bytes())
    return checksum.hexdigest()


@dataclass(frozen=True, slots=True)
class Recording:
    """The transactions of one node, or of the run's hooks before or after all nodes.

    Attributes:
        run_id: dbt's invocation id, which is part of the statements.
        transactions: The transactions, in order.
        views: Checksums of the views that they create, by `schema.name`.

    """

    run_id: str
    transactions: tuple[Transaction, ...]
    views: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Create a recording from its JSON values."""
        transactions = (
            Transaction(**fields | {"statements": tuple(fields["statements"])})
            for fields in values["transactions"]
        )
        return cls(values["run_id"], tuple(transactions), values["views"])


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """The part of a run that does not depend on what its nodes find in the warehouse.

    Attributes:
        settings: DuckDB settings of the session.
        before: Statements of the hooks before the first node.
        nodes: The nodes that the run builds, in order.
        after: Statements of the hooks after the last node.

    """

    settings: dict[str, str]
    before: Recording
    nodes: tuple[Node, ...]
    after: Recording

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Create a run from its JSON values."""
        nodes = (Node(**node | {"upstream": tuple(node["upstream"])}) for node in values["nodes"])
        before, after = (Recording.from_values(values[name]) for name in ("before", "after"))
        return cls(values["settings"], before, tuple(nodes), after)


@dataclass(frozen=True)
class Recordings:
    """Recorded runs of one project, in files named by a hash of what they are valid for.

    Processes may share the folder: files are written atomically, and two recordings with the same
    name are interchangeable.

    Attributes:
        folder: The folder of the files.
        project: The checksum of the project.
        schema: The schema of dbt's tables.
        settings: DuckDB settings of a session that replays, in addition to those of the run.

    """

    folder: Path
    project: str
    schema: str = "main"
    settings: Mapping[str, str] = field(default_factory=dict)
    _cache: dict[Path, Any] = field(default_factory=dict, compare=False, repr=False)

    def run(
        self,
        warehouse: Path,
        command: Sequence[str],
        run_dbt: Callable[[Listener], object],
        manifest: Callable[[], Manifest],
    ) -> bool:
        """Replay the recordings of a dbt command, or run dbt and record what it sends.

        If the recording of a node is missing, the replay stops there and dbt runs the whole
        command. For dbt, the warehouse is then in the state that an interrupted run leaves.

        Args:
            warehouse: The DuckDB file.
            command: The command and options of the dbt invocation.
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
        with open_for_writing(warehouse) as connection:
            if self._replay(connection, warehouse.stem, command):
                return True
            start = WarehouseState(connection, self.schema)
            file = self._run_file(warehouse.stem, command, start.run_facts(connection))
        with logging_run(manifest(), start) as log:
            run_dbt(log.on_event)
        with open_for_writing(warehouse) as connection, suppress(CannotRecordError):
            self._record(log, warehouse.stem, command, file, view_checksums(connection))
        return False

    def _replay(
        self, connection: duckdb.DuckDBPyConnection, database: str, command: Sequence[str]
    ) -> bool:
        start = WarehouseState(connection, self.schema)
        file = self._run_file(database, command, start.run_facts(connection))
        if (run := self._read(file, RecordedRun.from_values)) is None:
            return False
        run_id = str(uuid.uuid4())
        current_views = view_checksums(connection)
        # A new session, in which none of dbt's temporary tables exist yet.
        with connection.cursor() as session:
            for name, value in (run.settings | self.settings).items():
                session.execute(f"set {name} = '{value}'")
            replay(session, run.before, run_id, current_views)
            for node in run.nodes:
                facts = start.node_facts(session, node, run_id)
                recording = self._read(
                    self._node_file(database, command, node, facts), Recording.from_values
                )
                if recording is None:
                    return False
                replay(session, recording, run_id, current_views)
            replay(session, run.after, run_id, current_views)
        return True

    def _record(
        self,
        log: RunLog,
        database: str,
        command: Sequence[str],
        file: Path,
        checksums: Mapping[str, str],
    ) -> None:
        committed = transactions_of(log, self.schema)
        built = {node.node_id for node in log.nodes}
        before = takewhile(lambda transaction: transaction.node not in built, committed)
        after = takewhile(lambda transaction: transaction.node not in built, reversed(committed))

        def recording(transactions: Iterable[Transaction]) -> Recording:
            kept = tuple(transactions)
            created = {transaction.view for transaction in kept if transaction.view}
            return Recording(log.run_id, kept, {view: checksums[view] for view in sorted(created)})

        run = RecordedRun(
            log.settings,
            recording(before),
            tuple(log.nodes),
            recording(reversed(list(after))),
        )
        parts = {
            node: recording(
                transaction for transaction in committed if transaction.node == node.node_id
            )
            for node in log.nodes
        }
        recorded = sum(len(part.transactions) for part in (run.before, run.after, *parts.values()))
        if recorded != len(committed):
            raise CannotRecordError("a hook of the run sent statements between two nodes")
        for node, part in parts.items():
            self._save(part, self._node_file(database, command, node, log.nodes[node]))
        self._save(run, file)

    def _run_file(self, database: str, command: Sequence[str], facts: Sequence[Any]) -> Path:
        return self._file(database, *command, facts)

    def _node_file(
        self, database: str, command: Sequence[str], node: Node, facts: Sequence[Any]
    ) -> Path:
        return self._file(database, *_without_selection(command), asdict(node), facts)

    def _file(self, *valid_for: object) -> Path:
        text = json.dumps([self.project, self.schema, *valid_for])
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()}.json"

    def _read(self, file: Path, from_values: Callable[[Mapping[str, Any]], T]) -> T | None:
        if file not in self._cache:
            try:
                self._cache[file] = from_values(json.loads(file.read_text()))
            except FileNotFoundError:
                return None
        return self._cache[file]

    def _save(self, recorded: Recording | RecordedRun, file: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(asdict(recorded)))
        temporary.replace(file)


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
                transaction.node or "a hook of the run",
                f"nodes built before it are kept; run dbt for details ({first_paragraph(error)})",
            ) from error


def _without_selection(command: Sequence[str]) -> list[str]:
    """Return a command without the options that select nodes.

    The statements of a node do not depend on them.
    """
    kept: list[str] = []
    rest = list(command)
    while rest:
        if (option := rest.pop(0)) in _SELECTION_OPTIONS:
            rest = list(dropwhile(lambda value: not value.startswith("-"), rest))
        else:
            kept.append(option)
    return kept
