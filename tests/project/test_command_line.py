"""The command `readership`, from the checkout and from an installed wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import pytest

from readership.command_line import COMMANDS, main

ROOT = Path(__file__).parents[2]


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ")] == [*COMMANDS]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_describes_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([name, "--help"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: readership {name} ")


def test_an_unknown_command_is_one_line_that_names_a_similar_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["pubish"]) == 2
    assert capsys.readouterr().err == (
        "readership: 'pubish' is not a command: did you mean publish?\n"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_is_an_error_of_the_command(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([name, "--nope", *(["a"] if name in {"follow", "key", "query", "run"} else [])])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] in {
        f"readership {name}: error: unrecognized arguments: --nope",
        f"readership {name}: unrecognized arguments: --nope",
    }


@pytest.mark.parametrize(
    ("code", "packages"),
    [
        (
            "from readership.command_line import main; main(['--help'])",
            {"dlt", "dbt", "duckdb", "fastapi", "pyarrow", "rich"},
        ),
        ("import loaders.commands", {"dlt", "dbt", "pyarrow", "rich"}),
        ("import readership.builder.command_line", {"dlt", "dbt", "duckdb", "fastapi"}),
        ("import readership.report", {"dlt", "dbt", "fastapi", "pyarrow"}),
        ("import readership.service.command_line", {"dlt", "dbt", "fastapi", "pyarrow"}),
    ],
)
def test_slow_packages_are_imported_when_they_are_used(code: str, packages: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert packages.isdisjoint(done.stdout.splitlines()[-1].split())


def test_every_command_has_a_module() -> None:
    assert all(callable(import_module(command.module).main) for command in COMMANDS.values())


@pytest.mark.slow
def test_the_wheel_holds_the_packages_and_runs_without_the_checkout(tmp_path: Path) -> None:
    """Builds and unpacks the wheel, as `pip install` would, in a few seconds."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("readership-*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
        packages = {name.partition("/")[0] for name in archive.namelist()}
        (scripts,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert "readership = readership.command_line:main" in archive.read(scripts).decode()
    assert {name for name in packages if not name.endswith(".dist-info")} == {
        "loaders", "readership", "simulator",
    }  # fmt: skip
    modules = {path.relative_to(ROOT) for room in ("loaders", "readership", "simulator")
               for path in (ROOT / room).rglob("*.py")}  # fmt: skip
    assert {module for module in modules if not (installed / module).exists()} == set()
    run = subprocess.run(
        [sys.executable, "-m", "readership", "init", "--warehouse", str(tmp_path / "w.duckdb")],
        cwd=installed, env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "w.duckdb").exists()
