"""NATS JetStream: the records of a stream, in their one sequence.

A look has a consumer of its own, which the server forgets with it. Nothing is acknowledged, so that
the ledger alone says where a stream is read from.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from loaders.settings import store_seconds
from loaders.streaming.addresses import StreamAddress
from loaders.streaming.pieces import Gathered, ShardRead, mark_of_start, pieces_of
from loaders.streaming.positions import Positions, Start
from readership.errors import UserError, message_of

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

SERVERS: Final = "NATS_URL"
_SHARD: Final = "0"
# A record has a megabyte at most, unless the server allows more, and all of these are in memory.
_AT_ONCE: Final = 100
_RETRY_SECONDS: Final = 0.2
# The server forgets a consumer that nobody has asked for so long.
_FORGOTTEN_SECONDS: Final = 60.0


class NatsStream:
    """A stream.

    Args:
        address: Its address.

    Raises:
        UserError: The environment names no server.

    """

    def __init__(self, address: StreamAddress) -> None:
        self._where = str(address)
        self._name = address.name
        self._seconds = store_seconds()
        if not os.environ.get(SERVERS):
            raise UserError("no server", self._where, f"set {SERVERS}, such as nats://host:4222")

    def gather(
        self, positions: Positions, wanted: Start | None, most_records: int, most_bytes: int
    ) -> Gathered:
        """Take the records that come after some positions, up to the tip of the stream."""
        gathered, read = Gathered(), ShardRead()
        try:
            asyncio.run(self._gather(gathered, read, positions, wanted, most_records, most_bytes))
        except UserError as error:
            gathered.error = error
        except Exception as error:
            gathered.error = self._explained(error)
        gathered.pieces = pieces_of(self._where, {_SHARD: read})
        if gathered.error is not None and not gathered.pieces:
            raise gathered.error
        return gathered

    async def _gather(
        self,
        gathered: Gathered,
        read: ShardRead,
        positions: Positions,
        wanted: Start | None,
        most_records: int,
        most_bytes: int,
    ) -> None:
        async with self._connected() as client:
            stream = client.jetstream(timeout=self._seconds)
            found = await stream.stream_info(self._name)
            identity = f"{self._name} of {found.created}"
            start = positions.begun(wanted, datetime.now(UTC), self._where)
            positions.check_identity(identity, self._where, SERVERS)
            if positions.start is None:
                gathered.marks.append(mark_of_start(self._where, start, identity))
            last = positions.sequences.get(_SHARD)
            if last is not None and int(last) + 1 < found.state.first_seq:
                gathered.lost.append(_SHARD)
            if last is not None and int(last) >= found.state.last_seq:
                return
            async with self._consumer(stream, last, start) as (name, waiting):
                gathered.is_at_tip = await self._read(
                    stream, name, waiting, read, most_records, most_bytes
                )

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Client]:
        import nats

        async def ignore(_: Exception) -> None:
            """Leave it to the request that fails. The library would log it with its traceback."""

        value = os.environ.get
        options: dict[str, Any] = {
            "user": value("NATS_USER"),
            "password": value("NATS_PASSWORD"),
            "token": value("NATS_TOKEN"),
            "user_credentials": value("NATS_CREDS"),
        }
        if value("NATS_CA") or value("NATS_CERT"):
            tls = ssl.create_default_context(cafile=value("NATS_CA"))
            if certificate := value("NATS_CERT"):
                tls.load_cert_chain(certificate, value("NATS_KEY"))
            options["tls"] = tls
        client = await nats.connect(
            [server.strip() for server in os.environ[SERVERS].split(",")],
            name="readership",
            connect_timeout=self._seconds,
            allow_reconnect=False,
            # Each server is tried so often more.
            max_reconnect_attempts=1,
            reconnect_time_wait=_RETRY_SECONDS,
            error_cb=ignore,
            **{name: value for name, value in options.items() if value},
        )
        try:
            yield client
        finally:
            await client.close()

    @asynccontextmanager
    async def _consumer(
        self, stream: JetStreamContext, last: str | None, start: Start
    ) -> AsyncIterator[tuple[str, int]]:
        """Make a consumer that begins after a record, or at a time; give how many wait for it."""
        from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

        where: dict[str, Any] = {"deliver_policy": DeliverPolicy.ALL}
        if last is not None:
            where = {
                "deliver_policy": DeliverPolicy.BY_START_SEQUENCE,
                "opt_start_seq": int(last) + 1,
            }
        elif start.at is not None:
            where = {
                "deliver_policy": DeliverPolicy.BY_START_TIME,
                "opt_start_time": start.at.isoformat(),
            }
        made = await stream.add_consumer(
            self._name,
            ConsumerConfig(
                name=f"readership_{secrets.token_hex(8)}",
                ack_policy=AckPolicy.NONE,
                inactive_threshold=_FORGOTTEN_SECONDS,
                mem_storage=True,
                **where,
            ),
        )
        try:
            yield made.name, made.num_pending or 0
        finally:
            with suppress(Exception):
                await stream.delete_consumer(self._name, made.name)

    async def _read(
        self,
        stream: JetStreamContext,
        consumer: str,
        waiting: int,
        read: ShardRead,
        most_records: int,
        most_bytes: int,
    ) -> bool:
        """Read what waits for a consumer; tell whether nothing more does."""
        records = await stream.pull_subscribe_bind(consumer=consumer, stream=self._name)
        while waiting:
            most = min(most_records - len(read.records), waiting, _AT_ONCE)
            if most <= 0 or read.size_bytes >= most_bytes:
                return False
            for message in await records.fetch(most, timeout=self._seconds):
                about = message.metadata
                read.add(str(about.sequence.stream), message.data, about.timestamp.astimezone(UTC))
                waiting = about.num_pending
        return True

    def _explained(self, error: Exception) -> UserError:
        name, message = type(error).__name__, message_of(error)
        if (
            "uthoriz" in name + message
            or "uthentic" in message
            or name == "InvalidUserCredentialsError"
        ):
            return UserError(
                "access refused",
                self._where,
                "check NATS_CREDS, or NATS_USER and NATS_PASSWORD, and the rights on $JS.API.> "
                f"({message})",
            )
        if name == "NotFoundError":
            return UserError("there is none of this name", self._where, f"check it ({message})")
        if name in ("NoRespondersError", "ServiceUnavailableError"):
            return UserError(
                "the server has no JetStream for this account", self._where, "enable it there"
            )
        if name == "BadRequestError":
            return UserError(
                "the stream cannot be read without taking records out",
                self._where,
                f"its retention must be `limits`; a mirror of it may have that ({message})",
            )
        if isinstance(error, OSError | asyncio.TimeoutError) or name == "NoServersError":
            return UserError(
                "cannot connect", self._where, f"check {SERVERS} and the network ({message})"
            )
        return UserError("NATS gave an error", self._where, f"run again later ({message})")
