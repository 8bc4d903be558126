"""The parameters of all endpoints: names, defaults, limits and descriptions.

Unknown parameters are refused, because the response would not be what the caller meant. A parameter
with an empty value counts as absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from readership.normal import normal_name
from readership.service.calls import periods
from readership.service.calls.errors import UNKNOWN_PARAMETER, CallError

MAX_ROWS: Final = 2000
"""Maximum of page times limit: the last row that paging can reach."""
MAX_VALUES: Final = 5
"""Maximum number of authors, sections or tags in one call."""
MAX_URLS: Final = 100
MAX_TEXT_LENGTH: Final = 2048
MAX_CALLBACK_LENGTH: Final = 100
IGNORED: Final = frozenset({"_"})
"""Parameters that browser libraries add to bypass caches."""
CALLBACK: Final = r"^[A-Za-z_$][0-9A-Za-z_$]*(\.[A-Za-z_$][0-9A-Za-z_$]*)*$"

METRICS: Final = (
    "views", "mobile_views", "tablet_views", "desktop_views",
    "visitors", "visitors_new", "visitors_returning",
    "engaged_minutes", "avg_engaged", "avg_engaged_new", "avg_engaged_returning",
    "social_referrals", "fb_referrals", "tw_referrals", "li_referrals", "pi_referrals",
    "search_refs", "recirculation_rate",
)  # fmt: skip
"""The metrics of rows, by which they can be sorted."""
NOT_DERIVABLE_METRICS: Final = frozenset({
    "social_interactions", "fb_interactions", "tw_interactions", "li_interactions",
    "pi_interactions",
})  # fmt: skip
"""Metrics that social networks count on their own pages, which events do not show."""

Text = Annotated[str, StringConstraints(max_length=MAX_TEXT_LENGTH)]
Name = Annotated[Text, AfterValidator(normal_name)]


def _date(name: str) -> type[str]:
    def check(text: str) -> str:
        periods.check_date(name, text)
        return text

    return Annotated[str, StringConstraints(max_length=40), AfterValidator(check)]  # type: ignore[return-value]


def _texts(max_length: int, description: str, of: Any = Text) -> Any:  # noqa: ANN401
    return Annotated[
        list[of],
        Field(
            max_length=max_length,
            description=f"{description} Repeat it to match any of up to {max_length} values.",
        ),
    ]


class Call(BaseModel):
    """Parameters of every call."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    apikey: Annotated[Text, Field(description="The id of the site, as in `dim_sites`.")] = ""
    secret: Annotated[
        Text,
        Field(
            description="Optional, and may come in a header. Calls with a secret do not wait for "
            "those without."
        ),
    ] = ""
    callback: Annotated[
        str | None,
        Field(
            max_length=MAX_CALLBACK_LENGTH,
            pattern=CALLBACK,
            description="A JavaScript function to call with the response (JSONP).",
        ),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _without_empty_values(cls, values: Any) -> Any:  # noqa: ANN401
        if not isinstance(values, Mapping):
            return values
        kept: dict[str, Any] = {}
        for name, value in values.items():
            if isinstance(value, list):
                value = [text for text in value if text != ""]
            if value not in ("", []) and name not in IGNORED:
                kept[name] = value
        if unknown := [name for name in kept if name not in cls.model_fields]:
            raise CallError(
                UNKNOWN_PARAMETER, _unknown(unknown[0], [*cls.model_fields]), UNKNOWN_PARAMETER
            )
        return kept


def _unknown(name: str, known: list[str]) -> str:
    near = get_close_matches(name.lower(), known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known)}"
    return f"{name[:40]}: this call takes no such parameter; {hint}"


class SecretCall(Call):
    """Parameters of calls that require the secret."""

    secret: Annotated[
        Text,
        Field(
            description="The secret of the site; here, in `Authorization: Bearer` or in "
            "`X-Readership-Secret`."
        ),
    ] = ""


