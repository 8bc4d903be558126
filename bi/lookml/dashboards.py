"""The two dashboards, laid out by hand; their fields are those of the views."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

# The title of the filter that every dashboard has.
_DATE: Final = "Date"


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of a dashboard.

    Attributes:
        title: What it is called.
        kind: How Looker draws it, such as `single_value`, `looker_line` or `looker_grid`.
        explore: The explore that it asks.
        fields: Its dimensions and measures, as `view.field`.
        width: Columns of 24 that it takes.
        height: Rows that it takes.
        sorts: What it is ordered by.
        pivots: Dimensions whose values become series.
        limit: Rows at most.

    """

    title: str
    kind: str
    explore: str
    fields: tuple[str, ...]
    width: int
    height: int
    sorts: tuple[str, ...] = ()
    pivots: tuple[str, ...] = ()
    limit: int = 500


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard.

    Attributes:
        name: Its name in LookML.
        title: What it is called.
        description: What it shows.
        tiles: Its tiles, row by row.
        dates: The date that its filter of dates asks for, by explore.
        filters: Further filters by their titles, each with the field that it asks for, by explore.

    """

    name: str
    title: str
    description: str
    tiles: tuple[Tile, ...]
    dates: dict[str, str]
    filters: dict[str, dict[str, str]] = field(default_factory=dict)


def dashboard(one: Dashboard, model: str) -> dict[str, Any]:
    """Give a dashboard as LookML's YAML has it; tiles are placed row by row."""
    filters = {_DATE: one.dates, **one.filters}
    row = column = height = 0
    elements = []
    for tile in one.tiles:
        if column + tile.width > 24:
            row, column, height = row + height, 0, 0
        elements.append(
            {
                "title": tile.title,
                "name": tile.title,
                "model": model,
                "explore": tile.explore,
                "type": tile.kind,
                "fields": list(tile.fields),
                **({"pivots": list(tile.pivots)} if tile.pivots else {}),
                **({"sorts": list(tile.sorts)} if tile.sorts else {}),
                "limit": tile.limit,
                "listen": {
                    title: fields[tile.explore]
                    for title, fields in filters.items()
                    if tile.explore in fields
                },
                "row": row,
                "col": column,
                "width": tile.width,
                "height": tile.height,
            }
        )
        column, height = column + tile.width, max(height, tile.height)
    return {
        "dashboard": one.name,
        "title": one.title,
        "description": one.description,
        "layout": "newspaper",
        "preferred_viewer": "dashboards-next",
        "filters": [_filter(title, fields, model) for title, fields in filters.items()],
        "elements": elements,
    }


def _filter(title: str, fields: dict[str, str], model: str) -> dict[str, Any]:
    explore, asked = next(iter(fields.items()))
    given = {"name": title, "title": title, "type": "field_filter"}
    if title == _DATE:
        given["default_value"] = "28 days"
    return given | {"model": model, "explore": explore, "field": asked}


_NUMBER = "single_value"
_LINE = "looker_line"
_BAR = "looker_bar"
_COLUMN = "looker_column"
_TABLE = "looker_grid"

