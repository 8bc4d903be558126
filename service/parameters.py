"""The parameters of calls: names, defaults, limits and meaning, in one place.

What a call does not take is refused: its answer would be one to another question. A parameter
without a value is one that was not given.
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

from normal.names import normal_name
from service import periods
from service.errors import UNKNOWN_PARAMETER, CallError

MOST_RECORDS: Final = 2000
"""How far into the rows of an answer a page may reach."""
MOST_VALUES: Final = 5
"""How many authors, sections or tags one call may name."""
MOST_URLS: Final = 100
LONGEST_TEXT: Final = 2048
LONGEST_CALLBACK: Final = 100
HARMLESS: Final = frozenset({"_"})
"""What libraries in browsers add so that no answer is one that was kept."""
CALLBACK: Final = r"^[A-Za-z_$][0-9A-Za-z_$]*(\.[A-Za-z_$][0-9A-Za-z_$]*)*$"

METRICS: Final = (
    "views", "mobile_views", "tablet_views", "desktop_views",
    "visitors", "visitors_new", "visitors_returning",
    "engaged_minutes", "avg_engaged", "avg_engaged_new", "avg_engaged_returning",
    "social_referrals", "fb_referrals", "tw_referrals", "li_referrals", "pi_referrals",
    "search_refs", "recirculation_rate",
)  # fmt: skip
"""The metrics that answers have and are sorted by."""
NOT_DERIVABLE_METRICS: Final = frozenset({
    "social_interactions", "fb_interactions", "tw_interactions", "li_interactions",
    "pi_interactions",
})  # fmt: skip
"""What networks count on their own pages, of which no event tells."""

Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
Name = Annotated[Text, AfterValidator(normal_name)]


def _date(name: str) -> type[str]:
    def check(text: str) -> str:
        periods.check(name, text)
        return text

    return Annotated[str, StringConstraints(max_length=40), AfterValidator(check)]  # type: ignore[return-value]


def _texts(most: int, what: str, of: Any = Text) -> Any:  # noqa: ANN401
    return Annotated[
        list[of],
        Field(max_length=most, description=f"{what} Repeat it for up to {most}: any of them."),
    ]


class Call(BaseModel):
    """What every call has."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    apikey: Annotated[Text, Field(description="The site's id, as in `dim_sites`.")] = ""
    secret: Annotated[
        Text,
        Field(description="Not asked for, but calls with it do not wait for those without."),
    ] = ""
    callback: Annotated[
        str | None,
        Field(
            max_length=LONGEST_CALLBACK,
            pattern=CALLBACK,
            description="A JavaScript function to hand the answer to (JSONP).",
        ),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _without_empty_values(cls, given: Any) -> Any:  # noqa: ANN401
        if not isinstance(given, Mapping):
            return given
        kept: dict[str, Any] = {}
        for name, value in given.items():
            if isinstance(value, list):
                value = [text for text in value if text != ""]
            if value not in ("", []) and name not in HARMLESS:
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
    """What every call has that is for the site's owner alone."""

    secret: Annotated[Text, Field(description="The secret of the site.")] = ""


class Period(BaseModel):
    """The time that traffic is of."""

    period_start: Annotated[
        _date("period_start") | None,
        Field(description=f"Start of the period: {periods.FORMS}. Dates are the site's own."),
    ] = None
    period_end: Annotated[
        _date("period_end") | None,
        Field(
            description="End of the period, likewise; the whole of the day or minute is in it. "
            "Without it, the present of the data."
        ),
    ] = None
    days: Annotated[
        int | None,
        Field(ge=1, le=36_500, description="The last N days, where there is no period_start."),
    ] = None
    time: Annotated[
        str | None,
        AfterValidator(periods.check_time),
        Field(
            description="How far back from the present of the data: Nm, Nh, Nd or Nw. Names the "
            "period by itself."
        ),
    ] = None


class Publication(BaseModel):
    """The time that posts are from."""

    pub_date_start: Annotated[
        _date("pub_date_start") | None,
        Field(description="Posts published from then on, in the forms of period_start."),
    ] = None
    pub_date_end: Annotated[
        _date("pub_date_end") | None,
        Field(description="Posts published up to then, in the forms of period_end."),
    ] = None


class Recent(Publication):
    """The time that posts to read are from."""

    days: Annotated[
        int | None,
        Field(
            ge=1,
            le=36_500,
            description="Posts published in the last N days, where there is no pub_date_start.",
        ),
    ] = None


class Paging(BaseModel):
    """Which rows."""

    limit: Annotated[int, Field(ge=1, le=MOST_RECORDS, description="Rows of a page.")] = 10
    page: Annotated[
        int,
        Field(
            ge=1,
            le=MOST_RECORDS,
            description=f"Which page; page times limit may be up to {MOST_RECORDS:,}.",
        ),
    ] = 1


class Sorting(BaseModel):
    """In which order."""

    sort: Annotated[
        Text,
        Field(
            description="The metric whose largest values come first. All rows have all metrics.",
            json_schema_extra={"enum": [*METRICS, "_hits"]},
        ),
    ] = "views"
    metrics: Annotated[
        Text | None, Field(description="Passed over: all rows have all metrics.")
    ] = None


class Posts(BaseModel):
    """Which posts."""

    author: _texts(MOST_VALUES, "Posts of an author.", Name) = []
    section: _texts(MOST_VALUES, "Posts of a section.", Name) = []
    tag: _texts(MOST_VALUES, "Posts with a tag.", Name) = []


class Views(BaseModel):
    """Which views of them."""

    segment: _texts(MOST_VALUES, "Views by readers of a segment.") = []
    campaign_id: Annotated[Text | None, Field(description="Views by a campaign's id.")] = None
    campaign: Annotated[Text | None, Field(description="Views by a campaign's name.")] = None
    campaign_medium: Annotated[Text | None, Field(description="By its medium.")] = None
    campaign_source: Annotated[Text | None, Field(description="By its source.")] = None
    campaign_content: Annotated[Text | None, Field(description="By its content.")] = None
    campaign_term: Annotated[Text | None, Field(description="By its term.")] = None


class ItmSource(BaseModel):
    """A mark for the addresses of posts."""

    itm_source: Annotated[
        Text | None,
        Field(
            description="Added to each `url` that rows have as a parameter, so that clicks on it "
            "are told."
        ),
    ] = None


class AnalyticsCall(SecretCall, Period, Publication, Posts, Views, Sorting, Paging, ItmSource):
    """What analytics/{authors, sections, ...} takes."""


class AnalyticsPostsCall(AnalyticsCall):
    """What analytics/posts takes."""

    urls: _texts(MOST_URLS, "Posts by their canonical URLs.") = []


class PostDetailCall(SecretCall, Period, Views, Sorting, ItmSource):
    """What analytics/post/detail takes."""

    url: Annotated[Text, Field(min_length=1, description="The address of the post.")]


class RealtimeCall(SecretCall, Sorting, Paging, ItmSource):
    """What realtime/{posts, authors, ...} takes."""

    time: Annotated[
        str,
        AfterValidator(periods.check_realtime),
        Field(description="How far back from the present of the data, 5m to 24h."),
    ] = "1h"


class ReferrersCall(AnalyticsCall):
    """What referrers/{social, search, ...} takes."""

    domain: Annotated[
        Text | None, Field(description="Views from one referrer, by the `name` that rows have.")
    ] = None


class ReferrersPostCall(SecretCall, Period, Publication, Views, Sorting, Paging, ItmSource):
    """What referrers/post/detail takes."""

    url: Annotated[Text, Field(min_length=1, description="The address of the post.")]


class ConversionsCall(SecretCall, Period, Paging, ItmSource):
    """What conversions/url/top takes."""

    attribution_type: Annotated[
        Literal["first_touch", "linear", "last_touch", "last_post_touched"],
        Field(description="Which pages of the 30 days before a conversion are credited with it."),
    ] = "last_touch"
    conversion_type: Annotated[Text | None, Field(description="Conversions of a type.")] = None
    conversion_label: Annotated[Text | None, Field(description="Conversions with a label.")] = None
    page_type: Annotated[
        Literal["post", "index"] | None, Field(description="Posts alone, or other pages alone.")
    ] = None


class ConversionsUrlCall(ConversionsCall):
    """What conversions/url takes."""

    url: _texts(MOST_URLS, "Pages by their addresses.") = []
    urls: _texts(MOST_URLS, "The same.") = []


class Excluded(BaseModel):
    """Which posts not."""

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
            max_length=MOST_VALUES,
            description="No posts of `author:NAME`, `section:NAME` or `tag:NAME`; up to 5 of them.",
        ),
    ] = []


