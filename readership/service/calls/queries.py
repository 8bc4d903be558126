"""Translate an API call into a query on the snapshot: a table macro and its arguments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from readership.normal import normal_address, normal_name
from readership.service.calls import periods
from readership.service.calls.endpoints import RELATED_BY_VISITOR, Endpoint
from readership.service.calls.errors import BAD_PARAMETER, CallError
from readership.service.calls.parameters import MAX_ROWS, METRICS, NOT_DERIVABLE_METRICS, Call

# Parameters of calls, and the corresponding arguments of the table macros.
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
# The canonical order of parameters: the first, then the others by name, then the last.
_FIRST: Final = ("period_start", "period_end")
_LAST: Final = ("sort", "limit", "page")
_NOT_IN_PATH: Final = frozenset(
    {"apikey", "secret", "callback", "days", "metrics", "boost", *_FIRST, *_LAST}
)


@dataclass(frozen=True, slots=True)
class SnapshotQuery:
    """A query on a snapshot, for one API call.

    Attributes:
        endpoint: The endpoint that was called.
        site: The requested site.
        path: The canonical path and query of the call below the API's root, up to the page number.
        page: The page, counted from 1.
        limit: Rows per page.
        sort: The metric that rows are sorted by.
        time_range: The requested time range.
        bound: The other arguments of the table macro.
        urls: Normalized URLs of the requested posts. `meta.status` says whether any is known.
        itm_source: The `itm_source` parameter to add to the URLs of posts.

    """

    endpoint: Endpoint
    site: str
    path: str
    page: int
    limit: int
    sort: str
    time_range: periods.TimeRange
    bound: dict[str, Any]
    urls: tuple[str, ...] = ()
    itm_source: str | None = None

    @property
    def has_period(self) -> bool:
        """Whether the response depends on the time range."""
        return self.endpoint.default_period is not None

    @property
    def key(self) -> tuple[str, str]:
        """The cache key; calls with the same response have the same key."""
        return self.site, f"{self.path}{self.page}"


def snapshot_query(
    endpoint: Endpoint, call: Call, clock: periods.Clock, value: str | None = None
) -> SnapshotQuery:
    """Return the query for a call.

    Args:
        endpoint: The endpoint that was called.
        call: Its parameters.
        clock: The clock of the requested site.
        value: The name in the path, if the endpoint has one.

    Raises:
        CallError: A parameter has an invalid value.

    """
    parameters = call.model_dump()
    if endpoint.path == RELATED_BY_VISITOR.path:
        if parameters["uuid"] is not None:
            endpoint, parameters["url"] = RELATED_BY_VISITOR, None
        elif parameters["url"] is None:
            raise CallError(BAD_PARAMETER, "url: give the URL of a post, or a visitor as uuid")
    if "sort" in parameters and endpoint.sorts is None:
        parameters["sort"] = _sort(parameters["sort"])
    page, limit = parameters.get("page", 1), parameters.get("limit", 10)
    if page * limit > MAX_ROWS:
        raise CallError(
            BAD_PARAMETER,
            f"page times limit is {page * limit:,}; no page reaches further than "
            f"{MAX_ROWS:,} rows: narrow the call",
        )
    time_range = _time_range(endpoint, parameters, clock)
    urls = [*_listed(parameters.get("url")), *parameters.get("urls", [])]
    bound = {
        argument: parameters[name]
        for name, argument in _BOUND.items()
        if parameters.get(name) not in (None, [])
    }
    bound |= _publication(parameters, clock) | _excluded(parameters.get("exclude", []))
    if parameters.pop("respect_empty_results", False):
        bound["requested_or_recent"] = False
        parameters["respect_empty_results"] = "true"
    if endpoint.sorts is None or len(endpoint.sorts) > 1:
        bound["requested_sort"] = parameters.get("sort", "views")
    if endpoint.answer != "history":
        bound |= {"requested_skip": (page - 1) * limit, "requested_rows": limit}
    if urls:
        bound["requested_urls"] = urls
    if endpoint.value_is is not None and value is not None:
        value = normal_name(value)
        # A filter of the same kind must match as well. An empty list matches no post.
        filtered = bound.get(endpoint.value_is)
        bound[endpoint.value_is] = [value] if filtered is None or value in filtered else []
    return SnapshotQuery(
        endpoint=endpoint,
        site=call.apikey,
        path=_path(endpoint, parameters, value),
        page=page,
        limit=limit,
        sort=parameters.get("sort", endpoint.sorts[0] if endpoint.sorts else "views"),
        time_range=time_range,
        bound=bound,
        urls=tuple(map(normal_address, urls)),
        itm_source=parameters.get("itm_source"),
    )


def _time_range(
    endpoint: Endpoint, parameters: dict[str, Any], clock: periods.Clock
) -> periods.TimeRange:
    """Return the requested time range, and set `period_start` in the parameters accordingly."""
    if endpoint.default_period is None:
        return periods.TimeRange(datetime.min, clock.as_of_at)
    if endpoint.default_period == "today":
        return periods.today(clock)
    if "period_start" not in parameters:
        return periods.period(parameters["time"], None, parameters["time"], clock)
    start, end, days = parameters["period_start"], parameters["period_end"], parameters["days"]
    if parameters["time"] is not None:
        if (start, end, days) != (None, None, None):
            raise CallError(
                BAD_PARAMETER,
                "time: cannot be combined with period_start, period_end or days",
            )
        start, parameters["time"] = parameters["time"], None
    if start is None and days is not None:
        start = f"{days}d"
    if start is None and end is None:
        start = endpoint.default_period
    parameters["period_start"] = start
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
            BAD_PARAMETER, f"sort: {name} cannot be derived from events of a site", status=422
        )
    raise CallError(
        BAD_PARAMETER,
        f"sort: {sort[:40]!r} is no metric; there are {', '.join(METRICS)}",
        status=422,
    )


def _publication(parameters: dict[str, Any], clock: periods.Clock) -> dict[str, datetime]:
    """Return the requested publication dates, and set `pub_date_start` accordingly."""
    # Calls without a period of traffic use `days` for the publication date.
    if (
        "period_start" not in parameters
        and parameters.get("days")
        and parameters["pub_date_start"] is None
    ):
        parameters["pub_date_start"] = f"{parameters['days']}d"
    bounds = {}
    if (start := parameters.get("pub_date_start")) is not None:
        bounds["requested_published_from"] = periods.published_from(start, clock)
    if (end := parameters.get("pub_date_end")) is not None:
        bounds["requested_published_to"] = periods.published_to(end, clock)
    return bounds


def _excluded(texts: list[str]) -> dict[str, list[str]]:
    excluded: dict[str, list[str]] = {}
    for text in texts:
        kind, _, name = text.partition(":")
        excluded.setdefault(f"requested_not_{kind}s", []).append(normal_name(name))
    return excluded


def _path(endpoint: Endpoint, parameters: dict[str, Any], value: str | None) -> str:
    """Return the canonical path of a call, so that equivalent calls share a cache key."""
    names = [*_FIRST, *sorted(set(parameters) - _NOT_IN_PATH), *_LAST[:-1]]
    pairs = []
    for name in names:
        values = parameters.get(name)
        for item in values if isinstance(values, list) else [values]:
            if item is not None:
                pairs.append(f"{name}={quote(str(item), safe='')}")
    path = endpoint.path
    if value is not None:
        path = path.replace("{value}", quote(value, safe=""))
    return f"/{path}?{'&'.join([*pairs, 'page='])}"
