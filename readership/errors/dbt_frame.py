"""What dbt puts around a message: where it was raised, and through which macros."""

from __future__ import annotations

import re
from typing import Final

_FRAME: Final = re.compile(
    r"\s*(?:Runtime Error\s+)?Compilation Error(?: in (?P<node>.+?))?\n"
    r"(?P<message>.+?)(?:\n\s*> in .*)?\s*",
    re.DOTALL,
)
# The hooks of a project check the run as a whole: their number says nothing. A query that a command
# asks the project for is no model of anybody's.
_HOOK: Final = re.compile(
    r"operation \S+-on-run-(?:start|end)-\d+ |(?:sql_)?operation inline_query "
)
_CALLERS: Final = re.compile(r"(?:^\s*$\n)?^\s*> (?:in|called by) .*\n?", re.MULTILINE)


def without_callers(text: str) -> str:
    """Leave out the lines in which dbt tells through which macros an error came."""
    return _CALLERS.sub("", text).rstrip()


def without_frame(message: str) -> str | None:
    """Give the text of an error that a macro raised, on one line, without dbt's frame.

    Returns:
        The text, after the model that it concerns unless that is a hook; None if the message is
        not one of a macro.

    """
    found = _FRAME.fullmatch(message)
    if found is None:
        return None
    text = " ".join(found["message"].split())
    node = found["node"]
    return text if node is None or _HOOK.match(node) else f"{node}: {text}"
