"""Runs that die between two statements, wherever that may be.

A build is taken down as the list of its statements, from the recordings that replays use. The list
is then executed in a session of its own without its transactions, so that every statement commits
by itself, as on engines that know no other way. What a run leaves that dies after a statement is
the file at that moment. With transactions, a run leaves one of these files too: that after the last
statement of a transaction.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import duckdb

from readership.statements import runs
from readership.statements.files import Recording
from tests.support.warehouses import PLANNING, Warehouse

_COUNTED = {
    duckdb.StatementType.INSERT, duckdb.StatementType.DELETE, duckdb.StatementType.UPDATE,
    duckdb.StatementType.MERGE_INTO, duckdb.StatementType.COPY,
}  # fmt: skip
_MAKING = {
    duckdb.StatementType.CREATE, duckdb.StatementType.DROP, duckdb.StatementType.ALTER,
}  # fmt: skip
# They leave every table as it was. A view is replaced by one statement and has no rows.
_APART = re.compile(
    r"\s*(create|drop)\s+(or\s+replace\s+)?(temporary|temp|view|schema)|\s*comment\s", re.I
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class Step(NamedTuple):
    """One statement of a run, and the node or hook that sends it."""

    part: str
    statement: str

    @property
    def name(self) -> str:
        """The node, and how the statement begins."""
        words = _COMMENT.sub("", self.statement).split()
        return f"{self.part.rpartition('.')[2]}: {' '.join(words[:3])}"


def steps_of_build(warehouse: Warehouse, *arguments: str, **variables: object) -> list[Step]:
    """Return the statements of a build of a warehouse, in order. The warehouse stays as it is.

    Args:
        warehouse: The warehouse.
        arguments: Further options of `dbt build`.
        variables: Variables of the project.

    """
    before = warehouse.path.read_bytes()
    warehouse.build(*arguments, **variables)  # is recorded now, if it was not
    warehouse.path.write_bytes(before)
    steps: list[Step] = []
    replay = runs.replay

    def listing(
        session: duckdb.DuckDBPyConnection,
        recording: Recording,
        run_id: str,
        views: Mapping[str, str],
    ) -> None:
        for transaction in recording.transactions:
            for text in transaction.statements:
                for parsed in duckdb.extract_statements(text.replace(recording.run_id, run_id)):
                    steps.append(Step(transaction.part, parsed.query.strip()))
        replay(session, recording, run_id, views)

    with mock.patch.object(runs, "replay", listing):
        warehouse.build(*arguments, **variables)
    warehouse.path.write_bytes(before)
    assert steps, "the build was not replayed"
    return steps


def deaths(start: Path, steps: Sequence[Step], folder: Path) -> Iterator[tuple[str, Path]]:
    """Execute steps on a copy of a warehouse; yield after each what a run leaves that dies there.

    Steps that change no table are passed over. The file is the same each time: it has to be copied.
    """
    folder.mkdir()
    file = shutil.copyfile(start, folder / start.name)
    with duckdb.connect(str(file), config=PLANNING) as session:
        session.execute("set TimeZone = 'UTC'")
        for step in steps:
            if _has_changed_a_table(session, step.statement):
                session.execute("force checkpoint")
                yield step.name, file


def _has_changed_a_table(session: duckdb.DuckDBPyConnection, text: str) -> bool:
    """Execute a statement; return whether it may have changed a table."""
    (statement,) = duckdb.extract_statements(text)
    session.execute(statement)
    if statement.type in _COUNTED:
        return session.fetchall() != [(0,)]
    return statement.type in _MAKING and not _APART.match(_COMMENT.sub("", text))
