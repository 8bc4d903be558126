"""The parts of `make test`: their output, its order and the exit code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Parts = Callable[..., tuple[int, list[str]]]
MAKEFILE = """\
quick:
\t@echo quick one; echo quick two
slow:
\t@echo slow one; sleep 0.6; echo slow two
broken:
\t@echo it broke; exit 3
runner:
\t@echo first line; echo; echo 12 passed in 3.00s
"""


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    (tmp_path / "Makefile").write_text(MAKEFILE)

    def run(*steps: str) -> tuple[int, list[str]]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.parts", *steps],
            cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        return done.returncode, [
            re.sub(r" +\d+ s", " N s", line) for line in done.stdout.splitlines()
        ]

    return run


def test_every_part_has_its_seconds_and_the_last_line_comes_last(parts: Parts) -> None:
    code, lines = parts("quick", "runner")
    assert code == 0
    assert lines == [
        "== quick",
        "quick one",
        "quick two",
        "== quick N s",
        "== runner",
        "first line",
        "",
        "== runner N s",
        "",
        "quick N s",
        "runner N s",
        "total N s",
        "",
        "12 passed in 3.00s",
    ]


def test_the_output_of_concurrent_parts_is_not_mixed(parts: Parts) -> None:
    code, lines = parts("slow,quick", "runner")
    assert code == 0
    assert lines[:7] == [
        "== slow and quick",
        "quick one",
        "quick two",
        "== quick N s",
        "slow one",
        "slow two",
        "== slow N s",
    ]


def test_concurrent_parts_may_be_the_last_step(parts: Parts) -> None:
    code, lines = parts("slow,runner")
    assert code == 0
    assert lines[-5:] == ["", "runner N s", "slow N s", "total N s", ""]
    assert lines[1:5] == ["first line", "", "12 passed in 3.00s", "== runner N s"]


def test_a_part_runs_beside_those_after_it(parts: Parts) -> None:
    code, lines = parts("slow+", "quick", "runner")
    assert code == 0
    assert lines[0] == "== slow beside what follows"
    slow = lines.index("slow one")
    # The others are done before it, and it is printed as a whole.
    assert lines.index("== runner N s") < slow
    assert lines[slow : slow + 3] == ["slow one", "slow two", "== slow N s"]
    assert lines[-1] == "12 passed in 3.00s"


def test_a_failure_beside_the_last_part_fails_the_run(parts: Parts) -> None:
    code, lines = parts("broken+", "slow")
    assert code != 0
    assert "it broke" in lines
    assert any(line.startswith("broken N s  FAILED") for line in lines)
    assert lines[-1] == "slow two"


@pytest.mark.parametrize(
    "steps", [("broken", "runner"), ("slow,broken", "runner"), ("broken+", "slow", "runner")]
)
def test_a_failed_part_stops_and_fails_the_run(parts: Parts, steps: tuple[str, ...]) -> None:
    code, lines = parts(*steps)
    assert code != 0
    assert "it broke" in lines
    assert "12 passed in 3.00s" not in lines
    assert any(line.startswith("broken N s  FAILED") for line in lines)


def test_a_failure_of_the_last_part_fails_the_run(parts: Parts) -> None:
    code, lines = parts("quick", "broken")
    assert code != 0
    assert lines[-1] == "it broke"


def test_an_unknown_task_is_one_line_that_says_where_the_list_is() -> None:
    done = subprocess.run(
        [os.environ.get("MAKE", "make"), "nosuch"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("There is no task nosuch; `make` lists them.\n")
