"""Run the parts of `make test` one after another, and print the seconds of each.

    python -m tests.parts TARGETS ...

Each argument is a target of the Makefile, or several targets separated by commas, which run
concurrently. A target that ends in a plus sign runs beside the steps after it, and is printed as a
whole when it has finished. The output of concurrent targets is not mixed. The run stops after the
first step that fails, or beside which a target has failed. The module uses only the standard
library, because one of the parts installs the rest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

_writing = threading.Lock()


@dataclass(frozen=True)
class Part:
    """A finished target.

    Attributes:
        name: The target.
        seconds: Its duration.
        code: Exit code of `make`.
        pending: Output that has not been printed yet.

    """

    name: str
    seconds: float
    code: int
    pending: bytes


def main(steps: Sequence[str]) -> int:
    """Run all targets, print the seconds of each, and return the first exit code that is not 0."""
    started = time.monotonic()
    done: list[Part] = []

    def finish(part: Part) -> None:
        write(part.pending + f"== {line(part)}\n".encode())
        done.append(part)

    closing = b""
    beside: list[Future[None]] = []
    with ThreadPoolExecutor(len(steps)) as pool:
        for step in steps:
            names = step.removesuffix("+").split(",")
            if step.endswith("+"):
                write(f"== {' and '.join(names)} beside what follows\n".encode())
                beside += [
                    pool.submit(lambda name=name: finish(run_quietly(name))) for name in names
                ]
                continue
            write(f"== {' and '.join(names)}\n".encode())
            for part in run_concurrently(names) if len(names) > 1 else [run_alone(names[0])]:
                if step == steps[-1] and len(names) == 1:
                    # The last line of the test runner is printed at the very end.
                    closing = part.pending
                    part = replace(part, pending=b"")
                finish(part)
            if any(part.code for part in done):
                break
    for future in beside:
        future.result()
    write(table(done, time.monotonic() - started).encode())
    write(closing)
    return next((part.code for part in done if part.code), 0)


def run_alone(name: str) -> Part:
    """Run one target and print its output immediately, except for the last line."""
    started = time.monotonic()
    if sys.stdout.isatty():
        # Inherit the terminal, so that progress dots and colours are shown.
        return Part(name, time.monotonic() - started, subprocess.call(command(name)), b"")
    last = b""
    with subprocess.Popen(command(name), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for text in process.stdout:
            if text.strip():
                write(last)
                last = text
            else:
                last += text
    return Part(name, time.monotonic() - started, process.returncode, last)


def run_quietly(name: str) -> Part:
    """Run one target and keep its output."""
    started = time.monotonic()
    process = subprocess.run(
        command(name), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return Part(name, time.monotonic() - started, process.returncode, process.stdout)


def run_concurrently(names: Sequence[str]) -> Iterator[Part]:
    """Run targets concurrently, and yield each with its output when it has finished."""
    with ThreadPoolExecutor(len(names)) as pool:
        for future in as_completed([pool.submit(run_quietly, name) for name in names]):
            yield future.result()


def command(name: str) -> list[str]:
    """Return the command that runs a target."""
    return [os.environ.get("MAKE", "make"), "--no-print-directory", name]


def line(part: Part) -> str:
    """Return the result of a part as a line."""
    failed = f"  FAILED with {part.code}" if part.code else ""
    return f"{part.name:<12} {part.seconds:6.0f} s{failed}"


def table(parts: Sequence[Part], seconds: float) -> str:
    """Return a table of the seconds of all parts; concurrent ones can exceed the total."""
    total = f"{'total':<12} {seconds:6.0f} s"
    return "\n".join(["", *(line(part) for part in parts), total, "", ""])


def write(text: bytes) -> None:
    """Write to standard output and flush it."""
    with _writing:
        sys.stdout.buffer.write(text)
        sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
