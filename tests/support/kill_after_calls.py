"""Run a command and die in the middle: `python kill_after_calls.py CALLS ARGUMENTS...`.

After so many calls of functions, Python's own and those of libraries, the process kills itself
with SIGKILL, wherever it is. With 0 it lives, and tells on stderr how many calls there were.
Packages are a few kilobytes, or records, here, so that one load has several commits.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from loaders import pipeline, stream_loads
from readership.command_line import main

calls = 0


def main_counted(last: int, arguments: list[str]) -> int:
    """Run the command line; die at call number `last`, unless it is 0."""

    def count(_frame: Any, event: str, _argument: Any) -> None:  # noqa: ANN401
        global calls
        if event in ("call", "c_call"):
            calls += 1
            if calls == last:
                os.kill(os.getpid(), signal.SIGKILL)

    threading.setprofile(count)
    sys.setprofile(count)
    try:
        return main(arguments)
    finally:
        sys.setprofile(None)
        print(calls, file=sys.stderr)


if __name__ == "__main__":
    pipeline._PACKAGE_BYTES = 4_000
    stream_loads._PACKAGE_RECORDS = 80
    sys.exit(main_counted(int(sys.argv[1]), sys.argv[2:]))