class Period(BaseModel):
    """The period of the traffic."""

    period_start: Annotated[
        _date("period_start") | None,
        Field(
            description=f"Start of the period: {periods.FORMS}. Dates are in the site's time zone."
        ),
    ] = None
    period_end: Annotated[
        _date("period_end") | None,
        Field(
            description="End of the period in the same forms, including the whole day or minute. "
            "The default is the newest event."
        ),
    ] = None
    days: Annotated[
        int | None,
        Field(ge=1, le=36_500, description="The last N days, if period_start is not given."),
    ] = None
    time: Annotated[
        str | None,
        AfterValidator(periods.check_time),
        Field(
            description="Length of the period up to the newest event: Nm, Nh, Nd or Nw. Cannot be "
            "combined with other parameters of the period."
        ),
    ] = None


class Publication(BaseModel):
    """The publication dates of posts."""

    pub_date_start: Annotated[
        _date("pub_date_start") | None,
        Field(description="Posts published at or after this date, in the forms of period_start."),
    ] = None
    pub_date_end: Annotated[
        _date("pub_date_end") | None,
        Field(description="Posts published up to this date, in the forms of period_end."),
    ] = None


class Recent(Publication):
    """The publication dates of posts that are found or recommended."""

    days: Annotated[
        int | None,
        Field(
            ge=1,
            le=36_500,
            description="Posts published in the last N days, if pub_date_start is not given.",
        ),
    ] = None


class Paging(BaseModel):
    """Paging through rows."""

    limit: Annotated[int, Field(ge=1, le=MAX_ROWS, description="Rows per page.")] = 10
    page: Annotated[
        int,
        Field(
            ge=1,
            le=MAX_ROWS,
            description=f"Number of the page. page times limit is at most {MAX_ROWS:,}.",
        ),
    ] = 1


class Sorting(BaseModel):
    """The order of rows."""

    sort: Annotated[
        Text,
        Field(
            description="The metric to sort by, largest value first. Rows always have all metrics.",
            json_schema_extra={"enum": [*METRICS, "_hits"]},
        ),
    ] = "views"
    metrics: Annotated[Text | None, Field(description="Ignored: rows always have all metrics.")] = (
        None
    )


class Posts(BaseModel):
    """Filters of posts."""

    author: _texts(MAX_VALUES, "Posts by an author.", Name) = []
    section: _texts(MAX_VALUES, "Posts in a section.", Name) = []
    tag: _texts(MAX_VALUES, "Posts with a tag.", Name) = []


class Views(BaseModel):
    """Filters of views."""

    segment: _texts(MAX_VALUES, "Views by visitors of a segment.") = []
    campaign_id: Annotated[
        Text | None, Field(description="Views from the campaign with this id.")
    ] = None
    campaign: Annotated[
        Text | None, Field(description="Views from the campaign with this name.")
    ] = None
    campaign_medium: Annotated[
        Text | None, Field(description="Views from campaigns with this medium.")
    ] = None
    campaign_source: Annotated[
        Text | None, Field(description="Views from campaigns with this source.")
    ] = None
    campaign_content: Annotated[
        Text | None, Field(description="Views from campaigns with this content.")
    ] = None
    campaign_term: Annotated[
        Text | None, Field(description="Views from campaigns with this term.")
    ] = None


class ItmSource(BaseModel):
    """A tracking parameter for the URLs of posts."""

    itm_source: Annotated[
        Text | None,
        Field(
            description="Value of the `itm_source` parameter that is added to each `url` of the "
            "rows, so that clicks can be attributed."
        ),
    ] = None


class AnalyticsCall(SecretCall, Period, Publication, Posts, Views, Sorting, Paging, ItmSource):
    """Parameters of analytics/{authors, sections, ...}."""


class AnalyticsPostsCall(AnalyticsCall):
    """Parameters of analytics/posts."""

    urls: _texts(MAX_URLS, "Posts with this URL.") = []


