"""Build the models, test the data, and write the macros that answer API requests."""

from __future__ import annotations

from collections.abc import Sequence

from readership.builder.invoking import Built, Dbt
from readership.builder.progress import Progress


def build(
    dbt: Dbt, progress: Progress, nodes: Sequence[str], *, full_refresh: bool, unit_tests: bool
) -> Built:
    """Build seeds and models, test the data, and write the macros that answer API requests.

    The macros are written only by a full build without failures, on DuckDB.

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
        # The answers are DuckDB table macros, made from the SQL of all exports.
        if not (built.broken or nodes) and dbt.engine == "duckdb":
            progress.step("writing the answers")
            dbt("run-operation", "publish_answers")
    return built
