"""Runs that die between two statements, wherever that may be.

A build is taken down as the list of its statements, from the recordings that replays use. The list
is then executed in a session of its own, and after each statement the file is copied: this is what
a process leaves that was killed there. Without transactions, every statement commits by itself,
which stands for engines that know no other way.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import duckdb

from readership.statements import runs
from readership.statements.files import Recording
from tests.support.warehouses import PLANNING, Warehouse

_COUNTED = {
    duckdb.StatementType.INSERT, duckdb.StatementType.DELETE, duckdb.StatementType.UPDATE,
    duckdb.StatementType.MERGE_INTO,
}  # fmt: skip
_MAKING = {
    duckdb.StatementType.CREATE, duckdb.StatementType.DROP, duckdb.StatementType.ALTER,
}  # fmt: skip
# They leave every table as it was. A view is replaced by one statement and has no rows.
_APART = re.compile(
    r"\s*(create|drop)\s+(or\s+replace\s+)?(temporary|temp|view|schema)|\s*comment\s", re.I
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Step:
    """What a run commits at once: one statement, or all of a transaction.

    Attributes:
        part: The node or hook that sends it.
        statements: The statements.

    """

    part: str
    statements: tuple[str, ...]

    @property
    def name(self) -> str:
        """The node, and how its last statement begins."""
        words = _COMMENT.sub("", self.statements[-1]).split()
        return f"{self.part.rpartition('.')[2]}: {' '.join(words[:3])}"


def steps_of_build(
    warehouse: Warehouse, *arguments: str, in_transactions: bool, **variables: object
) -> list[Step]:
    """Build a warehouse, and return what the build commits, in order.

    Args:
        warehouse: The warehouse, which is built.
        arguments: Further options of `dbt build`.
        in_transactions: Whether to keep the transactions, or to take every statement by itself.
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
            texts = [text.replace(recording.run_id, run_id) for text in transaction.statements]
            if in_transactions:
                steps.append(Step(transaction.part, tuple(texts)))
                continue
            for text in texts:
                for statement in duckdb.extract_statements(text):
                    steps.append(Step(transaction.part, (statement.query.strip(),)))
        replay(session, recording, run_id, views)

    with mock.patch.object(runs, "replay", listing):
        warehouse.build(*arguments, **variables)
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
            if _execute(session, step):
                session.execute("force checkpoint")
                yield step.name, file


def _execute(session: duckdb.DuckDBPyConnection, step: Step) -> bool:
    """Execute a step in a transaction; return whether it may have changed a table."""
    has_changed = False
    session.execute("begin")
    for text in step.statements:
        for statement in duckdb.extract_statements(text):
            session.execute(statement)
            if statement.type in _COUNTED:
                has_changed |= session.fetchall() != [(0,)]
            elif statement.type in _MAKING:
                has_changed |= _APART.match(_COMMENT.sub("", statement.query)) is None
    session.execute("commit")
    return has_changed