class SearchCall(Call, Recent, Posts, Excluded, Paging, ItmSource):
    """What search takes."""

    q: Annotated[Text, Field(min_length=1, description="The words.")]
    sort: Annotated[
        Literal["score", "pub_date"],
        Field(description="The best match first, or the newest post."),
    ] = "score"
    boost: Annotated[Text | None, Field(description="Passed over: scores are of words.")] = None


class RelatedCall(Call, Recent, Posts, Excluded, Paging, ItmSource):
    """What related takes."""

    url: Annotated[Text | None, Field(description="The address of a post.")] = None
    uuid: Annotated[
        Text | None, Field(description="A visitor, who gets what they have not read.")
    ] = None
    sort: Annotated[Literal["score"], Field(description="The closest first.")] = "score"
    boost: Annotated[Text | None, Field(description="Passed over: scores are of readers.")] = None
    respect_empty_results: Annotated[
        bool, Field(description="Without the newest posts where none is related.")
    ] = False


class TopCall(Call, ItmSource):
    """What top and top/videos take."""


class HistoryCall(Call):
    """What history takes."""

    uuid: Annotated[Text, Field(min_length=1, description="The visitor.")]


class ProfileCall(HistoryCall):
    """What profile takes."""

    url: Annotated[Text | None, Field(description="Passed over: events tell what was read.")] = None
