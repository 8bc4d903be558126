"""Printing to a stream: a console that fits it, and parts of a page one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TextIO

from rich.console import Console, ConsoleRenderable

WIDEST: Final = 120
"""Cells beyond which text that fits the terminal is hard to read."""

_WITHOUT_UNICODE: Final = str.maketrans("…─·▏▎▍▌▋▊▉█", "~--########")


def console_for(stream: TextIO, widest: int | None = WIDEST) -> Console:
    """Give a console as wide as the stream's terminal, with colours only on one; no markup.

    Args:
        stream: What is printed to.
        widest: The most cells that a line may have; None: as many as the terminal has.

    """
    console = Console(file=stream, markup=False, emoji=False, highlight=False)
    if widest is not None:
        console.width = min(console.width, widest)
    return console


def show(console: Console, parts: Sequence[ConsoleRenderable]) -> None:
    """Print the parts with an empty line between; plain text where no person watches."""
    with console.capture() as capture:
        for number, part in enumerate(parts):
            if number:
                console.print()
            # Lines that are wider, such as commands, stay whole, so that they can be copied.
            console.print(part, crop=False, overflow="ignore")
    text = capture.get()
    if not console.is_terminal:
        text = "\n".join(line.rstrip() for line in text.split("\n"))
    encoding = console.encoding
    if not encoding.startswith("utf"):
        text = text.translate(_WITHOUT_UNICODE).encode(encoding, "replace").decode(encoding)
    console.file.write(text)
    console.file.flush()
