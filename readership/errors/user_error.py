"""The one kind of error that a person at the keyboard sees: a line, and no traceback."""

from __future__ import annotations

from typing import Final

from readership.errors.redaction import redacted

_MOST_CHARS: Final = 300


class UserError(Exception):
    """Something stops the work that the person at the keyboard can put right.

    Secrets are taken out of all three parts, whoever put them in.

    Attributes:
        what: What went wrong, in a few words.
        where: The path, URL or table it concerns.
        remedy: What to do about it.

    A text that has all three in itself, such as one of a dbt macro, comes alone.

    """

    def __init__(self, what: str, where: str = "", remedy: str = "") -> None:
        what, where, remedy = redacted(what), redacted(where), redacted(remedy)
        super().__init__(what, where, remedy)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        parts = (self.what, self.where, self.remedy)
        return " ".join(": ".join(part for part in parts if part).split())


def first_paragraph(error: BaseException) -> str:
    """Give what DuckDB said, without its drawing of the SQL, on one line."""
    return " ".join(str(error).partition("\n\nLINE ")[0].split())


def one_line(text: str, most_chars: int = _MOST_CHARS) -> str:
    """Give what a library said on one line, without secrets, cut to so many characters."""
    return redacted(" ".join(text.split()))[:most_chars]


def message_of(error: BaseException) -> str:
    """Give what an error says, on one line of at most 300 characters, without secrets.

    Of an error of the system that is its text alone, without number and file; of one that says
    nothing, its kind.
    """
    return one_line(getattr(error, "strerror", None) or str(error) or type(error).__name__)
