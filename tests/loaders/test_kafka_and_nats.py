"""Kafka, as librdkafka mocks it, and a server of NATS: each record once, from where it was left."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from loaders import stream_loads
from loaders.__main__ import main
from loaders.streaming import Positions, opening, start_of, stream_address, stream_of
from loaders.streaming.kafka import KafkaStream
from readership.errors import UserError
from tests.support.kafka_servers import KafkaServers
from tests.support.killed_loads import ROOT, check_what_others_see, contents
from tests.support.loading import Load, Query
from tests.support.nats_server import SERVER, NatsServer

DIGITS = 56
needs_nats = pytest.mark.skipif(not SERVER, reason="Debian's package nats-server is not installed")


@dataclass
class Source:
    """A stream to put records into.

    Attributes:
        address: Its address.
        put: Puts records in.
        first: The sequence number of its first record.

    """

    address: str
    put: Callable[..., None]
    first: int

    def put_events(self, first: int, count: int) -> None:
        """Put so many events in, each a record."""
        self.put(*(json.dumps(event).encode() for event in events(first, count)))


def events(first: int, count: int) -> list[dict[str, Any]]:
    return [{"event_id": f"0x{at}", "apikey": "a.example"} for at in range(first, first + count)]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up on what does not answer after two seconds."""
    monkeypatch.setenv("READERSHIP_STORE_SECONDS", "2")


@pytest.fixture(scope="module")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path_factory.mktemp("nats") / "server")
    yield server
    server.stop()


