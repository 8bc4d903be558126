"""What a command prints when it stops: one line, which begins with the command as it was typed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any


def print_error(command: str, error: object) -> None:
    """Print what stopped a command to stderr: `readership load: ...`.

    Args:
        command: The name of the command, such as `load`.
        error: The error, or its text on one line.

    """
    print(f"readership {command}: {error}", file=sys.stderr)


class CommandParser(argparse.ArgumentParser):
    """A parser of a command's options, for one command or for several as subparsers.

    argparse leaves an unknown option of a subparser to the parser above it, whose message does not
    name the command. Here the parser of the command refuses it.
    """

    def parse_known_args(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        namespace: Any = None,  # noqa: ANN401
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse arguments, all of which must be known."""
        options, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return options, []
