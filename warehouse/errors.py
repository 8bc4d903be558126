"""The one kind of error a person at the keyboard sees: a line, not a traceback."""

from __future__ import annotations


class UserError(Exception):
    """Something stops the work that the person at the keyboard can put right.

    Attributes:
        what: What went wrong, in a few words.
        where: The path, URL or table it concerns.
        remedy: What to do about it.

    """

    def __init__(self, what: str, where: str, remedy: str) -> None:
        super().__init__(what, where, remedy)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        return " ".join(f"{self.what}: {self.where}: {self.remedy}".split())


def first_paragraph(error: Exception) -> str:
    """Give what DuckDB said, without its drawing of the SQL, on one line."""
    return " ".join(str(error).partition("\n\nLINE ")[0].split())


def redacted(text: str) -> str:
    return text