class PostDetailCall(SecretCall, Period, Views, Sorting, ItmSource):
    """Parameters of analytics/post/detail."""

    url: Annotated[Text, Field(min_length=1, description="The URL of the post.")]


class RealtimeCall(SecretCall, Sorting, Paging, ItmSource):
    """Parameters of realtime/{posts, authors, ...}."""

    time: Annotated[
        str,
        AfterValidator(periods.check_realtime),
        Field(description="Length of the period up to the newest event, 5m to 24h."),
    ] = "1h"


class ReferrersCall(AnalyticsCall):
    """Parameters of referrers/{social, search, ...}."""

    domain: Annotated[
        Text | None, Field(description="Views from the referrer with this `name`, as in rows.")
    ] = None


class ReferrersPostCall(SecretCall, Period, Publication, Views, Sorting, Paging, ItmSource):
    """Parameters of referrers/post/detail."""

    url: Annotated[Text, Field(min_length=1, description="The URL of the post.")]


class ConversionsCall(SecretCall, Period, Paging, ItmSource):
    """Parameters of conversions/url/top."""

    attribution_type: Annotated[
        Literal["first_touch", "linear", "last_touch", "last_post_touched"],
        Field(description="Which pages of the 30 days before a conversion get the credit."),
    ] = "last_touch"
    conversion_type: Annotated[Text | None, Field(description="Conversions of this type.")] = None
    conversion_label: Annotated[Text | None, Field(description="Conversions with this label.")] = (
        None
    )
    page_type: Annotated[
        Literal["post", "index"] | None, Field(description="Only posts, or only other pages.")
    ] = None


class ConversionsUrlCall(ConversionsCall):
    """Parameters of conversions/url."""

    url: _texts(MAX_URLS, "Pages with this URL.") = []
    urls: _texts(MAX_URLS, "Same as url.") = []


class Excluded(BaseModel):
    """Exclusion of posts."""

    exclude: Annotated[
        list[
            Annotated[
                Text,
                Field(
                    pattern=r"^(author|section|tag):(.|\n)+$",
                    json_schema_extra={"examples": ["section:Sports"]},
                ),
            ]
        ],
        Field(
            max_length=MAX_VALUES,
            description="Exclude `author:NAME`, `section:NAME` or `tag:NAME`; up to 5 of them.",
        ),
    ] = []


class SearchCall(Call, Recent, Posts, Excluded, Paging, ItmSource):
    """Parameters of search."""

    q: Annotated[Text, Field(min_length=1, description="The words to search for.")]
    sort: Annotated[
        Literal["score", "pub_date"],
        Field(description="Best match first, or newest post first."),
    ] = "score"
    boost: Annotated[
        Text | None, Field(description="Ignored: the score depends on the words only.")
    ] = None


class RelatedCall(Call, Recent, Posts, Excluded, Paging, ItmSource):
    """Parameters of related."""

    url: Annotated[Text | None, Field(description="The URL of a post.")] = None
    uuid: Annotated[
        Text | None, Field(description="A visitor. Posts that they have read are left out.")
    ] = None
    sort: Annotated[Literal["score"], Field(description="Most closely related first.")] = "score"
    boost: Annotated[
        Text | None, Field(description="Ignored: the score depends on what visitors read.")
    ] = None
    respect_empty_results: Annotated[
        bool, Field(description="Return no rows, instead of the newest posts, if none is related.")
    ] = False


class TopCall(Call, ItmSource):
    """Parameters of top and top/videos."""


class HistoryCall(Call):
    """Parameters of history."""

    # Not every engine can repeat a NUL in the answer, and no id has one.
    uuid: Annotated[
        Text, Field(min_length=1, pattern=r"^[^\x00]+$", description="The id of the visitor.")
    ]


class ProfileCall(HistoryCall):
    """Parameters of profile."""

    url: Annotated[
        Text | None, Field(description="Ignored: events already show what a visitor reads.")
    ] = None
