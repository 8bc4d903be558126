"""Kafka: the partitions of a topic, and their records from where they were left.

Partitions are assigned, not subscribed to: there is no group whose members share them, and no
offset is committed to Kafka, so that the ledger alone says where a topic is read from. Of a
producer's transactions only those are read that were committed.
"""

from __future__ import annotations

import logging
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from loaders.settings import store_seconds
from loaders.streaming.addresses import StreamAddress
from loaders.streaming.pieces import Gathered, ShardRead, mark_of_start, pieces_of
from loaders.streaming.positions import Positions, Start
from readership.errors import UserError, message_of

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, Message

SERVERS: Final = "KAFKA_BOOTSTRAP_SERVERS"
_SETTINGS: Final = {
    SERVERS: "bootstrap.servers",
    "KAFKA_SECURITY_PROTOCOL": "security.protocol",
    "KAFKA_SASL_MECHANISM": "sasl.mechanism",
    "KAFKA_SASL_USERNAME": "sasl.username",
    "KAFKA_SASL_PASSWORD": "sasl.password",
    "KAFKA_SSL_CA_LOCATION": "ssl.ca.location",
    "KAFKA_SSL_CERTIFICATE_LOCATION": "ssl.certificate.location",
    "KAFKA_SSL_KEY_LOCATION": "ssl.key.location",
    "KAFKA_SSL_KEY_PASSWORD": "ssl.key.password",
}
"""The settings of librdkafka that the environment has, by the name of the variable."""

_FIXED: Final = {
    # Asked for by the library. Nothing is ever stored under it.
    "group.id": "readership",
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    # Records that expire between a look and the first request are an error, no silent gap.
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    # That a partition has nothing more is said after as long.
    "fetch.wait.max.ms": 50,
    "check.crcs": True,
}
_AT_ONCE: Final = 1_000
# So long a signal may have to wait.
_WAIT_SECONDS: Final = 0.2

_REFUSED: Final = frozenset(
    {
        "_AUTHENTICATION",
        "_SSL",
        "CLUSTER_AUTHORIZATION_FAILED",
        "SASL_AUTHENTICATION_FAILED",
        "TOPIC_AUTHORIZATION_FAILED",
    }
)
_MISSING: Final = frozenset({"UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC", "_UNKNOWN_PARTITION"})
_SILENT: Final = frozenset({"_ALL_BROKERS_DOWN", "_RESOLVE", "_TIMED_OUT", "_TRANSPORT"})
_EXPIRED: Final = frozenset({"OFFSET_OUT_OF_RANGE", "_AUTO_OFFSET_RESET"})


