"""SQS: a bucket's messages, each naming files that are new.

A message stays in the queue until it is said to be done, and comes again when that did not happen
in `_HIDDEN_SECONDS`. Messages come from the bucket itself, by way of SNS, or from EventBridge.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote_plus

from loaders.streaming.addresses import StreamAddress
from loaders.streaming.aws import AwsClient, AwsError

_RIGHTS: Final = "sqs:GetQueueUrl, ReceiveMessage and DeleteMessage"
_AT_ONCE: Final = 10
# So long SQS looks for messages on all of its machines; without, it may overlook some.
_WAIT_SECONDS: Final = 1
# A load that takes longer meets its messages again, and knows their files.
_HIDDEN_SECONDS: Final = 300


@dataclass(slots=True)
class Announced:
    """What the messages of a queue say.

    Attributes:
        files: The URLs of new files, by the receipt of each message; none where a message tells
            of something else, such as a file that was deleted.
        unknown: How many messages are none of a bucket's. They stay in the queue.

    """

    files: dict[str, list[str]] = field(default_factory=dict)
    unknown: int = 0

    @property
    def urls(self) -> list[str]:
        """The URLs of all new files, each once."""
        return sorted({url for urls in self.files.values() for url in urls})


class S3Queue:
    """A queue.

    Args:
        address: Its address.
        client: The client to ask; None for one that the environment leads to.

    Raises:
        UserError: The environment leads to none, or there is no such queue.

    """

    def __init__(self, address: StreamAddress, client: AwsClient | None = None) -> None:
        self._client = client or AwsClient("sqs", str(address), _RIGHTS)
        account, _, name = address.name.rpartition("/")
        owner = {"QueueOwnerAWSAccountId": account} if account else {}
        self._url = self._call("get_queue_url", QueueName=name, **owner)["QueueUrl"]

    def receive(self, most: int) -> Announced:
        """Take messages until there are none, or about so many.

        Raises:
            UserError: The queue cannot be read.

        """
        announced = Announced()
        seen: set[str] = set()
        while len(seen) < most:
            messages = self._call(
                "receive_message",
                QueueUrl=self._url,
                MaxNumberOfMessages=_AT_ONCE,
                WaitTimeSeconds=_WAIT_SECONDS,
                VisibilityTimeout=_HIDDEN_SECONDS,
            ).get("Messages", [])
            if not messages:
                break
            for message in messages:
                if message["MessageId"] in seen:
                    continue
                seen.add(message["MessageId"])
                urls = urls_in(message["Body"])
                if urls is None:
                    announced.unknown += 1
                else:
                    announced.files[message["ReceiptHandle"]] = urls
        return announced

    def delete(self, receipts: list[str]) -> None:
        """Take messages out of the queue. One that stays comes again, and does no harm.

        Raises:
            UserError: The queue cannot be written.

        """
        for at in range(0, len(receipts), _AT_ONCE):
            self._call(
                "delete_message_batch",
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": receipt}
                    for number, receipt in enumerate(receipts[at : at + _AT_ONCE])
                ],
            )

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        try:
            return self._client.call(operation, **parameters)
        except AwsError as error:
            raise error.explained from error


def urls_in(body: str) -> list[str] | None:
    """Give the URLs of the files that a message says are new; None if it is no bucket's message."""
    try:
        found = json.loads(body)
        if isinstance(found, dict) and found.get("Type") == "Notification":
            # By way of SNS.
            found = json.loads(found["Message"])
        return _urls(found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _urls(message: dict[str, Any]) -> list[str] | None:
    if message.get("Event") == "s3:TestEvent":
        return []
    if message.get("source") == "aws.s3":
        # Of EventBridge, which leaves keys as they are.
        if message["detail-type"] != "Object Created":
            return []
        detail = message["detail"]
        return [f"s3://{detail['bucket']['name']}/{detail['object']['key']}"]
    if not message.get("Records"):
        return None
    urls = []
    for record in message["Records"]:
        if record["eventSource"] != "aws:s3":
            return None
        if record["eventName"].removeprefix("s3:").startswith("ObjectCreated:"):
            s3 = record["s3"]
            urls.append(f"s3://{s3['bucket']['name']}/{unquote_plus(s3['object']['key'])}")
    return urls
