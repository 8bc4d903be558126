"""The command lines of `readership run` and `readership follow`: output and exit codes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from loaders import LoadRequest, LoadSummary, NamedDestination, Progress
from readership.builder import Built
from readership.errors import UserError
from readership.rounds import Round, Rounds, command_line
from readership.rounds.command_line import main

BROKEN = UserError("the warehouse is in use", "a file", "wait for it to end")


def loaded(**changes: object) -> LoadSummary:
    summary = LoadSummary("a warehouse", files=Counter(loaded=2), events=1_200, seconds=1.0)
    for name, value in changes.items():
        setattr(summary, name, value)
    return summary


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Round | Exception]:
    """The rounds to come: what each did, or how it fails. After the last, the process stops."""
    monkeypatch.chdir(tmp_path)
    Path("dbt_project.yml").touch()
    coming: list[Round | Exception] = []

    def following(_: Rounds, *, is_whole: bool = False) -> Round:
        del is_whole
        if not coming:
            raise KeyboardInterrupt
        done = coming.pop(0)
        if isinstance(done, Exception):
            raise done
        return done

    monkeypatch.setattr(Rounds, "next", following)
    return coming


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses since, in whole seconds."""
    taken: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda seconds: taken.append(seconds))
    monkeypatch.setattr(command_line, "time", clock)
    return taken


def test_another_engine_is_built_at_first_and_after_each_load(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new = iter([loaded(), None, loaded(), None])
    monkeypatch.setattr("loaders.load_new", lambda *_: next(new))
    project = SimpleNamespace(
        needs_whole_build=lambda _: False, build_changed=Built, failed_tests=()
    )
    target = NamedDestination("postgres")
    rounds = Rounds(
        LoadRequest(("events",)), target, None, project,
        hours=24, publishes=True, progress=Progress,
    )  # fmt: skip
    assert [rounds.next().built is not None for _ in range(4)] == [True, False, True, False]


def test_run_prints_the_load_and_the_steps(
    rounds: list[Round | Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = {"loaded": 1.0, "built": 2.25}
    rounds.append(Round(loaded(), Built(warned=1), seconds=seconds))
    assert main(["run", "events"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("files      2 loaded")
    assert lines[-1] == ("2 files with 1,200 events loaded, changes built, 1 warned; 1.0 + 2.2 s")


@pytest.mark.parametrize(
    ("done", "code", "message"),
    [
        (Round(), 0, ""),
        (Round(loaded(files=Counter(refused=1))), 3, ""),
        (Round(loaded(lost=[("a.gz", "timeout")])), 1, "readership run: the store gave out: a.gz"),
        (
            Round(built=Built(broken=1), failed_tests=("a", "b", "c", "d")),
            1,
            "readership run: 4 data tests failed: a, b, c and 1 more: see the errors above and ",
        ),
        (BROKEN, 1, "readership run: the warehouse is in use: a file: wait for it to end"),
    ],
)
def test_the_exit_code_of_run_says_whether_all_files_were_loaded(
    rounds: list[Round | Exception],
    capsys: pytest.CaptureFixture[str],
    done: Round | Exception,
    code: int,
    message: str,
) -> None:
    rounds.append(done)
    assert main(["run", "events"]) == code
    assert capsys.readouterr().err.startswith(message)


def test_follow_prints_a_line_for_each_round_that_did_something(
    rounds: list[Round | Exception], pauses: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    done = Round(loaded(), Built(), is_whole=True, seconds={"loaded": 1.0, "built": 2.0})
    rounds += [Round(), done, Round()]
    assert main(["follow", "events", "--every", "5s"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line[8:] == "  2 files with 1,200 events loaded, everything built; 1.0 + 2.0 s"
    assert pauses == [5, 5, 5]


def test_follow_repeats_a_round_that_failed_after_pauses_that_grow(
    rounds: list[Round | Exception], pauses: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    rounds += [*[BROKEN] * 8, Round(), BROKEN]
    assert main(["follow", "events"]) == 0
    assert pauses == [10, 20, 40, 80, 160, 320, 600, 600, 10, 10]
    lines = capsys.readouterr().err.splitlines()
    assert (
        lines[0][8:] == "  readership follow: the warehouse is in use: a file: wait for it to end"
    )
    assert len(lines) == 10


def test_follow_rests_after_a_long_round_that_failed(
    rounds: list[Round | Exception], pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = iter(range(0, 36_000, 3_600))
    monkeypatch.setattr(command_line.time, "monotonic", lambda: next(hours))
    rounds += [BROKEN, BROKEN, Round()]
    assert main(["follow", "events"]) == 0
    assert pauses == [10, 20, 0]


def test_follow_tells_of_failed_data_tests_when_it_has_built_and_keeps_its_pace(
    rounds: list[Round | Exception], pauses: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    failed = ("law_1",)
    rounds += [
        Round(built=Built(broken=1), is_whole=True, failed_tests=failed),
        Round(failed_tests=failed),
        Round(loaded(), Built(), failed_tests=failed),
    ]
    assert main(["follow", "events"]) == 0
    printed = capsys.readouterr()
    assert [line[10:] for line in printed.out.splitlines()] == [
        "everything built, 1 data test failed;  s",
        "2 files with 1,200 events loaded, changes built, 1 data test failed;  s",
    ]
    lines = [line[10:] for line in printed.err.splitlines() if "data test" in line]
    assert len(lines) == 2
    assert lines[0].startswith("readership follow: 1 data test failed: law_1: see the errors above")
    assert pauses == [10, 10, 10]


def test_a_folder_without_a_project_is_named_before_anything_is_loaded(
    rounds: list[Round | Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    rounds += [Round()]
    Path("dbt_project.yml").unlink()
    assert main(["run", "events"]) == 1
    assert capsys.readouterr().err.startswith("readership run: there is no dbt project: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["follow", "events", "--every", "0"],
        ["follow", "events", "--every", "soon"],
        ["run", "events", "--whole-every", "-1"],
        ["erase", "--requests", "privacy.requests; drop table x"],
        ["erase", "--requests", "requests"],
    ],
)
def test_wrong_options_are_refused_with_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: readership" in capsys.readouterr().err
