"""The command line: `python -m loaders load PATH...`, `init`, `describe`, `status`, `rejected`."""

from __future__ import annotations

import argparse
import os
import re
import sys
from datetime import date
from typing import TYPE_CHECKING, Final

from errors import UserError, exhausted
from loaders import choosing, limits, looking
from warehouse import warehouse_file

if TYPE_CHECKING:
    from loaders.targets import Target

_EXIT_CODES: Final = """\
exit codes:
  0  done; also when nothing was new, and when lines were refused or files were incomplete:
     those are kept in raw.rejected_lines and raw.files, so that a schedule goes on
  1  the work broke off; stderr says what to do, and to run the same command again goes on from
     there: nothing is lost or loaded twice
  2  the command line is wrong
  3  done, but a file was left out and marked `refused`: its lines did not add up, or it holds
     more than one file may
"""
_SETTINGS: Final = f"""\
environment:
  {limits.SIZE_VARIABLE}, {limits.LINES_VARIABLE}
    what --max-file-size and --max-file-lines are where they are not given
  {limits.MEMORY_VARIABLE}
    what DuckDB may take of the machine's memory while it loads, such as 4GB
    (default: {limits.DEFAULT_MEMORY}); a quarter of it is what a file may have in lines of over
    {limits.LONG_LINE_BYTES // 1024} KiB, of which then only so much is kept
  {limits.SECONDS_VARIABLE}
    how many seconds a store may be silent before it is asked again, or given
    up (default: {limits.DEFAULT_SECONDS})

"""

_LIKE_A_DAY: Final = re.compile(r"\d{4}-\d\d?-\d\d?")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and give the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "load":
        _check_load(options, parser)
    looking.check(options)
    try:
        warehouse = warehouse_file(options.warehouse)
        # Imported here so that --help need not wait for dlt.
        from loaders import pipeline
        from loaders.targets import target_for

        target = target_for(options.target, warehouse)

        if options.command == "init":
            pipeline.init(target)
            print(f"{target.place} is ready")
        elif options.command == "describe":
            _describe(target)
        elif options.command in looking.COMMANDS:
            looking.run(options, target)
        else:
            return _load(options, target)
    except UserError as error:
        print(f"loaders: {error}", file=sys.stderr)
        return 1
    except MemoryError as error:
        print(
            f"loaders: {exhausted(error, 'this process', limits.MEMORY_VARIABLE)}", file=sys.stderr
        )
        return 1
    except KeyboardInterrupt:
        print("loaders: stopped: the next load takes up what this one left", file=sys.stderr)
        return 1
    return 0


def _check_load(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if not options.paths and not options.reload:
        parser.error("name a PATH to load, or a file with --reload")
    if not options.paths and any(isinstance(item, date) for item in options.reload):
        parser.error("name the PATH that has the day's folder")
    if (options.since or date.min) > (options.until or date.max):
        parser.error("--since is a later day than --until")


def _load(options: argparse.Namespace, target: Target) -> int:
    from loaders import pipeline, planning, reports
    from loaders.progress import progress_for

    wanted = planning.Wanted(
        tuple(options.paths), options.since, options.until, tuple(options.reload)
    )
    if options.dry_run:
        print(reports.plan_report(pipeline.plan(wanted, target)))
        return 0
    summary = pipeline.load(
        wanted,
        target,
        progress_for(),
        workers=options.workers,
        limits=limits.limits_for(
            options.max_file_size, options.max_file_lines, limits.memory_bytes()
        ),
    )
    print(reports.load_report(summary))
    if summary.lost:
        print(f"loaders: {reports.lost_line(summary)}", file=sys.stderr)
        return 1
    return 3 if summary.files["refused"] else 0


def _describe(target: Target) -> None:
    from loaders.redescribing import describe_again

    done = describe_again(target)
    print(
        f"{done.known:,} user agents are known; {done.changed:,} are described otherwise now, "
        f"{done.robots:,} of them changed sides between people and robots"
    )
    if done.changed:
        print("`dbt build --full-refresh` applies it to the events that are stored")


def _add_load_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a file, a folder (searched for *.jsonl, *.ndjson and *.gz), a pattern, or a URL "
        "such as s3://bucket/events",
    )
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
        type=limits.size,
        metavar="SIZE",
        default=os.environ.get(limits.SIZE_VARIABLE) or limits.DEFAULT_SIZE,
        help="how large a file may be, inflated; a larger one is refused "
        f"(default: ${limits.SIZE_VARIABLE}, else {limits.DEFAULT_SIZE})",
    )
    command.add_argument(
        "--max-file-lines",
        type=limits.lines,
        metavar="N",
        default=os.environ.get(limits.LINES_VARIABLE) or limits.DEFAULT_LINES,
        help="how many lines a file may have, likewise "
        f"(default: ${limits.LINES_VARIABLE}, else {limits.DEFAULT_LINES})",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2026-06-14") from None


def _file_or_day(text: str) -> str | date:
    return _day(text) if _LIKE_A_DAY.fullmatch(text) else text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loaders",
        description="Load raw event files into the warehouse, each line once, and look at what is "
        "in it.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, summary in (
        ("load", "load the event files that the warehouse does not hold yet"),
        ("init", "create the warehouse with its empty tables"),
        (
            "describe",
            "describe the user agents of earlier loads again, by the rules of this version",
        ),
    ):
        command = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=(_SETTINGS if name == "load" else "") + choosing.CREDENTIALS + _EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == "load":
            _add_load_options(command)
        choosing.add_options(command)
    looking.add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
