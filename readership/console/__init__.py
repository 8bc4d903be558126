"""What people see of a command: text that is safe to print, tables that fit, progress.

Names, titles, addresses and whole lines come from outside: from event files, from what readers
have typed, from other people's servers. None of it may steer a terminal or break a table, so
everything goes through `clean` or `visible` before it is printed, and is `cut` to the cells it has.
`console_for` gives a console on which nothing is markup; `show` prints the parts of a page to it,
as plain text where no terminal is. Tables and progress are drawn by rich.
"""

from readership.console.printing import WIDEST, console_for, show
from readership.console.progress import SparseLines, live_bar
from readership.console.tables import COLUMN_GAP, NARROWEST_CELL, Column, aligned_table, ruled_table
from readership.console.text import (
    clean,
    counted,
    cut,
    cut_start,
    fitted,
    visible,
    without_controls,
)

__all__ = [
    "COLUMN_GAP",
    "NARROWEST_CELL",
    "WIDEST",
    "Column",
    "SparseLines",
    "aligned_table",
    "clean",
    "console_for",
    "counted",
    "cut",
    "cut_start",
    "fitted",
    "live_bar",
    "ruled_table",
    "show",
    "visible",
    "without_controls",
]
