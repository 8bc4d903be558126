"""The endpoints whose rows come from a table macro of the schema `answers`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from readership.service.calls import parameters
from readership.service.calls.parameters import Call

ROOT: Final = "/v2"
"""The path below which all endpoints are."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint of the API.

    Attributes:
        path: Path below the API's root. `{value}` stands for a name.
        answer: Path of the endpoint whose table macro returns its rows.
        title: Summary for the API description.
        parameters: Model of its parameters.
        value_is: Argument of the table macro for the name in the path, if there is one.
        default_period: Period of calls that name none. `today` is the day of the newest event; None
            means that the endpoint has no period.
        positional: Positional arguments of the table macro.
        sorts: Accepted sorts, if these are not the metrics of a period.

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
        """The group of the endpoint in the API description."""
        return self.path.partition("/")[0]


_KINDS: Final = {
    "posts": "Posts", "authors": "Authors", "sections": "Sections", "tags": "Tags",
    "referrers": "Referrers", "channels": "Channels",
    "campaigns": "Campaigns", "segments": "Segments of readers",
    "sources": "Sources of readers", "site": "The whole site",
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
            parameters.AnalyticsPostsCall if kind == "posts" else parameters.AnalyticsCall,
        )
        for kind, title in _KINDS.items()
    ),
    Endpoint(
        "analytics/post/detail", "analytics/post/detail", "One post or other page",
        parameters.PostDetailCall,
        default_period="90d",
    ),
    *(
        Endpoint(
            f"analytics/{kind}/{{value}}/detail",
            "analytics/posts",
            f"Posts of one {kind} by a metric",
            parameters.AnalyticsPostsCall,
            value_is=f"requested_{kind}s",
        )
        for kind in ("author", "section", "tag")
    ),
    *(
        Endpoint(
            f"realtime/{kind}",
            f"analytics/{kind}",
            f"{_KINDS[kind]} of the last minutes or hours",
            parameters.RealtimeCall,
        )
        for kind in _REALTIME
    ),
    *(
        Endpoint(
            f"referrers/{type_}", f"referrers/{type_}", f"Referrers among {title}",
            parameters.ReferrersCall,
        )
        for type_, title in _TYPES.items()
    ),
    *(
        Endpoint(
            f"referrers/{type_}/{kind}",
            f"referrers/{type_}/{kind}",
            f"{_KINDS[kind]} by views from {title}",
            parameters.ReferrersCall,
        )
        for type_, title in _TYPES.items()
        for kind in ("posts", "authors", "sections", "tags")
    ),
    *(
        Endpoint(
            f"referrers/{type_}/{kind}/{{value}}/detail",
            f"referrers/{type_}/posts",
            f"Posts of one {kind} by views from {title}",
            parameters.ReferrersCall,
            value_is=f"requested_{kind}s",
        )
        for type_, title in _TYPES.items()
        for kind in ("author", "section", "tag")
    ),
    Endpoint(
        "referrers/post/detail", "referrers/post/detail", "Referrers of one post",
        parameters.ReferrersPostCall,
    ),
    Endpoint(
        "conversions/url", "conversions/url", "Pages by credited conversions",
        parameters.ConversionsUrlCall, sorts=("conversions",),
    ),
    Endpoint(
        "conversions/url/top", "conversions/url", "Pages with the most conversions",
        parameters.ConversionsCall, sorts=("conversions",),
    ),
    Endpoint(
        "search", "search", "Posts that contain words; needs no secret",
        parameters.SearchCall, default_period=None,
        positional=("requested_site", "requested_words"), sorts=("score", "pub_date"),
    ),
    Endpoint(
        "related", "related",
        "Posts related to a post, or recommended to a visitor; needs no secret",
        parameters.RelatedCall, default_period=None,
        positional=("requested_site", "requested_urls"), sorts=("score",),
    ),
    Endpoint(
        "history", "history", "Posts that a visitor read recently; needs no secret",
        parameters.HistoryCall, default_period=None,
        positional=("requested_site", "requested_uuid"), sorts=("last_viewed_at",),
    ),
    Endpoint(
        "top", "analytics/posts", "The ten most viewed posts of today; needs no secret",
        parameters.TopCall, default_period="today",
    ),
    Endpoint(
        "top/videos", "top/videos", "The ten most played videos of today; needs no secret",
        parameters.TopCall, default_period="today", sorts=("plays",),
    ),
)  # fmt: skip
"""All endpoints that return rows."""

RELATED_BY_VISITOR: Final = Endpoint(
    "related", "related/by/visitor", "Posts for a visitor", parameters.RelatedCall,
    default_period=None, positional=("requested_site", "requested_uuid"), sorts=("score",),
)  # fmt: skip
"""The endpoint `related` for calls with a `uuid`."""

HISTORY: Final = "history"
"""The path of the endpoint that can be switched off."""

NOT_DERIVABLE: Final = ("shares/posts", "shares/authors", "shares/post/detail")
"""Endpoints about activity on other sites, which events do not show."""
