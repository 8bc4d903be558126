"""Rows for what is met for the first time: user agents, hosts, fields that are not in the list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from loaders.ledger import Ledger
from loaders.tables import HOSTS, UNKNOWN_FIELDS, USER_AGENTS, arrow_table
from loaders.taking import Piece


@dataclass(slots=True)
class Known:
    """What finished loads have described already."""

    agents: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, ledger: Ledger) -> Known:
        """Ask the warehouse."""
        return cls(ledger.known_user_agents(), ledger.known_hosts(), ledger.known_unknown_fields())


class Descriptions:
    """What the pieces of one package describe, each thing once.

    Args:
        known: What needs no row; gains what the package has described once that is settled.

    """

    def __init__(self, known: Known) -> None:
        self._known = known
        self._rows: dict[str, dict[str, tuple[Any, ...]]] = {
            table: {} for table in (USER_AGENTS, HOSTS, UNKNOWN_FIELDS)
        }

    @property
    def fields(self) -> set[str]:
        """The fields not in the list that were met for the first time."""
        return set(self._rows[UNKNOWN_FIELDS])

    def note(self, piece: Piece) -> None:
        """Keep what a piece describes."""
        for table, rows in (
            (USER_AGENTS, piece.agents),
            (HOSTS, piece.hosts),
            (UNKNOWN_FIELDS, [row for row in piece.unknown if row[0] not in self._known.fields]),
        ):
            for row in rows:
                # Processes do not know of each other's; what they say of one thing is the same.
                self._rows[table].setdefault(row[0], tuple(row))

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Give the rows, in the order of their keys, each lot with the table that it is for."""
        for table, rows in self._rows.items():
            if rows:
                yield table, arrow_table(table, [rows[key] for key in sorted(rows)])

    def settle(self) -> None:
        """Count as known what has been described: the package is in force."""
        self._known.fields.update(self._rows[UNKNOWN_FIELDS])
        self._known.agents.update(self._rows[USER_AGENTS])
        self._known.hosts.update(self._rows[HOSTS])