OVERVIEW = Dashboard(
    name="readership_overview",
    title="Readership: overview",
    description="Views, visitors, engaged time, sessions and where readers come from.",
    tiles=(
        Tile("Views", _NUMBER, "pageviews", ("pageviews.views",), 6, 3),
        Tile("Visitors", _NUMBER, "pageviews", ("pageviews.visitors",), 6, 3),
        Tile("Engaged minutes per visitor", _NUMBER, "pageviews", ("pageviews.avg_engaged",), 6, 3),
        Tile("Sessions", _NUMBER, "sessions", ("sessions.sessions",), 6, 3),
        Tile(
            "Views and visitors by day",
            _LINE,
            "pageviews",
            ("pageviews.viewed_date", "pageviews.views", "pageviews.visitors"),
            16,
            7,
            ("pageviews.viewed_date",),
        ),
        Tile(
            "New and returning visitors",
            _COLUMN,
            "pageviews",
            ("pageviews.viewed_week", "pageviews.visitors_new", "pageviews.visitors_returning"),
            8,
            7,
            ("pageviews.viewed_week",),
        ),
        Tile(
            "Referrers by class",
            _BAR,
            "pageviews",
            ("pageviews.referrer_class", "pageviews.views", "pageviews.visitors"),
            8,
            7,
            ("pageviews.views desc",),
        ),
        Tile(
            "Referrers",
            _TABLE,
            "pageviews",
            (
                "pageviews.referrer_name",
                "pageviews.views",
                "pageviews.visitors",
                "pageviews.avg_engaged",
            ),
            8,
            7,
            ("pageviews.views desc",),
            limit=15,
        ),
        Tile(
            "Sessions by channel",
            _BAR,
            "sessions",
            ("sessions.acquisition_channel", "sessions.sessions", "sessions.bounce_rate"),
            8,
            7,
            ("sessions.sessions desc",),
        ),
        Tile(
            "Devices",
            "looker_pie",
            "pageviews",
            ("pageviews.device_class", "pageviews.visitors"),
            6,
            6,
            ("pageviews.visitors desc",),
        ),
        Tile(
            "Operating systems",
            "looker_pie",
            "pageviews",
            ("pageviews.os", "pageviews.visitors"),
            6,
            6,
            ("pageviews.visitors desc",),
            limit=8,
        ),
        Tile(
            "Countries",
            _BAR,
            "pageviews",
            ("pageviews.country_code", "pageviews.visitors"),
            6,
            6,
            ("pageviews.visitors desc",),
            limit=10,
        ),
        Tile(
            "Sections",
            _BAR,
            "pageviews",
            ("posts.section", "pageviews.visitors"),
            6,
            6,
            ("pageviews.visitors desc",),
            limit=10,
        ),
        Tile(
            "Top posts",
            _TABLE,
            "pageviews",
            (
                "posts.title",
                "posts.section",
                "pageviews.views",
                "pageviews.visitors",
                "pageviews.engaged_minutes",
                "pageviews.avg_engaged",
            ),
            24,
            9,
            ("pageviews.views desc",),
            limit=50,
        ),
        Tile(
            "Sections of loyal visitors",
            _BAR,
            "pageviews",
            ("posts.section", "visitors.is_loyal", "pageviews.views"),
            12,
            7,
            ("pageviews.views desc",),
            ("visitors.is_loyal",),
            100,
        ),
        Tile(
            "Depth of reading by device",
            _COLUMN,
            "pageviews",
            ("pageviews.device_class", "pageviews.read_category", "pageviews.views"),
            12,
            7,
            ("pageviews.device_class",),
            ("pageviews.read_category",),
        ),
    ),
    dates={"pageviews": "pageviews.viewed_date", "sessions": "sessions.started_date"},
    filters={"Site": {"pageviews": "pageviews.site_id", "sessions": "sessions.site_id"}},
)

POST = Dashboard(
    name="readership_post",
    title="Readership: one post",
    description="How a post is read: by hour, by source, how deep, and where readers go next.",
    tiles=(
        Tile("Views", _NUMBER, "pageviews", ("pageviews.views",), 6, 3),
        Tile("Visitors", _NUMBER, "pageviews", ("pageviews.visitors",), 6, 3),
        Tile(
            "Engaged seconds per view",
            _NUMBER,
            "pageviews",
            ("pageviews.engaged_seconds_per_view",),
            6,
            3,
        ),
        Tile("Recirculation", _NUMBER, "engaged_time", ("engaged_time.recirculation_rate",), 6, 3),
        Tile(
            "The post",
            _TABLE,
            "pageviews",
            (
                "posts.title",
                "posts.authors",
                "posts.section",
                "posts.canonical_url",
                "posts.word_count",
                "posts.published_utc_time",
            ),
            24,
            3,
        ),
        Tile(
            "Views and visitors by day",
            _LINE,
            "pageviews",
            ("pageviews.viewed_date", "pageviews.views", "pageviews.visitors"),
            12,
            7,
            ("pageviews.viewed_date",),
        ),
        Tile(
            "By hours since publication",
            _LINE,
            "pageviews",
            ("pageviews.hours_since_published", "pageviews.visitors", "pageviews.avg_engaged"),
            12,
            7,
            ("pageviews.hours_since_published",),
            limit=72,
        ),
        Tile(
            "Referrers",
            _TABLE,
            "pageviews",
            (
                "pageviews.referrer_class",
                "pageviews.referrer_name",
                "pageviews.views",
                "pageviews.visitors",
            ),
            8,
            7,
            ("pageviews.views desc",),
            limit=15,
        ),
        Tile(
            "Depth of reading",
            "looker_pie",
            "pageviews",
            ("pageviews.read_category", "pageviews.views"),
            8,
            7,
            ("pageviews.views desc",),
        ),
        Tile(
            "Loyalty of its visitors",
            _BAR,
            "pageviews",
            ("visitors.session_tier", "pageviews.visitors"),
            8,
            7,
            ("pageviews.visitors desc",),
        ),
    ),
    dates={"pageviews": "pageviews.viewed_date", "engaged_time": "engaged_time.local_date"},
    filters={"Post": {"pageviews": "posts.title", "engaged_time": "posts.title"}},
)

DASHBOARDS = (OVERVIEW, POST)
