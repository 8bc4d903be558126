"""Loads for engines to agree on: messy events, with late and repeated days and a changed file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulator.command_line import main as simulate
from tests.support.awkward import awkward_events, awkward_lines
from tests.support.replacements import write_version


def three_loads(folder: Path, events: int) -> Iterator[list[Path]]:
    """Yield the files of one load after the other.

    The files are written when their load is asked for, since one of them changes: the next version
    replaces it. Made-up days come late, and awkward events come again in another file.

    Args:
        folder: The folder for the files.
        events: How many made-up events there are besides the awkward ones.

    """
    simulate(["--mess", "--events", str(events), "--days", "4", "--out", str(folder / "made-up")])
    files = sorted((folder / "made-up").rglob("*.jsonl*"))
    lines = awkward_lines(awkward_events())
    changing, rest, again = (folder / name for name in ("awkward.jsonl", "rest.jsonl", "b.jsonl"))
    yield [*files[::2], write_version(changing, lines[::2], 1)]
    yield [*files[1::2][:-3], write_version(rest, lines[1::2], 2)]
    yield [
        *files[1::2][-3:],
        write_version(changing, lines[::4], 3),
        write_version(again, lines[1::3], 3),
    ]
