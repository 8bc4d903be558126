"""Streams: each record once, shards in their order, a position that is kept with the rows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from botocore.session import get_session
from moto.server import ThreadedMotoServer

from loaders import stream_loads
from loaders.__main__ import main
from loaders.streaming import Gathered, KinesisStream, Positions, aws
from readership.errors import UserError
from tests.support.kinesis_server import KinesisServer
from tests.support.loading import Load, Query

STREAM = "kinesis://events"
FIRST = "shardId-000000000000"


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests be repeated at once."""
    monkeypatch.setattr(aws, "_RETRY_SECONDS", (0.0,) * 5)


def events(first: int, count: int) -> list[dict[str, Any]]:
    return [{"event_id": f"0x{at}", "apikey": "a.example"} for at in range(first, first + count)]


def ids(query: Query) -> list[str]:
    return [
        row[0].removeprefix("0x")
        for row in query("select event_id from raw.events order by _file, _line")
    ]


def check_accounts(query: Query) -> None:
    """Every account has the rows that it says; no piece has two."""
    assert (
        query(
            "select file, events, rejected from raw.files "
            "where lines <> events + rejected + blank or replaced_by is not null"
        )
        == []
    )
    assert (
        query(
            "select file, events from raw.files where events > 0 except "
            "select _file, count(*) from raw.events group by all"
        )
        == []
    )
    assert query("select _file, _line from raw.events group by all having count(*) > 1") == []


def test_a_load_goes_on_where_the_last_one_ended(
    kinesis: KinesisServer, load: Load, query: Query
) -> None:
    kinesis.put(*events(0, 30))
    first = load(STREAM)
    assert (first.events, first.records, first.files) == (30, {STREAM: 30}, {"loaded": 1})
    assert load(STREAM).events == 0
    kinesis.put(*events(30, 5))
    assert load(STREAM).events == 5
    assert ids(query) == [str(at) for at in range(35)]
    pieces = query("select file, version, lines, status from raw.files where lines > 0 order by 1")
    numbers = [str(number) for number, _, _ in kinesis.shards[FIRST].records]
    assert pieces == [
        (f"{STREAM}/{FIRST}/{numbers[0]}", numbers[29], 30, "loaded"),
        (f"{STREAM}/{FIRST}/{numbers[30]}", numbers[34], 5, "loaded"),
    ]
    check_accounts(query)


def test_a_look_that_finds_nothing_leaves_the_warehouse_alone(
    kinesis: KinesisServer, load: Load, query: Query
) -> None:
    kinesis.put(*events(0, 3))
    load(STREAM)
    loads = query("select count(*) from raw._dlt_loads")
    assert not load(STREAM).has_work
    assert query("select count(*) from raw._dlt_loads") == loads


def test_big_loads_have_several_commits(
    kinesis: KinesisServer, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_loads, "_PACKAGE_RECORDS", 40)
    kinesis.most = 15
    kinesis.put(*events(0, 100))
    assert load(STREAM).files == {"loaded": 3}
    assert query("select lines from raw.files where lines > 0 order by file") == [
        (40,), (40,), (20,)
    ]  # fmt: skip
    assert ids(query) == [str(at) for at in range(100)]


def test_the_next_records_are_taken_while_those_before_them_are_loaded(
    kinesis: KinesisServer, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_loads, "_PACKAGE_RECORDS", 10)
    kinesis.put(*events(0, 30))
    load_package = stream_loads.load_package
    taken: list[int] = []

    def wait_and_load(*arguments: Any) -> None:  # noqa: ANN401
        expected = min(3, len(taken) + 2)
        until = time.monotonic() + 20
        while kinesis.requests["GetRecords"] < expected and time.monotonic() < until:
            time.sleep(0.01)
        taken.append(kinesis.requests["GetRecords"])
        load_package(*arguments)

    monkeypatch.setattr(stream_loads, "load_package", wait_and_load)
    assert load(STREAM).files == {"loaded": 3}
    assert taken == [2, 3, 3]
    assert ids(query) == [str(at) for at in range(30)]
    check_accounts(query)


