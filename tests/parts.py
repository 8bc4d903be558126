"""The parts of `make test`, one after another, and the seconds of each.

    python -m tests.parts TARGETS ...

Each argument is a target of the Makefile, or several with commas between them that run beside each
other; what such print is shown whole, one after the other. The first step that fails is the last.
It needs nothing but Python, since one of the parts makes the rest ready.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A target that was made.

    Attributes:
        name: The target.
        seconds: How long it took.
        code: What `make` ended with.
        unsaid: What it printed that is still to be shown.

    """

    name: str
    seconds: float
    code: int
    unsaid: bytes


def main(steps: Sequence[str]) -> int:
    """Make all targets, print the seconds of each, and give the first exit code that is not 0."""
    started = time.monotonic()
    done: list[Part] = []
    closing = b""
    for step in steps:
        names = step.split(",")
        say(f"== {' and '.join(names)}\n".encode())
        for part in beside(names) if len(names) > 1 else [alone(names[0])]:
            if step == steps[-1] and len(names) == 1:
                # The closing line of the last part, the test runner's, closes all of it.
                closing = part.unsaid
            else:
                say(part.unsaid)
            done.append(part)
            say(f"== {line(part)}\n".encode())
        if any(part.code for part in done):
            break
    say(table(done, time.monotonic() - started).encode())
    say(closing)
    return next((part.code for part in done if part.code), 0)


def alone(name: str) -> Part:
    """Make one target and show what it prints at once, but for its last line."""
    started = time.monotonic()
    if sys.stdout.isatty():
        # A terminal shows each dot and colour.
        return Part(name, time.monotonic() - started, subprocess.call(command(name)), b"")
    last = b""
    with subprocess.Popen(command(name), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for text in process.stdout:
            if text.strip():
                say(last)
                last = text
            else:
                last += text
    return Part(name, time.monotonic() - started, process.returncode, last)


def beside(names: Sequence[str]) -> Iterator[Part]:
    """Make targets beside each other and give each when it is done, with all it printed."""

    def make(name: str) -> Part:
        started = time.monotonic()
        process = subprocess.run(
            command(name), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        return Part(name, time.monotonic() - started, process.returncode, process.stdout)

    with ThreadPoolExecutor(len(names)) as pool:
        for made in as_completed([pool.submit(make, name) for name in names]):
            yield made.result()


def command(name: str) -> list[str]:
    """Give the command that makes a target."""
    return [os.environ.get("MAKE", "make"), "--no-print-directory", name]


def line(part: Part) -> str:
    """Say how a part ended."""
    failed = f"  FAILED with {part.code}" if part.code else ""
    return f"{part.name:<12} {part.seconds:6.0f} s{failed}"


def table(parts: Sequence[Part], seconds: float) -> str:
    """Give the seconds of all parts; those beside each other add up to more than the total."""
    total = f"{'total':<12} {seconds:6.0f} s"
    return "\n".join(["", *(line(part) for part in parts), total, "", ""])


def say(text: bytes) -> None:
    """Write to standard output, now."""
    sys.stdout.buffer.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
