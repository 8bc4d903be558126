"""The command line, `readership COMMAND`: options, what is printed, exit codes.

`command_line` parses the arguments, and turns what goes wrong into one line on stderr and an exit
code. The commands: `load` has `load`, `init` and `describe`, `inspect` has `status` and `rejected`;
`options` are those that all of them have. `progress` shows how far a load is, `summaries` say what
it did. No decision about data is taken here.

Whatever needs dlt, or rich, is imported when a command runs, so that `--help` and a wrong option
are answered at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loaders.commands.command_line import main
from loaders.commands.options import add_stream_options, add_target_options, check_start

if TYPE_CHECKING:
    from loaders.commands.progress import progress_for
    from loaders.commands.summaries import load_summary, lost_files_line

__all__ = [
    "add_stream_options",
    "add_target_options",
    "check_start",
    "load_summary",
    "lost_files_line",
    "main",
    "progress_for",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name == "progress_for":
        from loaders.commands import progress

        return progress.progress_for
    if name in ("load_summary", "lost_files_line"):
        from loaders.commands import summaries

        return getattr(summaries, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
