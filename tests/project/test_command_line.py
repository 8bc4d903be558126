"""The command `readership`, from the checkout and from an installed wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import pytest

from readership.command_line import COMMANDS, main
from readership.errors import until_reader_stops

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the empty raw tables; read only."""
    file = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    assert main(["init", "--warehouse", str(file)]) == 0
    return file


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


ARGUMENTS = {
    "load": ["events"],
    "run": ["events"],
    "follow": ["events"],
    "key": ["site"],
    "query": ["select 1"],
    "audience": ["--rule", "tier=1", "--out", "a.csv", "--without-consent-list"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_memory_left_is_one_line_of_the_command(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def runs_out(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.chdir(tmp_path)
    # What each command calls first.
    for module, called in (
        ("loaders.commands.command_line", "warehouse_file"),
        ("readership.audience.command_line", "open_for_reading"),
        ("readership.builder.command_line", "check_project"),
        ("readership.enriching.command_line", "check_project"),
        ("readership.marts.command_line", "warehouse_file"),
        ("readership.report.command_line", "open_for_reading"),
        ("readership.rounds.command_line", "check_project"),
        ("readership.service.command_line", "chosen_warehouse"),
        ("readership.service.command_line", "key_line"),
        ("simulator.command_line", "simulate"),
    ):
        monkeypatch.setattr(import_module(module), called, runs_out)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert main([name, *ARGUMENTS.get(name, [])]) == 1
    line = capsys.readouterr().err
    assert line.startswith(
        f"readership {name}: out of memory: this process: let other programs end"
    )
    assert line.count("\n") == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        *(([*name, "--help"], {0}) for name in ([], *([name] for name in COMMANDS))),
        (["--version"], {0}),
        (["status"], {0}),
        (["status", "--format", "json"], {0}),
        (["rejected"], {0}),
        (["query", "select range from range(100000)"], {0}),
        (["query", "select range from range(100000)", "--format", "csv"], {0}),
        # These have something to do: where the last line is lost, the code may say so.
        (["key", "site"], {0, 141}),
        (["init"], {0, 141}),
        (["simulate", "--events", "10", "--out", "events"], {0, 141}),
    ],
    ids=str,
)
def test_output_that_nobody_reads_ends_a_command_quietly(
    empty_warehouse: Path, tmp_path: Path, unbuffered: str, arguments: list[str], codes: set[int]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "readership", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered,
                          "READERSHIP_WAREHOUSE": str(empty_warehouse)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()
    assert process.returncode in codes
    # A secret is shown there, once.
    assert told == "" or told.startswith("secret of site, shown only once: ")


def test_a_closed_pipe_for_errors_too_ends_a_command_quietly_and_not_with_success() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "readership", "nothing"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.close()
    assert process.returncode == 141


def test_a_connection_that_breaks_is_no_lack_of_a_reader() -> None:
    with pytest.raises(BrokenPipeError), until_reader_stops():
        raise BrokenPipeError


@pytest.mark.parametrize(
    ("code", "packages"),
    [
        (
            "from readership.command_line import main; main(['--help'])",
            {"dlt", "dbt", "duckdb", "fastapi", "pyarrow", "rich"},
        ),
        ("import loaders.commands", {"dlt", "dbt", "pyarrow", "rich"}),
        ("import readership.builder.command_line", {"dlt", "dbt", "duckdb", "fastapi"}),
        ("import readership.audience", {"dlt", "dbt", "duckdb", "fastapi", "pyarrow"}),
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["init", "--warehouse", "file/w.duckdb"], {}),
        (["load", "events.jsonl", "--warehouse", "file/w.duckdb"], {}),
        (["simulate", "--out", "file/events"], {}),
        (["simulate", "--out", "file"], {}),
        (["build"], {"DBT_TARGET_PATH": "file/target"}),
        (["run", "events.jsonl"], {"DBT_TARGET_PATH": "file/target"}),
    ],
    ids=str,
)
def test_a_place_that_cannot_be_written_is_a_failure_and_no_wrong_command_line(
    empty_warehouse: Path, tmp_path: Path, arguments: list[str], environment: dict[str, str]
) -> None:
    """Takes some seconds: two of the commands start dbt."""
    for name in ("file", "events.jsonl", "profiles.yml"):
        (tmp_path / name).touch()
    (tmp_path / "dbt_project.yml").write_text("name: some\nprofile: some\n")
    (tmp_path / "profiles.yml").write_text(
        "some: {target: a, outputs: {a: {type: duckdb, path: "
        "\"{{ env_var('READERSHIP_WAREHOUSE') }}\"}}}\n"
    )
    warehouse = shutil.copy(empty_warehouse, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "readership", *arguments],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "READERSHIP_WAREHOUSE": warehouse}
        | environment,
    )  # fmt: skip
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith(f"readership {arguments[0]}: ")
    assert "file" in line
    assert "usage" not in done.stderr
    assert "Traceback" not in done.stderr


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
