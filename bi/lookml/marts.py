"""The public marts as dbt's manifest describes them: columns, keys, references and measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bi.lookml.measures import Measure, measures_by_table
from pages.erd import read

_PREFIXES = ("fct_", "dim_", "bridge_")


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: Its name.
        kind: Its type, as the contract has it.
        description: What it holds, with its unit.

    """

    name: str
    kind: str
    description: str

    @property
    def is_key(self) -> bool:
        """Whether it is there to join by, not to be read."""
        return self.name.endswith("_key")


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of a mart that leads to one row of another mart.

    Attributes:
        column: The column.
        table: The table it leads to.
        other_column: The column there.

    """

    column: str
    table: str
    other_column: str


@dataclass(frozen=True, slots=True)
class Mart:
    """A public mart.

    Attributes:
        table: Name of the table.
        description: What a row is.
        columns: Its columns, in order.
        primary_key: The column that alone makes a row unique; None if there is none.
        references: Where its columns lead.
        measures: What is counted over its rows.

    """

    table: str
    description: str
    columns: tuple[Column, ...]
    primary_key: str | None
    references: tuple[Reference, ...]
    measures: tuple[Measure, ...]

    @property
    def view(self) -> str:
        """Name of its view: the table's, without what says that it is a fact or a dimension."""
        for prefix in _PREFIXES:
            if self.table.startswith(prefix):
                return self.table.removeprefix(prefix)
        return self.table


def marts(manifest: Mapping[str, Any]) -> dict[str, Mart]:
    """Give the public marts by the name of their table, in the order of their names."""
    entities, references = read(manifest)
    described = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["name"] in entities
    }
    measures = measures_by_table(manifest)
    found = {}
    for name, entity in sorted(entities.items()):
        key = _primary_key(entity.keys)
        found[name] = Mart(
            table=name,
            description=described[name]["description"],
            columns=tuple(
                Column(column, kind, described[name]["columns"][column]["description"])
                for column, kind in entity.types.items()
            )
            + _own_columns(described[name]),
            primary_key=key,
            references=tuple(
                Reference(one.column, one.other, one.other_column)
                for one in references
                if one.table == name and one.other != name
            ),
            measures=measures.get(name) or _number_of_rows(key),
        )
    return found


def _own_columns(node: Mapping[str, Any]) -> tuple[Column, ...]:
    """Give the columns that the publisher's variables add, which are not in the YAML."""
    own = node["config"]["meta"].get("own_columns", ())
    return tuple(Column(one["name"], one["data_type"], one["description"]) for one in own)


def _number_of_rows(key: str | None) -> tuple[Measure, ...]:
    """Give the measure of a mart that no metric counts."""
    if key is None:
        return ()
    return (Measure("rows", "Rows", "Rows of the table.", "count_distinct", f"${{TABLE}}.{key}"),)


def _primary_key(keys: list[set[str]]) -> str | None:
    single = [key for key in keys if len(key) == 1]
    return next(iter(single[0])) if single else None
