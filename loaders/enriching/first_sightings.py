"""Rows for what is seen for the first time: user agents, hosts, fields that are not in the list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

import pyarrow as pa

from loaders.enriching.agents import Agent
from loaders.enriching.hosts import Host
from loaders.enriching.seen_texts import SeenTexts
from loaders.tables import HOSTS, UNKNOWN_FIELDS, USER_AGENTS, arrow_table

_ROWS_HELD: Final = 5_000


@dataclass(slots=True)
class AlreadyDescribed:
    """What finished loads have described, so that it needs no row.

    Attributes:
        agents: User agents.
        hosts: Hosts.
        fields: Names of fields that are not in the list.

    """

    agents: SeenTexts = field(default_factory=SeenTexts)
    hosts: SeenTexts = field(default_factory=SeenTexts)
    fields: set[str] = field(default_factory=set)


class FirstSightings:
    """What the batches of one package describe, each thing once.

    Args:
        described: What needs no row; gains what the package has described once that is settled.

    """

    def __init__(self, described: AlreadyDescribed) -> None:
        self._described = described
        self._rows: dict[str, list[tuple[Any, ...]]] = {
            table: [] for table in (USER_AGENTS, HOSTS, UNKNOWN_FIELDS)
        }
        self._seen = {table: SeenTexts() for table in self._rows}
        self.fields: set[str] = set()
        """The fields not in the list that were seen for the first time."""

    def note(
        self,
        agents: Iterable[Agent],
        hosts: Iterable[Host],
        unknown_fields: Iterable[tuple[str, str, int]],
    ) -> None:
        """Keep what a batch describes.

        Args:
            agents: Rows of `raw.user_agents`.
            hosts: Rows of `raw.hosts`.
            unknown_fields: Rows of `raw.unknown_fields`: field, file and number of the line.

        """
        new_fields = [row for row in unknown_fields if row[0] not in self._described.fields]
        for table, rows in ((USER_AGENTS, agents), (HOSTS, hosts), (UNKNOWN_FIELDS, new_fields)):
            # Processes do not know of each other's; what they say of one thing is the same.
            self._rows[table] += (tuple(row) for row in rows if self._seen[table].add(row[0]))
        self.fields.update(row[0] for row in new_fields)

    def full_tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Give rows of which there are many, before they are more; each lot with its table."""
        for table, rows in self._rows.items():
            if len(rows) >= _ROWS_HELD:
                yield from self._drained(table)

    def remaining_tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Give the rows that are left; each lot with the table that it is for."""
        for table in self._rows:
            yield from self._drained(table)

    def settle(self) -> None:
        """Count as known what has been described: the package is in force."""
        self._described.fields.update(self.fields)
        self._described.agents.update(self._seen[USER_AGENTS])
        self._described.hosts.update(self._seen[HOSTS])

    def _drained(self, table: str) -> Iterator[tuple[str, pa.Table]]:
        rows, self._rows[table] = self._rows[table], []
        if rows:
            yield table, arrow_table(table, sorted(rows, key=itemgetter(0)))
