"""The command `readership simulate`."""

from __future__ import annotations

import argparse
import gc
import json
import sys
from datetime import date
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from simulator.run import TRUTH_FILE, Arguments, Summary, simulate

EPILOG = (
    "The same arguments give the same bytes. OUT/truth.json holds the correct numbers. Exit codes: "
    "0 done; 1 OUT cannot be written, or holds other events; 2 the command line is wrong; 130 "
    "interrupted."
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _fail(2, message)


def _fail(code: int, message: str) -> NoReturn:
    print(f"readership simulate: {message}", file=sys.stderr)
    raise SystemExit(code)


def _number(least: int, most: int) -> type:
    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"must be a whole number, not {text!r}") from None
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"must be from {least} to {most}, not {number}")
        return number

    return read  # type: ignore[return-value]


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a day like 2026-06-01, not {text!r}") from None
    if not 2000 <= day.year <= 2100:
        raise argparse.ArgumentTypeError("must be between 2000 and 2100")
    return day


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="readership simulate",
        description="Write event files as a publisher's sites would send them.",
        epilog=EPILOG,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--sites", type=_number(1, 100), default=2, metavar="N", help="number of sites")
    add("--days", type=_number(1, 1000), default=14, metavar="N", help="number of days")
    add(
        "--events", type=_number(1, 1_000_000_000), default=200_000, metavar="N",
        help="number of events of all sites",
    )  # fmt: skip
    add("--seed", type=_number(0, 2**63), default=7, metavar="N", help="seed of the random numbers")
    add(
        "--start", type=_day, default=date(2026, 6, 1), metavar="DAY", help="first day, in UTC"
    )  # fmt: skip
    add("--out", type=Path, default=Path("data/events"), metavar="OUT", help="folder to write to")
    add("--mess", action="store_true", help="add the defects of real deliveries")
    add("--overwrite", action="store_true", help="replace the event files in OUT")
    return parser


def _event_files(out: Path) -> list[Path]:
    digits = "[0-9][0-9]"
    return sorted(out.glob(f"{digits}{digits}/{digits}/{digits}/*.jsonl.gz"))


def _make_room(out: Path, arguments: Arguments, overwrite: bool) -> bool:
    """Prepare the folder; return False if it already holds the files of these arguments."""
    if out.exists() and not out.is_dir():
        _fail(1, f"the events cannot be written: {out}: it is no folder; name another with --out")
    truth, files = out / TRUTH_FILE, _event_files(out)
    if truth.exists() or files:
        existing = None
        if truth.exists():
            try:
                existing = json.loads(truth.read_text(encoding="utf-8"))["arguments"]
            except (ValueError, KeyError, TypeError):
                existing = None
        if existing == arguments.as_json() and files and not overwrite:
            return False
        if not overwrite:
            _fail(
                1,
                f"{out} holds events of another or an unfinished run; --overwrite replaces them",
            )
        truth.unlink(missing_ok=True)
        for file in files:
            file.unlink()
        for folder in sorted({file.parent for file in files}):
            for empty in (folder, folder.parent, folder.parent.parent):
                if any(empty.iterdir()):
                    break
                empty.rmdir()
    out.mkdir(parents=True, exist_ok=True)
    probe = out / ".writable"
    probe.touch()
    probe.unlink()
    return True


def _simulate(arguments: Arguments, out: Path) -> Summary:
    console = Console(stderr=True)
    if not console.is_terminal:
        return simulate(arguments, out)
    columns = (
        TextColumn("simulating events"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=arguments.events)
        return simulate(arguments, out, lambda made: bar.update(task, completed=made))


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(argv)
    arguments = Arguments(
        options.sites, options.days, options.events, options.seed, options.start, options.mess
    )
    summary = None
    # Events contain no reference cycles, so the collector would only cost time.
    gc.disable()
    try:
        if _make_room(options.out, arguments, options.overwrite):
            summary = _simulate(arguments, options.out)
    except OSError as error:
        _fail(
            1,
            f"the events cannot be written: {options.out}: let this user write there and make "
            f"room, or name another folder with --out ({error.strerror or error})",
        )
    except KeyboardInterrupt:
        _fail(130, f"interrupted; {options.out} is incomplete, --overwrite starts again")
    finally:
        gc.enable()
    if summary is None:
        print(f"{options.out} already holds these events; nothing to do")
        return 0
    print(
        f"{summary.events:,} events, {summary.files} files, {summary.size / 1e6:,.1f} MB, "
        f"{summary.events / summary.seconds:,.0f} events/s; truth in {summary.truth}"
    )
    return 0
