"""The changed files that `make test-fast` lints and tests."""

from __future__ import annotations

from typing import Any

import pytest

from tests import changed
from tests.changed import (
    ROOT,
    RULES,
    Chosen,
    may_break_rules,
    sql_to_lint,
    unit_tests,
    without_leaks,
)


def macro(path: str, *calls: str) -> dict[str, Any]:
    return {"original_file_path": f"macros/{path}.sql", "depends_on": {"macros": list(calls)}}


def model(name: str, *macros: str) -> dict[str, Any]:
    return {
        "original_file_path": f"models/{name}.sql",
        "patch_path": f"readership://models/{name}.yml",
        "depends_on": {"macros": list(macros)},
    }


def unit_test(of: str, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "original_file_path": f"models/{of}__unit_tests.yml",
        "depends_on": {"nodes": [f"model.readership.{of}"]},
    }


MANIFEST = {
    "macros": {
        "deep": macro("deep"),
        "middle": macro("middle", "deep"),
        "top": macro("top", "middle"),
        "other": macro("other", "dbt.ref"),
    },
    "nodes": {
        "model.readership.a": model("a", "top"),
        "model.readership.b": model("b", "other"),
        "model.readership.c": model("c", "middle", "other"),
        "model.readership.untested": model("untested", "top"),
    },
    "unit_tests": {
        "1": unit_test("a", "a_counts"),
        "2": unit_test("a", "a_ranks"),
        "3": unit_test("b", "b_counts"),
        "4": unit_test("c", "c_counts"),
    },
}


@pytest.mark.parametrize(
    ("files", "models"),
    [
        (["models/b.sql"], ["b"]),
        (["models/b.yml"], ["b"]),
        (["models/b__unit_tests.yml"], ["b"]),
        (["macros/top.sql"], ["a"]),
        (["macros/deep.sql"], ["a", "c"]),
        (["macros/deep.sql", "models/c.sql"], ["c", "a"]),
        (["macros/other.sql", "models/a.sql"], ["a", "b", "c"]),
        (["models/untested.sql", "README.md", "loaders/reading/gate.py"], []),
        ([], []),
    ],
)
def test_models_with_changed_files_or_macros_are_tested(
    files: list[str], models: list[str]
) -> None:
    chosen = unit_tests(files, MANIFEST)
    assert (chosen.models, chosen.left) == (models, [])
    assert ("a_ranks" in chosen.tests) == ("a" in models)


def test_a_macro_of_many_models_tests_some_of_them_and_every_changed_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(changed, "MOST_MODELS", 1)
    assert unit_tests(["macros/deep.sql"], MANIFEST) == Chosen(
        ["a_counts", "a_ranks"], ["a"], ["c"]
    )
    edited = ["models/b.sql", "models/c.sql", "macros/deep.sql"]
    assert unit_tests(edited, MANIFEST) == Chosen(["b_counts", "c_counts"], ["b", "c"], ["a"])


def test_sqlfluff_gets_models_and_data_tests() -> None:
    assert sql_to_lint(
        [
            "macros/rules/segment.sql",
            "models/staging/stg_hosts.sql",
            "models/staging/stg_hosts.yml",
            "tests/data/generic/between.sql",
            "tests/data/warn_bots.sql",
        ]
    ) == ["models/staging/stg_hosts.sql", "tests/data/warn_bots.sql"]


def test_the_rules_of_models_are_tested_when_a_model_or_its_description_has_changed() -> None:
    for file in ("models/marts/a/fct_a.sql", "models/marts/a/fct_a.yml", "dbt_project.yml"):
        assert may_break_rules([file])
    assert not may_break_rules(["README.md", "macros/rules/segment.sql", "seeds/sites.csv"])
    assert all((ROOT / file).exists() for file in RULES)


def test_the_output_of_lint_is_without_what_a_binding_says_at_exit() -> None:
    noise = (
        "nanobind: leaked 30 instances!\n"
        ' - leaked instance 0x557c42fbafe0 of type "_duckdb._sqltypes.DuckDBPyType"\n'
        " - ... skipped remainder\n"
        "nanobind: leaked 3 keep_alive records!\n"
        ' - leaked function "df"\n'
        "nanobind: this is likely caused by a reference counting issue in the binding code.\n"
        "See https://nanobind.readthedocs.io/en/latest/refleaks.html"
    )
    said = "User Error: no such file\n - a line of a list\n"
    assert without_leaks(said + noise) == said
