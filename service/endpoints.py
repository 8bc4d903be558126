"""The calls that a table macro of the schema `answers` has the rows of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from service import parameters as taken
from service.parameters import Call


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A kind of call.

    Attributes:
        path: Where it is, below the API's root; `{value}` is a name that the caller fills in.
        answer: The path that `answers` knows it by.
        title: What it answers.
        parameters: What it takes.
        value_is: Which parameter of the table macro the name in the path is, if there is one.
        default_period: The period of a call that names none.
        group: Under which heading it is described.

    """

    path: str
    answer: str
    title: str
    parameters: type[Call]
    value_is: str | None = None
    default_period: str = "3d"
    group: str = "analytics"
    fixed: dict[str, object] = field(default_factory=dict)

    @property
    def macro(self) -> str:
        """The table macro in `answers`."""
        return self.answer.replace("/", "_")


_ANALYTICS: Final = {
    "authors": "Authors", "sections": "Sections", "tags": "Tags", "referrers": "Referrers",
    "channels": "Channels in which posts are read", "campaigns": "Campaigns",
    "segments": "Segments of readers",
}  # fmt: skip

ENDPOINTS: Final = (
    Endpoint("analytics/posts", "analytics/posts", "Posts by a metric", taken.AnalyticsPostsCall),
    *(
        Endpoint(path, path, f"{title} by a metric", taken.AnalyticsCall)
        for path, title in ((f"analytics/{name}", title) for name, title in _ANALYTICS.items())
    ),
)
"""Every call for rows."""

NOT_DERIVABLE: Final = ("shares/posts", "shares/authors", "shares/post/detail")
"""Calls for what happens at other sites, of which no event tells."""
