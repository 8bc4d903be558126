"""The parser of the command line, and what becomes of a command: output, a line, an exit code."""

from __future__ import annotations

import argparse

from loaders.commands import inspect, load
from loaders.settings import MEMORY_VARIABLE
from readership.errors import CommandParser, UserError, exhausted, interruptible, print_error
from readership.warehouse import warehouse_file


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and give the exit code.

    Args:
        arguments: The arguments; None: those of the process.

    """
    options = _parser().parse_args(arguments)
    options.check(options)
    try:
        with interruptible():
            warehouse = warehouse_file(options.warehouse)
            # Imported here so that --help need not wait for dlt.
            from loaders.writing import target_for

            return options.run(options, target_for(options.target, warehouse))
    except UserError as error:
        print_error(options.command, error)
    except MemoryError as error:
        print_error(options.command, exhausted(error, "this process", MEMORY_VARIABLE))
    except KeyboardInterrupt:
        print_error(options.command, "stopped: the next load takes up what this one left")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="readership",
        description="Load raw event files into the warehouse, each line once, and look at what is "
        "in it.",
        epilog=load.EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(check=lambda options: None)
    commands = parser.add_subparsers(dest="command", required=True)
    load.add_commands(commands, parser.error)
    inspect.add_commands(commands)
    return parser
