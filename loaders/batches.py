"""Judged lines gathered into Arrow tables, a bounded number at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from loaders import agents, hosts
from loaders.gate import ROW_FIELDS, Rejection, Row
from loaders.reading import Line, LongLine
from loaders.tables import ARROW_SCHEMAS, EVENTS, REJECTED_LINES

MAX_ROWS: Final = 20_000
MAX_BYTES: Final = 64 * 1024 * 1024
"""A batch is full at this many rows, or this many bytes of lines, whichever comes first."""

_URL_FIELDS: Final = ("url", "referrer", "session_initial_url", "session_initial_referrer")
_EVENT_COLUMNS: Final = (*ROW_FIELDS, "_file", "_line")


def arrow_table(table: str, rows: list[tuple[Any, ...]]) -> pa.Table:
    """Turn rows, their values in the order of the table's columns, into an Arrow table."""
    schema = ARROW_SCHEMAS[table]
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    return pa.Table.from_arrays(
        [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)],
        schema=schema,
    )


@dataclass(slots=True)
class Lookups:
    """The distinct user agents and hosts of the events, less those already described.

    Attributes:
        known_agents: User agents in the warehouse before this load.
        known_hosts: Hosts in the warehouse before this load.

    """

    known_agents: set[str]
    known_hosts: set[str]
    _agents: set[str] = field(default_factory=set)
    _hosts: set[str] = field(default_factory=set)

    def note(self, columns: dict[str, tuple[Any, ...]]) -> None:
        """Take note of the user agents and URLs of a batch, given by column."""
        self._agents |= set(columns["user_agent"]) - self.known_agents - {None}
        urls: set[str | None] = set()
        for name in _URL_FIELDS:
            urls.update(columns[name])
        self._hosts |= hosts.hosts_in(urls) - self.known_hosts

    def described_agents(self) -> list[agents.Agent]:
        """Describe the new user agents, sorted."""
        return [agents.describe(agent) for agent in sorted(self._agents)]

    def described_hosts(self) -> list[hosts.Host]:
        """Describe the new hosts, sorted."""
        return [hosts.describe(host) for host in sorted(self._hosts)]


@dataclass(slots=True)
class Batch:
    """Rows of one or several files on their way into Arrow tables."""

    events: list[Row] = field(default_factory=list)
    event_places: list[tuple[str, int]] = field(default_factory=list)
    rejected: list[tuple[str, int, str, str, bytes]] = field(default_factory=list)
    bytes_held: int = 0

    @property
    def full(self) -> bool:
        """Whether the batch should be handed on before more is added."""
        return len(self.events) + len(self.rejected) >= MAX_ROWS or self.bytes_held >= MAX_BYTES

    def add_event(self, file: str, number: int, row: Row, length: int) -> None:
        """Take one event; `length` is its line's in bytes."""
        self.events.append(row)
        self.event_places.append((file, number))
        self.bytes_held += length

    def add_rejection(self, file: str, number: int, rejection: Rejection, line: Line) -> None:
        """Take one refused line."""
        kept = line.head if isinstance(line, LongLine) else line
        self.rejected.append((file, number, *rejection, kept))
        self.bytes_held += len(kept)

    def mark(self) -> tuple[int, int, int]:
        """Remember how far the batch is filled."""
        return len(self.events), len(self.rejected), self.bytes_held

    def back_to(self, mark: tuple[int, int, int]) -> None:
        """Forget what was added since the mark."""
        events, rejected, self.bytes_held = mark
        del self.events[events:], self.event_places[events:], self.rejected[rejected:]

    def tables(self, lookups: Lookups, unknown_fields: set[str]) -> dict[str, pa.Table]:
        """Give the Arrow table of each table that has rows; note what else there is to know."""
        tables = {}
        if self.events:
            files, numbers = zip(*self.event_places, strict=True)
            values = (*zip(*self.events, strict=True), files, numbers)
            columns = dict(zip(_EVENT_COLUMNS, values, strict=True))
            lookups.note(columns)
            for text in columns["_unknown_fields"]:
                if text is not None:
                    unknown_fields.update(json.loads(text))
            schema = ARROW_SCHEMAS[EVENTS]
            tables[EVENTS] = pa.Table.from_arrays(
                [pa.array(columns[column.name], column.type) for column in schema], schema=schema
            )
        if self.rejected:
            tables[REJECTED_LINES] = arrow_table(REJECTED_LINES, self.rejected)
        return tables
