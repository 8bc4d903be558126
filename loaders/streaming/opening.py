"""The stream of an address, read by the package of its kind."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from loaders.streaming.addresses import KAFKA, KINESIS, NATS, StreamAddress
from loaders.streaming.pieces import Stream
from readership.errors import UserError

_PACKAGES: Final = {KAFKA: "confluent_kafka", NATS: "nats"}
"""What must be installed besides, by a lock file with the name of the kind."""


def stream_of(address: StreamAddress) -> Stream:
    """Give the stream of an address.

    Raises:
        UserError: Its package is not installed, or the environment does not lead to it.

    """
    package = _PACKAGES.get(address.kind)
    if package and find_spec(package) is None:
        raise UserError(
            f"what reads {address.kind}:// is not installed",
            str(address),
            f"run `pip install --no-deps -r requirements-{address.kind}.lock`",
        )
    if address.kind == KINESIS:
        from loaders.streaming.kinesis import KinesisStream

        return KinesisStream(address)
    if address.kind == KAFKA:
        from loaders.streaming.kafka import KafkaStream

        return KafkaStream(address)
    from loaders.streaming.nats import NatsStream

    return NatsStream(address)
