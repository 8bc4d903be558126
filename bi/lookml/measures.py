"""Measures from the metrics of dbt's semantic layer.

Each metric over one mart becomes a measure of that mart's view: an aggregate of a column with its
filters, or an expression of other measures. Cumulative metrics do not, because Looker adds up
over time itself; neither do metrics over several marts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# Aggregates by the names of MetricFlow, as Looker calls them.
_KINDS: Final = {
    "sum": "sum",
    "max": "max",
    "min": "min",
    "average": "average",
    "count": "count_distinct",
    "count_distinct": "count_distinct",
    "sum_boolean": "sum",
}
# What a metric's filter may be: one dimension of the mart and one value. Anything else needs a
# measure of its own.
_FILTER: Final = re.compile(
    r"\{\{\s*Dimension\(\s*'(?:\w+__)?(?P<name>\w+)'\s*\)\s*\}\}"
    r"(?:\s*=\s*(?P<value>'[^']*'|true|false))?"
)
_COLUMN: Final = re.compile(r"\b[a-z][a-z0-9_]*\b")


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure.

    Attributes:
        name: Its name, that of the metric.
        label: What people call it.
        description: What it counts, with its unit.
        kind: Looker's type.
        sql: Looker's expression.
        filters: Values of dimensions that count, as Looker writes them.
        unit: Unit of its values; empty if they are counts.

    """

    name: str
    label: str
    description: str
    kind: str
    sql: str
    filters: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""


def measures_by_table(manifest: Mapping[str, Any]) -> dict[str, tuple[Measure, ...]]:
    """Give the measures of each table, in the order of the metrics' names.

    Raises:
        ValueError: If a metric has a filter that Looker cannot be given.

    """
    semantic = manifest.get("semantic_models", {}).values()
    stored = {
        measure["name"]: (model["node_relation"]["alias"], _columns(manifest, model), measure)
        for model in semantic
        for measure in model["measures"]
    }
    metrics = {metric["name"]: metric for metric in manifest.get("metrics", {}).values()}
    tables: dict[str, set[str]] = {}
    found: dict[str, list[Measure]] = defaultdict(list)
    for name in sorted(metrics):
        if (table := _table(name, metrics, stored, tables)) is not None:
            found[table].append(_measure(metrics[name], stored))
    return {table: tuple(measures) for table, measures in found.items()}


def _columns(manifest: Mapping[str, Any], model: Mapping[str, Any]) -> set[str]:
    (node,) = (
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["name"] == model["node_relation"]["alias"]
    )
    return set(node["columns"])


def _table(
    name: str,
    metrics: Mapping[str, Mapping[str, Any]],
    stored: Mapping[str, tuple[str, set[str], Mapping[str, Any]]],
    known: dict[str, set[str]],
) -> str | None:
    """Give the one table of a metric; None if it has several or is cumulative."""
    tables = _tables(name, metrics, stored, known)
    return next(iter(tables)) if len(tables) == 1 and "" not in tables else None


def _tables(
    name: str,
    metrics: Mapping[str, Mapping[str, Any]],
    stored: Mapping[str, tuple[str, set[str], Mapping[str, Any]]],
    known: dict[str, set[str]],
) -> set[str]:
    if name not in known:
        metric = metrics[name]
        if metric["type"] == "simple":
            known[name] = {stored[metric["type_params"]["measure"]["name"]][0]}
        elif metric["type"] in ("ratio", "derived"):
            inputs = _inputs(metric)
            known[name] = set().union(*(_tables(one, metrics, stored, known) for one in inputs))
        else:
            known[name] = {""}
    return known[name]


def _inputs(metric: Mapping[str, Any]) -> list[str]:
    """Give the names of the metrics that a metric is computed from."""
    given = metric["type_params"]
    if metric["type"] == "ratio":
        return [given["numerator"]["name"], given["denominator"]["name"]]
    return [one["name"] for one in given["metrics"]]


def _measure(
    metric: Mapping[str, Any], stored: Mapping[str, tuple[str, set[str], Mapping[str, Any]]]
) -> Measure:
    name, given = metric["name"], metric["type_params"]
    filters: Mapping[str, str] = {}
    if metric["type"] == "simple":
        _, columns, measure = stored[given["measure"]["name"]]
        kind = _KINDS[measure["agg"]]
        sql = _of_table(measure["expr"] or measure["name"], columns)
        filters = _filters(name, metric.get("filter")) | _filters(name, given["measure"]["filter"])
    elif metric["type"] == "ratio":
        kind = "number"
        above, below = (f"${{{one}}}" for one in _inputs(metric))
        sql = f"1.0 * {above} / nullif({below}, 0)"
    else:
        kind = "number"
        aliases = {one["alias"] or one["name"]: one["name"] for one in given["metrics"]}
        sql = _COLUMN.sub(
            lambda word: f"${{{aliases[word[0]]}}}" if word[0] in aliases else word[0],
            given["expr"],
        )
    return Measure(
        name,
        metric["label"] or name,
        metric["description"],
        kind,
        sql,
        filters,
        str((metric.get("config") or {}).get("meta", {}).get("unit", "")),
    )


def _of_table(expression: str, columns: set[str]) -> str:
    """Qualify the columns of an expression with Looker's name of the view's table."""
    return _COLUMN.sub(
        lambda word: f"${{TABLE}}.{word[0]}" if word[0] in columns else word[0], expression
    )


def _filters(metric: str, given: Mapping[str, Any] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in (given or {}).get("where_filters", []):
        template = one["where_sql_template"].strip()
        match = _FILTER.fullmatch(template)
        if match is None:
            raise ValueError(
                f"metric {metric}: Looker cannot be given the filter {template!r}; "
                "let it name one dimension and one value"
            )
        value = (match["value"] or "true").strip("'")
        found[match["name"]] = {"true": "yes", "false": "no"}.get(value, value)
    return found
