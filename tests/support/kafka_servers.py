"""Kafka's servers as librdkafka mocks them, in this process. Other processes may connect, too."""

from __future__ import annotations

from typing import Final

from confluent_kafka import Producer

_SECONDS: Final = 30


class KafkaServers:
    """Mocked servers, which last as long as this object."""

    def __init__(self) -> None:
        self._producer = Producer(
            {
                "test.mock.num.brokers": 1,
                "bootstrap.servers": "none",
                "log_level": 0,
                "linger.ms": 0,
            }
        )
        (server,) = self._producer.list_topics(timeout=_SECONDS).brokers.values()
        self.address = f"{server.host}:{server.port}"

    def put(self, topic: str, *records: bytes | None, partition: int = 0) -> None:
        """Put records into a partition, in their order."""
        for record in records:
            self._producer.produce(topic, value=record, partition=partition)
        assert self._producer.flush(_SECONDS) == 0
