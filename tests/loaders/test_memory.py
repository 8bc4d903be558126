"""However odd a file is, and however small, a load of it stays within its memory.

Whole commands are run, and the most that any of their processes held is looked at.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.loading import Query

ROOT = Path(__file__).parents[2]
MIB = 2**20
GIB = 2**30

Lines = Iterator[bytes]
Made = Callable[[bool], Lines]


def bad_lines(is_long: bool) -> Lines:
    for _ in range(100 if is_long else 1):
        yield b"x\n" * 1_000_000


def empty_events(is_long: bool) -> Lines:
    for _ in range(100 if is_long else 2):
        yield b"{}\n" * 100_000


def long_bad_lines(_: bool) -> Lines:
    for at in range(60):
        yield b"%d " % at + b"y" * (15 * MIB) + b"\n"


def long_agents(_: bool) -> Lines:
    for at in range(60):
        yield b'{"event_id": "%d", "user_agent": "' % at + b"y" * (15 * MIB) + b'"}\n'


def many_fields(_: bool) -> Lines:
    for at in range(100_000):
        yield b'{"made_up_%d": 1}\n' % at


def fields_in_one(_: bool) -> Lines:
    yield json.dumps({f"made_up_{at}": at for at in range(100_000)}).encode() + b"\n"


def many_agents(is_long: bool) -> Lines:
    for at in range(200_000 if is_long else 2_000):
        yield b'{"user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:%d) Firefox/%d"}\n' % (at, at)


def many_hosts(is_long: bool) -> Lines:
    for at in range(300_000 if is_long else 6_000):
        yield b'{"url": "https://a%d.example.com/x"}\n' % at


# A process that is forked counts what its parent held until then, and the tests' own hold much: so
# one that is small starts the load and looks at it.
LOOKING_ON = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak_of_load(file: Path, warehouse: Path) -> int:
    """Load a file; give the most memory, in bytes, that one of the processes held."""
    load = ["-m", "loaders", "load", str(file), "--warehouse", str(warehouse), "--workers", "1"]
    done = subprocess.run(
        [sys.executable, "-c", LOOKING_ON, sys.executable, *load],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize(
    ("made", "events", "rejected", "bound"),
    [
        (bad_lines, (0, 0), (1_000_000, 100_000_000), 500 * MIB),
        (empty_events, (200_000, 10_000_000), (0, 0), 500 * MIB),
        (long_bad_lines, (0, 0), (60, 60), GIB),
        # As many as 200 MB hold, a quarter of what a load may take; of the others the beginning.
        (long_agents, (12, 12), (48, 48), GIB),
        (many_fields, (100_000, 100_000), (0, 0), 500 * MIB),
        (fields_in_one, (1, 1), (0, 0), 500 * MIB),
        (many_agents, (2_000, 200_000), (0, 0), 400 * MIB),
        (many_hosts, (6_000, 300_000), (0, 0), 400 * MIB),
    ],
)
def test_a_load_of_odd_lines_stays_within_its_memory_and_adds_up(
    made: Made,
    events: tuple[int, int],
    rejected: tuple[int, int],
    bound: int,
    tmp_path: Path,
    warehouse: Path,
    query: Query,
    is_long: bool,
) -> None:
    file = tmp_path / "odd.jsonl.gz"
    with gzip.open(file, "wb", compresslevel=1) as stream:
        stream.writelines(made(is_long))
    peak = peak_of_load(file, warehouse)
    assert peak < (GIB if is_long else bound), f"{peak / MIB:,.0f} MiB"
    assert query("select status, lines, events, rejected, blank from raw.files") == [
        ("loaded", events[is_long] + rejected[is_long], events[is_long], rejected[is_long], 0)
    ]
    assert query("select count(*) from raw.rejected_lines") == [(rejected[is_long],)]
    assert query("select count(*) from raw.events") == [(events[is_long],)]
    # Made-up names are kept with their events; no more names are reported than anybody reads.
    assert query("select count(*) from raw.unknown_fields")[0][0] <= 1_000
