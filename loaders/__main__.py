"""The command line: `python -m loaders load PATH...` and `python -m loaders init`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from warehouse.errors import UserError
from warehouse.file import DEFAULT_WAREHOUSE, default_warehouse

if TYPE_CHECKING:
    from loaders import pipeline

_EXIT_CODES: Final = """\
exit codes:
  0  done; also when nothing was new, and when lines were refused or files were incomplete:
     those are kept in raw.rejected_lines and raw.files, so that a schedule goes on
  1  nothing was loaded; stderr says what to do
  2  the command line is wrong
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and give the exit code."""
    options = _parser().parse_args(arguments)
    warehouse = Path(options.warehouse or default_warehouse()).absolute()
    try:
        # Imported here so that --help need not wait for dlt.
        from loaders import pipeline
        from loaders.progress import progress_for
        from loaders.targets import target_for

        target = target_for("duckdb", warehouse)

        if options.command == "init":
            pipeline.init(target)
            print(f"{target.place} is ready")
        else:
            wanted = pipeline.Wanted(tuple(options.paths))
            print(_report(pipeline.load(wanted, target, progress_for())))
    except UserError as error:
        print(f"loaders: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("loaders: stopped: the next load takes up what this one left", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loaders",
        description="Load raw event files into the warehouse, each line once.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, summary in (
        ("load", "load the event files that the warehouse does not hold yet"),
        ("init", "create the warehouse with its empty tables"),
    ):
        command = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=_EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == "load":
            command.add_argument(
                "paths",
                nargs="+",
                metavar="PATH",
                help="a file, a folder (searched for *.jsonl, *.ndjson and *.gz), a pattern, or "
                "a URL such as s3://bucket/events",
            )
        command.add_argument(
            "--warehouse",
            metavar="FILE",
            help=f"the DuckDB file (default: $READERSHIP_WAREHOUSE, else {DEFAULT_WAREHOUSE})",
        )
    return parser


def _report(summary: pipeline.Summary) -> str:
    counts = [f"{summary.files['loaded']} loaded", f"{summary.skipped} skipped as known"]
    counts += [
        f"{summary.files[status]} {status}"
        for status in ("partial", "unreadable")
        if summary.files[status]
    ]
    lines = [f"files      {', '.join(counts)}"]
    lines += [f"           {name}: {trouble}" for name, trouble in summary.troubles]
    rate = f" ({summary.events / summary.seconds:,.0f}/s)" if summary.events else ""
    lines.append(f"events     {summary.events:,}{rate}")
    if summary.rejected:
        reasons = ", ".join(f"{count} {reason}" for reason, count in summary.rejected.most_common())
        lines.append(f"rejected   {summary.rejected.total():,} lines: {reasons}")
    if summary.unknown_fields:
        lines.append(f"new fields {', '.join(sorted(summary.unknown_fields))}")
    if summary.taken_back:
        lines.append(f"before     {summary.taken_back} broken load taken back")
    lines.append(f"warehouse  {summary.place}")
    lines.append(f"seconds    {summary.seconds:.1f}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
