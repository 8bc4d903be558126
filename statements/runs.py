"""Runs by dbt's recorded statements where they fit, else by dbt itself."""

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

from errors import UserError, first_paragraph
from statements.recording import (
    CannotRecordError,
    RunLog,
    Transaction,
    logging_run,
    transactions_of,
)
from statements.state import Node, WarehouseState, views
from warehouse import open_for_writing

T = TypeVar("T")

Listener = Callable[[EventMsg], None]
"""A callback for dbt's events."""

PROJECT_FILES: Final = (
    "dbt_project.yml", "selectors.yml", "profiles", "models", "macros", "seeds", "tests/data",
)  # fmt: skip
"""What dbt reads of the project."""

_MAKERS: Final = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "duckdb")
_SELECTING: Final = ("--select", "-s", "--exclude", "--selector", "--exclude-resource-type")


def project_checksum(root: Path) -> str:
    """Give a checksum of everything in the project that dbt makes statements of, and of dbt."""
    found = hashlib.sha256(str([root.absolute(), *map(version, _MAKERS)]).encode())
    for place in PROJECT_FILES:
        for file in sorted([root / place, *(root / place).rglob("*")]):
            if file.is_file():
                found.update(f"{file.relative_to(root)} {file.stat().st_size}\n".encode())
                found.update(file.read_bytes())
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Recording:
    """What was sent for a node, or by the run itself before its nodes and after them.

    Attributes:
        run_id: dbt's name of the run, which stands in the statements.
        transactions: What was sent.
        views: The checksums of the views among them, as they were made.

    """

    run_id: str
    transactions: tuple[Transaction, ...]
    views: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Give what JSON holds of a recording."""
        transactions = (
            Transaction(**each | {"statements": tuple(each["statements"])})
            for each in values["transactions"]
        )
        return cls(values["run_id"], tuple(transactions), values["views"])


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """The frame of a run: what is the same of it whatever its nodes find.

    Attributes:
        settings: What is set for the session before.
        before: What the run itself sends before its nodes.
        nodes: What it builds, in order.
        after: What it sends after them.

    """

    settings: dict[str, str]
    before: Recording
    nodes: tuple[Node, ...]
    after: Recording

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Give what JSON holds of a run."""
        nodes = (Node(**node | {"upstream": tuple(node["upstream"])}) for node in values["nodes"])
        before, after = (Recording.from_values(values[name]) for name in ("before", "after"))
        return cls(values["settings"], before, tuple(nodes), after)