class KafkaStream:
    """A topic.

    Args:
        address: Its address.

    Raises:
        UserError: The environment names no server.

    """

    def __init__(self, address: StreamAddress) -> None:
        self._where = str(address)
        self._topic = address.name
        self._seconds = store_seconds()
        self._trouble: KafkaError | None = None
        if not os.environ.get(SERVERS):
            raise UserError("no server", self._where, f"set {SERVERS}, such as host:9092")

    def gather(
        self, positions: Positions, wanted: Start | None, most_records: int, most_bytes: int
    ) -> Gathered:
        """Take the records that come after some positions, up to the tip of the topic."""
        from confluent_kafka import KafkaException

        gathered = Gathered()
        read: dict[str, ShardRead] = defaultdict(ShardRead)
        try:
            with self._consumer() as consumer:
                cluster, partitions = self._described(consumer)
                start = positions.begun(wanted, datetime.now(UTC), self._where)
                positions.check_identity(cluster, self._where, SERVERS)
                if positions.start is None:
                    gathered.marks.append(mark_of_start(self._where, start, cluster))
                offsets: dict[int, int] = {}
                for partition in partitions:
                    at, tip, is_lost = self._place(consumer, partition, positions, start)
                    if is_lost:
                        gathered.lost.append(str(partition))
                    if at < tip:
                        offsets[partition] = at
                try:
                    gathered.is_at_tip = self._read(
                        consumer, offsets, read, most_records, most_bytes
                    )
                except (KafkaException, UserError) as error:
                    gathered.error = self._explained(error)
        except KafkaException as error:
            raise self._explained(error) from error
        gathered.pieces = pieces_of(self._where, read)
        if gathered.error is not None and not gathered.pieces:
            raise gathered.error
        return gathered

    @contextmanager
    def _consumer(self) -> Iterator[Consumer]:
        from confluent_kafka import Consumer

        settings = {
            name: value
            for variable, name in _SETTINGS.items()
            if (value := os.environ.get(variable))
        }
        # The library writes to stderr of its own accord.
        quiet = logging.getLogger("loaders.kafka")
        quiet.addHandler(logging.NullHandler())
        quiet.propagate = False
        consumer = Consumer(settings | _FIXED | {"error_cb": self._keep}, logger=quiet)
        try:
            yield consumer
        finally:
            consumer.close()

    def _keep(self, error: KafkaError) -> None:
        # That all servers are gone comes last, and says less than why.
        if self._trouble is None or error.name() != "_ALL_BROKERS_DOWN":
            self._trouble = error

    def _described(self, consumer: Consumer) -> tuple[str, list[int]]:
        """Give what tells the cluster from others, and the partitions of the topic."""
        from confluent_kafka import KafkaException

        found = consumer.list_topics(self._topic, timeout=self._seconds)
        topic = found.topics[self._topic]
        if topic.error is not None:
            raise KafkaException(topic.error)
        return f"cluster {found.cluster_id}", sorted(topic.partitions)

    def _place(
        self, consumer: Consumer, partition: int, positions: Positions, start: Start
    ) -> tuple[int, int, bool]:
        """Give the first offset to read, that behind the last one, and whether some expired."""
        from confluent_kafka import TopicPartition

        place = TopicPartition(self._topic, partition)
        oldest, tip = consumer.get_watermark_offsets(place, timeout=self._seconds)
        if (last := positions.sequences.get(str(partition))) is not None:
            at = int(last) + 1
            if at > tip:
                raise UserError(
                    f"partition {partition} ends before offset {last}, which was read",
                    self._where,
                    "a topic that was made anew needs a new name",
                )
            return max(at, oldest), tip, at < oldest
        if start.at is None:
            return oldest, tip, False
        place.offset = int(start.at.timestamp() * 1000)
        (found,) = consumer.offsets_for_times([place], timeout=self._seconds)
        # Negative: none has come since. One that comes now has an offset of at least the tip.
        return (found.offset if found.offset >= 0 else tip), tip, False

    def _read(
        self,
        consumer: Consumer,
        offsets: dict[int, int],
        read: dict[str, ShardRead],
        most_records: int,
        most_bytes: int,
    ) -> bool:
        """Read partitions from their offsets; tell whether all are at their tip."""
        from confluent_kafka import KafkaError, KafkaException, TopicPartition

        consumer.assign([TopicPartition(self._topic, *place) for place in offsets.items()])
        waited_for = set(offsets)
        records = size_bytes = 0
        heard_at = time.monotonic()
        while waited_for:
            if records >= most_records or size_bytes >= most_bytes:
                return False
            most = min(most_records - records, _AT_ONCE)
            messages = consumer.consume(most, timeout=_WAIT_SECONDS)
            for message in messages:
                error = message.error()
                if error is None:
                    data = message.value() or b""
                    read[str(message.partition())].add(
                        str(message.offset()), data, _arrived_at(message)
                    )
                    records += 1
                    size_bytes += len(data)
                elif error.code() == KafkaError._PARTITION_EOF:
                    waited_for.discard(message.partition())
                else:
                    raise KafkaException(error)
            if messages:
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > self._seconds:
                raise KafkaException(self._trouble or KafkaError(KafkaError._TIMED_OUT))
        return True

    def _explained(self, error: Exception) -> UserError:
        if isinstance(error, UserError):
            return error
        cause: KafkaError | None = error.args[0] if error.args else None
        if cause is not None and cause.name() in _SILENT:
            cause = self._trouble or cause
        name = cause.name() if cause is not None else ""
        message = cause.str() if cause is not None else message_of(error)
        if name in _REFUSED:
            return UserError(
                "access refused",
                self._where,
                "check KAFKA_SECURITY_PROTOCOL, the variables KAFKA_SASL_… and KAFKA_SSL_…, and "
                f"the right to read the topic ({message})",
            )
        if name in _MISSING:
            return UserError("there is none of this name", self._where, f"check it ({message})")
        if name in _SILENT:
            return UserError(
                "cannot connect", self._where, f"check {SERVERS} and the network ({message})"
            )
        if name in _EXPIRED:
            return UserError("records expired meanwhile", self._where, "run again")
        if name == "_INVALID_ARG":
            return UserError(
                "a setting is wrong", self._where, f"check the variables KAFKA_… ({message})"
            )
        return UserError("Kafka gave an error", self._where, f"run again later ({message})")


def _arrived_at(message: Message) -> datetime | None:
    kind, milliseconds = message.timestamp()
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if kind and milliseconds > 0 else None
