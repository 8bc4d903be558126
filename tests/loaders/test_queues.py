"""Queues: a bucket's messages name the files to load, and go when those are in the warehouse."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session
from moto.server import ThreadedMotoServer

from loaders import pipeline
from loaders.__main__ import main
from loaders.streaming import sqs
from loaders.streaming.sqs import urls_in
from readership.errors import UserError
from tests.support.loading import Load, Query
from tests.support.s3_server import S3Server


@pytest.fixture(scope="module")
def sqs_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Queue:
    """A queue, as those who write and watch it see it."""

    def __init__(self, endpoint: str) -> None:
        self._client = get_session().create_client(
            "sqs", region_name="us-east-1", endpoint_url=endpoint
        )
        self.name = f"queue-{uuid.uuid4().hex[:12]}"
        self._url = self._client.create_queue(QueueName=self.name)["QueueUrl"]

    @property
    def address(self) -> str:
        """What `load` calls it."""
        return f"sqs://{self.name}"

    def send(self, *messages: Any) -> None:  # noqa: ANN401
        """Put messages into it."""
        for message in messages:
            body = message if isinstance(message, str) else json.dumps(message)
            self._client.send_message(QueueUrl=self._url, MessageBody=body)

    def left(self) -> int:
        """How many messages there are, hidden or not."""
        found = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=["All"])
        return sum(
            int(found["Attributes"][f"ApproximateNumberOfMessages{kind}"])
            for kind in ("", "NotVisible")
        )

    def show(self) -> None:
        """Let hidden messages be received again, as they are after a while."""
        from moto.sqs.models import sqs_backends

        backend = sqs_backends["123456789012"]["us-east-1"]
        for message in backend.queues[self.name]._messages:
            message.change_visibility(0)


@pytest.fixture
def queue(s3: S3Server, sqs_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", sqs_endpoint)
    monkeypatch.setattr(sqs, "_WAIT_SECONDS", 0)
    return Queue(sqs_endpoint)


def created(bucket: str, *keys: str, event: str = "ObjectCreated:Put") -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventSource": "aws:s3",
                "eventName": event,
                "s3": {"bucket": {"name": bucket}, "object": {"key": key}},
            }
            for key in keys
        ]
    }


def put(s3: S3Server, bucket: str, *keys: str) -> None:
    for key in keys:
        s3.put(bucket, key, json.dumps({"event_id": key}).encode() + b"\n")


TEST_EVENT = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}


@pytest.mark.parametrize(
    ("message", "urls"),
    [
        (created("b", "a.gz", "c+d%2Be%C3%A9.gz"), ["s3://b/a.gz", "s3://b/c d+eé.gz"]),
        (created("b", "a.gz", event="s3:ObjectCreated:CompleteMultipartUpload"), ["s3://b/a.gz"]),
        (created("b", "a.gz", event="ObjectRemoved:Delete"), []),
        (TEST_EVENT, []),
        ({"Type": "Notification", "Message": json.dumps(created("b", "a.gz"))}, ["s3://b/a.gz"]),
        ({"Type": "Notification", "Message": json.dumps(TEST_EVENT)}, []),
        ({"source": "aws.s3", "detail-type": "Object Created",
          "detail": {"bucket": {"name": "b"}, "object": {"key": "a+b.gz"}}}, ["s3://b/a+b.gz"]),
        ({"source": "aws.s3", "detail-type": "Object Deleted", "detail": {}}, []),
        ({"Records": []}, None),
        ({"Records": [{"eventSource": "aws:sns"}]}, None),
        ({"Records": ["a"]}, None),
        ({"order": 7}, None),
        ([1], None),
        ("hello", None),
        ("[" * 100_000, None),
    ],
)  # fmt: skip
def test_what_a_message_names(message: Any, urls: list[str] | None) -> None:  # noqa: ANN401
    assert urls_in(message if isinstance(message, str) else json.dumps(message)) == urls


def test_new_files_are_loaded_without_a_listing(
    queue: Queue, s3: S3Server, bucket: str, load: Load, query: Query
) -> None:
    put(s3, bucket, "2026/03/01/a b+c.jsonl", "2026/03/01/d.jsonl", "_SUCCESS", ".tmp/e.jsonl")
    queue.send(
        created(bucket, "2026/03/01/a+b%2Bc.jsonl", "2026/03/01/d.jsonl"),
        created(bucket, "_SUCCESS", ".tmp/e.jsonl"),
        TEST_EVENT,
    )
    assert load(queue.address).events == 2
    assert s3.counts()["list"] == 0
    assert queue.left() == 0
    assert query("select file, status from raw.files order by 1") == [
        (f"s3://{bucket}/2026/03/01/a b+c.jsonl", "loaded"),
        (f"s3://{bucket}/2026/03/01/d.jsonl", "loaded"),
    ]
    # The same files by way of a listing are known.
    assert load(f"s3://{bucket}/2026").events == 0


def test_messages_that_come_again_change_nothing(
    queue: Queue, s3: S3Server, bucket: str, load: Load
) -> None:
    put(s3, bucket, "a.jsonl")
    queue.send(created(bucket, "a.jsonl"), created(bucket, "a.jsonl"))
    assert load(queue.address).events == 1
    queue.send(created(bucket, "a.jsonl"))
    assert load(queue.address).has_work is False
    assert queue.left() == 0


def test_a_file_that_is_gone_or_deleted_keeps_no_message(
    queue: Queue, s3: S3Server, bucket: str, load: Load, query: Query
) -> None:
    put(s3, bucket, "a.jsonl")
    queue.send(
        created(bucket, "gone.jsonl"),
        created(bucket, "a.jsonl"),
        created(bucket, "a.jsonl", event="ObjectRemoved:Delete"),
    )
    # What was loaded stays: a file that is deleted says nothing of its events.
    assert load(queue.address).events == 1
    assert queue.left() == 0
    assert query("select count(*) from raw.events") == [(1,)]


def test_unknown_messages_stay_in_the_queue(
    queue: Queue, s3: S3Server, bucket: str, load: Load, capsys: pytest.CaptureFixture[str],
    warehouse: Path,
) -> None:  # fmt: skip
    put(s3, bucket, "a.jsonl")
    queue.send("hello", created(bucket, "a.jsonl"), {"order": 7})
    assert main(["load", queue.address, "--warehouse", str(warehouse)]) == 0
    assert "2 messages that name no files, left in the queue" in capsys.readouterr().out
    assert queue.left() == 2


def test_a_message_stays_until_its_file_is_in_the_warehouse(
    queue: Queue, s3: S3Server, bucket: str, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(s3, bucket, "a.jsonl", "b.jsonl")
    queue.send(created(bucket, "a.jsonl"), created(bucket, "b.jsonl"))
    with monkeypatch.context() as patch:
        # As if the process had died in front of the commit.
        patch.setattr(pipeline, "load_package", lambda *_: (_ for _ in ()).throw(_DiedError))
        with pytest.raises(_DiedError):
            load(queue.address)
    assert queue.left() == 2
    queue.show()
    assert load(queue.address).events == 2
    assert queue.left() == 0


class _DiedError(Exception):
    pass


def test_a_file_that_changes_while_it_is_read_keeps_its_message(
    queue: Queue, s3: S3Server, bucket: str, load: Load
) -> None:
    put(s3, bucket, "a.jsonl")
    queue.send(created(bucket, "a.jsonl"))
    s3.before("read", lambda: s3.put(bucket, "a.jsonl", b'{"event_id":"new"}\n' * 3))
    assert load(queue.address).events == 0
    assert queue.left() == 1
    queue.show()
    assert load(queue.address).events == 3
    assert queue.left() == 0


def test_a_queue_that_is_not_there_is_told(queue: Queue, load: Load) -> None:
    with pytest.raises(UserError, match="there is none of this name: sqs://nowhere"):
        load("sqs://nowhere")


def test_a_file_that_may_not_be_looked_at_keeps_its_message_alone(
    queue: Queue, s3: S3Server, bucket: str, load: Load
) -> None:
    put(s3, bucket, "a.jsonl", "b.jsonl")
    queue.send(created(bucket, "a.jsonl"), created(bucket, "b.jsonl"))
    s3.fail("look", 1, 403)
    summary = load(queue.address)
    ((where, detail),) = summary.lost
    assert (where, "access refused" in detail) == (f"s3://{bucket}/a.jsonl", True)
    assert (summary.events, queue.left()) == (1, 1)


def test_a_store_that_lets_one_look_at_nothing_is_told(
    queue: Queue, s3: S3Server, bucket: str, load: Load
) -> None:
    queue.send(*(created(bucket, f"{name}.jsonl") for name in "abcd"))
    s3.access_key = "another"
    with pytest.raises(UserError, match="access refused"):
        load(queue.address)
    assert queue.left() == 4
