"""The entity-relationship page, from the manifest."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pages.erd import diagram, main, page, read
from tests.support.warehouses import Dbt


def node(name: str, room: str = "marts", **columns: str) -> dict[str, Any]:
    return {
        "name": name,
        "resource_type": "model",
        "access": "public",
        "fqn": ["readership", room, "subject", name],
        "columns": {column: {"data_type": kind} for column, kind in columns.items()},
    }


def data_test(of: str, name: str, depends: list[str], **arguments: object) -> dict[str, Any]:
    return {
        "resource_type": "test",
        "attached_node": of,
        "column_name": arguments.pop("column", None),
        "test_metadata": {"name": name, "kwargs": arguments},
        "depends_on": {"nodes": depends},
    }


SMALL = {
    "nodes": {
        "model.a": node("fct_a", a_key="uuid", b_key="uuid", day="timestamp with time zone"),
        "model.b": node("dim_b", b_key="uuid", title="varchar"),
        "model.c": node("dim_c", c_key="uuid"),
        "model.x": node("api_x", "exports", b_key="uuid"),
        "test.1": data_test(
            "model.a", "columns_hold", ["model.a"], unique=["a_key", ["day", "b_key"]]
        ),
        "test.2": data_test("model.b", "columns_hold", ["model.b"], unique=["b_key"]),
        "test.3": data_test(
            "model.a", "relationships", ["model.b", "model.a"], column="b_key", field="b_key"
        ),
        "test.4": data_test(
            "model.x", "relationships", ["model.b", "model.x"], column="b_key", field="b_key"
        ),
    }
}


def test_keys_and_references_are_drawn_and_nothing_else() -> None:
    assert diagram(*read(SMALL)).splitlines() == [
        "erDiagram",
        "    fct_a {",
        "        uuid a_key PK",
        "        uuid b_key UK, FK",
        "        timestamp_with_time_zone day UK",
        "    }",
        "    dim_b {",
        "        uuid b_key PK",
        "    }",
        "    dim_c {",
        "    }",
        '    dim_b ||--o{ fct_a : "b_key"',
    ]


def test_the_page_says_the_same_in_a_table() -> None:
    text = page(SMALL)
    assert "| `fct_a` | `b_key` | `dim_b.b_key` |" in text
    assert "Tables without references: `dim_c`." in text


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(SMALL))
    assert main([str(manifest), str(tmp_path / "made/erd.md")]) == 0
    assert (tmp_path / "made/erd.md").read_text() == page(SMALL)
    assert main([str(manifest)]) == 2
    assert "say the manifest" in capsys.readouterr().err


def test_every_public_mart_is_drawn_with_columns_that_it_has(dbt: Dbt) -> None:
    manifest = dbt.manifest
    marts = {
        model.name: set(model.columns)
        for model in manifest.nodes.values()
        if model.resource_type == "model" and model.access == "public" and model.fqn[1] == "marts"
    }
    given = {"nodes": {unique_id: one.to_dict() for unique_id, one in manifest.nodes.items()}}
    entities, references = read(given)
    assert set(entities) == set(marts)
    text = diagram(entities, references)
    drawn = dict(re.findall(r"^    (\w+) \{\n(.*?)    \}$", text, re.S | re.M))
    assert set(drawn) == set(marts)
    for name, columns in drawn.items():
        keys = {line.split()[1] for line in columns.splitlines()}
        assert keys, name
        assert keys <= marts[name]
        assert "PK" in columns
    relationships = [
        one
        for one in manifest.nodes.values()
        if getattr(one, "test_metadata", None) and one.test_metadata.name == "relationships"
        and manifest.nodes[one.attached_node].name in marts
    ]  # fmt: skip
    assert len(references) == len(relationships) > 30
    assert all(one.other_column in marts[one.other] for one in references)
