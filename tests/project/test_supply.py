"""The bill of materials and the list of licences, made by their commands."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from supply import licences, locks

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".venv-supply"
ALLOWED = tomllib.loads(licences.ALLOWED.read_text())
MADE = pytest.mark.skipif(not TOOLS.exists(), reason="`make pytest` makes its virtual environment")


@MADE
def test_the_bill_of_materials_is_valid_and_has_each_package_that_is_locked(
    tmp_path: Path,
) -> None:
    """The tool validates what it writes by the schema of CycloneDX, and fails otherwise."""
    out = tmp_path / "sbom.json"
    command = ["make", "--no-print-directory", "-o", ".venv/.ready", "sbom", f"SBOM={out}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    bill = json.loads(out.read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["name"] == "readership"
    listed = {canonicalize_name(one["name"]): one["version"] for one in bill["components"]}
    locked = {
        canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==")
        for lock in ("", "postgres", "test")
        for requirement, _ in locks.pins(locks.path_of(lock))
        if requirement.marker is None or requirement.marker.evaluate()
    }
    assert {name: listed.get(name) for name in locked} == locked


@MADE
def test_every_installed_package_has_an_allowed_licence() -> None:
    command = [TOOLS / "bin/python", "-m", "supply.licences", sys.executable]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
    rows = [line.split(maxsplit=2) for line in done.stdout.splitlines()[:-1]]
    licensed = {name: licence for name, _, licence in rows}
    assert {"duckdb", "dlt", "dbt-core"} <= licensed.keys()
    # What is allowed is used: an entry for a package that has gone goes too.
    assert ALLOWED["packages"].keys() <= licensed.keys()
    told = " ".join(licensed.values())
    assert [name for name in ALLOWED["licences"] if name not in told] == []


@pytest.mark.parametrize(
    ("name", "licence", "reason"),
    [
        ("one", "MIT", None),
        ("one", "MPL-2.0 AND (Apache-2.0 OR MIT)", None),
        ("one", "Mozilla Public License 2.0 (MPL 2.0)", None),
        ("one", "Apache Software License; MIT License", None),
        ("one", "AGPL-3.0-only", "AGPL-3.0-only is not allowed"),
        ("one", "MIT AND GPL-3.0-only", "GPL-3.0-only is not allowed"),
        ("one", "UNKNOWN", "UNKNOWN is not allowed"),
        ("one", "", "no licence is not allowed"),
        ("simplejson", "MIT OR AFL-2.1", None),
        ("simplejson", "AFL-2.1", "its licence was MIT OR AFL-2.1"),
    ],
)
def test_a_licence_is_allowed_whole_or_not_at_all(
    name: str, licence: str, reason: str | None
) -> None:
    assert licences.refusal(name, licence, ALLOWED) == reason


def test_each_allowed_licence_has_a_reason() -> None:
    assert all(ALLOWED["licences"].values())
    assert all(entry["why"] and entry["licence"] for entry in ALLOWED["packages"].values())
