"""The command line: `python -m builder`."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Final

from builder.building import Built, build
from builder.progress import progress_for
from console import counted
from errors import UserError, exhausted

_EXIT_CODES: Final = """\
exit codes:
  0  built, and the data passed its tests; tests that only warn may have warned
  1  something failed, or was not done; stderr says what. Run again when it is put right: what
     has been built is kept
  2  the command line is wrong
"""
_KINDS: Final = {
    "model": "model",
    "seed": "list",
    "test": "data test",
    "unit_test": "unit test",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and give the exit code."""
    options = _parser().parse_args(arguments)
    started = time.monotonic()
    try:
        built = build(
            progress_for(),
            options.select,
            full_refresh=options.full_refresh,
            unit_tests=options.unit_tests,
        )
    except UserError as error:
        print(f"builder: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("builder: stopped: the next build goes on from what is done", file=sys.stderr)
        return 1
    except MemoryError as error:
        print(f"builder: {exhausted(error, 'this process')}", file=sys.stderr)
        return 1
    print(_summary(built, time.monotonic() - started))
    if built.used_up is not None:
        print(f"builder: {built.used_up}", file=sys.stderr)
    return 1 if built.broken else 0


def _summary(built: Built, seconds: float) -> str:
    parts = [counted(built.done[kind], name) for kind, name in _KINDS.items() if kind in built.done]
    done = ", ".join(parts) or "nothing"
    troubles = [
        f"{count:,} {word}"
        for count, word in (
            (built.warned, "warned"),
            (built.broken, "failed"),
            (built.skipped, "skipped"),
        )
        if count
    ]
    return "; ".join([f"built and passed: {done}", *troubles, f"{seconds:.0f} s"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m builder",
        description="Build lists and models, test the data and write the answers to calls, as "
        "`dbt build` and `dbt run-operation publish_answers` do, with the project parsed once.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--select", action="append", default=[], metavar="NODES",
        help="build and test these alone, in dbt's own words; may be given several times",
    )  # fmt: skip
    parser.add_argument("--full-refresh", action="store_true", help="make every table anew")
    parser.add_argument("--unit-tests", action="store_true", help="run the models' unit tests too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
