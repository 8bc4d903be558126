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


class Command(NamedTuple):
    """A command.

    Attributes:
        module: The module whose `main` runs it and returns the exit code.
        help: What it does, in a line.
        is_named: Whether `main` runs several commands, and its first argument names the command.

    """

    module: str
    help: str
    is_named: bool = True


COMMANDS: Final = {
    "load": Command("loaders.commands", "load event files into the warehouse, each line once"),
    "init": Command("loaders.commands", "create the raw tables, empty"),
    "describe": Command("loaders.commands", "describe user agents of earlier loads again"),
    "status": Command("loaders.commands", "show what has been loaded and how far events reach"),
    "rejected": Command("loaders.commands", "show rejected lines, or replay them"),
    "build": Command(
        "readership.builder.command_line", "build the models and test the data", False
    ),
    "run": Command("readership.rounds.command_line", "load, build what changed, publish"),
    "follow": Command("readership.rounds.command_line", "do so again and again, in one process"),
    "erase": Command("readership.rounds.command_line", "erase visitors everywhere, and publish"),
    "publish": Command("readership.service.command_line", "publish a snapshot for the service"),
    "serve": Command("readership.service.command_line", "answer API requests over HTTP"),
    "key": Command("readership.service.command_line", "create a secret for a site"),
    "report": Command("readership.report", "print a summary of the warehouse"),
    "query": Command("readership.report", "print the result of a SQL query"),
    "simulate": Command("simulator.command_line", "write event files of made-up traffic", False),
}
"""All commands, in the order of the flow from files to answers."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 2 if there is no such command.

    Args:
        arguments: The command and its arguments; those of the process if None.

    """
    name, *rest = (sys.argv[1:] if arguments is None else list(arguments)) or ["--help"]
    if name in ("-h", "--help"):
        print(_help())
        return 0
    if name == "--version":
        print(f"readership {_version()}")
        return 0
    if name not in COMMANDS:
        close = get_close_matches(name, COMMANDS, 1)
        hint = f"did you mean {close[0]}?" if close else "`readership --help` lists the commands"
        print(f"readership: {name!r} is not a command: {hint}", file=sys.stderr)
        return 2
    command = COMMANDS[name]
    passed = [name, *rest] if command.is_named else rest
    return int(import_module(command.module).main(passed))


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
