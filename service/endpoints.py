"""The calls that a table macro of the schema `answers` has the rows of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from service import parameters as taken
from service.parameters import Call


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A kind of call.

    Attributes:
        path: Where it is, below the API's root; `{value}` is a name that the caller fills in.
        answer: The path that `answers` knows its rows by.
        title: What it answers.
        parameters: What it takes.
        value_is: What the table macro calls the name in the path, if there is one.
        default_period: The period of a call that names none; `today` is the day of the present.

    """

    path: str
    answer: str
    title: str
    parameters: type[Call]
    value_is: str | None = None
    default_period: str = "3d"

    @property
    def macro(self) -> str:
        """The table macro in `answers`."""
        return self.answer.replace("/", "_")

    @property
    def group(self) -> str:
        """The heading under which it is described."""
        return self.path.partition("/")[0]


_KINDS: Final = {
    "posts": "Posts", "authors": "Authors", "sections": "Sections", "tags": "Tags",
    "referrers": "Referrers", "channels": "Channels in which posts are read",
    "campaigns": "Campaigns", "segments": "Segments of readers",
}  # fmt: skip
_REALTIME: Final = ("posts", "authors", "sections", "tags", "referrers")

ENDPOINTS: Final = (
    *(
        Endpoint(
            f"analytics/{kind}",
            f"analytics/{kind}",
            f"{title} by a metric",
            taken.AnalyticsPostsCall if kind == "posts" else taken.AnalyticsCall,
        )
        for kind, title in _KINDS.items()
    ),
    Endpoint(
        "analytics/post/detail", "analytics/posts", "One post", taken.PostDetailCall,
        default_period="90d",
    ),
    *(
        Endpoint(
            f"analytics/{kind}/{{value}}/detail",
            "analytics/posts",
            f"Posts of one {kind} by a metric",
            taken.AnalyticsPostsCall,
            value_is=f"asked_{kind}s",
        )
        for kind in ("author", "section", "tag")
    ),
    *(
        Endpoint(
            f"realtime/{kind}",
            f"analytics/{kind}",
            f"{_KINDS[kind]} of the last minutes or hours",
            taken.RealtimeCall,
        )
        for kind in _REALTIME
    ),
    Endpoint(
        "top", "analytics/posts", "The ten posts of today with most views; asks for no secret",
        Call, default_period="today",
    ),
)  # fmt: skip
"""Every call for rows."""

NOT_DERIVABLE: Final = ("shares/posts", "shares/authors", "shares/post/detail")
"""Calls for what happens at other sites, of which no event tells."""
