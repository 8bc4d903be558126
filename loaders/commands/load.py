"""The commands that write: `load`, `init` and `describe`."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Final, NoReturn

from loaders import settings
from loaders.commands.options import (
    CREDENTIALS,
    add_stream_options,
    add_target_options,
    check_start,
)
from loaders.streaming import is_stream
from readership.errors import print_error

if TYPE_CHECKING:
    from loaders.writing import Target

EXIT_CODES: Final = """\
exit codes:
  0  done; also when nothing was new, and when lines were refused or files were incomplete:
     those are kept in raw.rejected_lines and raw.files, so that a schedule continues
  1  the load stopped; stderr says what to do. The same command continues from there: nothing is
     lost or loaded twice
  2  the command line is wrong
  3  done, but a file was left out and marked `refused`: its lines did not add up, or it holds
     more than one file may
"""
"""What the help says of exit codes."""

_SETTINGS: Final = f"""\
environment:
  {settings.SIZE_VARIABLE}, {settings.LINES_VARIABLE}
    what --max-file-size and --max-file-lines are where they are not given
  {settings.MEMORY_VARIABLE}
    what DuckDB may take of the machine's memory while it loads, such as 4GB
    (default: {settings.DEFAULT_MEMORY}); a quarter of it is what a file may have in lines of over
    {settings.LONG_LINE_BYTES // 1024} KiB, of which then only so much is kept
  {settings.SECONDS_VARIABLE}
    how many seconds a store may be silent before it is asked again, or given
    up (default: {settings.DEFAULT_SECONDS})

"""

_LIKE_A_DAY: Final = re.compile(r"\d{4}-\d\d?-\d\d?")


def add_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    wrong: Callable[[str], NoReturn],
) -> None:
    """Add `load`, `init` and `describe` to the command line.

    Args:
        commands: The commands of the parser.
        wrong: Prints what is wrong with the options of `load`, and leaves with exit code 2.

    """
    for name, summary, run in (
        ("load", "load the event files that the warehouse does not hold yet", _load),
        ("init", "create the warehouse with its empty tables", _init),
        (
            "describe",
            "describe the user agents of earlier loads again, by the rules of this version",
            _describe,
        ),
    ):
        command = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=(_SETTINGS if name == "load" else "") + CREDENTIALS + EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == "load":
            _add_load_options(command)
            command.set_defaults(check=_check_load, wrong=wrong)
        add_target_options(command)
        command.set_defaults(run=run)


def _check_load(options: argparse.Namespace) -> None:
    if not options.paths and not options.reload:
        options.wrong("name a PATH to load, or a file with --reload")
    if not options.paths and any(isinstance(item, date) for item in options.reload):
        options.wrong("name the PATH that has the day's folder")
    streams = [path for path in options.paths if is_stream(path)]
    if streams and (options.since or options.until or options.reload or options.dry_run):
        options.wrong(
            f"--since, --until, --reload and --dry-run are for files, not for {streams[0]}"
        )
    check_start(options.paths, options.start, options.wrong)
    if (options.since or date.min) > (options.until or date.max):
        options.wrong("--since is a later day than --until")


def _load(options: argparse.Namespace, target: Target) -> int:
    from loaders import pipeline
    from loaders.commands.progress import progress_for
    from loaders.commands.summaries import load_summary, lost_files_line, plan_summary
    from loaders.discovering import LoadRequest

    request = LoadRequest(
        tuple(options.paths),
        options.since,
        options.until,
        tuple(options.reload),
        options.start,
        options.max_records,
    )
    if options.dry_run:
        print(plan_summary(pipeline.plan(request, target)))
        return 0
    summary = pipeline.load(
        request,
        target,
        progress_for(),
        workers=options.workers,
        limits=settings.limits_for(
            options.max_file_size, options.max_file_lines, settings.memory_bytes()
        ),
    )
    print(load_summary(summary))
    if summary.lost:
        print_error(options.command, lost_files_line(summary))
        return 1
    return 3 if summary.files["refused"] else 0


def _init(options: argparse.Namespace, target: Target) -> int:
    from loaders import pipeline

    del options
    pipeline.init(target)
    print(f"{target.place} is ready")
    return 0


def _describe(options: argparse.Namespace, target: Target) -> int:
    del options
    from loaders.inspecting import describe_again

    done = describe_again(target)
    print(
        f"{done.known:,} user agents are known; {done.changed:,} are described otherwise now, "
        f"{done.robots:,} of them changed sides between people and robots"
    )
    if done.changed:
        print("`dbt build --full-refresh` applies it to the events that are stored")
    return 0


def _add_load_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a file, a folder (searched for *.jsonl, *.ndjson and *.gz), a pattern, a URL such as "
        "s3://bucket/events, a stream kinesis://NAME, kafka://TOPIC or nats://NAME, or a queue "
        "sqs://NAME of the messages in which a bucket names new files",
    )
    add_stream_options(command)
    command.add_argument(
        "--since",
        type=_day,
        metavar="DAY",
        help="only files in the day folders YYYY/MM/DD from this day on (YYYY-MM-DD)",
    )
    command.add_argument(
        "--until",
        type=_day,
        metavar="DAY",
        help="only files in the day folders up to this day, which is one of them",
    )
    command.add_argument(
        "--reload",
        action="append",
        default=[],
        type=_file_or_day,
        metavar="FILE|DAY",
        help="take this file, or the files under PATH in this day's folder, again though they are "
        "known; their rows replace those that are there; may be given several times",
    )
    command.add_argument(
        "--dry-run", action="store_true", help="say what would be loaded, and change nothing"
    )
    command.add_argument(
        "--workers",
        type=int,
        choices=range(9),
        metavar="N",
        help="how many processes read files, 0 to 8; 0 reads in this one (default: one for each "
        "core, at most 4, and none for a few megabytes)",
    )
    command.add_argument(
        "--max-file-size",
        type=settings.size,
        metavar="SIZE",
        default=os.environ.get(settings.SIZE_VARIABLE) or settings.DEFAULT_SIZE,
        help="how large a file may be, inflated; a larger one is refused "
        f"(default: ${settings.SIZE_VARIABLE}, else {settings.DEFAULT_SIZE})",
    )
    command.add_argument(
        "--max-file-lines",
        type=settings.lines,
        metavar="N",
        default=os.environ.get(settings.LINES_VARIABLE) or settings.DEFAULT_LINES,
        help="how many lines a file may have, likewise "
        f"(default: ${settings.LINES_VARIABLE}, else {settings.DEFAULT_LINES})",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2026-06-14") from None


def _file_or_day(text: str) -> str | date:
    return _day(text) if _LIKE_A_DAY.fullmatch(text) else text
