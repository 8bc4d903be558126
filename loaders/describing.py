"""Rows for what is met for the first time: user agents, hosts, fields that are not in the list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

import pyarrow as pa

from loaders.ledger import Ledger
from loaders.met import Met
from loaders.tables import HOSTS, UNKNOWN_FIELDS, USER_AGENTS, arrow_table
from loaders.taking import Piece

_ROWS_HELD: Final = 5_000


@dataclass(slots=True)
class Known:
    """What finished loads have described already."""

    agents: Met = field(default_factory=Met)
    hosts: Met = field(default_factory=Met)
    fields: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, ledger: Ledger) -> Known:
        """Ask the warehouse."""
        return cls(
            Met(ledger.known_user_agents()),
            Met(ledger.known_hosts()),
            set(ledger.known_unknown_fields()),
        )


class Descriptions:
    """What the pieces of one package describe, each thing once.

    Args:
        known: What needs no row; gains what the package has described once that is settled.

    """

    def __init__(self, known: Known) -> None:
        self._known = known
        self._rows: dict[str, list[tuple[Any, ...]]] = {
            table: [] for table in (USER_AGENTS, HOSTS, UNKNOWN_FIELDS)
        }
        self._met = {table: Met() for table in self._rows}
        self.fields: set[str] = set()
        """The fields not in the list that were met for the first time."""

    def note(self, piece: Piece) -> None:
        """Keep what a piece describes."""
        for table, rows in (
            (USER_AGENTS, piece.agents),
            (HOSTS, piece.hosts),
            (UNKNOWN_FIELDS, [row for row in piece.unknown if row[0] not in self._known.fields]),
        ):
            # Processes do not know of each other's; what they say of one thing is the same.
            self._rows[table] += (tuple(row) for row in rows if self._met[table].add(row[0]))
        self.fields.update(row[0] for row in piece.unknown if row[0] not in self._known.fields)

    def full(self) -> Iterator[tuple[str, pa.Table]]:
        """Give rows of which there are many, before they are more; each lot with its table."""
        for table, rows in self._rows.items():
            if len(rows) >= _ROWS_HELD:
                yield from self._given(table)

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Give the rows that are left; each lot with the table that it is for."""
        for table in self._rows:
            yield from self._given(table)

    def settle(self) -> None:
        """Count as known what has been described: the package is in force."""
        self._known.fields.update(self.fields)
        self._known.agents.update(self._met[USER_AGENTS])
        self._known.hosts.update(self._met[HOSTS])

    def _given(self, table: str) -> Iterator[tuple[str, pa.Table]]:
        rows, self._rows[table] = self._rows[table], []
        if rows:
            yield table, arrow_table(table, sorted(rows, key=itemgetter(0)))
