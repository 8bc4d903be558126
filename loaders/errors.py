"""The one kind of error a user of the loader sees: a line, not a traceback."""

from __future__ import annotations


class LoaderError(Exception):
    """Something stops the load that the person at the keyboard can put right.

    Attributes:
        what: What went wrong, in a few words.
        where: The path or URL it concerns.
        remedy: What to do about it.

    """

    def __init__(self, what: str, where: str, remedy: str) -> None:
        super().__init__(what, where, remedy)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        return " ".join(f"{self.what}: {self.where}: {self.remedy}".split())