@pytest.fixture
def nats(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Source:
    monkeypatch.setenv("NATS_URL", nats_server.url)
    name = f"events_{abs(hash(request.node.nodeid))}"
    nats_server.make(name)
    return Source(f"nats://{name}", lambda *records: nats_server.put(name, *records), 1)


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Source:
    servers = KafkaServers()
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", servers.address)
    return Source("kafka://events", lambda *records: servers.put("events", *records), 0)


@pytest.fixture(params=["kafka", pytest.param("nats", marks=needs_nats)])
def source(request: pytest.FixtureRequest) -> Source:
    return request.getfixturevalue(request.param)


def ids(query: Query) -> list[str]:
    return [
        row[0].removeprefix("0x")
        for row in query("select event_id from raw.events order by _file, _line")
    ]


def test_a_load_goes_on_where_the_last_one_ended(source: Source, load: Load, query: Query) -> None:
    source.put_events(0, 30)
    first = load(source.address)
    assert (first.events, first.records) == (30, {source.address: 30})
    assert not load(source.address).has_work
    source.put_events(30, 5)
    assert load(source.address).events == 5
    assert ids(query) == [str(at) for at in range(35)]
    pieces = query("select file, version, lines from raw.files where lines > 0 order by 1")
    numbers = [str(source.first + at).zfill(DIGITS) for at in range(35)]
    assert pieces == [
        (f"{source.address}/0/{numbers[0]}", numbers[29], 30),
        (f"{source.address}/0/{numbers[30]}", numbers[34], 5),
    ]
    ((begun, arrived_at),) = query(
        f"select version, (select max(modified_at) from raw.files) from raw.files "
        f"where file = '{source.address}'"
    )
    assert begun == "from trim-horizon"
    assert abs((datetime.now(UTC) - arrived_at).total_seconds()) < 600


def test_big_loads_have_several_commits(
    source: Source, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_loads, "_PACKAGE_RECORDS", 40)
    source.put_events(0, 100)
    assert load(source.address).files == {"loaded": 3}
    assert ids(query) == [str(at) for at in range(100)]
    source.put_events(100, 30)
    assert load(source.address, most_records=10).events == 10
    assert load(source.address).events == 20


def test_records_may_be_gzip_or_have_several_events_or_none(
    source: Source, load: Load, query: Query
) -> None:
    one, two, three = (json.dumps(event).encode() for event in events(0, 3))
    source.put(one + b"\n" + two, gzip.compress(three), b"\x1f\x8bno gzip", b"")
    summary = load(source.address)
    assert (summary.events, summary.rejected) == (3, {"broken_record": 1})
    assert query("select lines, events, rejected, blank from raw.files where lines > 0") == [
        (5, 3, 1, 1)
    ]


def test_a_stream_and_files_know_nothing_of_each_other(
    source: Source, load: Load, write: Callable[..., Any], query: Query
) -> None:
    source.put_events(0, 3)
    file = write("a.jsonl", *events(3, 2))
    assert load(source.address, file).events == 5
    assert load(file).events == 0
    assert load(write("b.jsonl", *events(5, 1)), source.address).events == 1
    assert query("select count(*) from raw.files where replaced_by is not null") == [(0,)]


def test_latest_takes_nothing_that_was_there(source: Source, load: Load, query: Query) -> None:
    source.put_events(0, 3)
    assert load(source.address, start="latest").events == 0
    ((version,),) = query("select version from raw.files")
    assert version.startswith("from latest 20")
    with pytest.raises(UserError, match="is read on from where it is"):
        load(source.address, start="trim-horizon")


@needs_nats
def test_what_comes_after_a_time_is_taken(
    nats: Source, nats_server: NatsServer, load: Load, query: Query
) -> None:
    nats.put_events(0, 3)
    assert load(nats.address, start="latest").events == 0
    nats.put_events(3, 4)
    assert load(nats.address, start="latest").events == 4
    assert ids(query) == ["3", "4", "5", "6"]


@needs_nats
def test_records_that_expired_before_they_were_read_are_told_once(
    nats: Source, nats_server: NatsServer, load: Load, query: Query
) -> None:
    nats.put_events(0, 5)
    load(nats.address)
    nats.put_events(5, 5)
    name = nats.address.partition("://")[2]
    nats_server.run(lambda stream: stream.purge_stream(name, seq=8))
    summary = load(nats.address)
    assert (summary.events, summary.expired) == (3, [f"{nats.address}/0"])
    assert load(nats.address).expired == []
    assert ids(query) == ["0", "1", "2", "3", "4", "7", "8", "9"]


@needs_nats
def test_a_stream_that_was_made_anew_is_refused(
    nats: Source, nats_server: NatsServer, load: Load
) -> None:
    nats.put_events(0, 5)
    load(nats.address)
    name = nats.address.partition("://")[2]
    nats_server.run(lambda stream: stream.delete_stream(name))
    nats_server.make(name)
    with pytest.raises(UserError, match="a stream that was made anew needs a new name"):
        load(nats.address)


def test_a_topic_of_another_cluster_is_refused(
    kafka: Source, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka.put_events(0, 1)
    load(kafka.address)
    other = KafkaServers()
    other.put("events", b"{}")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", other.address)
    with pytest.raises(
        UserError, match=r"this is cluster mock.*, and what was read before is cluster mock"
    ):
        load(kafka.address)


def test_every_partition_has_its_own_position(load: Load, query: Query, kafka: Source) -> None:
    servers = KafkaServers()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KAFKA_BOOTSTRAP_SERVERS", servers.address)
        for partition, count in ((0, 3), (1, 5), (3, 2)):
            for event in events(100 * partition, count):
                servers.put("events", json.dumps(event).encode(), partition=partition)
        assert load(kafka.address).events == 10
        servers.put("events", json.dumps(events(200, 1)[0]).encode(), partition=2)
        servers.put("events", json.dumps(events(105, 1)[0]).encode(), None, partition=1)
        assert load(kafka.address).events == 2
        assert not load(kafka.address).has_work
    assert query(
        "select split_part(file, '/', 4), count(*), sum(lines)::int from raw.files "
        "where lines > 0 group by 1 order by 1"
    ) == [("0", 1, 3), ("1", 2, 7), ("2", 1, 1), ("3", 1, 2)]


@dataclass
class Partition:
    """A partition in Kafka's words: its oldest offset, the next one, the first since a time."""

    oldest: int
    tip: int
    found: int = -1

    def get_watermark_offsets(self, place: TopicPartition, timeout: float) -> tuple[int, int]:
        """Give the oldest offset and the next one."""
        assert (place.topic, place.partition, timeout) == ("events", 7, 2)
        return self.oldest, self.tip

    def offsets_for_times(
        self, places: list[TopicPartition], timeout: float
    ) -> list[TopicPartition]:
        """Give the first offset since a time."""
        assert [place.offset for place in places] == [1_767_225_600_000]
        return [TopicPartition("events", 7, self.found)]


@pytest.mark.parametrize(
    ("partition", "last", "start", "expected"),
    [
        (Partition(10, 50), None, "trim-horizon", (10, 50, False)),
        (Partition(10, 50), "29", "trim-horizon", (30, 50, False)),
        (Partition(30, 50), "29", "trim-horizon", (30, 50, False)),
        (Partition(31, 50), "29", "trim-horizon", (31, 50, True)),
        (Partition(50, 50), "49", "trim-horizon", (50, 50, False)),
        (Partition(10, 50, 40), None, "2026-01-01", (40, 50, False)),
        (Partition(10, 50), None, "2026-01-01", (50, 50, False)),
        (Partition(10, 50, 40), "44", "2026-01-01", (45, 50, False)),
    ],
)
def test_a_partition_is_read_from_its_position_or_from_where_the_topic_was_begun(
    kafka: Source,
    partition: Partition,
    last: str | None,
    start: str,
    expected: tuple[int, int, bool],
) -> None:
    positions = Positions(sequences={} if last is None else {"7": last})
    stream = KafkaStream(stream_address(kafka.address))
    assert stream._place(partition, 7, positions, start_of(start)) == expected  # type: ignore[arg-type]


def test_a_topic_that_is_shorter_than_what_was_read_is_refused(kafka: Source) -> None:
    kafka.put(b"1", b"2")
    stream = stream_of(stream_address(kafka.address))
    with pytest.raises(UserError, match="partition 0 ends before offset 2, which was read"):
        stream.gather(Positions(start_of("trim-horizon"), None, {"0": "2"}), None, 10, 10)


@pytest.mark.parametrize(
    "point",
    [
        "before:loaders.writing.ledger:Ledger.forget_begun",
        "after:loaders.writing.destination:OneCommit.complete_load",
    ],
)
def test_a_load_killed_around_its_commit_is_done_by_the_next(
    source: Source, load: Load, warehouse: Path, tmp_path: Path, point: str
) -> None:
    source.put_events(0, 90)
    source.put(b"bad")
    killed = tmp_path / "killed.duckdb"
    command = [sys.executable, str(ROOT / "tests/support/kill_at_point.py"), point]
    command += ["load", source.address, "--max-records", "40", "--warehouse", str(killed)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    check_what_others_see(killed)
    for _ in range(4):
        load(source.address, most_records=40)
        following = [source.address, "--max-records", "40", "--warehouse", str(killed)]
        assert main(["load", *following]) == 0
    assert contents(killed) == contents(warehouse)
    assert len(contents(killed)["events"]) == 90


def refusal(path: str, warehouse: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the line with which a load fails."""
    assert main(["load", path, "--warehouse", str(warehouse)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1), (out, err)
    return err


@pytest.mark.parametrize(
    ("kind", "variable", "nobody"),
    [
        ("kafka", "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
        ("nats", "NATS_URL", "nats://127.0.0.1:1"),
    ],
)
def test_servers_that_are_not_named_not_there_or_not_known_are_one_line(
    kind: str,
    variable: str,
    nobody: str,
    warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv(variable, raising=False)
    assert f"no server: {kind}://events: set {variable}" in refusal(
        f"{kind}://events", warehouse, capsys
    )
    monkeypatch.setenv(variable, nobody)
    assert "cannot connect" in refusal(f"{kind}://events", warehouse, capsys)
    monkeypatch.setattr(opening, "find_spec", lambda _: None)
    assert f"requirements-{kind}.lock" in refusal(f"{kind}://events", warehouse, capsys)
    assert "no address" in refusal(f"{kind}://events/x", warehouse, capsys)
    assert not warehouse.exists()


def test_streams_that_are_not_there_are_one_line(
    source: Source, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refusal(f"{source.address}_other", warehouse, capsys)
    assert "there is none of this name" in said


@needs_nats
def test_a_stream_whose_records_go_when_they_are_read_is_refused(
    nats_server: NatsServer,
    nats: Source,
    warehouse: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    nats_server.make("work", retention="workqueue")
    nats_server.put("work", b"{}")
    assert "its retention must be `limits`" in refusal("nats://work", warehouse, capsys)


@needs_nats
def test_a_password_is_used_and_not_shown(
    tmp_path: Path,
    warehouse: Path,
    load: Load,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = NatsServer(tmp_path / "server", "--user", "me", "--pass", "right-password")
    try:
        server.make_as = {"user": "me", "password": "right-password"}
        server.make("events")
        server.put("events", b"{}")
        monkeypatch.setenv("NATS_URL", server.url)
        monkeypatch.setenv("NATS_USER", "me")
        monkeypatch.setenv("NATS_PASSWORD", "wrong-password")
        said = refusal("nats://events", warehouse, capsys)
        assert "access refused" in said
        assert "password" not in said.replace("NATS_PASSWORD", "")
        monkeypatch.setenv("NATS_PASSWORD", "right-password")
        assert load("nats://events").events == 1
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (KafkaError._AUTHENTICATION, "access refused"),
        (KafkaError._SSL, "access refused"),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, "access refused"),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, "there is none of this name"),
        (KafkaError._ALL_BROKERS_DOWN, "cannot connect"),
        (KafkaError._TIMED_OUT, "cannot connect"),
        (KafkaError._AUTO_OFFSET_RESET, "records expired meanwhile"),
        (KafkaError.LEADER_NOT_AVAILABLE, "Kafka gave an error"),
    ],
)
def test_errors_of_kafka_are_explained(kafka: Source, code: int, says: str) -> None:
    stream = KafkaStream(stream_address(kafka.address))
    assert says in str(stream._explained(KafkaException(KafkaError(code))))
    # Why a connection fails is said before that it does.
    stream._keep(KafkaError(code))
    stream._keep(KafkaError(KafkaError._ALL_BROKERS_DOWN))
    assert says in str(stream._explained(KafkaException(KafkaError(KafkaError._TRANSPORT))))


def test_a_wrong_setting_of_kafka_is_one_line(
    kafka: Source,
    warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "none of them")
    assert "a setting is wrong" in refusal(kafka.address, warehouse, capsys)
