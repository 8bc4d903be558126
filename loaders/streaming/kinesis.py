"""Kinesis: the shards of a stream in their order, and their records from where they were left.

Every look begins anew with the positions of the ledger, so that nothing here has to be kept, and a
process that lives for weeks asks for no more than one that runs every minute. A shard is read by
one request after another, and the shards in turn: some 10 MB a request.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal, NamedTuple

from loaders.streaming.addresses import StreamAddress
from loaders.streaming.aws import AwsClient, AwsError
from loaders.streaming.pieces import Gathered, ShardRead, mark_of_end, mark_of_start, pieces_of
from loaders.streaming.positions import Positions, Start
from readership.errors import UserError

_RIGHTS: Final = "kinesis:DescribeStreamSummary, ListShards, GetShardIterator and GetRecords"
_RECORDS_AT_ONCE: Final = 10_000
_EXPIRED: Final = "ExpiredIteratorException"
_EXPIRED_TIMES: Final = 3
# What stands in for Kinesis in tests may never say that a closed shard has ended.
_EMPTY_ENDS: Final = 3


class _Shard(NamedTuple):
    """A shard, as the stream lists it."""

    id: str
    parents: tuple[str, ...]
    is_closed: bool


class KinesisStream:
    """A stream.

    Args:
        address: Its address.
        client: The client to ask; None for one that the environment leads to.

    Raises:
        UserError: The environment leads to none.

    """

    def __init__(self, address: StreamAddress, client: AwsClient | None = None) -> None:
        self._where = str(address)
        self._name = address.name
        self._client = client or AwsClient("kinesis", self._where, _RIGHTS)

    def gather(
        self, positions: Positions, wanted: Start | None, most_records: int, most_bytes: int
    ) -> Gathered:
        """Take the records that come after some positions, up to the tip of the stream."""
        gathered = Gathered()
        try:
            identity, now = self._identity()
            start = positions.begun(wanted, now, self._where)
            positions.check_identity(identity, self._where, "account and region")
            shards = self._shards()
        except AwsError as error:
            raise error.explained from error
        if positions.start is None:
            gathered.marks.append(mark_of_start(self._where, start, identity))
        gathered.lost = sorted(positions.sequences.keys() - positions.closed - shards.keys())
        reading = _Reading(self._client, self._name, positions, start)
        try:
            gathered.is_at_tip = self._read(reading, shards, most_records, most_bytes)
        except AwsError as error:
            gathered.error = error.explained
        except UserError as error:
            gathered.error = error
        gathered.pieces = pieces_of(self._where, reading.read)
        gathered.marks += [mark_of_end(self._where, shard) for shard in sorted(reading.ended)]
        gathered.marks += [
            mark_of_end(self._where, shard, is_expired=True) for shard in gathered.lost
        ]
        if gathered.error is not None and not gathered.pieces:
            raise gathered.error
        return gathered

    def _read(
        self, reading: _Reading, shards: dict[str, _Shard], most_records: int, most_bytes: int
    ) -> bool:
        """Read in turn the shards that may be read; tell whether all are at their tip."""
        ready = deque(reading.may_be_read(shards))
        begun = {shard.id for shard in ready}
        while ready:
            most = most_records - reading.records
            if most <= 0 or reading.size_bytes >= most_bytes:
                return False
            shard = ready.popleft()
            comes = reading.take(shard, most)
            if comes == "more":
                ready.append(shard)
            elif comes == "ended":
                if not any(shard.id in other.parents for other in shards.values()):
                    # It may have been split or merged after the shards were listed.
                    shards = self._shards()
                children = [one for one in reading.may_be_read(shards) if one.id not in begun]
                begun.update(one.id for one in children)
                ready.extend(children)
        return True

    def _identity(self) -> tuple[str, datetime]:
        """Give what tells the stream from others of its name, and the time at the stream."""
        answer = self._client.call("describe_stream_summary", StreamName=self._name)
        summary = answer["StreamDescriptionSummary"]
        created = summary["StreamCreationTimestamp"]
        date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        now = parsedate_to_datetime(date).astimezone(UTC) if date else datetime.now(UTC)
        at = created.isoformat(timespec="seconds")
        return f"{summary['StreamARN']} of {at}", now

    def _shards(self) -> dict[str, _Shard]:
        shards: dict[str, _Shard] = {}
        parameters: dict[str, Any] = {"StreamName": self._name}
        while True:
            answer = self._client.call("list_shards", **parameters)
            for shard in answer["Shards"]:
                parents = shard.get("ParentShardId"), shard.get("AdjacentParentShardId")
                range_ = shard.get("SequenceNumberRange", {})
                shards[shard["ShardId"]] = _Shard(
                    shard["ShardId"],
                    tuple(filter(None, parents)),
                    bool(range_.get("EndingSequenceNumber")),
                )
            if not answer.get("NextToken"):
                return shards
            parameters = {"NextToken": answer["NextToken"]}


class _Reading:
    """The shards of a stream on the way from their positions to their tips."""

    def __init__(self, client: AwsClient, stream: str, positions: Positions, start: Start) -> None:
        self._client = client
        self._stream = stream
        self._positions = positions
        self._start = start
        self._iterators: dict[str, str] = {}
        self._empty: dict[str, int] = defaultdict(int)
        self.read: dict[str, ShardRead] = defaultdict(ShardRead)
        self.ended: set[str] = set()
        """The shards that came to their end in this reading."""

    @property
    def records(self) -> int:
        """How many records have been taken."""
        return sum(len(read.records) for read in self.read.values())

    @property
    def size_bytes(self) -> int:
        """How many bytes they have."""
        return sum(read.size_bytes for read in self.read.values())

    def may_be_read(self, shards: dict[str, _Shard]) -> list[_Shard]:
        """Give the shards with something to read: those whose parents were read to their end."""
        done = self._positions.closed | self.ended
        # What is no longer listed has nothing that could still be read.
        waited_for = shards.keys() - done
        return [
            shard
            for shard in shards.values()
            if shard.id not in done and not waited_for.intersection(shard.parents)
        ]

    def take(self, shard: _Shard, most: int) -> Literal["more", "tip", "ended"]:
        """Take the next records of a shard; tell whether more will come, now, later or never."""
        answer = self._records(shard.id, min(most, _RECORDS_AT_ONCE))
        records = answer["Records"]
        for record in records:
            self.read[shard.id].add(
                str(record["SequenceNumber"]),
                bytes(record["Data"]),
                record.get("ApproximateArrivalTimestamp"),
            )
        following = answer.get("NextShardIterator")
        behind = answer.get("MillisBehindLatest") or 0
        self._empty[shard.id] = 0 if records or behind else self._empty[shard.id] + 1
        if not following or (shard.is_closed and self._empty[shard.id] >= _EMPTY_ENDS):
            self.ended.add(shard.id)
            return "ended"
        self._iterators[shard.id] = following
        return "tip" if behind == 0 and not shard.is_closed else "more"

    def _records(self, shard: str, limit: int) -> dict[str, Any]:
        for attempt in range(_EXPIRED_TIMES):
            if shard not in self._iterators:
                self._iterators[shard] = self._iterator(shard)
            try:
                return self._client.call(
                    "get_records", ShardIterator=self._iterators[shard], Limit=limit
                )
            except AwsError as error:
                if error.code != _EXPIRED or attempt == _EXPIRED_TIMES - 1:
                    raise
                # It lives for five minutes, and this process may have been put to sleep.
                del self._iterators[shard]
        raise AssertionError

    def _iterator(self, shard: str) -> str:
        last = self.read[shard].last or self._positions.sequences.get(shard)
        where: dict[str, Any] = {"ShardIteratorType": "TRIM_HORIZON"}
        if last:
            where = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": last,
            }
        elif self._start.at is not None:
            where = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": self._start.at}
        answer = self._client.call(
            "get_shard_iterator", StreamName=self._stream, ShardId=shard, **where
        )
        return str(answer["ShardIterator"])
