"""Tables that fit the width they are given: columns that may shrink are cut, the widest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from readership.console.text import clean, cut, cut_start, fitted

COLUMN_GAP: Final = 2
"""Cells between two columns."""

NARROWEST_CELL: Final = 8
"""Cells below which no column is cut."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        heading: What stands above it.
        is_number: Whether its cells end in line.
        shrinks: Whether it is cut where the table is too wide.
        style: How its cells look, in rich's words.

    """

    heading: str
    is_number: bool = False
    shrinks: bool = False
    style: str = ""


def aligned_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    width: int,
    note: str | None = None,
) -> Text:
    """Align rows below their headings, with a note after them.

    Args:
        columns: The columns.
        rows: Cells that are safe to print; of those with a `/`, as paths have, the end is kept.
        width: The cells that there are for a line.
        note: A line below the table.

    """
    headings = [column.heading for column in columns]
    widest = [max(cell_len(cell) for cell in cells) for cells in zip(headings, *rows, strict=True)]
    widths = _widths_within(columns, widest, width)
    lines = [
        Text(_line(columns, widths, headings), "bold"),
        *(Text(_line(columns, widths, row)) for row in rows),
    ]
    if note:
        lines.append(Text(note, "dim"))
    return Text("\n").join(lines)


def ruled_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str | Text]],
    width: int,
    *,
    has_total: bool = False,
    styles: Mapping[str, str] | None = None,
) -> Table:
    """Give a table with a line below its headings.

    Args:
        columns: The columns.
        rows: Cells as they are, cleaned here; a `Text` is kept. Of addresses the end is kept.
        width: The cells that there are for a line.
        has_total: Whether the last row is set apart.
        styles: How cells with a certain text look.

    """
    plain = [[cell if isinstance(cell, Text) else clean(cell) for cell in row] for row in rows]
    room = width - COLUMN_GAP * (len(columns) - 1)
    widest = [
        min(room, max([cell_len(column.heading), *(_width(row[index]) for row in plain)]))
        for index, column in enumerate(columns)
    ]
    widths = _widths_within(columns, widest, width)
    table = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, COLUMN_GAP - 1, 0, 0),  # and one cell between columns
        header_style="bold",
    )
    for column, cells in zip(columns, widths, strict=True):
        table.add_column(
            Text(cut(column.heading, cells)),
            justify="right" if column.is_number else "left",
            style=column.style,
            width=cells,
            no_wrap=True,
        )
    for number, row in enumerate(plain, start=1):
        if has_total and number == len(plain):
            table.add_section()
        table.add_row(
            *(
                cell
                if isinstance(cell, Text)
                else Text(_cut_cell(cell, cells), style=(styles or {}).get(cell, ""))
                for cell, cells in zip(row, widths, strict=True)
            )
        )
    return table


def _widths_within(columns: Sequence[Column], widest: list[int], width: int) -> list[int]:
    """Give each column's cells: what it wants, less of those that may shrink, the widest first."""
    room = width - COLUMN_GAP * (len(columns) - 1)
    widths = list(widest)
    yielding = [at for at, column in enumerate(columns) if column.shrinks]
    while yielding and sum(widths) > room:
        largest = max(yielding, key=widths.__getitem__)
        if widths[largest] <= NARROWEST_CELL:
            break
        widths[largest] -= 1
    return widths


def _line(columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str]) -> str:
    return (" " * COLUMN_GAP).join(_cells(columns, widths, cells)).rstrip()


def _cells(columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str]) -> Iterator[str]:
    for column, width, cell in zip(columns, widths, cells, strict=True):
        if column.is_number:
            yield " " * (width - cell_len(cell)) + cell
        elif "/" in cell:
            # Of paths the end tells more.
            short = cut_start(cell, width)
            yield short + " " * (width - cell_len(short))
        else:
            yield fitted(cell, width)


def _cut_cell(text: str, width: int) -> str:
    is_address = text.startswith(("http://", "https://")) and " " not in text
    return cut_start(text, width) if is_address else cut(text, width)


def _width(cell: str | Text) -> int:
    return cell.cell_len if isinstance(cell, Text) else cell_len(cell)
