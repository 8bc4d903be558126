"""The layout of the report: headings and tables that fit a given width.

Text from the warehouse is never interpreted as rich markup. Every cell is truncated to its column.
"""

from __future__ import annotations

import datetime
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.console import ConsoleRenderable, Group
from rich.filesize import decimal
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from readership.console import (
    COLUMN_GAP,
    NARROWEST_CELL,
    Column,
    clean,
    counted,
    cut,
    cut_start,
    ruled_table,
    without_controls,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readership.report.answers import BrokenFile, Count, Day, Load, Site, TopPost, Trend

MOST_RULES: Final = 8

_GAP: Final = COLUMN_GAP
_INDENT: Final = 2
_NARROWEST_CELL: Final = NARROWEST_CELL
_WIDEST_BAR: Final = 24
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_STATE_STYLES: Final = {"new": "cyan", "rising": "green", "fading": "red"}


def events(
    newest: Sequence[Load],
    total: Load,
    rules: Sequence[Count],
    reasons: Sequence[Count],
    files: Sequence[BrokenFile],
    width: int,
) -> ConsoleRenderable:
    """Lay out the outcomes of the loads, and the reasons for refused and rejected lines."""
    rows = [(_minute(load.finished_at), *_load_counts(load)) for load in newest]
    if total.loads > 1:
        rows.append((f"all {total.loads:,} loads", *_load_counts(total)))
    headings = ("files", "lines", "loaded", "refused", "duplicates", "rejected")
    columns = [
        Column("load (UTC)"),
        *(Column(name, is_number=True) for name in headings),
    ]
    parts: list[ConsoleRenderable | str] = [
        _heading("Events"),
        _table(columns, rows, width, has_total=total.loads > 1),
        *_account(total),
    ]
    if rules:
        parts += [
            "",
            _counts("refused, by rule (an event may break several)", "events", rules, width),
        ]
    if reasons:
        parts += ["", _counts("rejected, by reason", "lines", reasons, width)]
    if files:
        room = width - _INDENT
        parts += ["", _note(f"{_number_of(total.broken_files, 'file')} incomplete or unreadable")]
        for file in files:
            address = clean(file.file)
            reason = clean(f"{file.status}: {file.detail or 'no detail'}")
            reason = cut(reason, max(room // 2, room - cell_len(address) - _GAP))
            parts.append(_note(f"{cut_start(address, room - cell_len(reason) - _GAP)}  {reason}"))
        if total.broken_files > len(files):
            parts.append(_note(f"and {total.broken_files - len(files):,} more, in raw.files"))
    return Group(*parts)


def top_posts(
    shown: Sequence[Site], more: int, posts: Sequence[TopPost], width: int
) -> ConsoleRenderable:
    """Lay out the top posts of the sites shown, and the number of further sites."""
    parts: list[ConsoleRenderable | str] = [_heading("Most viewed posts, last 7 days")]
    columns = [
        Column("#", is_number=True),
        Column("post", shrinks=True),
        Column("views", is_number=True),
        Column("visitors", is_number=True),
        Column("engaged min", is_number=True),
    ]
    for site in shown:
        rows = [
            (
                f"{post.position}",
                post.title,
                f"{post.views:,}",
                f"{post.visitors:,}",
                f"{post.engaged_minutes:,}",
            )
            for post in posts
            if post.site_id == site.site_id
        ]
        parts += [
            _site_line(site, width),
            _table(columns, rows, width) if rows else _note("no views in these days"),
            "",
        ]
    if more:
        parts += [_note(f"and {_number_of(more, 'site')} with fewer views, in dim_sites"), ""]
    return Group(*parts[:-1])


def days(
    tables: Sequence[tuple[Site | None, Sequence[Day]]], site_count: int, width: int
) -> ConsoleRenderable:
    """Lay out the newest days of each site; the site None stands for all sites together."""
    parts: list[ConsoleRenderable | str] = [_heading("Sessions and reading, by day")]
    for site, rows in tables:
        parts.append(
            Text(f"All {site_count:,} sites together", style="bold")
            if site is None
            else Text(cut(clean(site.name), width), style="bold")
        )
        parts += [_day_table(rows, width) if rows else _note("no days with data"), ""]
    whose = "the site's own time zone" if site_count == 1 else "each site's own time zone"
    parts.append(_note(f"Dates in {whose}. The last one ends where the data does."))
    return Group(*parts)


def trending(rows: Sequence[Trend], has_sites: bool, width: int) -> ConsoleRenderable:
    """Lay out the trending posts, with their sites if there are several."""
    heading = _heading("Trending")
    if not rows:
        return Group(heading, _note("nothing above the minimum volume (trending_minimum_views)"))
    columns = [
        Column("post", shrinks=True),
        Column("site", shrinks=True),
        Column("state"),
        Column("views", is_number=True),
        Column("expected", is_number=True),
        Column("score", is_number=True),
    ]
    cells = [
        (
            row.title,
            row.site,
            row.state,
            f"{row.views:,}",
            f"{row.expected:,.1f}",
            f"{row.score:+,.1f}",
        )
        for row in rows
    ]
    if not has_sites:
        del columns[1]
        cells = [(row[0], *row[2:]) for row in cells]
    return Group(
        heading,
        _table(columns, cells, width),
        _note("Views in the last hour of the data (or trending_window_hours); views expected"),
        _note("from the hour of the week, the post's age and its own day; and the difference"),
        _note("in standard deviations."),
    )


def where_next(
    warehouse: Path, queries: Sequence[tuple[str, str]], option: str | None
) -> ConsoleRenderable:
    """Lay out the location of the file, and example queries as commands to copy.

    Args:
        warehouse: The DuckDB file.
        queries: Pairs of a question and its SQL.
        option: The value of --warehouse to repeat in the commands; None to leave it out.

    """
    where = f" --warehouse {shlex.quote(option)}" if option else ""
    parts: list[ConsoleRenderable | str] = [
        _heading("Warehouse"),
        Text(f"  {clean(str(warehouse))}  ({decimal(warehouse.stat().st_size)})"),
    ]
    if queries:
        parts += ["", Text("Try next", style="bold")]
    for question, sql in queries:
        statement = sql.replace("\n", "\n  ")
        parts += [
            "",
            _note(question),
            Text(f'{_python()} -m readership query{where} "\n  {statement}"', style="cyan"),
        ]
    return Group(*parts)


def nothing_valid() -> ConsoleRenderable:
    """Return the note that there are lines, but no valid events."""
    return _note("There are no valid events: see the rules and reasons above.")


def nothing_yet(warehouse: Path) -> ConsoleRenderable:
    """Return the note that the warehouse exists and holds no events."""
    return Group(
        Text(f"The warehouse is ready and holds no events yet: {clean(str(warehouse))}"),
        Text("`make run` loads a made-up publisher's traffic; `readership load` your own."),
    )


def result(
    headings: Sequence[str], rows: Sequence[Sequence[object]], has_more: bool, width: int
) -> ConsoleRenderable:
    """Lay out the result of a query.

    A single value is printed in full. Rows become a table if it fits the width, else one line per
    value. Of a value the first 2,000 characters are printed.
    """
    if len(rows) == len(headings) == 1 and not has_more:
        return Text(without_controls(_value(rows[0][0])))
    note = _note(
        f"the first {len(rows):,} rows; there are more"
        if has_more
        else _number_of(len(rows), "row")
    )
    names = [clean(name) for name in headings]
    cells = [[clean(_value(value)) for value in row] for row in rows]
    widest = [max(map(cell_len, column)) for column in zip(names, *cells, strict=True)]
    needed = sum(widest) + _GAP * (len(names) - 1) + _INDENT
    if needed > width:
        return Group(*(_record(names, row) for row in cells), note)
    columns = [
        Column(name, is_number=bool(rows) and all(_is_number(row[index]) for row in rows))
        for index, name in enumerate(names)
    ]
    return Group(_table(columns, cells, needed), note)


def _heading(name: str) -> ConsoleRenderable:
    return Padding(Rule(Text(name, style="bold"), align="left", style="dim"), (0, 0, 1, 0))


def _table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str | Text]],
    width: int,
    *,
    has_total: bool = False,
) -> ConsoleRenderable:
    """Give an indented table, with the states of posts in their colours."""
    table = ruled_table(columns, rows, width - _INDENT, has_total=has_total, styles=_STATE_STYLES)
    return Padding(table, (0, 0, 0, _INDENT), expand=False)


