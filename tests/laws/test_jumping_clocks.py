"""Law 3 under clocks that jump: what a load or a build believes of the time changes no row."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.clocks import Clock, needs_clock
from tests.support.events import event, heartbeat, without_session
from tests.support.replacements import assert_equal_to_a_full_refresh, write_version
from tests.support.warehouses import ROOT, Dbt, Warehouse

VIEW = event("ada", "2026-03-02 10:00:00", metadata_title="One")
AGAIN = event("ada", "2026-03-02 10:00:00", metadata_title="Other")
BEAT = heartbeat("ada", "2026-03-02 10:00:20", 20)
BOB = without_session(event("bob", "2026-03-02 11:00:00"))
CLEO = event("cleo", "2026-03-03 12:00:00", path="/c")
# A file, the time at which it is loaded, and its events. One is loaded in a second version.
LOADS: tuple[tuple[str, str, list[dict[str, Any]]], ...] = (
    ("a", "+0", [VIEW, BOB]),
    ("b", "-2d", [BEAT, VIEW]),
    ("a", "+400d", [AGAIN, CLEO]),
    ("c", "-3h", [BOB, CLEO]),
)


def load(file: Path, warehouse: Warehouse, clock: Clock) -> None:
    command = ["-m", "loaders", "load", str(file), "--warehouse", str(warehouse.path)]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT, env=clock.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@needs_clock
def test_loads_under_a_clock_that_jumps_end_in_the_rows_of_one_build(
    tmp_path: Path, dbt: Dbt
) -> None:
    """Takes over 20 s where dbt has to run for the first time in each of its builds."""
    clock = Clock(tmp_path / "clock")
    warehouse = Warehouse(tmp_path / "jumping", dbt)
    for number, (name, offset, events) in enumerate(LOADS):
        clock.set(offset)
        file = warehouse.folder / "events" / f"{name}.jsonl"
        load(write_version(file, events, number), warehouse, clock)
        warehouse.build()
    finished = warehouse.rows("select max(inserted_at) - min(inserted_at) from raw._dlt_loads")
    assert finished[0][0].days > 400
    at_once = Warehouse(tmp_path / "at once", dbt)
    at_once.load_events([AGAIN, CLEO, BEAT, VIEW, BOB, CLEO])
    at_once.build()
    assert warehouse.contents() == at_once.contents()
    assert_equal_to_a_full_refresh(warehouse)
