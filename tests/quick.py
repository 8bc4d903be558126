"""Run the command line while dbt is spared what has no effect: `python -m tests.quick ARGUMENTS`.

Nearly all of what `make models-test` takes is the work of dbt for each of its unit tests.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from readership.command_line import main as readership
from tests.support.quick_dbt import quick_dbt


def main(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code."""
    # Else all that dbt could say is put together for a file that nobody reads.
    os.environ.setdefault("DBT_LOG_LEVEL_FILE", "none")
    with quick_dbt():
        return readership(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
