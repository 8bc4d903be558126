"""The snapshot in force, asked by a few threads, with a memory of what it has answered."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
from starlette.responses import Response

from errors import UserError
from service import keys
from service.answers import answer
from service.calls import Question
from service.errors import FAILED, TOO_LONG, CallError
from service.keys import SiteKeys
from service.lanes import Lane, step_back
from service.snapshots import CURRENT, Named, Snapshot, in_force, open_snapshot

LOG: Final = logging.getLogger("readership.service")
MOST_WAITING: Final = 100
"""How many calls of a lane may wait for their turn."""
_LOOK_SECONDS: Final = 1.0
_ENTRY_BYTES: Final = 400
_INTERRUPT_SECONDS: Final = 0.02
_SHORT: Final = timedelta(hours=25)
_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """The response to a call that was made before.

    Attributes:
        response: What is sent.
        route: The kind of call, as the log tells it.

    """

    response: Response
    route: str


@dataclass(slots=True)
class _Pending:
    """A question that is being asked, and how many calls wait for the answer."""

    asking: asyncio.Task[bytes]
    waiting: int = 0


class Serving:
    """Answers questions from the snapshot in force, and changes to the next one when it comes.

    All of it but the queries runs on one event loop.
    """

    def __init__(
        self,
        folder: Path,
        site_keys: SiteKeys,
        seconds: float = 10.0,
        cache_bytes: int = 64 << 20,
        workers: int | None = None,
        threads: int | None = None,
        look_seconds: float = _LOOK_SECONDS,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.site_keys = site_keys
        self.seconds = seconds
        self.refused: str | None = None
        self.keys_refused: str | None = None
        self.swaps = 0
        self._folder = folder
        self._threads = threads
        self._look_seconds = look_seconds
        workers = workers or os.cpu_count() or 1
        # A query that has its turn at last has half of the time still.
        self.open_lane, self._short_lane, self._long_lane = (
            Lane(name, count, most_waiting, seconds / 2)
            for name, count in (
                ("without a secret", max(1, workers // 2)),
                ("for a day or less", workers),
                ("for more than a day", workers),
            )
        )
        self._opener = ThreadPoolExecutor(1, "snapshots", step_back)
        self._cache = Cache(cache_bytes)
        self._pending: dict[_Key, _Pending] = {}
        self._asking: set[asyncio.Task[bytes]] = set()
        self._seen = _state(folder / CURRENT)
        self._keys_seen = _keys_state()
        named = in_force(folder)
        if named is None:
            raise UserError(
                "there is no snapshot yet", str(folder), "run `python -m service publish`"
            )
        self.snapshot = self._opener.submit(open_snapshot, named, threads).result()

    def known(self, path: str, query: bytes) -> Known | None:
        """Give the response to a call that was made before, letter by letter."""
        return self._cache.get(_letters(path, query))  # type: ignore[no-any-return]

    def remember(
        self,
        path: str,
        query: bytes,
        known: Known,
        snapshot: Snapshot,
        site_keys: SiteKeys,
    ) -> None:
        """Keep the response to a call as long as snapshot and keys are those it was made with."""
        if snapshot is self.snapshot and site_keys is self.site_keys:
            self._cache.put(_letters(path, query), known, len(known.response.body))

    def recall(self, question: Question, snapshot: Snapshot) -> bytes | None:
        """Give the text of an answer, if it is known."""
        return self._cache.get((snapshot.named.id, *question.key))  # type: ignore[no-any-return]

    async def answer(self, question: Question, snapshot: Snapshot, has_secret: bool) -> bytes:
        """Ask the snapshot, as long as any call waits for the answer.

        Raises:
            CallError: It took too long or failed, or too many calls wait.

        """
        lane = self._lane(question, has_secret)
        key = (lane.name, snapshot.named.id, *question.key)
        # Whoever asks the same meanwhile waits for the same answer.
        pending = self._pending.get(key)
        if pending is None:
            snapshot.lease()
            asking = asyncio.create_task(self._ask(snapshot, question, lane))
            asking.add_done_callback(lambda _: snapshot.release())
            asking.add_done_callback(self._asking.discard)
            self._asking.add(asking)
            pending = self._pending[key] = _Pending(asking)
        pending.waiting += 1
        try:
            return await asyncio.shield(pending.asking)
        finally:
            pending.waiting -= 1
            if not pending.waiting:
                del self._pending[key]
                pending.asking.cancel()

    def _lane(self, question: Question, has_secret: bool) -> Lane:
        if not has_secret:
            return self.open_lane
        is_long = question.has_period and question.stretch.length > _SHORT
        return self._long_lane if is_long else self._short_lane

    async def _ask(self, snapshot: Snapshot, question: Question, lane: Lane) -> bytes:
        body = await self._asked(snapshot, question, lane)
        if snapshot is self.snapshot:
            self._cache.put((snapshot.named.id, *question.key), body, len(body))
        return body

    async def _asked(self, snapshot: Snapshot, question: Question, lane: Lane) -> bytes:
        loop = asyncio.get_running_loop()
        ends = loop.time() + self.seconds
        async with lane.turn():
            with snapshot.cursor() as cursor:
                answering = lane.submit(answer, snapshot, cursor, question)
                try:
                    await asyncio.wait({answering}, timeout=ends - loop.time())
                finally:
                    # An interrupt between two queries is lost.
                    while not answering.done():
                        cursor.interrupt()
                        await asyncio.wait({answering}, timeout=_INTERRUPT_SECONDS)
                    # Whoever has left does not want to know.
                    answering.exception()
            try:
                return (await answering).body
            except duckdb.InterruptException:
                raise CallError(
                    TOO_LONG,
                    f"no answer within {self.seconds:g} seconds; ask for a shorter period",
                ) from None
            except duckdb.Error:
                LOG.exception("a question to the snapshot failed")
                raise CallError(FAILED, "the answer could not be made") from None

    async def watch(self) -> None:
        """Change to each snapshot that is published, and to keys that are written, for ever."""
        while True:
            await asyncio.sleep(self._look_seconds)
            try:
                await self.look()
            except Exception:
                LOG.exception("the look for a new snapshot failed")

    async def look(self) -> None:
        """Change to another snapshot, or other keys, if there are."""
        if (state := _state(self._folder / CURRENT)) != self._seen:
            self._seen = state
            await self._change()
        state = _keys_state()
        # The same file may be there again that was away.
        if not self.site_keys.is_open and (state != self._keys_seen or self.keys_refused):
            self._read_keys(state)

    def _read_keys(self, state: tuple[int, int, int] | None) -> None:
        try:
            self.site_keys = keys.keys_from_environment() or SiteKeys()
        except UserError as error:
            # It is tried again at the next look, and told once.
            if str(error) != self.keys_refused:
                LOG.error("the site keys stay as they were: %s", error)
            self.keys_refused = str(error)
            return
        self._keys_seen, self.keys_refused = state, None
        # What has the answer to a call has seen its secret.
        self._cache.clear()
        LOG.info("site keys were read again")

    async def _change(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            new = await loop.run_in_executor(self._opener, self._next)
        except UserError as error:
            self.refused = str(error)
            LOG.error("the snapshot stays as it was: %s", error)
            return
        self.refused = None
        if new is None:
            return
        old, self.snapshot = self.snapshot, new
        self.swaps += 1
        self._cache.clear()
        old.retire()
        LOG.info("snapshot %s is in force", new.named.id)

    def _next(self) -> Snapshot | None:
        named = in_force(self._folder)
        if named is None:
            raise UserError("the snapshot is gone", str(self._folder), "publish again")
        if named == self.snapshot.named:
            return None
        return open_snapshot(named, self._threads)

    def health(self) -> dict[str, Any]:
        """Tell how old the snapshot is, and how far the present of its data lags behind."""
        named: Named = self.snapshot.named
        now = datetime.now(UTC).replace(tzinfo=None)
        newest = self.snapshot.newest_event_at
        return {
            "status": "ok" if self.refused is self.keys_refused is None else "stale",
            "snapshot": named.id,
            "published_at": named.published_at.isoformat(),
            "age_seconds": round((now - named.published_at).total_seconds()),
            "newest_event_at": newest and newest.isoformat(),
            "lag_seconds": newest and round((now - newest).total_seconds()),
            "refused": self.refused is not None,
            "keys_refused": self.keys_refused is not None,
        }

    async def close(self) -> None:
        """Give up what is being asked, and close everything."""
        for asking in self._asking:
            if not asking.cancelling():
                asking.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        for lane in (self.open_lane, self._short_lane, self._long_lane):
            lane.close()
        self._opener.shutdown(cancel_futures=True)
        self.snapshot.retire()


class Cache:
    """Answers, as many bytes as may be; the longest unused go first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[_Key, tuple[Any, int]] = OrderedDict()

    def get(self, key: _Key) -> Any:  # noqa: ANN401
        """Give what was answered, if it is known still."""
        found = self._answers.get(key)
        if found is None:
            return None
        self._answers.move_to_end(key)
        return found[0]

    def put(self, key: _Key, answer: object, size: int) -> None:
        """Keep an answer of so many bytes."""
        if key in self._answers:
            self._bytes -= self._answers.pop(key)[1]
        size += _ENTRY_BYTES
        self._answers[key] = (answer, size)
        self._bytes += size
        while self._bytes > self._most_bytes:
            self._bytes -= self._answers.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Forget everything."""
        self._answers.clear()
        self._bytes = 0


def _letters(path: str, query: bytes) -> _Key:
    """Give the key of a call as it is written, in which its secret cannot be read."""
    return (path, hashlib.blake2b(query, digest_size=32).hexdigest(), "")


def _state(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _keys_state() -> tuple[int, int, int] | None:
    file = keys.keys_file()
    return None if file is None else _state(file)
