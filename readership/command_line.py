"""The command `readership`: one name for every task of the product.

Each command belongs to a package, which parses the options and describes them in `--help`. The
package is imported only when its command runs, so that `readership --help` is quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Final, NamedTuple

from readership.errors import (
    BUILD_MEMORY,
    READER_GONE,
    exhausted,
    print_error,
    until_reader_stops,
)


class Command(NamedTuple):
    """A command.

    Attributes:
        module: The module whose `main` runs it and returns the exit code.
        help: What it does, in a line.
        is_named: Whether `main` runs several commands, and its first argument names the command.
        memory: The setting by which DuckDB takes less memory in it; None if there is none.

    """

    module: str
    help: str
    is_named: bool = True
    memory: str | None = None


COMMANDS: Final = {
    "load": Command("loaders.commands", "load event files into the warehouse, each line once"),
    "init": Command("loaders.commands", "create the raw tables, empty"),
    "describe": Command("loaders.commands", "describe user agents of earlier loads again"),
    "status": Command("loaders.commands", "show what has been loaded and how far events reach"),
    "rejected": Command("loaders.commands", "show rejected lines, or replay them"),
    "enrich": Command(
        "readership.enriching.command_line",
        "describe hosts and user agents of your own table of events",
        False,
    ),
    "build": Command(
        "readership.builder.command_line", "build the models and test the data", False, BUILD_MEMORY
    ),
    "run": Command(
        "readership.rounds.command_line", "load, build what changed, publish", memory=BUILD_MEMORY
    ),
    "follow": Command(
        "readership.rounds.command_line",
        "do so again and again, in one process",
        memory=BUILD_MEMORY,
    ),
    "erase": Command(
        "readership.rounds.command_line",
        "erase visitors everywhere, and publish",
        memory=BUILD_MEMORY,
    ),
    "publish": Command(
        "readership.service.command_line",
        "publish a snapshot for the service",
        memory=BUILD_MEMORY,
    ),
    "marts": Command(
        "readership.marts.command_line",
        "copy the marts to files to read while builds run",
        False,
        BUILD_MEMORY,
    ),
    "serve": Command("readership.service.command_line", "answer API requests over HTTP"),
    "dashboard": Command(
        "readership.service.command_line", "write the dashboard to a file that opens anywhere"
    ),
    "key": Command("readership.service.command_line", "create a secret for a site"),
    "report": Command("readership.report", "print a summary of the warehouse"),
    "query": Command("readership.report", "print the result of a SQL query"),
    "audience": Command(
        "readership.audience", "write the visitors that rules describe to a file", False
    ),
    "simulate": Command("simulator.command_line", "write event files of made-up traffic", False),
}
"""All commands, in the order of the flow from files to answers."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 2 if there is no such command.

    It is 141 where the command could not end for want of a reader of its output.

    Args:
        arguments: The command and its arguments; those of the process if None.

    """
    with until_reader_stops():
        return _run(*((sys.argv[1:] if arguments is None else arguments) or ["--help"]))
    return READER_GONE


def _run(name: str, *rest: str) -> int:
    if name in ("-h", "--help", "--version"):
        with until_reader_stops():
            print(f"readership {_version()}" if name == "--version" else _help())
        return 0
    if name not in COMMANDS:
        close = get_close_matches(name, COMMANDS, 1)
        hint = f"did you mean {close[0]}?" if close else "`readership --help` lists the commands"
        print(f"readership: {name!r} is not a command: {hint}", file=sys.stderr)
        return 2
    command = COMMANDS[name]
    passed = [name, *rest] if command.is_named else [*rest]
    try:
        return int(import_module(command.module).main(passed))
    except MemoryError as error:
        print_error(name, exhausted(error, "this process", command.memory))
        return 1


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {command.help}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: readership COMMAND [OPTIONS]",
            "",
            "A publisher's own analytics, in the publisher's own warehouse.",
            "",
            *lines,
            "",
            "`readership COMMAND --help` describes a command. dbt works in the same folder: "
            "`dbt build`.",
        ]
    )


def _version() -> str:
    try:
        return version("readership")
    except PackageNotFoundError:
        return "(not installed)"
