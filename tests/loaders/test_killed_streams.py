"""A load from a stream that is killed, at any moment: the next one ends as if nothing happened."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders import pipeline, stream_loads
from loaders.discovering import LoadRequest
from loaders.pipeline import Progress
from loaders.writing import DuckDbFile
from tests.support.figures import Figure
from tests.support.killed_loads import ROOT, check_what_others_see, contents, die_at, points
from tests.support.kinesis_server import FIRST_SHARD, KinesisServer, aggregate

Contents = dict[str, list[Any]]
STREAM = "kinesis://events"


def event(at: int) -> bytes:
    return json.dumps({"event_id": f"0x{at}", "user_agent": f"agent {at % 7}"}).encode()


def load(warehouse: Path) -> pipeline.LoadSummary:
    return pipeline.load(LoadRequest((STREAM,)), DuckDbFile(warehouse), Progress())


@pytest.fixture(scope="module")
def stream(kinesis_server: KinesisServer) -> Iterator[KinesisServer]:
    """A stream that was split, with whatever records can hold."""
    kinesis_server.reset()
    kinesis_server.most = 25
    kinesis_server.put(*map(event, range(60)), b"bad", gzip.compress(event(60) + b"\n" + event(61)))
    for first in (100, 200):
        shard = kinesis_server.add_shard(FIRST_SHARD)
        kinesis_server.put(*map(event, range(first, first + 50)), b"[]", b"", shard=shard)
        kinesis_server.put(aggregate(map(event, range(first + 50, first + 60))), shard=shard)
    environment = {
        "AWS_ENDPOINT_URL": kinesis_server.endpoint,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        # As in the process that dies.
        patch.setattr(stream_loads, "_PACKAGE_RECORDS", 80)
        yield kinesis_server


@pytest.fixture(scope="module")
def expected(stream: KinesisServer, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What a load that is not killed leaves."""
    clean = tmp_path_factory.mktemp("clean") / "w.duckdb"
    load(clean)
    return contents(clean)


def test_a_load_killed_at_any_call_is_done_by_the_next(
    stream: KinesisServer, tmp_path: Path, is_long: bool, expected: Contents, figure: Figure
) -> None:
    clean = tmp_path / "counted.duckdb"
    done = die_at(0, ["load", STREAM, "--warehouse", str(clean)])
    assert done.returncode == 0, done.stderr
    calls = int(done.stderr.split()[-1])
    assert contents(clean) == expected
    assert len(expected["events"]) == 60 + 2 + 2 * 60
    assert len(expected["rejected_lines"]) == 3
    pieces = [row for row in expected["files"] if row[4]]
    assert len(pieces) >= 4
    assert all(row[4] == sum(row[5:8]) for row in pieces)
    places = list(points(60 if is_long else 1))
    for at in places:
        arguments = ["load", STREAM, "--warehouse", str(tmp_path / f"{at:.4f}.duckdb")]
        assert die_at(int(at * calls), arguments).returncode == -9
        check_left(tmp_path / f"{at:.4f}.duckdb", expected)
    figure("kills_of_loads_of_a_stream", len(places), "kills", 60)


@pytest.mark.parametrize(
    "point",
    [
        "after:loaders.writing.ledger:Ledger.begin",
        "before:loaders.writing.ledger:Ledger.forget_begun",
        "after:loaders.writing.destination:OneCommit.complete_load",
    ],
)
def test_a_load_killed_around_its_commit_is_done_by_the_next(
    stream: KinesisServer, tmp_path: Path, point: str, expected: Contents
) -> None:
    warehouse = tmp_path / "w.duckdb"
    command = [sys.executable, str(ROOT / "tests/support/kill_at_point.py"), point]
    command += ["load", STREAM, "--max-records", "80", "--warehouse", str(warehouse)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    check_left(warehouse, expected)


def test_a_load_killed_before_its_tables_were_made_is_done_by_the_next(
    stream: KinesisServer, tmp_path: Path, expected: Contents
) -> None:
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("create schema raw")
    load(tmp_path / "w.duckdb")
    assert contents(tmp_path / "w.duckdb") == expected


def check_left(warehouse: Path, expected: Contents) -> None:
    """Look at what a dead load has left, load again, and again."""
    if warehouse.exists():
        check_what_others_see(warehouse)
    load(warehouse)
    assert contents(warehouse) == expected
    assert load(warehouse).events == 0
    assert contents(warehouse) == expected
