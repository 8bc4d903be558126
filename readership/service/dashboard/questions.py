"""What the service is asked for: the parameters of its calls, and the query that they mean."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from readership.service.answering import Answer
from readership.service.calls import SecretCall, Text, TimeRange
from readership.service.dashboard.document import dashboard_of, post_of
from readership.service.sources import Cursor, Source

if TYPE_CHECKING:
    from readership.service.counting import Counter

_LENGTHS: Final = {
    "1h": timedelta(hours=1), "today": timedelta(days=1), "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}  # fmt: skip


class DashboardCall(SecretCall):
    """Parameters of the call for what the dashboard shows."""

    period: Annotated[
        Literal["1h", "today", "7d", "30d"],
        Field(description="The period of posts, sources and audience, up to the newest event."),
    ] = "today"


class PostCall(SecretCall):
    """Parameters of the call for the life of a post."""

    url: Annotated[Text, Field(description="Any address of the post.", min_length=1)]


@dataclass(frozen=True, slots=True)
class DashboardQuery:
    """A question about a site, with what the service needs of a query to run and keep it.

    Attributes:
        site: The site.
        time_range: The longest range of time that is read, which says how long it may wait.
        period: The chosen period; None for the life of a post.
        url: The post.
        has_period: Whether the answer depends on a period.

    """

    site: str
    time_range: TimeRange
    period: str | None = None
    url: str | None = None
    has_period: bool = True

    @classmethod
    def of(cls, call: DashboardCall | PostCall, source: Source) -> DashboardQuery:
        """Return the query that a call means."""
        ends = source.sites[call.apikey].clock.as_of_at
        if isinstance(call, PostCall):
            starts = min(source.sites[call.apikey].first_event_at, ends)
            return cls(call.apikey, TimeRange(starts, ends), url=call.url)
        # Today and the last seven days are always compared with those before.
        length = 2 * max(_LENGTHS[call.period], _LENGTHS["7d"])
        return cls(call.apikey, TimeRange(ends - length, ends), period=call.period)

    @property
    def key(self) -> tuple[str, str]:
        """The cache key; queries with the same answer have the same key."""
        what = f"period={self.period}" if self.url is None else f"url={self.url}"
        return self.site, f"/dashboard?{what}"

    def answer(self, source: Source, cursor: Cursor, counter: Counter | None = None) -> Answer:
        """Return the document as JSON."""
        if self.url is not None:
            document = post_of(source, cursor, self.site, self.url, counter)
        else:
            assert self.period is not None
            document = dashboard_of(source, cursor, self.site, self.period, counter)
        return Answer(
            json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(
                "utf-8", "backslashreplace"
            )
        )
