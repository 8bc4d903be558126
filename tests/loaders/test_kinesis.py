"""Kinesis: shards in their order, from where they were left, whatever the service answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from loaders.streaming import Gathered, KinesisStream, Positions, aws, start_of, stream_address
from loaders.streaming.positions import CLOSED
from readership.errors import UserError
from tests.support.kinesis_server import CREATED, FIRST_SHARD, KinesisServer

STREAM = "kinesis://events"


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests be repeated at once."""
    monkeypatch.setattr(aws, "_RETRY_SECONDS", (0.0,) * 5)


@dataclass
class Reader:
    """Reads the stream as loads do, and keeps what the ledger would."""

    found: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    marks: list[tuple[str, str, str | None]] = field(default_factory=list)
    last: dict[str, str] = field(default_factory=dict)

    def take(
        self, start: str | None = None, most: int = 1_000_000, most_bytes: int = 10**9
    ) -> Gathered:
        """Take what is new."""
        positions = Positions.of_ledger(STREAM, self.marks, list(self.last.items()))
        gathered = KinesisStream(stream_address(STREAM)).gather(
            positions, start_of(start) if start else None, most, most_bytes
        )
        for piece in gathered.pieces:
            shard = piece.name.rpartition("/")[0]
            assert self.last.get(shard, "") < piece.name.rpartition("/")[2] <= piece.version
            self.last[shard] = piece.version
            self.found += map(int, piece.records)
            self.names.append(piece.name)
        self.marks += [(mark[0], mark[1], mark[9]) for mark in gathered.marks]
        return gathered

    def count(self, **options: Any) -> int:  # noqa: ANN401
        """Take what is new, and count it."""
        return self.take(**options).records


def put(kinesis: KinesisServer, *numbers: int, **where: Any) -> None:  # noqa: ANN401
    kinesis.put(*(str(number).encode() for number in numbers), **where)


def test_short_sequence_numbers_are_ordered_as_numbers(kinesis: KinesisServer) -> None:
    reader = Reader()
    kinesis._number = 5
    for number in range(9):
        put(kinesis, number)
        assert reader.count() == 1
    assert kinesis._number > 10
    assert (reader.count(), reader.found) == (0, list(range(9)))


def test_no_more_is_taken_than_is_requested(kinesis: KinesisServer) -> None:
    reader = Reader()
    put(kinesis, *range(100))
    gathered = reader.take(most=30)
    assert (gathered.records, gathered.is_at_tip) == (30, False)
    assert reader.count(most=50) == 50
    kinesis.most = 5
    gathered = reader.take(most_bytes=14)
    assert (gathered.records, gathered.is_at_tip) == (10, False)
    gathered = reader.take()
    assert (gathered.records, gathered.is_at_tip) == (10, True)
    assert reader.found == list(range(100))


def test_parents_are_read_to_their_end_before_their_children(kinesis: KinesisServer) -> None:
    reader = Reader()
    # Shards are read in turn, so one that is read too early would be seen.
    kinesis.most, kinesis.page = 2, 2
    put(kinesis, *range(10))
    assert reader.count(most=3) == 3
    left, right = kinesis.add_shard(FIRST_SHARD), kinesis.add_shard(FIRST_SHARD)
    put(kinesis, *range(10, 15), shard=left)
    put(kinesis, *range(20, 25), shard=right)
    merged = kinesis.add_shard(left, right)
    put(kinesis, *range(30, 35), shard=merged)
    assert reader.count(most=6) == 6
    assert reader.found == list(range(9))
    # In one go, children follow.
    assert reader.count(most=7) == 7
    assert not any(merged in name for name in reader.names)
    assert reader.count() == 9
    assert reader.found[:10] == list(range(10))
    assert sorted(reader.found[10:20]) == [*range(10, 15), *range(20, 25)]
    assert reader.found[20:] == list(range(30, 35))
    closed = {mark[0] for mark in reader.marks if mark[1] == CLOSED}
    assert closed == {f"{STREAM}/{shard}" for shard in (FIRST_SHARD, left, right)}
    kinesis.requests.clear()
    assert reader.count() == 0
    # Shards that have ended are not asked again.
    assert kinesis.requests["GetRecords"] == 1


def test_a_shard_that_is_split_while_it_is_read_is_followed(kinesis: KinesisServer) -> None:
    reader = Reader()
    kinesis.most = 5
    put(kinesis, *range(10))

    def split(operation: str) -> None:
        if operation == "GetRecords" and len(kinesis.shards) == 1:
            put(kinesis, *range(10, 15), shard=kinesis.add_shard(FIRST_SHARD))

    kinesis.before = split
    assert reader.count() == 15
    assert reader.found == list(range(15))


