"""LookML as a warehouse sees it: fields resolved to SQL, explores to queries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import lkml
import yaml

_FIELD = re.compile(r"\$\{(?:(\w+)\.)?(\w+)\}")
_KINDS = ("dimensions", "dimension_groups", "measures")
# What a dimension group of times is truncated to by each timeframe, on DuckDB.
_TIMEFRAMES = {
    "raw": "{0}", "time": "{0}", "date": "cast({0} as date)",
    "hour": "date_trunc('hour', {0})", "hour_of_day": "extract(hour from {0})",
    "day_of_week": "dayname({0})", "week": "date_trunc('week', {0})",
    "month": "date_trunc('month', {0})", "quarter": "date_trunc('quarter', {0})",
    "year": "extract(year from {0})",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A dimension, timeframe or measure of a view.

    Attributes:
        name: Its name.
        kind: `dimension` or `measure`.
        given: What LookML says of it.
        timeframe: Of a dimension group; empty otherwise.

    """

    name: str
    kind: str
    given: dict[str, Any]
    timeframe: str = ""


class LookmlProject:
    """The files of a folder, read by a parser of LookML."""

    def __init__(self, folder: Path, schema: str) -> None:
        self.schema = schema
        self.views: dict[str, dict[str, Any]] = {}
        self.explores: dict[str, dict[str, Any]] = {}
        for file in sorted(folder.rglob("*.lkml")):
            read = lkml.load(file.read_text())
            self.views |= {view["name"]: view for view in read.get("views", [])}
            self.explores |= {one["name"]: one for one in read.get("explores", [])}
        self.dashboards = [
            one
            for file in sorted(folder.rglob("*.dashboard.lookml"))
            for one in yaml.safe_load(file.read_text())
        ]

    @cache  # noqa: B019
    def fields(self, view: str) -> dict[str, Field]:
        """The fields of a view, with those of each timeframe.

        A name that is given twice fails.
        """
        found: dict[str, Field] = {}
        for kind in _KINDS:
            for given in self.views[view].get(kind, []):
                frames = given.get("timeframes", [""])
                for frame in frames:
                    name = f"{given['name']}_{frame}" if frame else given["name"]
                    assert name not in found, f"{view}.{name} is there twice"
                    role = "measure" if kind == "measures" else "dimension"
                    found[name] = Field(name, role, given, frame)
        return found

    def table(self, view: str) -> str:
        """The table of a view, in the schema."""
        return self.views[view]["sql_table_name"].strip().replace("@{schema}", self.schema)

    def sql(self, explore: str, name: str, view: str) -> str:
        """The SQL of a field of a view that an explore knows by a name."""
        field = self.fields(self.view_of(explore, view))[name]
        resolved = self._resolved(field.given.get("sql", ""), explore, view)
        if field.kind == "dimension":
            return _TIMEFRAMES[field.timeframe].format(resolved) if field.timeframe else resolved
        return self._aggregate(field, explore, view, resolved)

    def _resolved(self, sql: str, explore: str, view: str) -> str:
        text = sql.strip().replace("${TABLE}", view)
        return _FIELD.sub(lambda at: f"({self.sql(explore, at[2], at[1] or view)})", text)

    def _aggregate(self, field: Field, explore: str, view: str, resolved: str) -> str:
        conditions = []
        # The parser gives a list of lists.
        for name, value in _pairs(field.given.get("filters__all", [])):
            dimension = self.fields(self.view_of(explore, view))[name]
            told = self.sql(explore, name, view)
            is_flag = dimension.given["type"] == "yesno"
            conditions.append(f"{'' if value == 'yes' else 'not '}{told}" if is_flag
                              else f"{told} = '{value}'")  # fmt: skip
        where = f" filter (where {' and '.join(conditions)})" if conditions else ""
        match field.given["type"]:
            case "count_distinct":
                return f"count(distinct {resolved}){where}"
            case "sum" | "max" | "min" as name:
                return f"{name}({resolved}){where}"
            case "average":
                return f"avg({resolved}){where}"
            case "number":
                assert not where, f"{field.name}: a number has no filters"
                return resolved
        raise AssertionError(f"{field.name} has the type {field.given['type']}")

    def view_of(self, explore: str, name: str) -> str:
        """The view that an explore knows by a name."""
        return self._sources(explore)[name]

    def _sources(self, explore: str) -> dict[str, str]:
        given = self.explores[explore]
        return {given.get("from", explore): given.get("from", explore)} | {
            join["name"]: join.get("from", join["name"]) for join in given.get("joins", [])
        }

    def names(self, explore: str) -> list[str]:
        """The names by which an explore knows its views, its own first."""
        return list(self._sources(explore))

    def relation(self, explore: str, joined: list[str] | None = None) -> str:
        """The `from` of an explore, with all of its joins or those that are named."""
        text = f"{self.table(explore)} as {explore}"
        for join in self.explores[explore].get("joins", []):
            if joined is None or join["name"] in joined:
                condition = self._resolved(join["sql_on"], explore, explore)
                table = self.table(self.view_of(explore, join["name"]))
                text += f"\nleft join {table} as {join['name']} on {condition}"
        return text


def _pairs(filters: list[Any]) -> list[tuple[str, str]]:
    return [pair for group in filters for one in group for pair in one.items()]