def test_the_positions_that_follow_are_those_of_the_ledger(
    kinesis: KinesisServer, load: Load, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_loads, "_PACKAGE_RECORDS", 10)
    kinesis.put(*events(0, 15))
    for first in (15, 40):
        kinesis.put(*events(first, 25), shard=kinesis.add_shard(FIRST))
    looks: list[Positions] = []
    gather = KinesisStream.gather

    def remember(stream: KinesisStream, positions: Positions, *rest: Any) -> Gathered:  # noqa: ANN401
        looks.append(positions)
        return gather(stream, positions, *rest)

    monkeypatch.setattr(KinesisStream, "gather", remember)
    # Which are read from the ledger anew for each load.
    for _ in range(7):
        load(STREAM, most_records=10)
    of_ledger = list(looks)
    looks.clear()
    warehouse.unlink()
    load(STREAM)
    assert looks == of_ledger
    assert len(looks) == 7
    assert looks[-1].closed == {FIRST}


def test_a_load_in_between_takes_the_records_that_were_taken_ahead(
    kinesis: KinesisServer, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_loads, "_PACKAGE_RECORDS", 10)
    kinesis.put(*events(0, 40))
    load_records = stream_loads._load
    others: list[int] = []

    def let_another_load(*arguments: Any) -> bool:  # noqa: ANN401
        done = load_records(*arguments)
        if not others:
            others.append(0)
            others[0] = load(STREAM, most_records=15).events
        return done

    monkeypatch.setattr(stream_loads, "_load", let_another_load)
    assert load(STREAM).events + others[0] == 40
    assert others == [15]
    assert ids(query) == [str(at) for at in range(40)]
    check_accounts(query)


def test_an_error_ahead_ends_the_load_after_what_was_taken(
    kinesis: KinesisServer, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_loads, "_PACKAGE_RECORDS", 10)
    kinesis.put(*events(0, 30))

    def refuse(operation: str) -> None:
        if operation == "GetRecords" and kinesis.requests[operation] == 2:
            kinesis.fail("GetRecords", "AccessDeniedException")

    kinesis.before = refuse
    with pytest.raises(UserError, match="access refused"):
        load(STREAM)
    assert ids(query) == [str(at) for at in range(10)]
    kinesis.before = lambda operation: None
    assert load(STREAM).events == 20
    check_accounts(query)


def test_what_was_taken_before_an_error_is_loaded(
    kinesis: KinesisServer, load: Load, query: Query
) -> None:
    kinesis.most = 4
    kinesis.put(*events(0, 12))

    def refuse(operation: str) -> None:
        if operation == "GetRecords" and kinesis.requests[operation] == 3:
            kinesis.fail("GetRecords", "KMSDisabledException")

    kinesis.before = refuse
    summary = load(STREAM)
    assert summary.events == 8
    ((where, detail),) = summary.lost
    assert (where, "KMSDisabledException" in detail) == (STREAM, True)
    kinesis.before = lambda operation: None
    assert load(STREAM).events == 4
    assert ids(query) == [str(at) for at in range(12)]


def test_shards_that_expired_before_they_were_read_are_told_once(
    kinesis: KinesisServer, load: Load, query: Query
) -> None:
    kinesis.put(*events(0, 10))
    load(STREAM, most_records=4)
    kinesis.put(*events(10, 5), shard=kinesis.add_shard(FIRST))
    kinesis.shards[FIRST].is_listed = False
    summary = load(STREAM)
    assert summary.events == 5
    assert summary.expired == [f"{STREAM}/{FIRST}"]
    assert load(STREAM).expired == []
    ((detail,),) = query(f"select detail from raw.files where file = '{STREAM}/{FIRST}'")
    assert "expired" in detail


def test_records_that_are_no_events_are_kept_with_a_reason(
    kinesis: KinesisServer, load: Load, query: Query
) -> None:
    kinesis.put(*events(0, 2), b"\x1f\x8bno gzip", b'["list"]', b"", *events(2, 1))
    summary = load(STREAM)
    assert (summary.events, summary.rejected) == (3, {"broken_record": 1, "not_an_object": 1})
    assert query("select lines, events, rejected, blank from raw.files where lines > 0") == [
        (6, 3, 2, 1)
    ]
    assert query("select _line, line from raw.rejected_lines order by 1") == [
        (3, b"\x1f\x8bno gzip"),
        (4, b'["list"]'),
    ]


