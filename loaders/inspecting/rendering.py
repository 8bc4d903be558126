"""How status and rejected lines look: text that fits a terminal, or JSON.

Nothing that comes from the warehouse can steer the terminal, and every line is cut to its width.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len
from rich.text import Text

from loaders.inspecting.status import Status, iso
from loaders.reasons import LINE_TOO_LONG, REASONS
from readership.console import (
    COLUMN_GAP,
    NARROWEST_CELL,
    Column,
    aligned_table,
    counted,
    cut,
    cut_start,
    fitted,
    visible,
)

if TYPE_CHECKING:
    from loaders.inspecting.queries import KeptLine
    from loaders.inspecting.replaying import ReplaySummary

MOST_SITES: Final = 20
MOST_FIELDS: Final = 10

_LABEL: Final = 11
_GAP: Final = COLUMN_GAP
_NARROWEST: Final = NARROWEST_CELL
_REASON: Final = max(map(len, REASONS))
# Enough to fill any terminal, whatever bytes a character takes.
_BYTES_SHOWN: Final = 8_000


def status_text(status: Status, width: int) -> list[Text]:
    """Lay a status out: the parts of one screen, facts, reasons, sites and fields.

    Args:
        status: The status.
        width: The cells that there are for a line.

    """
    parts = [_facts(status)]
    if status.reasons:
        rows = [(reason, f"{count:,}") for reason, count in status.reasons.items()]
        parts.append(
            aligned_table(
                [Column("rejected, by reason"), Column("lines", is_number=True)], rows, width
            )
        )
    if status.sites:
        columns = [
            Column("site", shrinks=True),
            Column("events", is_number=True),
            Column("newest event (UTC)"),
            Column("behind", is_number=True),
            Column("rejected", is_number=True),
        ]
        rows = [
            (
                "not said" if site.site is None else visible(site.site) or "empty",
                f"{site.events:,}",
                _second(site.newest_at) if site.newest_at else "",
                _lag(status.seconds_since(site.newest_at)),
                f"{site.rejected:,}",
            )
            for site in status.sites[:MOST_SITES]
        ]
        parts.append(
            aligned_table(columns, rows, width, _more(len(status.sites) - MOST_SITES, "site"))
        )
    if status.fields:
        columns = [
            Column("field not in the list", shrinks=True),
            Column("first met at", shrinks=True),
        ]
        rows = [
            (visible(found.field), f"{visible(found.file)}:{found.line_number}")
            for found in status.fields[:MOST_FIELDS]
        ]
        parts.append(
            aligned_table(columns, rows, width, _more(len(status.fields) - MOST_FIELDS, "field"))
        )
    return parts


def lines_text(lines: Sequence[KeptLine], width: int) -> Text:
    """Lay rejected lines out: number, reason, detail, and as much of each line as fits.

    Those of one file and load stand under its name.
    """
    numbers = max(len(str(kept.number)) for kept in lines) + _GAP
    room = max(width - numbers - _REASON - 3 * _GAP, 3 * _NARROWEST)
    longest = max(cell_len(visible(kept.detail or "")) for kept in lines)
    details = min(longest, room - 2 * _NARROWEST)
    gap = " " * _GAP
    printed: list[Text] = []
    for (load_id, file), some in groupby(lines, key=lambda kept: (kept.load_id, kept.file)):
        of_load = f"{gap}load {load_id}"
        name = cut_start(visible(file), max(width - len(of_load), _NARROWEST))
        printed.append(Text.assemble((name, "bold"), (of_load, "dim")))
        printed += [
            Text.assemble(
                (f"{kept.number:>{numbers}}{gap}", "dim"),
                (f"{kept.reason:<{_REASON}}{gap}", "yellow"),
                f"{fitted(visible(kept.detail or ''), details)}{gap}",
                (cut(visible(kept.line[:_BYTES_SHOWN]), room - details), "cyan"),
            )
            for kept in some
        ]
    return Text("\n").join(printed)


def totals_text(reasons: dict[str, int], shown: int, width: int) -> Text:
    """Lay out how many rejected lines there are by reason, and how many of them were shown.

    Args:
        reasons: The number of lines by reason.
        shown: How many lines were printed before.
        width: The cells that there are for a line.

    """
    total = sum(reasons.values())
    rows = [(reason, f"{count:,}") for reason, count in reasons.items()]
    if not rows:
        return Text("no rejected lines")
    note = f"{shown:,} of {total:,} lines shown; --limit shows more" if shown < total else None
    if len(rows) > 1:
        rows.append(("all", f"{total:,}"))
    return aligned_table(
        [Column("rejected, by reason"), Column("lines", is_number=True)], rows, width, note
    )


def line_json(kept: KeptLine, finished_at: datetime | None) -> str:
    """Give a rejected line as one line of JSON, whole.

    Keys: `load_id`, `loaded_at` (ISO 8601, UTC), `file`, `line_number`, `reason`, `detail`, and
    `line`, the line as text, or, when it is not UTF-8, `line_base64`.
    """
    row: dict[str, Any] = {
        "load_id": kept.load_id,
        "loaded_at": finished_at and iso(finished_at),
        "file": kept.file,
        "line_number": kept.number,
        "reason": kept.reason,
        "detail": kept.detail,
    }
    try:
        row["line"] = kept.line.decode()
    except UnicodeDecodeError:
        row["line_base64"] = base64.b64encode(kept.line).decode()
    return json.dumps(row)


def replay_text(summary: ReplaySummary, width: int) -> list[Text]:
    """Lay out what a replay did."""
    looked_at, events = summary.looked_at.total(), summary.events.total()
    facts = [
        ("looked at", f"{looked_at:,} rejected {'line' if looked_at == 1 else 'lines'}"),
        (
            "replayed",
            f"{events:,} are events now, of {counted(len(summary.files), 'file')}"
            if events
            else "none is an event now; nothing was loaded",
        ),
    ]
    if summary.unknown_fields:
        facts.append(("new fields", ", ".join(map(visible, sorted(summary.unknown_fields)))))
    if summary.taken_back:
        facts.append(("before", f"{counted(summary.taken_back, 'broken load')} taken back"))
    facts.append(("warehouse", visible(summary.place)))
    parts = [_labelled([(label, Text(fact)) for label, fact in facts])]
    if looked_at:
        columns = [
            Column("by reason"),
            Column("looked at", is_number=True),
            Column("events now", is_number=True),
            Column("still refused", is_number=True),
        ]
        rows = [
            (reason, f"{count:,}", f"{summary.events[reason]:,}", f"{_left(summary, reason):,}")
            for reason, count in summary.looked_at.most_common()
        ]
        cut_lines = summary.looked_at[LINE_TOO_LONG]
        note = f"{LINE_TOO_LONG}: only the beginning is kept, so they cannot be judged again"
        parts.append(aligned_table(columns, rows, width, note if cut_lines else None))
    return parts


def replay_json(summary: ReplaySummary) -> str:
    """Give what a replay did as one JSON object.

    Keys: `warehouse`, `looked_at`, `replayed` (lines that are events now), `files`, `by_reason`
    (for each reason `looked_at`, `replayed` and `still_refused`), `new_unknown_fields`,
    `broken_loads_taken_back`.
    """
    return json.dumps(
        {
            "warehouse": summary.place,
            "looked_at": summary.looked_at.total(),
            "replayed": summary.events.total(),
            "files": sorted(summary.files),
            "by_reason": {
                reason: {
                    "looked_at": count,
                    "replayed": summary.events[reason],
                    "still_refused": _left(summary, reason),
                }
                for reason, count in summary.looked_at.most_common()
            },
            "new_unknown_fields": sorted(summary.unknown_fields),
            "broken_loads_taken_back": summary.taken_back,
        },
        indent=2,
    )


def span(seconds: int) -> str:
    """Give a length of time in its two greatest units, such as `3 h 12 min`."""
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    days, hours_left = divmod(hours, 24)
    if days:
        return f"{days:,} d {hours_left} h"
    if hours:
        return f"{hours} h {minutes_left} min"
    return f"{minutes} min" if minutes else f"{rest} s"


def _facts(status: Status) -> Text:
    total = status.total
    facts = [("warehouse", Text(visible(status.place)))]
    if status.last_load is None:
        facts.append(("last load", Text("none yet")))
    else:
        ago = span(status.seconds_since(status.last_load.at) or 0)
        at = _second(status.last_load.at)
        facts.append(("last load", Text(f"{at} UTC, {ago} ago (id {status.last_load.load_id})")))
    if status.broken_loads:
        count, newest = len(status.broken_loads), status.broken_loads[0]
        message = f"{counted(count, 'load')}, begun {_second(newest.at)} UTC and not finished;"
        facts.append(("broken", Text(f"{message}\nthe next load takes back what it left", "red")))
    if status.newest_at is not None:
        lag = _lag(status.seconds_since(status.newest_at))
        where = lag if lag.endswith("ahead") else f"{lag} behind"
        facts.append(("newest", Text(f"event {_second(status.newest_at)} UTC, {where}")))
    files = [
        (f"{counts.files:,} {state}", "" if state in ("loaded", "replayed") else "yellow")
        for state, counts in status.states.items()
        if counts.files
    ]
    counts_by_state = Text(", ").join(Text(*file) for file in files) if files else Text("none")
    if status.replaced:
        counts_by_state.append(f"; {status.replaced:,} replaced by newer ones")
    facts.append(("files", counts_by_state))
    if files:
        facts += [
            (
                "lines",
                Text(
                    f"{total.lines:,} = {total.events:,} events + {total.rejected:,} rejected "
                    f"+ {total.blank:,} blank"
                ),
            )
        ]
    return _labelled(facts)


def _labelled(facts: Sequence[tuple[str, Text]]) -> Text:
    lines = [
        Text.assemble((label if number == 0 else "").ljust(_LABEL), line)
        for label, fact in facts
        for number, line in enumerate(fact.split("\n"))
    ]
    return Text("\n").join(lines)


def _lag(seconds: int | None) -> str:
    if seconds is None:
        return ""
    return span(seconds) if seconds >= 0 else f"{span(seconds)} ahead"


def _second(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def _more(count: int, unit: str) -> str | None:
    return f"and {counted(count, 'more ' + unit)}; --format json has all" if count > 0 else None


def _left(summary: ReplaySummary, reason: str) -> int:
    return summary.looked_at[reason] - summary.events[reason]
