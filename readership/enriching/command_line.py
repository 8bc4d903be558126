"""The command `readership enrich`."""

from __future__ import annotations

import argparse
import os
from typing import Final

from readership.builder import Dbt, check_project, check_warehouse, progress_for
from readership.console import counted
from readership.enriching.queries import table_queries
from readership.errors import CommandParser, UserError, interruptible, print_error
from readership.warehouse import WAREHOUSE_VARIABLE, warehouse_file

_EPILOG: Final = """\
Run it before each build of a project whose variable source_described is true. A load that
was built before it was enriched is built again afterwards.

exit codes:
  0  done; also when nothing was new
  1  there is no such table, or the warehouse cannot be used; stderr says what to do.
     Nothing was changed then
  2  the command line is wrong
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        with interruptible():
            if options.warehouse is not None:
                os.environ[WAREHOUSE_VARIABLE] = str(warehouse_file(options.warehouse))
            check_project()
            check_warehouse()
            return _enrich(options)
    except UserError as error:
        print_error("enrich", error)
    except KeyboardInterrupt:
        print_error("enrich", "interrupted: nothing was changed")
    return 1


def _enrich(options: argparse.Namespace) -> int:
    # Imported here so that --help need not wait for dlt.
    from loaders import describe_table, target_for

    progress = progress_for(command="enrich")
    dbt = Dbt(progress, options.vars)
    with progress.shown():
        progress.step("reading the project")
        queries = table_queries(dbt)
        progress.step("describing hosts and user agents")
        engine = dbt.engine
        name = "duckdb" if engine is None else engine
        done = describe_table(queries, target_for(name, warehouse_file(None)))
    print(
        f"described {counted(done.user_agents, 'new user agent')} and "
        f"{counted(done.hosts, 'new host')}; looked at {counted(done.looked_at, 'load')} of "
        f"{done.loads:,}"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="readership enrich",
        description="Describe the hosts and user agents of your own table of events (variable "
        "source_kind: table), in raw.hosts and raw.user_agents, as a load of event files does. "
        "Only loads that are new, or have another number of events, are looked at.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--vars", metavar="YAML", help="variables of the project, as dbt takes them"
    )
    parser.add_argument(
        "--warehouse",
        metavar="FILE",
        help=f"the DuckDB file (default: ${WAREHOUSE_VARIABLE}); of no meaning for another target",
    )
    return parser
