"""The addresses of streams and queues: `kinesis://STREAM`, `kafka://TOPIC`, `sqs://QUEUE`."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from readership.errors import UserError

KINESIS: Final = "kinesis"
KAFKA: Final = "kafka"
NATS: Final = "nats"
SQS: Final = "sqs"

STREAMS: Final = (KINESIS, KAFKA, NATS)
"""The kinds that have records themselves; a queue only names files."""

_FORMS: Final = {
    KINESIS: re.compile(r"[\w.-]{1,128}", re.ASCII),
    KAFKA: re.compile(r"[\w.-]{1,249}", re.ASCII),
    NATS: re.compile(r"[\w-]{1,255}", re.ASCII),
    # With the account in front where the queue is another's.
    SQS: re.compile(r"(\d{12}/)?[\w-]{1,80}(\.fifo)?", re.ASCII),
}


class StreamAddress(NamedTuple):
    """Where events come from, other than files.

    Attributes:
        kind: `kinesis`, `kafka`, `nats` or `sqs`.
        name: The name of the stream, topic or queue.

    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}://{self.name}"


def is_stream(path: str) -> bool:
    """Tell the address of a stream or queue from that of files."""
    return path.partition("://")[0] in _FORMS and "://" in path


def stream_address(path: str) -> StreamAddress:
    """Read an address.

    Raises:
        UserError: It has not the form of one.

    """
    kind, _, name = path.partition("://")
    if not _FORMS[kind].fullmatch(name):
        raise UserError(
            "no address of a stream or queue",
            path,
            "write kinesis://STREAM, kafka://TOPIC, nats://STREAM, sqs://QUEUE or "
            "sqs://ACCOUNT/QUEUE",
        )
    return StreamAddress(kind, name)
