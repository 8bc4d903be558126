"""Run the loader's command line and die at a point: `python kill_at_point.py POINT ARGUMENTS...`.

A point is `before` or `after`, a module, and one of its functions or methods, put together with
colons: `after:loaders.writing.ledger:Ledger.begin`. There the process kills itself with SIGKILL.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import Any

from loaders.__main__ import main


def die_at(point: str) -> None:
    """Make the process die when it comes to a point."""
    when, module, path = point.split(":")
    *names, last = path.split(".")
    owner: Any = importlib.import_module(module)
    for name in names:
        owner = getattr(owner, name)
    inner = getattr(owner, last)

    def outer(*arguments: Any, **options: Any) -> None:  # noqa: ANN401
        if when == "after":
            inner(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, last, outer)


if __name__ == "__main__":
    die_at(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
