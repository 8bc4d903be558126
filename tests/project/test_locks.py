"""The locks: what runs, what tests need besides, each pin once; and what the site is built with."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import (
    PackageNotFoundError,
    distribution,
    distributions,
    packages_distributions,
)
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from supply import locks

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
RUNS = PROJECT["dependencies"]
TESTS = [*RUNS, *EXTRAS["postgres"], *EXTRAS["dev"]]
ROOMS = ("loaders", "readership", "simulator")
# The oldest Python that there is a promise for needs packages that newer ones have inside.
OLDEST = {"python_version": "3.11", "python_full_version": "3.11.0"}


def pins(name: str) -> list[tuple[str, str]]:
    """Give the pins of a lock that hold on this machine."""
    return [
        (canonicalize_name(requirement.name), str(requirement.specifier).removeprefix("=="))
        for requirement, _ in locks.pins(ROOT / name)
        if requirement.marker is None or requirement.marker.evaluate()
    ]


RUN_LOCK = pins("requirements.lock")
TEST_LOCK = pins("requirements-postgres.lock") + pins("requirements-test.lock")
DOCS_LOCK = pins("requirements-docs.lock")
SPARK_LOCK = pins("requirements-spark.lock")
CLOUDS_LOCK = pins("requirements-clouds.lock")
DATABRICKS_LOCK = pins("requirements-databricks.lock")
SAIL_LOCK = pins("requirements-sail.lock")
CLOUDS = ("snowflake", "bigquery", "redshift", "trino", "athena")
# The adapters want older ones.
OF_CLOUDS = {"certifi", "filelock", "tenacity"}
OF_DATABRICKS = {"dbt-common", "packaging", "pydantic", "pydantic-core"}
SITE = ROOT / ".venv-docs"
# In a virtual environment of its own, since the site's parts read an older one.
APART = {"sqlglot", "sqlglotc"}
# The packages and modules that need an extra of pyproject.toml, what they import of it, and what is
# run without. Others import such a one in the function that needs it, and say what to install.
WITH_EXTRA = {
    "readership/service/postgresql": ("postgres", {"psycopg2"}, "readership.service.serve_command"),
    "loaders/streaming/kafka.py": ("kafka", {"confluent_kafka"}, "loaders.pipeline"),
    "loaders/streaming/nats.py": ("nats", {"nats"}, "loaders.pipeline"),
}
# The same of a virtual environment of its own, which has nothing that runs elsewhere.
WITH_EXTRA_APART = {"readership/spark": ("spark", {"pyspark"}, "")}


def requirements_of(package: Requirement, environment: dict[str, str]) -> Iterator[Requirement]:
    """Yield the requirements of an installed package, including those of its extras."""
    for text in distribution(package.name).requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or any(
            requirement.marker.evaluate({"extra": extra, **environment})
            for extra in ("", *package.extras)
        ):
            yield requirement


def needed(texts: Iterable[str], environment: dict[str, str]) -> dict[str, list[Requirement]]:
    """Return all direct and indirect requirements, by name."""
    todo = [Requirement(text) for text in texts]
    found: dict[str, list[Requirement]] = {}
    visited: set[tuple[str, frozenset[str]]] = set()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        found.setdefault(name, []).append(requirement)
        key = (name, frozenset(requirement.extras))
        if key in visited:
            continue
        visited.add(key)
        try:
            todo += requirements_of(requirement, environment)
        except PackageNotFoundError:
            # It is for another Python version or platform.
            continue
    return found


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("requirements*.lock")), ids=lambda path: path.name
)
def test_a_lock_has_an_exact_version_and_hashes_of_each_package_and_no_more(path: Path) -> None:
    """A line besides could name a registry, or a file that no hash is held against."""
    lines = path.read_text().splitlines()
    comments = [line for line in lines if line.startswith("#")]
    assert comments == lines[:2]
    assert comments[1] == "#    make locks"
    packages = [line for line in lines[2:] if not line.startswith(" ")]
    for line in packages:
        assert re.fullmatch(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==[\w.]+( ; [^;\\]+)? \\", line)
    for line in lines[2:]:
        assert line in packages or re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?", line)
    # A line that goes on, and only such a line, is followed by a hash.
    for line, following in pairwise([*lines[2:], ""]):
        assert line.endswith(" \\") == following.startswith("    --hash=")
    for _, hashes in locks.pins(path):
        assert len(set(hashes)) == len(hashes) > 0


def test_every_lock_is_written_by_the_command() -> None:
    assert {lock.path for lock in locks.LOCKS} == set(ROOT.glob("requirements*.lock"))
    pinned = {extra for lock in locks.LOCKS for extra in lock.extras}
    assert pinned == set(EXTRAS)


def test_the_binary_packages_that_run_have_files_for_many_machines() -> None:
    """`make locks` asks the registry for each platform; here at least none has one file alone."""
    binary = {"duckdb", "pyarrow", "numpy", "msgspec", "isal", "uvloop", "orjson", "ada-url"}
    files = {
        canonicalize_name(requirement.name): len(hashes)
        for requirement, hashes in locks.pins(locks.path_of(""))
    }
    assert {name for name in binary if files[name] < 12} == set()


@pytest.mark.parametrize(
    "file", ["Makefile", ".github/workflows/ci.yml", ".ci/run", "deploy/Containerfile"]
)
def test_packages_are_installed_by_their_hashes_alone(file: str) -> None:
    text = (ROOT / file).read_text()
    text = re.sub(r"\s*\\\n\s*", " ", text)
    for line in text.splitlines():
        if " pip install " in line and not line.startswith("INSTALL"):
            hashed = "$(LOCKED)" in line or "--no-deps --require-hashes" in line
            assert hashed or "--no-index --no-build-isolation" in line
    if file == "Makefile":
        assert re.search(r"^LOCKED +:=.* --require-hashes$", text, re.MULTILINE)
        assert re.search(r"^INSTALL +:=.* \$\(LOCKED\)$", text, re.MULTILINE)


def test_a_file_that_is_not_the_locked_one_is_refused(tmp_path: Path) -> None:
    """Pip itself is asked, with a wheel of its own making and no registry."""
    wheel = tmp_path / "made_up-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("made_up-1.0.dist-info/METADATA", "Name: made-up\nVersion: 1.0\n")
        archive.writestr("made_up-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("made_up-1.0.dist-info/RECORD", "")
    good = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock = tmp_path / "made_up.lock"
    outcomes = []
    for digest in (good, "0" * 64):
        lock.write_text(f"made-up==1.0 \\\n    --hash=sha256:{digest}\n")
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--quiet"]
        command += ["--find-links", str(tmp_path), "--require-hashes", "--requirement", str(lock)]
        outcomes.append(subprocess.run(command, capture_output=True, check=False).returncode)
    assert outcomes == [0, 1]


def test_no_package_is_pinned_twice() -> None:
    names = [name for name, _ in RUN_LOCK + TEST_LOCK]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize(
    ("texts", "lock"), [(RUNS, RUN_LOCK), (TESTS, RUN_LOCK + TEST_LOCK)], ids=["runs", "tests"]
)
def test_a_lock_has_every_requirement_in_a_matching_version(
    texts: list[str], lock: list[tuple[str, str]]
) -> None:
    versions = dict(lock)
    wrong = [
        f"{requirement} is not satisfied by {versions.get(name, 'any pin')}"
        for name, requirements in needed(texts, {}).items()
        for requirement in requirements
        if name not in versions or not requirement.specifier.contains(versions[name])
    ]
    assert wrong == []


def test_a_lock_has_no_other_packages() -> None:
    runs = set(needed(RUNS, OLDEST))
    tests = set(needed(TESTS, OLDEST)) - runs
    assert {name for name, _ in RUN_LOCK} - runs == set()
    assert {name for name, _ in TEST_LOCK} - tests == set()


def test_installed_versions_are_the_pinned_ones() -> None:
    wrong = [
        f"{name} {distribution(name).version}, not {version}"
        for name, version in RUN_LOCK + TEST_LOCK
        if distribution(name).version != version
    ]
    assert wrong == []


def test_the_site_has_what_its_extra_asks_for_in_versions_that_fit() -> None:
    versions = dict(DOCS_LOCK)
    assert len(versions) == len(DOCS_LOCK)
    wrong = [
        text
        for text in EXTRAS["docs"]
        for requirement in [Requirement(text)]
        if not requirement.specifier.contains(
            versions.get(canonicalize_name(requirement.name), "0")
        )
    ]
    assert wrong == []


def test_the_site_shares_its_pins_with_the_other_locks() -> None:
    others = dict(RUN_LOCK + TEST_LOCK)
    shared = {name for name, _ in DOCS_LOCK} & set(others)
    differing = {name for name, version in DOCS_LOCK if others.get(name, version) != version}
    assert len(shared) > 10
    assert differing == APART & shared


@pytest.mark.skipif(not SITE.exists(), reason="`make docs` makes its virtual environment")
def test_the_site_is_built_with_what_is_pinned_and_nothing_else() -> None:
    (packages,) = SITE.glob("lib/python*/site-packages")
    installed = {
        (canonicalize_name(found.name), found.version)
        for found in distributions(path=[str(packages)])
    }
    # venv brings these.
    assert {one for one in installed if one[0] not in ("pip", "setuptools")} == set(DOCS_LOCK)


def test_what_runs_imports_nothing_that_only_tests_have() -> None:
    providers = packages_distributions()
    locked = {name for name, _ in RUN_LOCK}
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for module in imported(path)
        if module not in sys.stdlib_module_names
        and module not in ROOMS
        and module not in of_extra(path)
        and locked.isdisjoint(map(canonicalize_name, providers.get(module, [])))
    ]
    assert wrong == []


def test_spark_has_what_its_extra_asks_for_and_the_pins_of_what_runs() -> None:
    versions = dict(SPARK_LOCK)
    assert len(versions) == len(SPARK_LOCK)
    wrong = [
        text
        for text in EXTRAS["spark"]
        for requirement in [Requirement(text)]
        if not requirement.specifier.contains(
            versions.get(canonicalize_name(requirement.name), "0")
        )
    ]
    assert wrong == []
    others = dict(RUN_LOCK + TEST_LOCK)
    assert {name for name, version in SPARK_LOCK if others.get(name, version) != version} == set()
    assert len(versions.keys() & others.keys()) > 10


def test_other_stores_and_streams_have_what_their_extras_ask_for_and_keep_to_the_pins() -> None:
    runs = dict(RUN_LOCK)
    for extra in ("gcs", "azure", "kafka", "nats"):
        lock = pins(f"requirements-{extra}.lock")
        for requirement in map(Requirement, EXTRAS[extra]):
            assert requirement.specifier.contains(dict(lock)[canonicalize_name(requirement.name)])
        assert not {name for name, _ in lock} & runs.keys()


def test_what_pip_builds_with_is_what_the_build_asks_for() -> None:
    """The lock constrains the build, whose own requirements name no hashes."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert set(build) < set(EXTRAS["build"])
    locked = dict(pins("requirements-build.lock"))
    assert set(needed(EXTRAS["build"], {})) == set(locked)