def _note(text: str) -> Text:
    return Text(f"{' ' * _INDENT}{text}", style="dim")


def _site_line(site: Site, width: int) -> Text:
    facts = f"  {clean(site.time_zone)}, as of {site.as_of}"
    name = cut(clean(site.name), max(width - len(facts), _NARROWEST_CELL))
    return Text.assemble((name, "bold"), facts)


def _counts(heading: str, unit: str, counts: Sequence[Count], width: int) -> ConsoleRenderable:
    rows = [(count.name, f"{count.count:,}") for count in counts[:MOST_RULES]]
    columns = [Column(heading, shrinks=True), Column(unit, is_number=True)]
    table = _table(columns, rows, width)
    if len(counts) <= MOST_RULES:
        return table
    left = counts[MOST_RULES:]
    more = f"and {len(left):,} more, {sum(count.count for count in left):,} {unit}"
    return Group(table, _note(more))


def _day_table(rows: Sequence[Day], width: int) -> ConsoleRenderable:
    columns = [
        Column("date"),
        Column("sessions begun", is_number=True),
        Column("by visitors", is_number=True),
        Column("engaged hours", is_number=True),
        Column("pageviews", is_number=True),
        Column("", style="cyan"),
    ]
    # The width of the other columns: headings are wider than any number below 10**9.
    used = _INDENT + _GAP * (len(columns) - 1)
    used += len("2000-01-01") + sum(len(column.heading) for column in columns[1:])
    longest = max(0, min(_WIDEST_BAR, width - used))
    most = max(day.pageviews for day in rows)
    cells = [
        (
            day.date.isoformat(),
            f"{day.sessions:,}",
            f"{day.visitors:,}",
            f"{day.engaged_hours:,.1f}",
            f"{day.pageviews:,}",
            Text(_bar(day.pageviews, most, longest)),
        )
        for day in rows
    ]
    return _table(columns, cells, width)


