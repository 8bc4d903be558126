"""A disk that is full or read-only during a build: one line, and the next build makes good."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from readership.builder.command_line import main
from tests.support.comparing import OF_LOADS
from tests.support.disks import Disk, mounted
from tests.support.events import event
from tests.support.warehouses import ROOT, Dbt, Warehouse

pytestmark = pytest.mark.slow

EVENTS = 400
NOISE_BYTES = 4_000
# Less than the new events take; the build of a few would find room.
LEFT_BYTES = 400_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with mounted(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture
def built(disk: Disk, dbt: Dbt, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Warehouse:
    """A warehouse on the disk, built, with events that wait to be."""
    warehouse = Warehouse(disk.folder, dbt)
    warehouse.load_events([event("ann", "2026-03-02 10:00:00")])
    warehouse.build()
    warehouse.load_events(
        event(f"visitor {number}", "2026-03-02 11:00:00", extra_data=os.urandom(NOISE_BYTES).hex())
        for number in range(EVENTS)
    )
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("READERSHIP_WAREHOUSE", str(warehouse.path))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path / "logs"))
    return warehouse


def failed_build(capsys: pytest.CaptureFixture[str]) -> str:
    """Run the command, which must fail, and return the last line of what it says."""
    capsys.readouterr()
    code = main([])
    DuckDBConnectionManager.close_all_connections()
    out, err = capsys.readouterr()
    assert code == 1
    assert "Traceback" not in out + err
    return err.splitlines()[-1]


def rows(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows but those that say how tables came about."""
    return {name: rows for name, rows in warehouse.contents().items() if name not in OF_LOADS}


def made_good(warehouse: Warehouse) -> None:
    """Build again, which must end in the rows of a full refresh."""
    warehouse.build()
    assert warehouse.one("select count(*) from fct_pageviews") == EVENTS + 1
    found = rows(warehouse)
    warehouse.build("--full-refresh")
    assert rows(warehouse) == found


def test_a_full_disk_stops_a_build_in_one_line_and_with_room_the_next_one_makes_good(
    disk: Disk, built: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    disk.leave(LEFT_BYTES)
    error = failed_build(capsys)
    assert error.startswith(
        "readership build: there is no room for the warehouse: base_event_rows: make room on its "
        "disk, and run again ("
    )
    disk.resize(1 << 30)
    made_good(built)


def test_a_read_only_disk_stops_a_build_in_one_line_and_the_next_one_makes_good(
    disk: Disk, built: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    disk.set_read_only(is_read_only=True)
    error = failed_build(capsys)
    assert error.startswith(
        "readership build: the warehouse cannot be written: build: make its disk writable, or move "
        "the warehouse, and run again ("
    )
    disk.set_read_only(is_read_only=False)
    made_good(built)
