"""A stand-in for Kinesis over HTTP, which does what AWS does where moto does not.

Sequence numbers have 56 digits, iterators expire, closed shards end, requests fail when a test
wants it. It speaks the JSON of the service, without any check of signatures.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from operator import itemgetter
from typing import Any

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream"
FIRST_SHARD = "shardId-000000000000"
CREATED = 1_772_000_000.0
_FIRST = 49590338271490256608559692538361571095921575989136588898


@dataclass
class Shard:
    """A shard: its records as number, data and time of arrival, in order."""

    id: str
    parents: tuple[str, ...] = ()
    records: list[tuple[int, bytes, float]] = field(default_factory=list)
    is_closed: bool = False
    is_listed: bool = True


class KinesisServer:
    """The service with one stream, `events`.

    Attributes:
        endpoint: Its address, for AWS_ENDPOINT_URL.
        shards: The shards, by id.
        requests: How often each operation was requested.
        created: When the stream was made.
        page: How many shards a page of a listing has.
        most: How many records one response has at most.
        before: Called before each request with its operation.

    """

    def __init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            # Otherwise each response waits for the acknowledgement of the one before.
            disable_nagle_algorithm = True
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(length) or b"{}")
                operation = self.headers["X-Amz-Target"].rpartition(".")[2]
                status, answer = outer._answer(operation, body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.reset()

    def reset(self) -> None:
        """Forget everything: a new stream with one shard."""
        self._lock = threading.Lock()
        self.shards: dict[str, Shard] = {}
        self.requests: Counter[str] = Counter()
        self.created = CREATED
        self.page = 1000
        self.most = 10_000
        self.before: Callable[[str], object] = lambda operation: None
        self._failing: dict[str, deque[tuple[int, str]]] = {}
        self._number = _FIRST
        self._iterators = 0
        self._expired_before = 0
        self.add_shard()

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._server.shutdown()
        self._server.server_close()

    def add_shard(self, *parents: str) -> str:
        """Add a shard that continues others, which are closed; give its id."""
        shard = Shard(f"shardId-{len(self.shards):012}", parents)
        for parent in parents:
            self.shards[parent].is_closed = True
        self.shards[shard.id] = shard
        return shard.id

    def put(
        self,
        *data: bytes | dict[str, Any],
        shard: str = "shardId-000000000000",
        at: float = CREATED,
    ) -> None:
        """Put records into a shard: bytes, or events as JSON."""
        with self._lock:
            for item in data:
                # Neither one after another nor of one length, as those of AWS.
                self._number += 1 + self._number % 7
                record = item if isinstance(item, bytes) else json.dumps(item).encode()
                self.shards[shard].records.append((self._number, record, at))

    def trim(self, shard: str, count: int) -> None:
        """Let the first records of a shard expire."""
        with self._lock:
            del self.shards[shard].records[:count]

    def fail(self, operation: str, code: str, times: int = 1, status: int = 400) -> None:
        """Answer the next requests of an operation with an error."""
        self._failing.setdefault(operation, deque()).extend([(status, code)] * times)

    def expire_iterators(self) -> None:
        """Let the iterators given out so far be too old."""
        self._expired_before = self._iterators

    def _answer(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.requests[operation] += 1
        self.before(operation)
        if self._failing.get(operation):
            status, code = self._failing[operation].popleft()
            return status, {"__type": code, "message": f"this is {code}"}
        name = body.get("StreamName", "events")
        if name != "events":
            return 400, {"__type": "ResourceNotFoundException", "message": f"no stream {name}"}
        with self._lock:
            return getattr(self, f"_{operation}")(body)

    def _DescribeStreamSummary(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        del body
        summary = {
            "StreamName": "events",
            "StreamARN": f"{ARN}/events",
            "StreamStatus": "ACTIVE",
            "RetentionPeriodHours": 24,
            "StreamCreationTimestamp": self.created,
            "EnhancedMonitoring": [],
            "OpenShardCount": sum(not shard.is_closed for shard in self.shards.values()),
        }
        return 200, {"StreamDescriptionSummary": summary}

    def _ListShards(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        first = int(body.get("NextToken", 0))
        listed = [shard for shard in self.shards.values() if shard.is_listed]
        answer: dict[str, Any] = {"Shards": [_described(s) for s in listed[first:][: self.page]]}
        if len(listed) > first + self.page:
            answer["NextToken"] = str(first + self.page)
        return 200, answer

    def _GetShardIterator(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        shard = self.shards[body["ShardId"]]
        numbers = [number for number, _, _ in shard.records]
        match body["ShardIteratorType"]:
            case "TRIM_HORIZON":
                after = 0
            case "AFTER_SEQUENCE_NUMBER":
                after = int(body["StartingSequenceNumber"])
            case "AT_TIMESTAMP":
                at = body["Timestamp"]
                later = [n for n, _, arrived in shard.records if arrived >= at]
                after = min(later, default=max(numbers, default=0) + 1) - 1
            case other:
                raise AssertionError(other)
        return 200, {"ShardIterator": self._iterator(shard.id, after)}

    def _GetRecords(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        number, shard_id, after = body["ShardIterator"].split("/")
        if int(number) <= self._expired_before:
            return 400, {"__type": "ExpiredIteratorException", "message": "Iterator expired."}
        shard = self.shards[shard_id]
        first = bisect_right(shard.records, int(after), key=itemgetter(0))
        given = shard.records[first : first + min(self.most, body.get("Limit", 10_000))]
        left = len(shard.records) - first - len(given)
        answer: dict[str, Any] = {
            "Records": [
                {
                    "SequenceNumber": str(number),
                    "Data": base64.b64encode(data).decode(),
                    "ApproximateArrivalTimestamp": at,
                    "PartitionKey": "k",
                }
                for number, data, at in given
            ],
            "MillisBehindLatest": 1000 * left,
        }
        if left or not shard.is_closed:
            last = given[-1][0] if given else int(after)
            answer["NextShardIterator"] = self._iterator(shard_id, last)
        else:
            answer["ChildShards"] = [
                {"ShardId": other.id, "ParentShards": list(other.parents), "HashKeyRange": _KEYS}
                for other in self.shards.values()
                if shard_id in other.parents
            ]
        return 200, answer

    def _iterator(self, shard: str, after: int) -> str:
        self._iterators += 1
        return f"{self._iterators}/{shard}/{after}"


_KEYS = {"StartingHashKey": "0", "EndingHashKey": "1"}


def _described(shard: Shard) -> dict[str, Any]:
    parents = dict(zip(("ParentShardId", "AdjacentParentShardId"), shard.parents, strict=False))
    numbers = {"StartingSequenceNumber": str(_FIRST)}
    if shard.is_closed:
        numbers["EndingSequenceNumber"] = str(_FIRST + 10**9)
    return {
        "ShardId": shard.id,
        "HashKeyRange": _KEYS,
        "SequenceNumberRange": numbers,
        **parents,
    }


def aggregate(records: Iterable[bytes]) -> bytes:
    """Put records together as the Kinesis Producer Library does."""
    message = _bytes_field(1, b"key")
    for record in records:
        message += _bytes_field(3, b"\x08\x00" + _bytes_field(3, record))
    return b"\xf3\x89\x9a\xc2" + message + hashlib.md5(message).digest()


def _bytes_field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
