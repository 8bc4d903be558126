"""Lint and unit-test the changes since main: `python -m tests.changed lint|lint-all|models`.

The changes are the differences from the merge base with main, including uncommitted and untracked
files. `lint-all` lints every model and data test.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import loaders
from loaders import DuckDbFile
from readership.console import counted
from readership.warehouse import warehouse_file

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

ROOT: Final = Path(__file__).parent.parent
MOST_MODELS: Final = 20
"""Maximum number of models to test: a changed macro may affect all of them."""
_LEAK: Final = re.compile(
    r"nanobind: (leaked|this is likely caused)| - leaked | - \.\.\. skipped remainder$"
    r"|See https://nanobind\.readthedocs\.io"
)
RULES: Final = ("tests/project/test_project_rules.py", "tests/docs/test_public_models.py")
"""Tests of what every model must have. They read only the manifest and the pages."""


@dataclass(frozen=True)
class Chosen:
    """Unit tests to run.

    Attributes:
        tests: Names of the unit tests.
        models: Names of their models, changed models first.
        left: Models with changed macros that exceed the maximum and are not tested.

    """

    tests: list[str]
    models: list[str]
    left: list[str]


def main(arguments: list[str]) -> int:
    """Run the command line and return the exit code."""
    if arguments == ["lint-all"]:
        return _sqlfluff("--processes", "2", "models", "tests/data")
    try:
        files = changed_files()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"changed: git cannot determine the changes: {error}", file=sys.stderr)
        return 1
    if arguments == ["lint"]:
        return _lint(sql_to_lint(files))
    if arguments == ["models"]:
        return _test_models(files)
    print("changed: the argument must be lint, lint-all or models", file=sys.stderr)
    return 2


def changed_files() -> list[str]:
    """Return the paths that differ from the merge base with main, or from HEAD without one."""
    base = "HEAD"
    for main_branch in ("main", "origin/main"):
        found = subprocess.run(
            ["git", "merge-base", main_branch, "HEAD"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if found.returncode == 0:
            base = found.stdout.strip()
            break
    paths: set[str] = set()
    for command in (
        ["git", "diff", "--name-only", "--diff-filter=d", "-z", base],
        ["git", "ls-files", "--others", "--exclude-standard", "-z"],
    ):
        output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        paths.update(path for path in output.stdout.split("\0") if path)
    return sorted(paths)


def sql_to_lint(files: Iterable[str]) -> list[str]:
    """Return the files that sqlfluff lints: models and data tests, not macros."""
    return [
        file
        for file in files
        if file.endswith(".sql")
        and file.startswith(("models/", "tests/data/"))
        and not file.startswith("tests/data/generic/")
    ]


def may_break_rules(files: Iterable[str]) -> bool:
    """Tell whether the files say what models there are, or what is said of them."""
    return any(file.startswith("models/") or file in ("dbt_project.yml", *RULES) for file in files)


def unit_tests(files: Collection[str], manifest: dict[str, Any]) -> Chosen:
    """Choose the unit tests of models whose SQL, YAML, unit tests or macros changed.

    Args:
        files: The changed files.
        manifest: Contents of dbt's manifest.json.

    """
    tests: dict[str, list[str]] = {}
    edited: set[str] = set()
    for test in manifest["unit_tests"].values():
        (model,) = test["depends_on"]["nodes"]
        tests.setdefault(model, []).append(test["name"])
        if test["original_file_path"] in files:
            edited.add(model)
    macros = _users_of_changed(files, manifest["macros"])
    using: set[str] = set()
    for model in tests:
        node = manifest["nodes"][model]
        described_in = (node["patch_path"] or "").partition("://")[2]
        if node["original_file_path"] in files or described_in in files:
            edited.add(model)
        elif macros.intersection(node["depends_on"]["macros"]):
            using.add(model)
    models = [*sorted(edited), *sorted(using - edited)]
    kept = models[: max(MOST_MODELS, len(edited))]
    return Chosen(
        [name for model in kept for name in tests[model]],
        [_name(model) for model in kept],
        [_name(model) for model in models[len(kept) :]],
    )


def _users_of_changed(files: Collection[str], macros: dict[str, Any]) -> set[str]:
    """Return the changed macros, and all that call them directly or indirectly."""
    found = {name for name, macro in macros.items() if macro["original_file_path"] in files}
    while True:
        more = {
            name
            for name, macro in macros.items()
            if found.intersection(macro["depends_on"]["macros"])
        } - found
        if not more:
            return found
        found |= more


def _name(unique_id: str) -> str:
    return unique_id.split(".")[2]


def _lint(files: list[str]) -> int:
    if not files:
        print("No models or data tests have changed.")
        return 0
    print(f"Linting {counted(len(files), 'changed file')} with sqlfluff.", flush=True)
    return _sqlfluff(*files)


def _sqlfluff(*arguments: str) -> int:
    linted = subprocess.run(
        ["sqlfluff", "lint", "--disable-progress-bar", *arguments],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    sys.stderr.write(without_leaks(linted.stderr))
    return linted.returncode


def without_leaks(text: str) -> str:
    """Leave out what DuckDB's binding says of itself at exit, dozens of lines."""
    return "".join(line for line in text.splitlines(keepends=True) if not _LEAK.match(line))


def _test_models(files: list[str]) -> int:
    # Imported here, because it takes a second, and lint does not need it.
    from dbt.cli.main import dbtRunner

    parsed = dbtRunner().invoke(["--quiet", "parse"])
    if not parsed.success:
        return 1
    target = Path(ROOT, os.environ.get("DBT_TARGET_PATH", "target"))
    broken = _test_rules(parsed.result, target) if may_break_rules(files) else 0
    chosen = unit_tests(files, json.loads((target / "manifest.json").read_text()))
    if not chosen.tests:
        print("No models with unit tests, or macros of such models, have changed.")
        return broken
    if chosen.left:
        print(
            f"Testing only {len(chosen.models)} of the models with changed macros; "
            f"`make models-test` also tests the other {len(chosen.left)}."
        )
    # Unit tests need the columns of the tables that their models read.
    warehouse = warehouse_file(None)
    warehouse.unlink(missing_ok=True)
    loaders.init(DuckDbFile(warehouse))
    code = subprocess.call(
        [
            *("dbt", "--quiet", "build", "--empty", "--exclude-resource-type", "test"),
            *("--indirect-selection", "empty", "--select"),
            *(f"+{model}" for model in chosen.models),
            *chosen.tests,
        ],
        cwd=ROOT,
    )
    if code == 0:
        passed = counted(len(chosen.tests), "unit test")
        print(f"{passed} passed, of: {', '.join(chosen.models)}.")
    return code or broken


def _test_rules(manifest: Manifest, target: Path) -> int:
    print("Testing the rules that every model keeps.", flush=True)
    # dbt 1.11 cannot copy selectors, and no test uses them.
    manifest.selectors = {}
    manifest.disabled = {}
    file = target / "manifest.pickle"
    file.write_bytes(pickle.dumps(manifest))
    options = ["--no-header", "--tb=line", "--manifest", str(file)]
    return subprocess.call([sys.executable, "-m", "pytest", *options, *RULES], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
