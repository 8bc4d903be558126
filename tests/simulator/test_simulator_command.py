"""The command is fast, keeps existing files and reports errors clearly."""

from __future__ import annotations

import ast
import gzip
import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.command_line import main

SMALL = ("--events", "600", "--days", "2")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (["--sites", "0"], "--sites"),
        (["--days", "0"], "--days"),
        (["--events", "-5"], "--events"),
        (["--events", "many"], "--events"),
        (["--start", "yesterday"], "--start"),
        (["--speed", "9"], "--speed"),
    ],
)
def test_a_wrong_argument_is_one_clear_line(
    wrong: list[str], word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--out", str(tmp_path), *wrong])
    assert stop.value.code == 2
    output = capsys.readouterr()
    assert output.err.startswith("readership simulate: ")
    assert output.err.count("\n") == 1
    assert word in output.err
    assert not output.out
    assert not list(tmp_path.iterdir())


def test_an_unwritable_folder_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for out in (file, file / "below"):
        with pytest.raises(SystemExit) as stop:
            main([*SMALL, "--out", str(out)])
        assert stop.value.code == 1
        line = capsys.readouterr().err
        assert line.startswith(f"readership simulate: the events cannot be written: {out}: ")
        assert "--out" in line
        assert line.count("\n") == 1


def test_a_second_run_with_the_same_arguments_leaves_the_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SMALL, "--out", str(tmp_path)]) == 0
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert main([*SMALL, "--out", str(tmp_path)]) == 0
    assert "already holds" in capsys.readouterr().out
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}


def test_files_of_other_arguments_are_kept_without_overwrite(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*SMALL, "--out", str(tmp_path)])
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main([*SMALL, "--seed", "8", "--out", str(tmp_path)])
    assert stop.value.code == 1
    assert capsys.readouterr().err.count("\n") == 1
    own = tmp_path / "notes.txt"
    own.write_text("mine")
    start = ("--start", "2026-07-01")
    assert main([*SMALL, *start, "--out", str(tmp_path), "--overwrite"]) == 0
    assert own.read_text() == "mine"
    assert not (tmp_path / "2026/06").exists()
    assert (tmp_path / "2026/07/01/part-00.jsonl.gz").exists()
    assert json.loads((tmp_path / "truth.json").read_text())["arguments"]["start"] == "2026-07-01"


def test_the_summary_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([*SMALL, "--sites", "3", "--out", str(tmp_path)])
    output = capsys.readouterr()
    assert output.out.count("\n") == 1
    assert "600 events" in output.out
    assert "truth.json" in output.out
    assert not output.err


def test_small_numbers_of_events_and_sites_work(tmp_path: Path) -> None:
    main(["--events", "1", "--days", "1", "--sites", "1", "--out", str(tmp_path / "one")])
    main(["--events", "300", "--days", "1", "--sites", "9", "--mess", "--out", str(tmp_path / "m")])
    (file,) = (tmp_path / "one").rglob("*.gz")
    assert len(gzip.decompress(file.read_bytes()).splitlines()) == 1


def test_the_simulator_imports_only_the_standard_library_and_rich() -> None:
    allowed = sys.stdlib_module_names | {"rich", "simulator"}
    for file in (Path(__file__).parents[2] / "simulator").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert {name.split(".")[0] for name in names} <= allowed


def test_events_are_generated_quickly(tmp_path: Path) -> None:
    """By the processor time of the process and all its threads, whatever else the machine does."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "simulator", "--events", "40000", "--out", str(tmp_path)],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parents[2],
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert 40_000 / seconds >= 8_000
