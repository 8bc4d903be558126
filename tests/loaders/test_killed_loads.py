"""A load that is killed, at any moment: the same command again ends as if nothing had happened."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders import pipeline
from loaders.discovering import LoadRequest
from loaders.pipeline import Progress
from loaders.writing import DuckDbFile
from tests.support.figures import Figure
from tests.support.killed_loads import (
    ROOT,
    check_what_others_see,
    contents,
    die_at,
    points,
)


def events(first: int, count: int, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    return [
        {"event_id": f"0x{at}", "user_agent": f"agent {at % 7}", "url": f"https://h{at % 5}.com/"}
        | more
        for at in range(first, first + count)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed")


class World:
    """Files of two days; the second day brings new, changed, broken and unreadable ones."""

    def __init__(self, folder: Path) -> None:
        self.events = folder / "events"
        self.first = folder / "first.duckdb"
        self.clean = folder / "clean.duckdb"
        self._write("a.jsonl", [*events(0, 40), "bad"])
        self._write("b.jsonl", events(100, 40))
        load(self.events, self.first)
        self._write("a.jsonl", events(20, 50, slot_x=1))
        for name in "cdef":
            self._write(f"{name}.jsonl", [*events(ord(name) * 1000, 60), "", "bad", "[]"])
        (self.events / "g.gz").write_bytes(b"no gzip")
        shutil.copy(self.first, self.clean)
        load(self.events, self.clean)
        self.expected = contents(self.clean)

    def _write(self, name: str, lines: list[Any]) -> None:
        self.events.mkdir(exist_ok=True)
        texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
        (self.events / name).write_text("".join(f"{text}\n" for text in texts))

    def check_killed(self, warehouse: Path, kill: Callable[[list[str]], int]) -> bool:
        """Kill a load, look at what it left, load again; tell whether it was killed."""
        shutil.copy(self.first, warehouse)
        code = kill(["load", str(self.events), "--warehouse", str(warehouse), "--workers", "2"])
        check_what_others_see(warehouse)
        load(self.events, warehouse)
        assert contents(warehouse) == self.expected
        assert load(self.events, warehouse).events == 0
        assert contents(warehouse) == self.expected
        assert list((warehouse.parent / ".dlt").iterdir()) == []
        return code == -9


def load(events: Path, warehouse: Path) -> pipeline.LoadSummary:
    return pipeline.load(LoadRequest((str(events),)), DuckDbFile(warehouse), Progress())


@pytest.fixture(scope="module")
def world(folder: Path) -> World:
    return World(folder)


@pytest.fixture(scope="module")
def calls(world: World, folder: Path) -> int:
    """How many calls a load makes from its start to its end."""
    warehouse = folder / "counted.duckdb"
    shutil.copy(world.first, warehouse)
    done = die_at(0, ["load", str(world.events), "--warehouse", str(warehouse), "--workers", "2"])
    assert done.returncode == 0, done.stderr
    assert contents(warehouse) == world.expected
    return int(done.stderr.split()[-1])


def test_a_load_killed_at_any_call_is_done_by_the_next(
    world: World, calls: int, tmp_path: Path, is_long: bool, figure: Figure
) -> None:
    killed = [
        world.check_killed(
            tmp_path / f"{at:.4f}.duckdb",
            lambda arguments, call=int(at * calls): die_at(call, arguments).returncode,
        )
        for at in points(60 if is_long else 10)
    ]
    assert all(killed)
    figure("kills_of_loads", len(killed), "kills", 60)


def test_a_load_killed_at_any_time_is_done_by_the_next(
    world: World, tmp_path: Path, is_long: bool
) -> None:
    def kill_after(seconds: float) -> Callable[[list[str]], int]:
        def kill(arguments: list[str]) -> int:
            command = [sys.executable, "-m", "loaders", *arguments]
            with subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as process:
                time.sleep(seconds)
                process.kill()
            return process.returncode

        return kill

    started = time.monotonic()
    shutil.copy(world.first, tmp_path / "whole.duckdb")
    arguments = ["load", str(world.events), "--warehouse", str(tmp_path / "whole.duckdb")]
    subprocess.run([sys.executable, "-m", "loaders", *arguments], cwd=ROOT, check=True)
    whole = time.monotonic() - started
    for at in points(30 if is_long else 5):
        world.check_killed(tmp_path / f"{at:.4f}.duckdb", kill_after(at * whole))


def test_the_working_directory_may_be_lost_in_the_middle(
    world: World, calls: int, tmp_path: Path
) -> None:
    warehouse = tmp_path / "moved.duckdb"
    shutil.copy(world.first, warehouse)
    arguments = ["load", str(world.events), "--warehouse", str(warehouse)]
    assert die_at(int(calls * 0.8), arguments).returncode == -9
    # Another machine gets the warehouse, and nothing of what was beside it.
    other = tmp_path / "other" / "elsewhere.duckdb"
    other.parent.mkdir()
    for file in tmp_path.glob("moved.duckdb*"):
        shutil.move(file, other.parent / file.name.replace("moved", "elsewhere"))
    load(world.events, other)
    assert contents(other) == world.expected


def test_processes_that_read_end_with_the_one_they_read_for(world: World, tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", _WAITS, str(world.events), str(warehouse)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        children = [int(pid) for pid in process.stdout.readline().split()]
        assert len(children) == 2
        process.kill()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}/stat").exists() and is_running(pid) for pid in children):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


_WAITS = """
import multiprocessing, sys, time
from loaders.reading import read_files
from loaders.discovering import find_files
from loaders.enriching import SeenTexts

if __name__ == "__main__":
    with read_files(find_files([sys.argv[1]]).files, SeenTexts(), SeenTexts(), 2) as batches:
        next(batches)
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        time.sleep(60)
"""