def test_clouds_have_what_their_extras_ask_for_and_the_pins_of_what_runs() -> None:
    versions = dict(CLOUDS_LOCK)
    assert len(versions) == len(CLOUDS_LOCK)
    wrong = [
        text
        for extra in CLOUDS
        for text in EXTRAS[extra]
        for requirement in [Requirement(text)]
        if not requirement.specifier.contains(
            versions.get(canonicalize_name(requirement.name), "0")
        )
    ]
    assert wrong == []
    others = dict(RUN_LOCK + TEST_LOCK)
    differing = {name for name, version in CLOUDS_LOCK if others.get(name, version) != version}
    assert differing == OF_CLOUDS
    assert len(versions.keys() & others.keys()) > 10


def test_databricks_has_what_its_extra_asks_for_and_the_pins_of_what_runs() -> None:
    versions = dict(DATABRICKS_LOCK)
    assert len(versions) == len(DATABRICKS_LOCK)
    wrong = [
        text
        for text in EXTRAS["databricks"]
        for requirement in [Requirement(text)]
        if not requirement.specifier.contains(
            versions.get(canonicalize_name(requirement.name), "0")
        )
    ]
    assert wrong == []
    others = dict(RUN_LOCK + TEST_LOCK)
    differing = {name for name, version in DATABRICKS_LOCK if others.get(name, version) != version}
    assert differing == OF_DATABRICKS
    assert len(versions.keys() & others.keys()) > 10


