"""Disks, clocks, several loads at once: a load is whole or not there, and the next makes good."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.support.disks import mounted

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FAKETIME = shutil.which("faketime")
# The clock that measures how long something takes does not jump on any machine.
STEADY = {**os.environ, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def write(folder: Path, name: str, events: int, *, first: int = 0, size: int = 0) -> Path:
    """Write a file of events, with noise that no storage makes small."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    records = (
        {"event_id": f"0x{first + at}", "extra_data": os.urandom(size).hex()}
        for at in range(events)
    )
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return file


def command(events: Path, warehouse: Path) -> list[str]:
    return [sys.executable, "-m", "loaders", "load", str(events), "--warehouse", str(warehouse)]


def load(events: Path, warehouse: Path, *before: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, *command(events, warehouse)],
        cwd=ROOT, env=STEADY, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def query(warehouse: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


COUNT = "select count(*), count(distinct event_id) from raw.events"


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    events = tmp_path / "events"
    write(events, "a.jsonl", 1)
    with mounted(tmp_path / "disk") as disk:
        warehouse = disk.folder / "w.duckdb"
        assert load(events, warehouse).returncode == 0
        write(events, "b.jsonl", 500, first=10, size=4000)
        disk.leave(600_000)
        failed = load(events, warehouse)
        assert failed.returncode == 1
        error = failed.stderr.splitlines()[-1]
        assert error.startswith("readership load: there is no room for the warehouse: ")
        assert "make room" in error
        assert "Traceback" not in failed.stderr
        assert query(warehouse, COUNT) == [(1, 1)]
        disk.resize(1 << 30)
        assert load(events, warehouse).returncode == 0
        assert query(warehouse, COUNT) == [(501, 501)]


def test_a_read_only_disk_is_one_line(tmp_path: Path) -> None:
    events = tmp_path / "events"
    write(events, "a.jsonl", 1)
    with mounted(tmp_path / "disk") as disk:
        warehouse = disk.folder / "w.duckdb"
        assert load(events, warehouse).returncode == 0
        write(events, "b.jsonl", 5, first=10)
        disk.set_read_only(is_read_only=True)
        failed = load(events, warehouse)
        assert failed.returncode == 1
        assert len(failed.stderr.splitlines()) == 1
        error = failed.stderr.splitlines()[-1]
        assert error.startswith("readership load: ")
        assert "read-only" in error.lower() or "permission" in error
        assert "Traceback" not in failed.stderr
        assert query(warehouse, COUNT) == [(1, 1)]
        disk.set_read_only(is_read_only=False)
        assert load(events, warehouse).returncode == 0
        assert query(warehouse, COUNT) == [(6, 6)]


def test_of_three_loads_at_once_each_is_done_or_refused_and_nothing_is_there_twice(
    tmp_path: Path,
) -> None:
    events, warehouse = tmp_path / "events", tmp_path / "w.duckdb"
    for name in range(4):
        write(events, f"{name}.jsonl", 300, first=1000 * name)
    write(events, "same.jsonl", 300)
    running = [
        subprocess.Popen(
            command(events, warehouse), cwd=ROOT, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip
    errors = [process.communicate()[1] for process in running]
    codes = [process.returncode for process in running]
    assert 0 in codes
    for code, error in zip(codes, errors, strict=True):
        assert code in (0, 1)
        assert "Traceback" not in error
        if code:
            assert "is in use" in error.splitlines()[-1]
    assert load(events, warehouse).returncode == 0
    # The loader keeps copies that other files bring; staging counts them once.
    assert query(warehouse, COUNT) == [(1500, 1200)]
    assert query(warehouse, "select count(*), count(distinct file) from raw.files") == [(5, 5)]


def load_three_times(folder: Path, clocks: tuple[str, ...]) -> list[list[tuple[object, ...]]]:
    """Load a file, its second and third version, each beside a new file; give what counts."""
    events, warehouse = folder / "events", folder / "w.duckdb"
    folder.mkdir()
    for number, clock in enumerate(clocks):
        write(events, "a.jsonl", 10 + number, first=100 * number)
        write(events, f"{number}.jsonl", 5, first=1000 * (number + 1))
        done = load(events, warehouse, str(FAKETIME), "-f", clock)
        assert done.returncode == 0, done.stderr
    return [
        query(
            warehouse,
            "select e.event_id from raw.events as e inner join raw.files as f on "
            "e._file = f.file and e._dlt_load_id = f._dlt_load_id "
            "where f.replaced_by is null order by all",
        ),
        query(
            warehouse,
            "select split_part(file, '/', -1), events, replaced_by is null "
            "from raw.files order by all",
        ),
        query(warehouse, "select status, count(*) from raw._dlt_loads group by all"),
    ]


@pytest.mark.skipif(not FAKETIME, reason="Debian's package faketime is not installed")
def test_a_clock_that_jumps_between_loads_changes_no_row(tmp_path: Path, is_long: bool) -> None:
    expected = load_three_times(tmp_path / "steady", ("+0", "+0", "+0"))
    # Of the three versions of the file the last counts.
    assert len(expected[0]) == 12 + 15
    jumps = [("+1d", "-1h", "+0"), ("-1h", "+400d", "-2d"), ("-5d", "-6d", "-7d")]
    for number, clocks in enumerate(jumps if is_long else jumps[:1]):
        assert load_three_times(tmp_path / f"jumps {number}", clocks) == expected


@pytest.mark.skipif(not FAKETIME, reason="Debian's package faketime is not installed")
def test_a_clock_that_runs_a_day_a_second_does_not_stop_a_load(tmp_path: Path) -> None:
    events, warehouse = tmp_path / "events", tmp_path / "w.duckdb"
    write(events, "a.jsonl", 2000, size=100)
    done = load(events, warehouse, str(FAKETIME), "-f", "+0 x86400")
    assert done.returncode == 0, done.stderr
    assert query(warehouse, COUNT) == [(2000, 2000)]
