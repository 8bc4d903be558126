"""The commands that look into a warehouse: `status` and `rejected`."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from loaders.commands.options import CREDENTIALS, add_target_options
from loaders.reasons import REASONS
from readership.errors import until_reader_stops

if TYPE_CHECKING:
    from loaders.inspecting import Selection
    from loaders.writing import Target

LINES_SHOWN: Final = 100
"""How many rejected lines the text shows when nobody says how many."""

_STATUS_HELP: Final = """\
Show how the warehouse stands: the last load, files by what became of them,
lines, how far the events reach and how long ago that is, rejected lines by
reason, sites, and fields that the list of fields does not have. Events are
those of the files: the models may refuse some, the newest too. Nothing is
changed. Only finished loads count; of files, only the accounts that no newer
version has replaced. A replayed file is one whose rejected lines became events
later on; it counts beside the file as it was loaded.
"""

_STATUS_EPILOG: Final = """\
keys of the JSON object (times ISO 8601 in UTC; null where nothing is known):
  warehouse, now
  files            by state: loaded, partial, unreadable, refused, replayed;
                   and replaced, those out of force
  lines, events, rejected, blank
  last_load        load_id, finished_at
  broken_loads     list of load_id, begun_at: begun and not finished; the next
                   load takes back what they left
  newest_event_at, lag_seconds
  rejected_by_reason
  unknown_fields   list of field, file, line_number: where each was first met
  sites            list of site, events, newest_event_at, lag_seconds,
                   rejected; the site null is for what does not say

exit codes:
  0  done; also when nothing was loaded yet
  1  there is no warehouse, or it cannot be read; stderr says what to do
  2  the command line is wrong
"""

_REJECTED_HELP: Final = """\
Show the lines that were refused, those of the newest load first: file, line
number, reason, what was found, and the line. With --replay, judge them again
instead, as after a new version of the gate: those that are events now become
events, in a load of their own, and are rejected lines no more. The rest stay.
"""

_REJECTED_EPILOG: Final = f"""\
reasons:
  {", ".join(REASONS[:4])},
  {", ".join(REASONS[4:])}

JSON: an object for each line, on a line: load_id, loaded_at, file,
line_number, reason, detail, and the whole line as line, or as line_base64 when
it is not UTF-8. With --replay one object: warehouse, looked_at, replayed,
files, by_reason (looked_at, replayed, still_refused), new_unknown_fields,
broken_loads_taken_back.

exit codes:
  0  done; also when there are no such lines, or none is an event now
  1  there is no warehouse, it cannot be used, or no such file was ever loaded;
     stderr says what to do. A replay that stops has changed nothing, or the
     next load or replay takes it back.
  2  the command line is wrong, such as a reason that does not exist
"""


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `status` and `rejected` to the command line."""
    status = commands.add_parser(
        "status",
        help="show how the warehouse stands",
        description=_STATUS_HELP,
        epilog=CREDENTIALS + _STATUS_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    rejected = commands.add_parser(
        "rejected",
        help="show the lines that were refused, or judge them again",
        description=_REJECTED_HELP,
        epilog=CREDENTIALS + _REJECTED_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    rejected.add_argument(
        "--replay", action="store_true", help="judge the lines again and load what are events now"
    )
    rejected.add_argument(
        "--reason",
        action="append",
        choices=REASONS,
        metavar="REASON",
        help="only lines refused for this reason; may be repeated",
    )
    rejected.add_argument(
        "--file",
        action="append",
        metavar="FILE",
        help="only lines of this file: a path or URL, as it was loaded; may be repeated",
    )
    rejected.add_argument(
        "--since",
        type=_time,
        metavar="TIME",
        help="only lines of loads finished from this time on, UTC: 2026-06-14, or 2026-06-14T12:00",
    )
    rejected.add_argument(
        "--limit",
        type=_count,
        metavar="N",
        help=f"show at most N lines (default: {LINES_SHOWN} as text, all as JSON)",
    )
    for command in (status, rejected):
        command.add_argument(
            "--format",
            choices=("text", "json"),
            default="text",
            help="text for people (default), or JSON for programs",
        )
        add_target_options(command)
    status.set_defaults(run=_status)
    rejected.set_defaults(run=_rejected, check=_check_rejected, wrong=rejected.error)


def _check_rejected(options: argparse.Namespace) -> None:
    if options.replay and options.limit is not None:
        options.wrong("--limit is for showing lines; --replay takes all that are selected")


def _status(options: argparse.Namespace, target: Target) -> int:
    # Imported here so that --help need not wait for dlt.
    from loaders.inspecting import open_queries, status_json, status_of, status_text
    from readership.console import console_for, show

    with until_reader_stops():
        with open_queries(target) as queries:
            status = status_of(queries, target.place, datetime.now(UTC))
        if options.format == "json":
            print(status_json(status))
        else:
            console = console_for(sys.stdout)
            show(console, status_text(status, console.width))
    return 0


def _rejected(options: argparse.Namespace, target: Target) -> int:
    with until_reader_stops():
        if options.replay:
            _replay(_selection(options), options, target)
        else:
            _show_rejected(_selection(options), options, target)
    return 0


def _replay(selection: Selection, options: argparse.Namespace, target: Target) -> None:
    from loaders.inspecting import replay, replay_json, replay_text
    from readership.console import console_for, show

    summary = replay(selection, target)
    if options.format == "json":
        print(replay_json(summary))
    else:
        console = console_for(sys.stdout)
        show(console, replay_text(summary, console.width))


def _show_rejected(selection: Selection, options: argparse.Namespace, target: Target) -> None:
    from loaders.inspecting import line_json, lines_text, open_queries, totals_text
    from readership.console import console_for, show

    with open_queries(target) as queries:
        queries.check_files(selection.files)
        if options.format == "json":
            finished = dict(queries.finished_loads())
            for lines in queries.kept_lines(selection, options.limit):
                for kept in lines:
                    print(line_json(kept, finished.get(kept.load_id)))
            return
        console = console_for(sys.stdout, widest=None)
        shown = 0
        most = LINES_SHOWN if options.limit is None else options.limit
        for lines in queries.kept_lines(selection, most):
            shown += len(lines)
            show(console, [lines_text(lines, console.width)])
        if shown:
            print()
        totals = totals_text(queries.reasons(selection), shown, console.width)
        show(console, [totals])


def _selection(options: argparse.Namespace) -> Selection:
    from loaders.inspecting import Selection

    return Selection(
        tuple(options.reason or ()), tuple(map(_name, options.file or ())), options.since
    )


def _name(file: str) -> str:
    """Give the name that the ledger has for a file: its URL or its absolute path."""
    return file if "://" in file else os.path.abspath(file)  # noqa: PTH100


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no date or time; write it like 2026-06-14 or 2026-06-14T12:00"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)