def test_sail_has_what_its_extra_asks_for_and_the_pins_of_other_locks() -> None:
    versions = dict(SAIL_LOCK)
    assert len(versions) == len(SAIL_LOCK)
    wrong = [
        text
        for text in EXTRAS["sail"]
        for requirement in [Requirement(text)]
        if not requirement.specifier.contains(
            versions.get(canonicalize_name(requirement.name), "0")
        )
    ]
    assert wrong == []
    others = dict(CLOUDS_LOCK + RUN_LOCK + TEST_LOCK)
    # Its client wants an older one.
    assert {name for name, version in SAIL_LOCK if others.get(name, version) != version} == {
        "pandas"
    }
    assert len(versions.keys() & others.keys()) > 5


def test_what_needs_an_extra_is_imported_when_it_is_used() -> None:
    for extra, modules, without in WITH_EXTRA.values():
        providers = {
            canonicalize_name(name)
            for module in modules
            for name in packages_distributions()[module]
        }
        declared = {canonicalize_name(Requirement(text).name) for text in EXTRAS[extra]}
        assert providers <= declared & {name for name, _ in TEST_LOCK}
        code = f"import sys, {without}; sys.exit("
        code += f"not {modules}.isdisjoint(sys.modules))"
        assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def of_extra(path: Path) -> set[str]:
    """Return the packages of an extra that a file may import."""
    extras = WITH_EXTRA | WITH_EXTRA_APART
    places = (path.relative_to(ROOT).as_posix(), path.parent.relative_to(ROOT).as_posix())
    return {module for place in places if place in extras for module in extras[place][1]}


def imported(path: Path) -> set[str]:
    """Return the top-level packages that a file imports anywhere."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found
