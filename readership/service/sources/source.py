"""The forms of a source, of a view of its rows, and of its origin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol

from readership.service.calls import Clock


@dataclass(frozen=True, slots=True)
class Site:
    """A site in a source.

    Attributes:
        clock: Its clock.
        first_event_at: Its first event, in naive UTC.
        version: A checksum of everything that answers for it are made of. Sources with the same
            version give the same answers.

    """

    clock: Clock
    first_event_at: datetime
    version: str


class SourceInfo(Protocol):
    """What an operator sees of a source."""

    @property
    def id(self) -> str:
        """The name of its contents."""

    @property
    def published_at(self) -> datetime:
        """When its rows were published or last changed, in naive UTC."""

    @property
    def bytes(self) -> int | None:
        """The size of its files; None if they are the database's own business."""


class Cursor(Protocol):
    """Runs queries. Parameters are `$name` in their text."""

    def execute(self, query: str, parameters: Any = ..., /) -> Cursor:  # noqa: ANN401
        """Run a query."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row of the result; None after the last one."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the other rows of the result."""


class Reading(Protocol):
    """A consistent view of the rows of a source, for the queries of one call.

    It is entered and left in the thread that runs the queries.
    """

    def __enter__(self) -> Cursor:
        """Begin.

        Raises:
            OutdatedError: The rows are others than those of the source.
            UnreachableError: The database cannot be reached.

        """

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End, and raise errors of the engine as a `SourceError`."""

    def interrupt(self) -> None:
        """Interrupt the query that runs now, if there is one. Another thread calls this."""


class Source(Protocol):
    """One state of the data.

    Attributes:
        schema: The schema of the answers, quoted if necessary.
        info: Its description.
        sites: Its sites by id.
        is_remote: Whether time zones have to be asked for elsewhere, which takes a while.

    """

    schema: str
    info: SourceInfo
    sites: dict[str, Site]
    is_remote: bool

    def version(self, site: str) -> str | None:
        """Return the version of a site; None if the source does not have it."""

    def reading(self) -> Reading:
        """Return a view of its rows, not yet begun."""

    def lease(self) -> None:
        """Keep the source open until `release`, even if it is retired."""

    def release(self) -> None:
        """End a lease."""

    def retire(self) -> None:
        """Close the source as soon as it has no leases."""


class Origin(Protocol):
    """Where the newest source is found."""

    @property
    def can_answer(self) -> bool:
        """Whether the current source still answers, as far as is known."""

    def newest(self, current: Source | None) -> Source:
        """Return the newest source, which is the current one if nothing has changed.

        Raises:
            UserError: There is none, or a newer one cannot be read. The text stays the same as long
                as the reason does.

        """

    def close(self) -> None:
        """Close what sources share, once all are retired."""


def newest_event_at(sites: Iterable[Site]) -> datetime | None:
    """Return the newest event of all sites, in naive UTC; None without sites."""
    return max((site.clock.as_of_at for site in sites), default=None)
