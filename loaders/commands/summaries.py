"""What is printed at the end of a load, and of a dry run: lines for a terminal or a log."""

from __future__ import annotations

from typing import Final

from loaders.discovering import Plan
from loaders.pipeline import LoadSummary
from readership.console import counted, visible

_MEGABYTE: Final = 1e6
_FILES_SHOWN: Final = 50
_FIELDS_SHOWN: Final = 50


def load_summary(summary: LoadSummary) -> str:
    """Tell what a load did, a line for each thing worth one."""
    counts = [f"{summary.files['loaded']:,} loaded", f"{summary.skipped:,} skipped as known"]
    counts += [
        f"{summary.files[status]:,} {status}"
        for status in ("partial", "unreadable", "refused")
        if summary.files[status]
    ]
    lines = [f"files      {', '.join(counts)}"]
    for stream, count in summary.records.items():
        lines.append(f"           {counted(count, 'record')} of {visible(stream)} among them")
    for shard in summary.expired:
        lines.append(f"           {visible(shard)}: its last records expired before they were read")
    if summary.unknown_messages:
        count = counted(summary.unknown_messages, "message")
        lines.append(f"           {count} that name no files, left in the queue")
    if summary.replaced:
        lines.append(f"           {summary.replaced:,} in place of what was loaded of them before")
    if summary.undated:
        lines.append(f"           {summary.undated:,} left out: they lie in no day folder")
    lines += _passed_over(summary.passed_over)
    lines += [f"           {visible(name)}: {visible(detail)}" for name, detail in summary.troubles]
    speed = ""
    if summary.events:
        megabytes = summary.bytes_read / _MEGABYTE / summary.seconds
        speed = f" ({summary.events / summary.seconds:,.0f}/s, {megabytes:,.1f} MB/s as stored)"
    lines.append(f"events     {summary.events:,}{speed}")
    if summary.rejected:
        reasons = ", ".join(f"{count} {reason}" for reason, count in summary.rejected.most_common())
        lines.append(f"rejected   {counted(summary.rejected.total(), 'line')}: {reasons}")
    if summary.unknown_fields:
        names = [visible(name) or '""' for name in sorted(summary.unknown_fields)]
        more = len(names) - _FIELDS_SHOWN
        rest = f" and {more:,} more" if more > 0 else ""
        lines.append(f"new fields {', '.join(names[:_FIELDS_SHOWN])}{rest}")
    if summary.taken_back:
        lines.append(f"before     {counted(summary.taken_back, 'broken load')} taken back")
    lines.append(f"warehouse  {summary.place}")
    lines.append(f"seconds    {summary.seconds:.1f}")
    return "\n".join(lines)


def lost_files_line(summary: LoadSummary) -> str:
    """Tell of a store that gave out, in one line."""
    (name, detail), count = summary.lost[0], len(summary.lost)
    others = f" and {count - 1:,} more" if count > 1 else ""
    rest = f", {summary.not_tried:,} files were not tried" if summary.not_tried else ""
    return (
        f"the store gave out: {visible(name)}{others} ({detail}){rest}: run again when it answers; "
        "what was loaded stays"
    )


def plan_summary(plan: Plan) -> str:
    """Tell what a load would take."""
    lines = [
        f"{file.size_bytes / _MEGABYTE:10,.3f} MB  {why:8}  {visible(file.name)}"
        for file, why in plan.files[:_FILES_SHOWN]
    ]
    if len(plan.files) > _FILES_SHOWN:
        lines.append(f"{'':10}     and {len(plan.files) - _FILES_SHOWN:,} more")
    lines.append(
        f"{plan.size_bytes / _MEGABYTE:10,.3f} MB  in {counted(len(plan.files), 'file')} would be "
        f"loaded, {plan.skipped:,} are known"
    )
    if plan.undated:
        lines.append(f"{'':15}{plan.undated:,} left out: they lie in no day folder")
    return "\n".join([*lines, *_passed_over(plan.passed_over)])


def _passed_over(found: dict[str, str]) -> list[str]:
    lines = [
        f"           {visible(path)}: passed over: it is {visible(what)}"
        for path, what in sorted(found.items())[:_FILES_SHOWN]
    ]
    more = len(found) - len(lines)
    return [*lines, f"           and {more:,} more passed over"] if more > 0 else lines
