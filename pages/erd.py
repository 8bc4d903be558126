"""The entity-relationship page: which keys the public marts have, and where they lead.

`python -m pages.erd MANIFEST PAGE` reads dbt's manifest.json and writes the page. Tables and types
come from contracts, keys from the rule `unique` of the test `columns_hold`, lines from dbt's
`relationships` tests. Nothing is written by hand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_HEAD: Final = """\
# Entity-relationship diagram

The public marts, with the columns that make a row unique (`PK`, others `UK`) and those that lead to
another table (`FK`). `make docs` writes this page from dbt's manifest: contracts, unique keys and
`relationships` tests.

The text is a [Mermaid](https://mermaid.js.org/syntax/entityRelationshipDiagram.html) diagram. A
viewer of Mermaid, such as GitHub's, draws it. This site shows it as text, since it loads no script
from the network; the table below says the same.
"""


@dataclass(frozen=True)
class Reference:
    """A column of one table that leads to a column of another.

    Attributes:
        table: The table that has the column.
        column: The column.
        other: The table that it leads to.
        other_column: The column there.

    """

    table: str
    column: str
    other: str
    other_column: str


@dataclass
class Entity:
    """A table.

    Attributes:
        name: What it is called.
        subject: The folder of its subject.
        types: The types of its columns, as the contract has them.
        keys: Sets of columns that make a row unique, the first one first.

    """

    name: str
    subject: str
    types: Mapping[str, str]
    keys: list[set[str]] = field(default_factory=list)


def read(manifest: Mapping[str, Any]) -> tuple[dict[str, Entity], list[Reference]]:
    """Give the public marts by name, and the references among them, from a manifest."""
    nodes: Mapping[str, Mapping[str, Any]] = manifest["nodes"]
    entities = {
        unique_id: Entity(
            node["name"],
            node["fqn"][2],
            {name: column["data_type"] for name, column in node["columns"].items()},
        )
        for unique_id, node in sorted(nodes.items())
        if node["resource_type"] == "model"
        and node["access"] == "public"
        and node["fqn"][1] == "marts"
    }
    references: list[Reference] = []
    for node in nodes.values():
        entity = entities.get(node.get("attached_node") or "")
        if entity is None or not node.get("test_metadata"):
            continue
        arguments = node["test_metadata"]["kwargs"]
        if node["test_metadata"]["name"] == "columns_hold":
            for key in arguments.get("unique") or []:
                entity.keys.append({key} if isinstance(key, str) else set(key))
        elif node["test_metadata"]["name"] == "relationships":
            parents = [entities.get(parent) for parent in node["depends_on"]["nodes"]]
            # A table that refers to itself has one parent.
            others = [parent for parent in parents if parent and parent is not entity] or [entity]
            references += [
                Reference(entity.name, node["column_name"], other.name, arguments["field"])
                for other in others
            ]
    named = {entity.name: entity for entity in entities.values()}
    return named, sorted(references, key=lambda one: (one.table, one.column, one.other))


def diagram(entities: Mapping[str, Entity], references: list[Reference]) -> str:
    """Write the tables and references as a Mermaid `erDiagram`."""
    lines = ["erDiagram"]
    for entity in entities.values():
        leading = {one.column for one in references if one.table == entity.name}
        lines.append(f"    {entity.name} {{")
        lines += [
            f"        {_word(kind)} {column} {', '.join(marks)}"
            for column, kind in entity.types.items()
            if (marks := _marks(column, entity.keys, leading))
        ]
        lines.append("    }")
    lines += [f'    {one.other} ||--o{{ {one.table} : "{one.column}"' for one in references]
    return "\n".join(lines)


def page(manifest: Mapping[str, Any]) -> str:
    """Write the whole page."""
    entities, references = read(manifest)
    rows = [
        f"| `{one.table}` | `{one.column}` | `{one.other}.{one.other_column}` |"
        for one in references
    ]
    alone = sorted(set(entities) - {name for one in references for name in (one.table, one.other)})
    return "\n".join(
        [
            _HEAD,
            "```mermaid",
            diagram(entities, references),
            "```",
            "",
            "## References",
            "",
            "| table | column | leads to |",
            "|---|---|---|",
            *rows,
            "",
            "Tables without references: " + ", ".join(f"`{name}`" for name in alone) + ".",
            "",
        ]
    )


def main(arguments: list[str]) -> int:
    """Run the command line and give the exit code."""
    if len(arguments) != 2:
        print("erd: say the manifest and the page to write", file=sys.stderr)
        return 2
    manifest, target = map(Path, arguments)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(json.loads(manifest.read_text())))
    return 0


def _marks(column: str, keys: list[set[str]], leading: set[str]) -> list[str]:
    held = [column in key for key in keys]
    mark = "PK" if held[:1] == [True] else "UK"
    return [mark] * any(held) + ["FK"] * (column in leading)


def _word(kind: str) -> str:
    """Mermaid takes types of one word."""
    return "".join(letter if letter.isalnum() else "_" for letter in kind)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
