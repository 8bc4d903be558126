"""Events by a stream, by files, and by both: each counts once, and every line is accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.events import event, heartbeat, without_session
from tests.support.kinesis_server import FIRST_SHARD, KinesisServer, aggregate
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.warehouses import Warehouse

STREAM = "kinesis://events"
VIEW = event("ada", "2026-03-02 10:00:00", metadata_title="One")
BEAT = heartbeat("ada", "2026-03-02 10:00:20", 20)
NEXT = event("ada", "2026-03-02 10:05:00", path="/b", pageview_id="p2")
BOB = without_session(event("bob", "2026-03-02 11:00:00"))
CLEO = event("cleo", "2026-03-03 12:00:00", path="/c")
DORA = event("dora", "2026-03-03 13:00:00", path="/c")


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[KinesisServer]:
    server = KinesisServer()
    for name, value in (
        ("AWS_ENDPOINT_URL", server.endpoint),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    yield server
    server.stop()


def record(*events: dict[str, Any]) -> bytes:
    return "\n".join(map(json.dumps, events)).encode()


def test_events_of_a_stream_and_of_files_count_once(
    warehouse: Warehouse, stream: KinesisServer, tmp_path: Path
) -> None:
    stream.put(VIEW, BOB, b"no event", b"\x1f\x8bno gzip")
    # A producer that has had no answer sends again.
    stream.put(VIEW)
    assert warehouse.load(STREAM).events == 3
    warehouse.build()
    warehouse.check()
    # The same day by a file, with an event that the stream has only later.
    assert warehouse.load_events([BOB, BEAT, CLEO]).events == 3
    warehouse.build()
    left, right = stream.add_shard(FIRST_SHARD), stream.add_shard(FIRST_SHARD)
    stream.put(record(NEXT, VIEW), shard=left)
    stream.put(aggregate([record(CLEO), b"", record(DORA, BEAT)]), shard=right)
    assert warehouse.load(STREAM).events == 5
    assert warehouse.load(STREAM).events == 0
    warehouse.build()
    warehouse.check()
    assert_equal_to_a_full_refresh(warehouse)
    assert warehouse.rows(
        "select lines, events, rejected, blank from raw.files where lines > 0 order by file"
    ) == [(3, 3, 0, 0), (5, 3, 2, 0), (2, 2, 0, 0), (4, 3, 0, 1)]
    assert warehouse.one(
        "select sum(staged_events), sum(duplicate_events), sum(rejected_lines) from ops_loads"
    ) == (6, 5, 2)

    once = Warehouse(tmp_path / "once", warehouse.dbt)
    once.folder.mkdir()
    once.load_events([VIEW, BEAT, NEXT, BOB, CLEO, DORA])
    once.build()
    assert warehouse.contents() == once.contents()
