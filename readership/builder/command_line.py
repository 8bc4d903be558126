"""The command `readership build`."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Final

from readership.builder.building import build
from readership.builder.checking import (
    check_lists,
    check_project,
    check_warehouse,
    project_folder,
)
from readership.builder.invoking import Built, Dbt
from readership.builder.last_build import LastBuild
from readership.builder.progress import progress_for
from readership.console import counted
from readership.errors import CommandParser, UserError, interruptible, print_error
from readership.warehouse import DEFAULT_WAREHOUSE, WAREHOUSE_VARIABLE, warehouse_file

_EXIT_CODES: Final = """\
exit codes:
  0  everything was built and the data tests passed; tests with severity `warn` may have warned
  1  something failed or was skipped; stderr says what. Fix it and run again: what has been built
     is kept. After a data test failed, `readership run` publishes nothing until it passes
  2  the command line is wrong
"""
_KINDS: Final = {
    "model": "model",
    "seed": "list",
    "test": "data test",
    "unit_test": "unit test",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(arguments)
    started = time.monotonic()
    try:
        with interruptible():
            if options.warehouse is not None:
                os.environ[WAREHOUSE_VARIABLE] = str(warehouse_file(options.warehouse))
            check_project()
            check_lists()
            built = _build(options, check_warehouse())
    except UserError as error:
        print_error("build", error)
        return 1
    except KeyboardInterrupt:
        print_error("build", "interrupted: the next build continues from what was built")
        return 1
    print(_summary(built, time.monotonic() - started))
    if built.exhausted is not None:
        print_error("build", built.exhausted)
    return 1 if built.broken else 0


def _build(options: argparse.Namespace, warehouse: Path | None) -> Built:
    progress = progress_for()
    dbt = Dbt(progress, options.vars)
    last = LastBuild(project_folder(), warehouse)
    # From before dbt reads the project: what changes from then on has not been built.
    checksum = last.checksum()
    built = build(
        dbt,
        progress,
        options.select,
        full_refresh=options.full_refresh,
        unit_tests=options.unit_tests,
    )
    if built.failed_tests and (before := last.current()):
        last.write_tests(before, [*before.failed_tests, *built.failed_tests])
    # Rounds build with the variables of the project.
    if not (built.broken or options.select) and options.vars is None:
        assert dbt.manifest is not None
        last.write(checksum, dbt.manifest)
    return built


def _summary(built: Built, seconds: float) -> str:
    parts = [counted(built.done[kind], name) for kind, name in _KINDS.items() if kind in built.done]
    done = ", ".join(parts) or "nothing"
    problems = [
        f"{count:,} {word}"
        for count, word in (
            (built.warned, "warned"),
            (built.broken, "failed"),
            (len(built.skipped), "skipped"),
        )
        if count
    ]
    return "; ".join([f"built and passed: {done}", *problems, f"{seconds:.0f} s"])


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="readership build",
        description="Build seeds and models, test the data and write the macros that answer API "
        "requests. That is `dbt build` without the unit tests of the models, and `dbt "
        "run-operation publish_answers`, with the project parsed once.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--select", action="append", default=[], metavar="NODES",
        help="build and test only these nodes, in dbt's selection syntax; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--full-refresh", action="store_true", help="rebuild every table from all events"
    )
    parser.add_argument(
        "--unit-tests", action="store_true", help="also run the unit tests of the models"
    )
    parser.add_argument(
        "--vars",
        metavar="YAML",
        help="variables of the project, such as '{rebuild_dates: [\"2026-03-01\"]}', as dbt takes "
        "them",
    )
    parser.add_argument(
        "--warehouse",
        metavar="FILE",
        help=f"the DuckDB file (default: ${WAREHOUSE_VARIABLE}, else {DEFAULT_WAREHOUSE}); of no "
        "meaning for another target",
    )
    return parser
