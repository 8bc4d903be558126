"""The commands `readership run`, `readership follow` and `readership erase`."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TextIO

import loaders
from readership.builder import (
    ResidentProject,
    check_lists,
    check_project,
    progress_for,
    tests_failed,
)
from readership.console import counted
from readership.errors import CommandParser, UserError, exhausted, interruptible, print_error
from readership.warehouse import no_warehouse, warehouse_file

if TYPE_CHECKING:
    from readership.rounds.round import Round, Rounds

_DUCKDB: Final = "duckdb"
_LONGEST_PAUSE: Final = 600.0

_WHAT: Final = """\
Load the events that the warehouse does not hold yet, build what they
change, and publish a snapshot for the service. Everything is built, with lists,
views and data tests, if that was never done, if the project has changed since,
or if it was longer ago than --whole-every; otherwise what
`dbt run --selector frequent` builds. While a data test fails, nothing is
published; it is run again after each build.
"""
_RUN_CODES: Final = """\
exit codes:
  0  done; also when nothing was new
  1  a step or a data test failed; stderr says what to do. The next run takes up
     what this one left: nothing is lost or counted twice
  2  the command line is wrong
  3  done, but a file was left out and marked `refused`
"""
_ERASE: Final = """\
Delete visitors from the raw tables and from every stored row, build everything
again without them, and publish that if anything was published before. Delete
their events from your files too: a load with --reload would bring them back.
"""
_ERASE_CODES: Final = """\
exit codes:
  0  done; also when nobody was found
  1  a step failed; stderr says what to do. Run it again: it takes up what it left
  2  the command line is wrong
"""
_TABLE: Final = re.compile(r"[A-Za-z_]\w*\.[A-Za-z_]\w*", re.ASCII)
_FOLLOW_CODES: Final = """\
Prints a line for each round that did something. A round that fails prints one
line to stderr and is repeated, after a pause that grows to ten minutes. A data
test that fails prints one line for each round that builds, and changes no pause.

exit codes:
  0  stopped by SIGINT or SIGTERM
  1  it cannot start; stderr says why
  2  the command line is wrong
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command != "erase":
        loaders.check_start(options.paths, options.start, parser.error)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with interruptible():
            if options.command == "erase":
                return _erase(options)
            rounds = _rounds(options)
            if options.command == "follow":
                _follow(rounds, options.every)
            return _run(rounds, is_whole=options.whole)
    except UserError as error:
        print_error(options.command, error)
        return 1
    except KeyboardInterrupt:
        print_error(options.command, "stopped: the next one takes up what this one left")
        return 0 if options.command == "follow" else 1


def _rounds(options: argparse.Namespace) -> Rounds:
    from readership.rounds.round import Rounds

    warehouse = _warehouse(options)
    return Rounds(
        loaders.LoadRequest(
            tuple(options.paths), start=options.start, most_records=options.max_records
        ),
        loaders.target_for(options.target, warehouse or warehouse_file(options.warehouse)),
        warehouse,
        ResidentProject(progress_for(), warehouse),
        hours=options.whole_every,
        publishes=not options.no_publish,
        progress=_load_progress,
    )


def _warehouse(options: argparse.Namespace) -> Path | None:
    """Return the DuckDB file, None on other engines. From here on dbt's profile names the same.

    Raises:
        UserError: There is no project here, or a list of it is broken.

    """
    check_project()
    check_lists()
    os.environ["READERSHIP_TARGET"] = options.target
    if options.target != _DUCKDB:
        return None
    warehouse = warehouse_file(options.warehouse)
    os.environ["READERSHIP_WAREHOUSE"] = str(warehouse)
    return warehouse


def _erase(options: argparse.Namespace) -> int:
    from readership.rounds.erasing import erase

    warehouse = _warehouse(options)
    if warehouse is not None and not warehouse.exists():
        raise no_warehouse(str(warehouse), "name one with --warehouse")
    published = erase(ResidentProject(progress_for(), warehouse), warehouse, options.requests)
    print(
        "everything was built without the visitors"
        + (f"; snapshot {published.id} published" if published else "")
    )
    return 0


def _run(rounds: Rounds, *, is_whole: bool) -> int:
    done = rounds.next(is_whole=is_whole)
    if done.loaded is not None:
        print(loaders.load_summary(done.loaded))
    print(_line(done))
    errors = list(_errors(done))
    for error in errors:
        print_error("run", error)
    if errors:
        return 1
    return 3 if done.loaded is not None and done.loaded.files["refused"] else 0


