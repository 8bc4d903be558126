"""Runs by dbt's recorded statements where they fit, else by dbt itself."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import duckdb
from dbt_common.events.base_types import EventMsg

from statements.recording import CannotRecordError, Recording, listening
from statements.situation import situation, views
from warehouse.errors import UserError, first_paragraph
from warehouse.file import open_for_writing

Listener = Callable[[EventMsg], None]

PROJECT_FILES: Final = (
    "dbt_project.yml", "selectors.yml", "profiles", "models", "macros", "seeds", "tests/data",
)  # fmt: skip
"""What dbt reads of the project."""

_MAKERS: Final = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "duckdb")


def project_checksum(root: Path) -> str:
    """Give a checksum of everything in the project that dbt makes statements of, and of dbt."""
    found = hashlib.sha256(str([root.absolute(), *map(version, _MAKERS)]).encode())
    for place in PROJECT_FILES:
        for file in sorted([root / place, *(root / place).rglob("*")]):
            if file.is_file():
                found.update(f"{file.relative_to(root)} {file.stat().st_size}\n".encode())
                found.update(file.read_bytes())
    return found.hexdigest()


@dataclass(frozen=True)
class Recordings:
    """Recorded runs of one project, each in a file that is named by what it is valid for.

    Processes may share the folder: a recording is there whole or not at all, and two of the same
    are as good as each other.

    Attributes:
        folder: Where they are.
        project: The checksum of the project that they are of.
        schema: Where dbt puts its tables.

    """

    folder: Path
    project: str
    schema: str = "main"

    def run(
        self, warehouse: Path, command: Sequence[str], by_dbt: Callable[[Listener], object]
    ) -> Recording | None:
        """Run a dbt command on a warehouse, by a recording if there is one, else by dbt.

        What dbt sends is then recorded, if it can be.

        Args:
            warehouse: The DuckDB file.
            command: The command with its options, as dbt takes it.
            by_dbt: Runs the command by dbt in this process, with a callback for its events.

        Returns:
            The recording that was sent, if one was.

        Raises:
            UserError: A statement failed; the node that it belongs to, and those after it, are as
                they were.

        """
        if not warehouse.exists():
            by_dbt(lambda _: None)
            return None
        with open_for_writing(warehouse) as connection:
            file = self._file(warehouse.stem, command, situation(connection, self.schema))
            if file.exists():
                recording = Recording.from_json(file.read_text())
                send(connection, recording)
                return recording
        with listening() as heard:
            by_dbt(heard.hear)
        with open_for_writing(warehouse) as connection, suppress(CannotRecordError):
            self._keep(Recording.of(heard, views(connection), self.schema), file)
        return None

    def _file(self, database: str, command: Iterable[str], situation_then: str) -> Path:
        valid_for = str([self.project, self.schema, database, *command, situation_then])
        return self.folder / f"{hashlib.sha256(valid_for.encode()).hexdigest()}.json"

    def _keep(self, recording: Recording, file: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        written = file.with_suffix(f".{os.getpid()}")
        written.write_text(recording.as_json())
        written.replace(file)


def send(connection: duckdb.DuckDBPyConnection, recording: Recording) -> None:
    """Send what was recorded as a new run, up to the first error.

    Views that stand as the recording would make them are left alone.

    Raises:
        UserError: A statement failed.

    """
    invocation_id = str(uuid.uuid4())
    standing = views(connection)
    with _session(connection, recording.settings) as session:
        for transaction in recording.transactions:
            if transaction.view and standing.get(transaction.view) == recording.views.get(
                transaction.view
            ):
                continue
            texts = [
                text.replace(recording.invocation_id, invocation_id)
                for text in transaction.statements
            ]
            if transaction.is_open:
                texts = ["begin", *texts, "commit"]
            try:
                for text in texts:
                    session.execute(text)
            except duckdb.Error as error:
                raise UserError(
                    "a statement of the run failed",
                    transaction.node or "the run's own",
                    f"what was built before it is kept; run dbt for more ({first_paragraph(error)})",
                ) from error


def _session(
    connection: duckdb.DuckDBPyConnection, settings: Mapping[str, str]
) -> duckdb.DuckDBPyConnection:
    """Open a session of its own, in which dbt's temporary tables are not yet there."""
    session = connection.cursor()
    for name, value in settings.items():
        session.execute(f"set {name} = '{value}'")
    return session
