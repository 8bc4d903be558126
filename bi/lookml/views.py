"""A view of LookML for each public mart."""

from __future__ import annotations

from typing import Any, Final

from bi.lookml.marts import Column, Mart, Measure
from bi.lookml.words import label, one_line

# Looker appends the name of a timeframe to that of its group.
_OF_DAYS: Final = ["raw", "date", "day_of_week", "week", "month", "quarter", "year"]
_OF_HOURS: Final = ["raw", "time", "hour", "hour_of_day", *_OF_DAYS[1:]]

# Columns are grouped in the field picker by what their names begin with.
_GROUPS: Final = {
    "campaign": "Campaign",
    "referrer": "Referrer",
    "source": "Source",
    "acquisition": "Source",
    "channel": "Source",
    "device": "Device",
    "browser": "Device",
    "os": "Device",
    "country": "Place",
    "region": "Place",
    "city": "Place",
    "video": "Video",
    "is": "Flags",
    "has": "Flags",
}

# How Looker writes the values of a unit.
_FORMATS: Final = {"fraction": "percent_1", "minutes": "decimal_1", "seconds": "decimal_0"}


def view(mart: Mart) -> dict[str, Any]:
    """Give a mart's view as lkml writes it."""
    times = {time_name(column): column for column in _times(mart)}
    dimensions = [dimension(mart, column) for column in mart.columns if not _is_time(column)]
    # A group of timeframes is no primary key.
    keys = [column for column in times.values() if column.name == mart.primary_key]
    dimensions += [dimension(mart, column) | {"name": "row_key"} for column in keys]
    groups = [group(column) for column in times.values()]
    return {
        "name": mart.view,
        "label": label(mart.view),
        "sql_table_name": f"@{{schema}}.{mart.table}",
        "dimensions": dimensions,
        "dimension_groups": groups,
        "measures": [measure(one) for one in mart.measures],
    }


def dimension(mart: Mart, column: Column) -> dict[str, Any]:
    """Give the dimension of a column that is not a time."""
    is_measure = any(one.name == column.name for one in mart.measures)
    # A field has a name of its own; where a measure has that of the column, it keeps it.
    given: dict[str, Any] = {"name": f"{column.name}_of_row" if is_measure else column.name}
    sql = f"${{TABLE}}.{column.name}"
    if column.name == mart.primary_key:
        given["primary_key"] = "yes"
    if column.is_key or _is_time(column) or any(one.sql == sql for one in mart.measures):
        given["hidden"] = "yes"
    given["type"] = _type(column)
    if shown := _GROUPS.get(column.name.partition("_")[0]):
        given["group_label"] = shown
    return given | {"description": one_line(column.description), "sql": sql}


def group(column: Column) -> dict[str, Any]:
    """Give the dimension group of a time, an hour on the site's clock or a date."""
    is_date = column.kind == "date"
    given: dict[str, Any] = {
        "name": time_name(column),
        "type": "time",
        "timeframes": _OF_DAYS if is_date else _OF_HOURS,
    }
    if is_date:
        given["datatype"] = "date"
    if not column.name.endswith("_at"):
        given["convert_tz"] = "no"
    return given | {
        "description": one_line(column.description),
        "sql": f"${{TABLE}}.{column.name}",
    }


def time_name(column: Column) -> str:
    """Give the name of the dimension group of a time.

    Looker appends the timeframe, so the date `viewed_date` is the group `viewed`, and so is an hour
    on the site's clock, `viewed_hour`. A time, `viewed_at`, is UTC: `viewed_utc`. Another name,
    `valid_from`, stays.
    """
    stem, _, ending = column.name.rpartition("_")
    match ending, column.kind:
        case ("date", "date") | ("hour", "timestamp"):
            return stem
        case "at", "timestamp":
            return f"{stem}_utc"
    return column.name


def measure(one: Measure) -> dict[str, Any]:
    """Give a measure: an aggregate of a column, with its filters, or a quotient of two."""
    given: dict[str, Any] = {"name": one.name, "label": one.label, "type": one.kind}
    if one.filters:
        given["filters"] = [{name: value} for name, value in one.filters.items()]
    given["description"] = one_line(one.description)
    # `fraction of views` is a fraction, `minutes per visitor` are minutes.
    if shown := _FORMATS.get(one.unit.partition(" ")[0]):
        given["value_format_name"] = shown
    return given | {"sql": one.sql}


def _times(mart: Mart) -> list[Column]:
    """Give the columns with times; an hour stands for the date beside it, since it comes later."""
    return sorted(filter(_is_time, mart.columns), key=lambda column: column.kind != "date")


def _is_time(column: Column) -> bool:
    return column.kind in ("date", "timestamp")


def _type(column: Column) -> str:
    if column.kind == "boolean":
        return "yesno"
    return "number" if column.kind in ("integer", "bigint", "double") else "string"