def _bar(value: int, most: int, longest: int) -> str:
    eighths = round(8 * longest * value / most) if most else 0
    if value and longest:
        eighths = max(eighths, 1)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def _account(total: Load) -> list[Text]:
    if not total.unaccounted:
        return [
            _note("lines = loaded + refused (events that break a rule) + duplicates"),
            _note(
                f"      + rejected (lines that are not a readable event) + {total.blank:,} blank"
            ),
        ]
    counted = total.lines - total.unaccounted
    return [_note(f"This does not add up: {total.lines:,} lines, {counted:,} in the counts.")]


def _load_counts(load: Load) -> tuple[str, ...]:
    counts = (
        load.files,
        load.lines,
        load.loaded,
        load.refused,
        load.duplicates,
        load.rejected,
    )
    return tuple(f"{count:,}" for count in counts)


def _minute(at: datetime.datetime | None) -> str:
    return at.isoformat(" ", "minutes") if at else "unknown"


def _record(names: Sequence[str], row: Sequence[str]) -> ConsoleRenderable:
    longest = max(cell_len(name) for name in names)
    lines = [
        f"  {name}{' ' * (longest - cell_len(name))}  {value}"
        for name, value in zip(names, row, strict=True)
    ]
    return Text("\n".join([*lines, ""]))


def _number_of(count: int, unit: str) -> str:
    """Give the count with its unit: no rows, 1 row, 2 rows."""
    return counted(count, unit) if count else f"no {unit}s"


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and hasattr(value, "__round__")


def _value(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    return str(value)


def _python() -> str:
    """Return the interpreter's path as the reader would type it."""
    path = Path(sys.executable)
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