def test_a_shard_whose_end_is_never_said_is_not_read_for_ever(
    kinesis: KinesisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(kinesis, *range(3))
    put(kinesis, *range(3, 5), shard=kinesis.add_shard(FIRST_SHARD))
    answer = kinesis._GetRecords

    def endless(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        status, found = answer(body)
        number, shard, after = body["ShardIterator"].split("/")
        last = found["Records"][-1]["SequenceNumber"] if found["Records"] else after
        return status, {"NextShardIterator": f"{number}/{shard}/{last}", **found}

    monkeypatch.setattr(kinesis, "_GetRecords", endless)
    assert Reader().count() == 5


def test_an_empty_answer_before_the_tip_is_no_end(
    kinesis: KinesisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(kinesis, *range(3))
    answer = kinesis._GetRecords

    def slow(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if kinesis.requests["GetRecords"] < 5:
            iterator = body["ShardIterator"]
            empty = {"Records": [], "NextShardIterator": iterator, "MillisBehindLatest": 700}
            return 200, empty
        return answer(body)

    monkeypatch.setattr(kinesis, "_GetRecords", slow)
    assert Reader().count() == 3


def test_expired_iterators_are_asked_for_anew(kinesis: KinesisServer) -> None:
    reader = Reader()
    kinesis.most = 4
    put(kinesis, *range(20))

    def expire(operation: str) -> None:
        if operation == "GetRecords" and kinesis.requests[operation] in (1, 3, 4):
            kinesis.expire_iterators()

    kinesis.before = expire
    assert reader.count() == 20
    assert reader.found == list(range(20))
    assert kinesis.requests["GetShardIterator"] == 4


@pytest.mark.parametrize(
    ("operation", "code", "status"),
    [
        ("GetRecords", "ProvisionedThroughputExceededException", 400),
        ("GetRecords", "KMSThrottlingException", 400),
        ("GetRecords", "InternalFailure", 500),
        ("ListShards", "LimitExceededException", 400),
        ("DescribeStreamSummary", "LimitExceededException", 400),
        ("GetShardIterator", "ProvisionedThroughputExceededException", 400),
    ],
)
def test_what_passes_is_waited_for(
    kinesis: KinesisServer, operation: str, code: str, status: int
) -> None:
    put(kinesis, *range(3))
    kinesis.fail(operation, code, 5, status)
    assert Reader().count() == 3


@pytest.mark.parametrize(
    ("operation", "code", "times", "says"),
    [
        ("GetRecords", "ProvisionedThroughputExceededException", 99, "others use up what it"),
        ("GetRecords", "KMSAccessDeniedException", 1, "the key that encrypts it cannot be used"),
        ("GetRecords", "KMSDisabledException", 1, "the key that encrypts it cannot be used"),
        ("GetRecords", "ExpiredIteratorException", 99, "AWS gave an error"),
        ("GetShardIterator", "InvalidArgumentException", 1, "AWS gave an error"),
        ("DescribeStreamSummary", "AccessDeniedException", 1, "access refused"),
        ("DescribeStreamSummary", "ExpiredTokenException", 1, "access refused"),
        ("ListShards", "ResourceNotFoundException", 1, "there is none of this name"),
    ],
)
def test_what_does_not_pass_is_told_in_one_line(
    kinesis: KinesisServer, operation: str, code: str, times: int, says: str
) -> None:
    put(kinesis, *range(3))
    kinesis.fail(operation, code, times)
    with pytest.raises(UserError, match=says) as failure:
        Reader().take()
    assert failure.value.where == STREAM
    assert "\n" not in str(failure.value)
    assert code in str(failure.value)
    assert kinesis.requests[operation] <= 6


def test_a_service_that_is_not_there_is_told(
    kinesis: KinesisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(UserError, match="cannot connect"):
        Reader().take()
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(UserError, match="no region"):
        Reader().take()
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(UserError, match="credentials"):
        Reader().take()


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (None, 30),
        ("trim-horizon", 30),
        ("2026-02-25T06:13:31Z", 20),
        ("2026-02-25T07:13:41+01:00", 10),
        ("latest", 0),
    ],
)
def test_a_stream_is_begun_where_one_says(
    kinesis: KinesisServer, start: str | None, expected: int
) -> None:
    reader = Reader()
    for at in range(3):
        put(kinesis, *range(at * 10, at * 10 + 10), at=CREATED + 10 * (at + 1))
    assert reader.count(start=start) == expected
    # What comes later is read, also of shards in which there was nothing before.
    put(kinesis, *range(30, 35), at=4e9)
    put(kinesis, *range(35, 40), shard=kinesis.add_shard(), at=4e9)
    assert reader.count() == 10
    assert reader.count(start=start) == 0
    assert sorted(reader.found) == list(range(30 - expected, 40))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("trim-horizon", "latest"),
        ("trim-horizon", "2026-02-25T06:13:30Z"),
        ("2026-02-25T06:13:30Z", "trim-horizon"),
        ("2026-02-25T06:13:30Z", "2026-02-25T06:13:31Z"),
        ("latest", "trim-horizon"),
    ],
)
def test_a_stream_that_was_begun_is_not_begun_elsewhere(
    kinesis: KinesisServer, first: str, second: str
) -> None:
    reader = Reader()
    put(kinesis, *range(3))
    reader.take(start=first)
    put(kinesis, *range(3, 6))
    with pytest.raises(UserError, match="is read on from where it is"):
        reader.take(start=second)


def test_a_start_that_is_to_come_is_refused(kinesis: KinesisServer) -> None:
    with pytest.raises(UserError, match="is to come"):
        Reader().take(start="2999-01-01")


def test_another_stream_of_the_name_is_not_taken_for_the_first(kinesis: KinesisServer) -> None:
    reader = Reader()
    put(kinesis, *range(3))
    reader.take()
    kinesis.created += 86_400
    put(kinesis, *range(3, 6))
    with pytest.raises(UserError, match="this is arn:aws:kinesis"):
        reader.take()
    assert len(reader.found) == 3


def test_a_number_that_is_none_of_kinesis_is_refused(kinesis: KinesisServer) -> None:
    kinesis._number = 10**56
    put(kinesis, 1)
    with pytest.raises(UserError, match="is no sequence number of a stream"):
        Reader().take()


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(UserError, match="no address of a stream or queue"):
        stream_address("kinesis://a/b")
