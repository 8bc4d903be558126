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
        default_period: The period of a call that names none; `today` is the day of the present, and
            None is for what is asked without a period.
        positional: What the table macro takes before what is named.
        sorts: What rows are sorted by, where it is not a metric of the period.

    """

    path: str
    answer: str
    title: str
    parameters: type[Call]
    value_is: str | None = None
    default_period: str | None = "3d"
    positional: tuple[str, ...] = (
        "requested_site",
        "requested_starts_after_at",
        "requested_ends_at",
    )
    sorts: tuple[str, ...] | None = None

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
_TYPES: Final = {
    "social": "social networks", "search": "search engines", "other": "other sites",
    "internal": "pages of the site itself", "ai": "assistants",
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
        "analytics/post/detail", "analytics/post/detail", "One post or other page",
        taken.PostDetailCall,
        default_period="90d",
    ),
    *(
        Endpoint(
            f"analytics/{kind}/{{value}}/detail",
            "analytics/posts",
            f"Posts of one {kind} by a metric",
            taken.AnalyticsPostsCall,
            value_is=f"requested_{kind}s",
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
    *(
        Endpoint(
            f"referrers/{type_}", f"referrers/{type_}", f"Referrers among {title}",
            taken.ReferrersCall,
        )
        for type_, title in _TYPES.items()
    ),
    *(
        Endpoint(
            f"referrers/{type_}/{kind}",
            f"referrers/{type_}/{kind}",
            f"{_KINDS[kind]} by views from {title}",
            taken.ReferrersCall,
        )
        for type_, title in _TYPES.items()
        for kind in ("posts", "authors", "sections", "tags")
    ),
    *(
        Endpoint(
            f"referrers/{type_}/{kind}/{{value}}/detail",
            f"referrers/{type_}/posts",
            f"Posts of one {kind} by views from {title}",
            taken.ReferrersCall,
            value_is=f"requested_{kind}s",
        )
        for type_, title in _TYPES.items()
        for kind in ("author", "section", "tag")
    ),
    Endpoint(
        "referrers/post/detail", "referrers/post/detail", "Referrers of one post",
        taken.ReferrersPostCall,
    ),
    Endpoint(
        "conversions/url", "conversions/url", "Pages by the conversions they are credited with",
        taken.ConversionsUrlCall, sorts=("conversions",),
    ),
    Endpoint(
        "conversions/url/top", "conversions/url", "Pages with most conversions",
        taken.ConversionsCall, sorts=("conversions",),
    ),
    Endpoint(
        "search", "search", "Posts in which words are found; asks for no secret",
        taken.SearchCall, default_period=None, positional=("requested_site", "requested_words"),
        sorts=("score", "pub_date"),
    ),
    Endpoint(
        "related", "related",
        "Posts to read after one, or for a visitor; asks for no secret",
        taken.RelatedCall, default_period=None, positional=("requested_site", "requested_urls"),
        sorts=("score",),
    ),
    Endpoint(
        "history", "history", "What a visitor has read of late; asks for no secret",
        taken.HistoryCall, default_period=None, positional=("requested_site", "requested_uuid"),
        sorts=("last_viewed_at",),
    ),
    Endpoint(
        "top", "analytics/posts", "The ten posts of today with most views; asks for no secret",
        taken.TopCall, default_period="today",
    ),
    Endpoint(
        "top/videos", "top/videos", "The ten videos of today with most plays; asks for no secret",
        taken.TopCall, default_period="today", sorts=("plays",),
    ),
)  # fmt: skip
"""Every call for rows."""

RELATED_BY_VISITOR: Final = Endpoint(
    "related", "related/by/visitor", "Posts for a visitor", taken.RelatedCall,
    default_period=None, positional=("requested_site", "requested_uuid"), sorts=("score",),
)  # fmt: skip
"""What `related` is with a `uuid`."""

NOT_DERIVABLE: Final = ("shares/posts", "shares/authors", "shares/post/detail")
"""Calls for what happens at other sites, of which no event tells."""