def _follow(rounds: Rounds, every_seconds: float) -> NoReturn:
    failed, is_waiting = 0, False
    while True:
        started = time.monotonic()
        try:
            done = rounds.next()
            failed, is_waiting = 0, False
            if done.has_work:
                _say(_line(done), sys.stdout)
                for error in _errors(done):
                    _say(f"readership follow: {error}", sys.stderr)
        except loaders.NoEventFilesError as error:
            if not is_waiting:
                _say(f"waiting for event files in {error.where}", sys.stdout)
            failed, is_waiting = 0, True
        except (UserError, MemoryError) as error:
            failed += 1
            known = error if isinstance(error, UserError) else exhausted(error, "this process")
            _say(f"readership follow: {known}", sys.stderr)
        # The first retry comes at the next round: another process may just have had the warehouse.
        pause = min(every_seconds * 2 ** max(failed - 1, 0), max(_LONGEST_PAUSE, every_seconds))
        # However long a round took that failed, the warehouse and the machine then have a rest.
        taken = 0.0 if failed else time.monotonic() - started
        time.sleep(max(0.0, pause - taken))


def _errors(done: Round) -> Iterator[str]:
    """Give a line for each thing that a round could not do, though it did the rest."""
    if done.loaded is not None and done.loaded.lost:
        yield loaders.lost_files_line(done.loaded)
    if done.failed_tests:
        yield str(tests_failed(done.failed_tests))


def _say(text: str, stream: TextIO) -> None:
    print(f"{datetime.now().astimezone():%H:%M:%S}  {text}", file=stream, flush=True)


def _line(done: Round) -> str:
    """Describe a round in a line, with the seconds of each step."""
    if not done.has_work:
        return "nothing new"
    parts = []
    if done.loaded is not None:
        files = counted(done.loaded.files.total(), "file")
        parts.append(f"{files} with {counted(done.loaded.events, 'event')} loaded")
        if rejected := done.loaded.rejected.total():
            parts.append(counted(rejected, "line") + " rejected")
    if done.built is not None:
        parts.append("everything built" if done.is_whole else "changes built")
        if done.built.warned:
            parts.append(f"{done.built.warned} warned")
        if done.failed_tests:
            parts.append(counted(len(done.failed_tests), "data test") + " failed")
    if done.published is not None:
        parts.append(f"snapshot {done.published.id} published")
    seconds = " + ".join(f"{seconds:.1f}" for seconds in done.seconds.values())
    return f"{', '.join(parts)}; {seconds} s"


def _load_progress() -> loaders.Progress:
    # Where nobody looks on, the line of the round is enough.
    return loaders.progress_for() if sys.stderr.isatty() else loaders.Progress()


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(prog="readership")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary, codes in (
        (
            "run",
            "load new files, build what they change, publish: once, for a schedule",
            _RUN_CODES,
        ),
        ("follow", "do the same again and again, seconds behind the files", _FOLLOW_CODES),
    ):
        command = commands.add_parser(
            name,
            help=summary,
            description=_WHAT,
            epilog=codes,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument(
            "paths",
            nargs="+",
            metavar="PATH",
            help="a file, a folder, a pattern, a URL such as s3://bucket/events, a stream "
            "(kinesis://NAME, kafka://TOPIC or nats://NAME) or a queue sqs://NAME, as for "
            "`readership load`",
        )
        # Rounds that follow each other are short, so that what has come is soon to be seen.
        loaders.add_stream_options(command, 1_000_000 if name == "run" else 100_000)
        command.add_argument(
            "--whole-every",
            type=_hours,
            metavar="HOURS",
            default=24.0,
            help="build everything if the last time was longer ago; 0 for never (%(default)g)",
        )
        command.add_argument("--no-publish", action="store_true", help="publish no snapshot")
        loaders.add_target_options(command)
        if name == "run":
            command.add_argument("--whole", action="store_true", help="build everything now")
        else:
            command.add_argument(
                "--every",
                type=_seconds,
                metavar="SECONDS",
                default=10.0,
                help="how often to look for new files, such as 10 or 10s (%(default)g)",
            )
    _add_erase(commands)
    return parser


def _add_erase(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "erase",
        help="erase visitors everywhere, build without them, and publish",
        description=_ERASE,
        epilog=_ERASE_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "--requests",
        type=_table,
        metavar="SCHEMA.TABLE",
        help="a table of the warehouse with the columns site_id (null: on every site) and "
        "visitor_site_id (default: the list seeds/visitors_to_erase.csv)",
    )
    loaders.add_target_options(command)


def _table(text: str) -> str:
    if not _TABLE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a table such as privacy.requests")
    return text


def _hours(text: str) -> float:
    return _number(text, 0, 8760, "hours")


def _seconds(text: str) -> float:
    return _number(text.removesuffix("s"), 0.1, 86_400, "seconds")


def _number(text: str, least: float, most: float, unit: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of {unit} from {least:g} to {most:,g}"
        )
    return number
