"""Figures with bars, and the commands whose time and memory they are of."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data" / "bench"
GIB = 1024**3
_PAGE = os.sysconf("SC_PAGE_SIZE")
_LOOK_SECONDS = 0.05


@dataclass(slots=True)
class Figures:
    """What has been measured, and whether each bar was met."""

    missed: list[str] = field(default_factory=list)

    def note(
        self,
        name: str,
        value: float,
        unit: str,
        bar: float | None = None,
        kind: Literal["at least", "at most"] = "at least",
    ) -> None:
        """Print a figure; remember it when it misses its bar."""
        bound = "none"
        if bar is not None:
            bound = f"{kind} {bar:,.10g}"
            if value < bar if kind == "at least" else value > bar:
                self.missed.append(name)
        shown = f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"
        print(f"figure: {name} = {shown} {unit} (bar: {bound})", flush=True)

    def exit_code(self) -> int:
        """Give 1 when a bar was missed, and say which."""
        if self.missed:
            print(f"missed: {', '.join(self.missed)}", file=sys.stderr)
        return 1 if self.missed else 0


@dataclass(frozen=True, slots=True)
class Run:
    """One command that has run.

    Attributes:
        seconds: From start to end, the interpreter's start among them.
        cpu_seconds: Of the cores, user and system, by the command and its children.
        peak_bytes: The most memory that the command and its children held together at one
            time, pages that they share counted once for each.
        output: What it printed.

    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str


def run(*command: str, **environment: str) -> Run:
    """Run a Python command of this project to its end.

    Raises:
        SystemExit: It failed.

    """
    started = time.monotonic()
    # Into files: whoever waits for the process here learns what it used.
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=errors,
        )
        peak = _Peak(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        peak.stop()
        for file in (output, errors):
            file.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{output.read()}{errors.read()}")
        return Run(
            seconds,
            usage.ru_utime + usage.ru_stime,
            # The kernel misses no peak of a single process, the looks none of several together.
            max(peak.bytes, usage.ru_maxrss * 1024),
            output.read(),
        )


class _Peak(threading.Thread):
    """Watches the memory of a process and all below it."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._pid = pid
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        """Look every twentieth of a second."""
        while not self._ended.wait(_LOOK_SECONDS):
            self.bytes = max(self.bytes, sum(map(_resident, _tree(self._pid))))

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        self.join()


def _tree(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        # A child may be started by any thread.
        for task in Path(f"/proc/{pid}/task").iterdir():
            if task.name != str(pid):
                children += (task / "children").read_text().split()
    except OSError:
        return []
    return [pid, *(found for child in children for found in _tree(int(child)))]


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def in_order(count: int, *measured: Callable[[], Run]) -> list[Run]:
    """Run things in turn, several times; give of each the run of median time."""
    runs: list[list[Run]] = [[] for _ in measured]
    for _ in range(count):
        for some, one in zip(runs, measured, strict=True):
            some.append(one())
    return [sorted(some, key=lambda run: run.seconds)[len(some) // 2] for some in runs]
