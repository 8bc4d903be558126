"""Build the models, test the data, and write the macros that answer API requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from readership.builder.invoking import Built, Dbt
from readership.builder.progress import Progress
from readership.console import counted
from readership.errors import UserError

_TESTS_SHOWN: Final = 3

_ENGINES_OF_ANSWERS: Final = ("duckdb", "postgres")


def build(
    dbt: Dbt, progress: Progress, nodes: Sequence[str], *, full_refresh: bool, unit_tests: bool
) -> Built:
    """Build seeds and models, test the data, and write the macros that answer API requests.

    They are written only by a full build without failures. Says where new events went.

    Args:
        dbt: Runs dbt; the project is parsed if it has not been.
        progress: Shows the progress, and dbt's failures and warnings.
        nodes: Nodes to build and test, in dbt's selection syntax; all nodes if empty.
        full_refresh: Whether to rebuild incremental models from all events.
        unit_tests: Whether to run the unit tests of the models too.

    Raises:
        UserError: dbt stopped before it ran the selected nodes, or without a result.

    """
    options = [] if unit_tests else ["--exclude-resource-type", "unit_test"]
    options += ["--full-refresh"] if full_refresh else []
    options += ["--select", *nodes] if nodes else []
    with progress.shown():
        if dbt.manifest is None:
            progress.step("reading the project")
            dbt.parse()
        progress.step("building and testing")
        built = dbt.build("build", *options)
        if built.done["model"]:
            arguments = json.dumps({"build": built.invocation})
            dbt("run-operation", "report_new_events", "--args", arguments)
        if not (built.broken or nodes):
            write_answers(dbt, progress)
    return built


def write_answers(dbt: Dbt, progress: Progress) -> None:
    """Write the macros that answer API requests, on engines that have a form for them.

    Raises:
        UserError: dbt stopped.

    """
    # They are made from the SQL of all exports.
    if dbt.engine in _ENGINES_OF_ANSWERS:
        progress.step("writing the answers")
        dbt("run-operation", "publish_answers")


def tests_failed(names: Sequence[str]) -> UserError:
    """Describe data tests that failed, which keep rounds from publishing."""
    shown = ", ".join(names[:_TESTS_SHOWN])
    more = len(names) - _TESTS_SHOWN
    return UserError(
        f"{counted(len(names), 'data test')} failed",
        shown + (f" and {more:,} more" if more > 0 else ""),
        "see the errors above and correct the events, the lists or the test; new files are loaded "
        "and built, and nothing is published until the tests pass",
    )
