"""Event files into the warehouse: every line once, nothing lost, nothing interpreted.

A load, as `pipeline` runs it:

1. discover  `discovering` lists the event files that the request names, each an `EventFile`;
2. plan      and compares them with the versions that the ledger has in force;
3. read      `reading` shares the files out to processes: bytes, lines, typed rows or reasons;
4. enrich    `enriching` describes user agents and hosts when they are first seen;
5. write     `writing` loads the rows as dlt packages, each with one commit, in the ledger too.

Where events arrive in a stream, `streaming` takes the place of 1 and 2: it gathers what comes
after the positions that the ledger has, in pieces that are loaded as files are.

Afterwards `inspecting` says what is in the warehouse and takes rejected lines again. `commands`
puts all of it on the command line. A room is used through the names that its package exports;
which room may use which is written down in `tests/project/test_python_rooms.py`.

What the rooms agree on stands beside them: `fields` and `tables` (the columns of the schema
`raw`), `reasons` (why a line is no event), `sequences` (numbers of a stream in the ledger),
`settings` (limits of memory, disk and time).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from loaders.commands import (
        add_stream_options,
        add_target_options,
        check_start,
        load_summary,
        lost_files_line,
        progress_for,
    )
    from loaders.discovering import LoadRequest, NoEventFilesError
    from loaders.inspecting import DescribedTable, TableQueries, describe_table
    from loaders.pipeline import LoadSummary, Progress, init, load, load_new, plan
    from loaders.settings import Limits
    from loaders.writing import DuckDbFile, NamedDestination, Target, target_for

__all__ = [
    "DescribedTable",
    "DuckDbFile",
    "Limits",
    "LoadRequest",
    "LoadSummary",
    "NamedDestination",
    "NoEventFilesError",
    "Progress",
    "TableQueries",
    "Target",
    "add_stream_options",
    "add_target_options",
    "check_start",
    "describe_table",
    "init",
    "load",
    "load_new",
    "load_summary",
    "lost_files_line",
    "plan",
    "progress_for",
    "target_for",
]

# Imported when they are used: processes that only read, and `--help`, do without dlt.
_HOMES: Final = {
    "DescribedTable": "loaders.inspecting",
    "DuckDbFile": "loaders.writing",
    "Limits": "loaders.settings",
    "LoadRequest": "loaders.discovering",
    "LoadSummary": "loaders.pipeline",
    "NamedDestination": "loaders.writing",
    "NoEventFilesError": "loaders.discovering",
    "Progress": "loaders.pipeline",
    "TableQueries": "loaders.inspecting",
    "Target": "loaders.writing",
    "add_stream_options": "loaders.commands",
    "add_target_options": "loaders.commands",
    "check_start": "loaders.commands",
    "describe_table": "loaders.inspecting",
    "init": "loaders.pipeline",
    "load": "loaders.pipeline",
    "load_new": "loaders.pipeline",
    "load_summary": "loaders.commands",
    "lost_files_line": "loaders.commands",
    "plan": "loaders.pipeline",
    "progress_for": "loaders.commands",
    "target_for": "loaders.writing",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
