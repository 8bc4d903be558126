"""Figures with bars, and the measurement of commands."""

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
_SAMPLE_SECONDS = 0.05


@dataclass(slots=True)
class Figures:
    """Prints figures, and remembers them and those that miss their bar."""

    missed: list[str] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)

    def note(
        self,
        name: str,
        value: float,
        unit: str,
        bar: float | None = None,
        kind: Literal["at least", "at most"] = "at least",
    ) -> None:
        """Print a figure, and remember it if it misses its bar.

        Args:
            name: Name of the figure.
            value: Its value.
            unit: Its unit.
            bar: The bound that the value must meet; None for no bar.
            kind: Whether the bar is a lower or an upper bound.

        """
        self.values[name] = value
        bound = "none"
        if bar is not None:
            bound = f"{kind} {bar:,.10g}"
            if value < bar if kind == "at least" else value > bar:
                self.missed.append(name)
        shown = f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"
        print(f"figure: {name} = {shown} {unit} (bar: {bound})", flush=True)

    def exit_code(self) -> int:
        """Return 1 and print the names if any figure missed its bar, else 0."""
        if self.missed:
            print(f"missed: {', '.join(self.missed)}", file=sys.stderr)
        return 1 if self.missed else 0


@dataclass(frozen=True, slots=True)
class Run:
    """The measurements of a finished command.

    Attributes:
        seconds: Wall time, including the start of the interpreter.
        cpu_seconds: User and system CPU time of the command and its children.
        peak_bytes: Peak memory of the command and its children together. Shared pages count once
            per process.
        output: Standard output.

    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str


def run(*command: str, python: str = sys.executable, **environment: str) -> Run:
    """Run a Python command of this project and measure it.

    Args:
        command: Arguments of the interpreter.
        python: The interpreter.
        environment: Additional environment variables.

    Raises:
        SystemExit: The command failed.

    """
    started = time.monotonic()
    # Output goes to files, because `os.wait4`, which returns the usage, replaces `communicate`.
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [python, *command],
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
            # The kernel knows the exact peak of each process; sampling adds up several of them.
            max(peak.bytes, usage.ru_maxrss * 1024),
            output.read(),
        )


class _Peak(threading.Thread):
    """Samples the memory of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._pid = pid
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        """Take samples until stopped."""
        while not self._ended.wait(_SAMPLE_SECONDS):
            self.bytes = max(self.bytes, sum(map(_resident, _tree(self._pid))))

    def stop(self) -> None:
        """Stop sampling."""
        self._ended.set()
        self.join()


def _tree(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        # Any thread may have started a child.
        for task in Path(f"/proc/{pid}/task").iterdir():
            if task.name != str(pid):
                children += (task / "children").read_text().split()
    except OSError:
        return []
    return [pid, *(descendant for child in children for descendant in _tree(int(child)))]


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def median_runs(rounds: int, *commands: Callable[[], Run]) -> list[Run]:
    """Run commands alternately for some rounds; return the median run of each by time."""
    runs: list[list[Run]] = [[] for _ in commands]
    for _ in range(rounds):
        for results, command in zip(runs, commands, strict=True):
            results.append(command())
    return [sorted(results, key=lambda run: run.seconds)[rounds // 2] for results in runs]
