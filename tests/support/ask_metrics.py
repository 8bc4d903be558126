"""Run commands of MetricFlow, `mf`, one after another in one process.

    python -m tests.support.ask_metrics < COMMANDS

The input is a JSON list of commands, each a list of its name and arguments. The commands are called
without the group `mf`, which asks the package index for a newer version of itself.
"""

from __future__ import annotations

import json
import sys

from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from dbt_metricflow.cli.main import query, validate_configs

COMMANDS = {"query": query, "validate-configs": validate_configs}


def main() -> None:
    """Run the commands of standard input; the first that fails ends the process."""
    configuration = CLIConfiguration()
    for name, *arguments in json.load(sys.stdin):
        COMMANDS[name].main(arguments, name, obj=configuration, standalone_mode=False)


if __name__ == "__main__":
    main()