def test_a_stream_and_files_are_loaded_together(
    kinesis: KinesisServer, load: Load, query: Query, write: Callable[..., Any]
) -> None:
    folder = write("a.jsonl", *events(0, 3)).parent
    kinesis.put(*events(3, 3))
    assert load(STREAM, folder).events == 6
    assert load(STREAM, folder).events == 0
    # One that gives out does not keep the other from being loaded.
    kinesis.fail("ListShards", "AccessDeniedException")
    write("b.jsonl", *events(6, 2))
    summary = load(STREAM, folder)
    assert (summary.events, [where for where, _ in summary.lost]) == (2, [STREAM])


def test_files_know_nothing_of_the_accounts_of_streams(
    kinesis: KinesisServer, load: Load, write: Callable[..., Any], query: Query
) -> None:
    kinesis.put(*events(0, 3))
    load(STREAM)
    assert load(write("a.jsonl", *events(3, 3))).events == 3
    assert len(ids(query)) == 6


def test_streams_of_similar_names_are_apart(
    kinesis: KinesisServer,
    load: Load,
    warehouse: Path,
    query: Query,
) -> None:
    kinesis.put(*events(0, 3))
    load(STREAM)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "update raw.files set file = replace(file, 'kinesis://events', 'kinesis://e_ents')"
        )
    assert load(STREAM).events == 3


def test_of_two_loads_at_once_one_takes_the_records(
    kinesis: KinesisServer, load: Load, query: Query
) -> None:
    kinesis.put(*events(0, 10))
    began = False

    def other_load(operation: str) -> None:
        nonlocal began
        if operation == "GetRecords" and not began:
            began = True
            assert load(STREAM).events == 10

    kinesis.before = other_load
    assert load(STREAM).events == 0
    assert ids(query) == [str(at) for at in range(10)]
    check_accounts(query)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a.jsonl", "--from", "latest"], "--from is for streams"),
        (["sqs://q", "--from", "latest"], "--from is for streams"),
        ([STREAM, "--from", "yesterday"], "'yesterday' is not trim-horizon, latest or a time"),
        ([STREAM, "--dry-run"], "are for files, not for kinesis://events"),
        ([STREAM, "--since", "2026-01-01"], "are for files, not for kinesis://events"),
        ([STREAM, "--max-records", "0"], "'0' is no number of records"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["load", *arguments])
    assert left.value.code == 2
    assert says in capsys.readouterr().err


def test_the_command_says_what_it_did(
    kinesis: KinesisServer,
    warehouse: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kinesis.put(*events(0, 3))
    arguments = ["load", STREAM, "--from", "trim-horizon", "--warehouse", str(warehouse)]
    assert main(arguments) == 0
    assert "3 records of kinesis://events" in capsys.readouterr().out
    kinesis.fail("DescribeStreamSummary", "AccessDeniedException")
    assert main(arguments) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_stream_of_another_server_is_read_alike(
    s3_environment: None, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moto has its own idea of sequence numbers, of closed shards and of everything else."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        endpoint = "http://{}:{}".format(*server.get_host_and_port())
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        client = get_session().create_client("kinesis", region_name="us-east-1")
        client.create_stream(StreamName="events", ShardCount=2)

        def put(first: int, count: int) -> None:
            records = [
                {"Data": json.dumps(item).encode(), "PartitionKey": item["event_id"]}
                for item in events(first, count)
            ]
            assert (
                client.put_records(StreamName="events", Records=records)["FailedRecordCount"] == 0
            )

        put(0, 300)
        assert load(STREAM, most_records=120).events >= 120
        put(300, 50)
        load(STREAM)
        shard = client.list_shards(StreamName="events")["Shards"][0]
        middle = str(int(shard["HashKeyRange"]["EndingHashKey"]) // 2)
        client.split_shard(
            StreamName="events", ShardToSplit=shard["ShardId"], NewStartingHashKey=middle
        )
        put(350, 100)
        load(STREAM)
        assert load(STREAM).events == 0
        assert sorted(map(int, ids(query))) == list(range(450))
        check_accounts(query)
    finally:
        server.stop()
