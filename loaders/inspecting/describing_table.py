"""Describe the hosts and user agents of a table of events that the loader has not filled.

What is written is what a load writes of the same events: `raw.hosts` and `raw.user_agents`, each
text once. `raw.described_loads` has how many events of each load were looked at, so that a load is
looked at again only when it has another number of them. The SQL comes from the models, which look
texts up by the same expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from loaders.enriching import describe_agent, describe_host
from loaders.inspecting.queries import explain_database_errors
from loaders.tables import HOSTS, LOAD_ID, TABLES, USER_AGENTS
from loaders.writing import SqlClient, Target, client_of

DESCRIBED_LOADS: Final = "described_loads"
LOADS_MARK: Final = "(null)"
"""Where the queries for texts take the list of loads: `load_value in (null)`."""

_Item = TypeVar("_Item")

_LOADS_AT_ONCE: Final = 200
_ROWS_AT_ONCE: Final = 200
_TYPES: Final = {"text": "text", "bool": "boolean", "bigint": "bigint"}
_LONGEST: Final = {USER_AGENTS: 2_048, HOSTS: 253}
_DESCRIBE: Final[dict[str, Callable[[str], Sequence[Any]]]] = {
    USER_AGENTS: describe_agent,
    HOSTS: describe_host,
}


@dataclass(frozen=True, slots=True)
class TableQueries:
    """The queries of a table of events.

    Attributes:
        loads: Gives each load with its number of events.
        user_agents: Gives the distinct user agents of the loads that take the place of
            `LOADS_MARK`.
        hosts: Gives their distinct hosts.

    """

    loads: str
    user_agents: str
    hosts: str


@dataclass(frozen=True, slots=True)
class DescribedTable:
    """What one call of `describe_table` did.

    Attributes:
        loads: Loads in the table.
        looked_at: Loads that were new or had another number of events.
        user_agents: User agents described for the first time.
        hosts: Hosts described for the first time.

    """

    loads: int
    looked_at: int
    user_agents: int
    hosts: int


def describe_table(queries: TableQueries, target: Target) -> DescribedTable:
    """Describe what new loads of a table have, in one commit.

    Args:
        queries: The queries of the table.
        target: The warehouse, which has the table.

    Raises:
        UserError: The warehouse cannot be used.

    """
    with (
        target.writing() as destination,
        client_of(destination) as client,
        explain_database_errors(target),
    ):
        tables = _Tables(client)
        tables.create()
        found = {str(value): int(events) for value, events in tables.query(queries.loads)}
        described = tables.described_loads()
        waiting = sorted(value for value, events in found.items() if described.get(value) != events)
        new: dict[str, list[Sequence[Any]]] = {}
        for table, query in ((USER_AGENTS, queries.user_agents), (HOSTS, queries.hosts)):
            known = tables.known(table)
            texts: set[str] = set()
            for some in _lots(waiting, _LOADS_AT_ONCE):
                rows = tables.query(query.replace(LOADS_MARK, f"({_literals(some)})"))
                texts.update(text for (text,) in rows if text and len(text) <= _LONGEST[table])
            new[table] = [_DESCRIBE[table](text) for text in sorted(texts - known)]
        with client.begin_transaction():
            for table, rows in new.items():
                tables.add(table, rows)
            tables.note({value: found[value] for value in waiting})
    return DescribedTable(len(found), len(waiting), len(new[USER_AGENTS]), len(new[HOSTS]))


class _Tables:
    """The tables of descriptions in the raw schema."""

    def __init__(self, client: SqlClient) -> None:
        self._client = client

    def create(self) -> None:
        """Create those that are missing, and no other table of the schema."""
        if not self._client.has_dataset():
            self._client.create_dataset()
        for table in (USER_AGENTS, HOSTS):
            columns = ", ".join(
                f"{self._column(name)} {_TYPES[kind]}" for name, kind in TABLES[table].items()
            )
            self._execute(
                f"create table if not exists {self._table(table)} ({columns}, "
                f"{self._column(LOAD_ID)} text not null)"
            )
        self._execute(
            f"create table if not exists {self._table(DESCRIBED_LOADS)} (load_value text not null, "
            "events bigint not null)"
        )

    def query(self, sql: str) -> Sequence[Sequence[Any]]:
        """Return the rows of a query."""
        return self._client.execute_sql(sql) or []

    def described_loads(self) -> dict[str, int]:
        """Return the number of events of each load that was looked at."""
        rows = self.query(f"select load_value, events from {self._table(DESCRIBED_LOADS)}")
        return {value: int(events) for value, events in rows}

    def known(self, table: str) -> set[str]:
        """Return the texts that are described."""
        named = self._column(next(iter(TABLES[table])))
        return {text for (text,) in self.query(f"select {named} from {self._table(table)}")}

    def add(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add descriptions."""
        columns = ", ".join(map(self._column, [*TABLES[table], LOAD_ID]))
        for some in _lots(rows, _ROWS_AT_ONCE):
            values = [(*row, "enriched") for row in some]
            marks = ", ".join(f"({', '.join(['%s'] * len(row))})" for row in values)
            self._execute(
                f"insert into {self._table(table)} ({columns}) values {marks}",
                *(value for row in values for value in row),
            )

    def note(self, loads: dict[str, int]) -> None:
        """Note how many events of loads were looked at."""
        table = self._table(DESCRIBED_LOADS)
        for some in _lots(list(loads), _LOADS_AT_ONCE):
            self._execute(f"delete from {table} where load_value in ({_literals(some)})")
            values = ", ".join(f"({_literals([value])}, {loads[value]})" for value in some)
            self._execute(f"insert into {table} (load_value, events) values {values}")

    def _table(self, name: str) -> str:
        return self._client.make_qualified_table_name(name)

    def _column(self, name: str) -> str:
        return self._client.escape_column_name(name)

    def _execute(self, sql: str, *values: Any) -> None:  # noqa: ANN401
        self._client.execute_sql(sql, *values)


def _lots(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]


def _literals(texts: Sequence[str]) -> str:
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)