@dataclass(frozen=True)
class Recordings:
    """Recorded runs of one project, in files that are named by what they are valid for.

    Processes may share the folder: a recording is there whole or not at all, and two of the same
    are as good as each other.

    Attributes:
        folder: Where they are.
        project: The checksum of the project that they are of.
        schema: Where dbt puts its tables.
        settings: What is set for a session that sends recordings, beside what dbt sets for its own.

    """

    folder: Path
    project: str
    schema: str = "main"
    settings: Mapping[str, str] = field(default_factory=dict)
    _read: dict[Path, Any] = field(default_factory=dict, compare=False, repr=False)

    def run(
        self,
        warehouse: Path,
        command: Sequence[str],
        by_dbt: Callable[[Listener], object],
        manifest: Callable[[], Manifest],
    ) -> bool:
        """Run a dbt command on a warehouse, by recordings as far as there are some, else by dbt.

        Where they do not reach, dbt runs all of the command: what has been built by then is as if
        a run had been cut short there. What dbt sends is recorded, if it can be.

        Args:
            warehouse: The DuckDB file.
            command: The command with its options, as dbt takes it.
            by_dbt: Runs the command by dbt in this process, with a callback for its events.
            manifest: Gives the project as dbt parsed it; asked for when dbt is to run.

        Returns:
            Whether dbt was spared.

        Raises:
            UserError: A statement failed. What came before it is kept, of its node nothing.

        """
        if not warehouse.exists():
            by_dbt(lambda _: None)
            return False
        with open_for_writing(warehouse) as connection:
            if self._sent_again(connection, warehouse.stem, command):
                return True
            start = WarehouseState(connection, self.schema)
            frame = self._frame_file(warehouse.stem, command, start.of_run(connection))
        with logging_run(manifest(), start) as log:
            by_dbt(log.on_event)
        with open_for_writing(warehouse) as connection, suppress(CannotRecordError):
            self._record(log, warehouse.stem, command, frame, views(connection))
        return False

    def _sent_again(
        self, connection: duckdb.DuckDBPyConnection, database: str, command: Sequence[str]
    ) -> bool:
        start = WarehouseState(connection, self.schema)
        frame = self._frame_file(database, command, start.of_run(connection))
        if (run := self._known(frame, RecordedRun.from_values)) is None:
            return False
        run_id = str(uuid.uuid4())
        standing = views(connection)
        # A session of its own, in which dbt's temporary tables are not yet there.
        with connection.cursor() as session:
            for name, value in (run.settings | self.settings).items():
                session.execute(f"set {name} = '{value}'")
            send(session, run.before, run_id, standing)
            for node in run.nodes:
                found = start.of_node(session, node, run_id)
                recording = self._known(
                    self._node_file(database, command, node, found), Recording.from_values
                )
                if recording is None:
                    return False
                send(session, recording, run_id, standing)
            send(session, run.after, run_id, standing)
        return True

    def _record(
        self,
        log: RunLog,
        database: str,
        command: Sequence[str],
        frame: Path,
        made: Mapping[str, str],
    ) -> None:
        sent = transactions_of(log, self.schema)
        built = {node.node_id for node in log.nodes}
        before = takewhile(lambda each: each.node not in built, sent)
        after = takewhile(lambda each: each.node not in built, reversed(sent))

        def recording(transactions: Iterable[Transaction]) -> Recording:
            kept = tuple(transactions)
            return Recording(
                log.run_id, kept, {each.view: made[each.view] for each in kept if each.view}
            )

        run = RecordedRun(
            log.settings,
            recording(before),
            tuple(log.nodes),
            recording(reversed(list(after))),
        )
        parts = {
            node: recording(each for each in sent if each.node == node.node_id)
            for node in log.nodes
        }
        kept = sum(len(part.transactions) for part in (run.before, run.after, *parts.values()))
        if kept != len(sent):
            raise CannotRecordError("the run sent something of its own between its nodes")
        for node, part in parts.items():
            self._keep(part, self._node_file(database, command, node, log.nodes[node]))
        self._keep(run, frame)

    def _frame_file(self, database: str, command: Sequence[str], found: Sequence[Any]) -> Path:
        return self._file(database, *command, found)

    def _node_file(
        self, database: str, command: Sequence[str], node: Node, found: Sequence[Any]
    ) -> Path:
        return self._file(database, *_options(command), asdict(node), found)

    def _file(self, *valid_for: object) -> Path:
        text = json.dumps([self.project, self.schema, *valid_for])
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()}.json"

    def _known(self, file: Path, from_values: Callable[[Mapping[str, Any]], T]) -> T | None:
        if file not in self._read:
            try:
                self._read[file] = from_values(json.loads(file.read_text()))
            except FileNotFoundError:
                return None
        return self._read[file]

    def _keep(self, recorded: Recording | RecordedRun, file: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        written = file.with_suffix(f".{os.getpid()}")
        written.write_text(json.dumps(asdict(recorded)))
        written.replace(file)


def send(
    session: duckdb.DuckDBPyConnection,
    recording: Recording,
    run_id: str,
    standing: Mapping[str, str],
) -> None:
    """Send what was recorded, as part of another run, up to the first error.

    Views that stand as the recording would make them are left alone.

    Raises:
        UserError: A statement failed.

    """
    for transaction in recording.transactions:
        view = transaction.view
        if view and standing.get(view) == recording.views[view]:
            continue
        texts = [text.replace(recording.run_id, run_id) for text in transaction.statements]
        if transaction.is_open:
            texts = ["begin", *texts, "commit"]
        try:
            for text in texts:
                session.execute(text)
        except duckdb.Error as error:
            if transaction.is_open:
                session.rollback()
            raise UserError(
                "a statement of the run failed",
                transaction.node or "the run's own",
                f"what was built before it is kept; run dbt to see more ({first_paragraph(error)})",
            ) from error


def _options(command: Sequence[str]) -> list[str]:
    """Give a command without what selects nodes: what is sent for a node does not depend on it."""
    kept: list[str] = []
    rest = list(command)
    while rest:
        if (option := rest.pop(0)) in _SELECTING:
            rest = list(dropwhile(lambda value: not value.startswith("-"), rest))
        else:
            kept.append(option)
    return kept
