"""A call as it was made becomes a question to the snapshot: the row's macro and what is bound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from normal.addresses import normal_address
from normal.names import normal_name
from service import periods
from service.endpoints import RELATED_BY_VISITOR, Endpoint
from service.errors import BAD_PARAMETER, CallError
from service.parameters import METRICS, MOST_RECORDS, NOT_DERIVABLE_METRICS, Call

# Parameters of calls, and what the table macros call them.
_BOUND: Final = {
    "section": "requested_sections", "author": "requested_authors",
    "tag": "requested_tags", "segment": "requested_segments",
    "campaign_id": "requested_campaign_id", "campaign": "requested_campaign",
    "campaign_medium": "requested_campaign_medium",
    "campaign_source": "requested_campaign_source",
    "campaign_content": "requested_campaign_content",
    "campaign_term": "requested_campaign_term", "domain": "requested_domain",
    "attribution_type": "requested_attribution", "conversion_type": "requested_conversion_type",
    "conversion_label": "requested_conversion_label", "page_type": "requested_page_type",
    "q": "requested_words", "uuid": "requested_uuid",
}  # fmt: skip
# The order in which a call is written is this, then the rest by name, then the last.
_FIRST: Final = ("period_start", "period_end")
_LAST: Final = ("sort", "limit", "page")
_UNWRITTEN: Final = frozenset(
    {"apikey", "secret", "callback", "days", "metrics", "boost", *_FIRST, *_LAST}
)


@dataclass(frozen=True, slots=True)
class Question:
    """What one call asks of a snapshot.

    Attributes:
        endpoint: The kind of call.
        site: The site that asks.
        path: The call as text below the API's root, up to the number of the page.
        page: The page.
        limit: Rows of a page.
        sort: The metric that rows are sorted by.
        stretch: The time asked for.
        bound: The rest of what the table macro is told.
        urls: The addresses, in their normal form, of the posts asked for; whether they are known
            is told.
        itm_source: The mark that addresses get.

    """

    endpoint: Endpoint
    site: str
    path: str
    page: int
    limit: int
    sort: str
    stretch: periods.Stretch
    bound: dict[str, Any]
    urls: tuple[str, ...] = ()
    itm_source: str | None = None

    @property
    def has_period(self) -> bool:
        """Whether the time asked for has to do with the answer."""
        return self.endpoint.default_period is not None

    @property
    def key(self) -> tuple[str, str]:
        """What two calls with the same answer have in common."""
        return self.site, f"{self.path}{self.page}"


def question(
    endpoint: Endpoint, call: Call, clock: periods.Clock, value: str | None = None
) -> Question:
    """Give the question of a call.

    Raises:
        CallError: The call asks for what it may not, or what is not there.

    """
    given = call.model_dump()
    if endpoint.path == RELATED_BY_VISITOR.path:
        if given["uuid"] is not None:
            endpoint, given["url"] = RELATED_BY_VISITOR, None
        elif given["url"] is None:
            raise CallError(BAD_PARAMETER, "url: name a post, or a visitor with uuid")
    if "sort" in given and endpoint.sorts is None:
        given["sort"] = _sort(given["sort"])
    page, limit = given.get("page", 1), given.get("limit", 10)
    if page * limit > MOST_RECORDS:
        raise CallError(
            BAD_PARAMETER,
            f"page times limit is {page * limit:,}; no page reaches further than "
            f"{MOST_RECORDS:,} rows: narrow the call",
        )
    stretch = _stretch(endpoint, given, clock)
    urls = [*_listed(given.get("url")), *given.get("urls", [])]
    bound = {
        asked: given[name] for name, asked in _BOUND.items() if given.get(name) not in (None, [])
    }
    bound |= _publication(given, clock) | _excluded(given.get("exclude", []))
    if given.pop("respect_empty_results", False):
        bound["requested_or_recent"] = False
        given["respect_empty_results"] = "true"
    if endpoint.sorts is None or len(endpoint.sorts) > 1:
        bound["requested_sort"] = given.get("sort", "views")
    if endpoint.answer != "history":
        bound |= {"requested_skip": (page - 1) * limit, "requested_rows": limit}
    if urls:
        bound["requested_urls"] = urls
    if endpoint.value_is is not None and value is not None:
        value = normal_name(value)
        # With another of its kind asked for, both must fit; no post has an author that is none.
        named = bound.get(endpoint.value_is)
        bound[endpoint.value_is] = [value] if named is None or value in named else []
    return Question(
        endpoint=endpoint,
        site=call.apikey,
        path=_path(endpoint, given, value),
        page=page,
        limit=limit,
        sort=given.get("sort", endpoint.sorts[0] if endpoint.sorts else "views"),
        stretch=stretch,
        bound=bound,
        urls=tuple(map(normal_address, urls)),
        itm_source=given.get("itm_source"),
    )


def _stretch(endpoint: Endpoint, given: dict[str, Any], clock: periods.Clock) -> periods.Stretch:
    """Give the time asked for, and write into the call which it is."""
    if endpoint.default_period is None:
        return periods.Stretch(datetime.min, clock.as_of_at)
    if endpoint.default_period == "today":
        return periods.today(clock)
    if "period_start" not in given:
        return periods.period(given["time"], None, given["time"], clock)
    start, end, days = given["period_start"], given["period_end"], given["days"]
    if given["time"] is not None:
        if (start, end, days) != (None, None, None):
            raise CallError(
                BAD_PARAMETER,
                "time: names a period by itself; leave out period_start, period_end and days",
            )
        start, given["time"] = given["time"], None
    if start is None and days is not None:
        start = f"{days}d"
    if start is None and end is None:
        start = endpoint.default_period
    given["period_start"] = start
    return periods.period(start, end, endpoint.default_period, clock)


def _listed(value: str | list[str] | None) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _sort(sort: str) -> str:
    name = "views" if sort in ("_hits", "referrers_views") else sort
    if name in METRICS:
        return name
    if name in NOT_DERIVABLE_METRICS:
        raise CallError(
            BAD_PARAMETER, f"sort: {name} cannot be told from events of a site", status=422
        )
    raise CallError(
        BAD_PARAMETER,
        f"sort: {sort[:40]!r} is no metric; there are {', '.join(METRICS)}",
        status=422,
    )


def _publication(given: dict[str, Any], clock: periods.Clock) -> dict[str, datetime]:
    """Give the time that posts are from, and write into the call which it is."""
    # Where no traffic is asked for, the last days are those of publication.
    if "period_start" not in given and given.get("days") and given["pub_date_start"] is None:
        given["pub_date_start"] = f"{given['days']}d"
    found = {}
    if (start := given.get("pub_date_start")) is not None:
        found["requested_published_from"] = periods.published_from(start, clock)
    if (end := given.get("pub_date_end")) is not None:
        found["requested_published_to"] = periods.published_to(end, clock)
    return found


def _excluded(wanted: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in wanted:
        kind, _, name = text.partition(":")
        found.setdefault(f"requested_not_{kind}s", []).append(normal_name(name))
    return found


def _path(endpoint: Endpoint, given: dict[str, Any], value: str | None) -> str:
    """Write the call anew, so that calls that mean the same are the same."""
    names = [*_FIRST, *sorted(set(given) - _UNWRITTEN), *_LAST[:-1]]
    pairs = []
    for name in names:
        values = given.get(name)
        for each in values if isinstance(values, list) else [values]:
            if each is not None:
                pairs.append(f"{name}={quote(str(each), safe='')}")
    path = endpoint.path
    if value is not None:
        path = path.replace("{value}", quote(value, safe=""))
    return f"/{path}?{'&'.join([*pairs, 'page='])}"
