"""Answer queries from the newest source with a few threads and a cache."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from starlette.responses import Response

from readership.errors import UserError
from readership.service import keys
from readership.service.answering.answers import Answer, answer
from readership.service.answering.lanes import Lane, lower_priority
from readership.service.calls import (
    BUSY,
    FAILED,
    TOO_LONG,
    Call,
    CallError,
    Endpoint,
    SnapshotQuery,
    TimeRange,
    snapshot_query,
)
from readership.service.keys import SiteKeys
from readership.service.sources import (
    Cursor,
    InterruptedQueryError,
    Origin,
    QueryError,
    Reading,
    Source,
    UnreachableError,
    newest_event_at,
)

if TYPE_CHECKING:
    from readership.service.counting import Counter

LOG: Final = logging.getLogger("readership.service")
MAX_WAITING: Final = 100
"""Default length of the queue of a lane."""
_POLL_SECONDS: Final = 1.0
_ENTRY_BYTES: Final = 400
_INTERRUPT_SECONDS: Final = 0.02
_SHORT: Final = timedelta(hours=25)
# By then a database that was started again answers.
_RETRY_SECONDS: Final = 5
_Key = tuple[str, ...]


class Question(Protocol):
    """A question about a site that answers itself, from several queries."""

    @property
    def site(self) -> str:
        """The site."""

    @property
    def key(self) -> tuple[str, str]:
        """The cache key; questions with the same answer have the same key."""

    @property
    def has_period(self) -> bool:
        """Whether the answer depends on the time range."""

    @property
    def time_range(self) -> TimeRange:
        """The time range."""

    def answer(self, source: Source, cursor: Cursor, counter: Counter | None) -> Answer:
        """Answer from a source."""


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """A response in the cache.

    Attributes:
        response: The response.
        route: The route of the request, for the access log.
        site: The site.
        has_secret: Whether the request has the secret of the site.
        expires_on: The day from which on a secret of the site is wrong, in UTC; None if none
            expires.
        tag: The tag of the answer.
        control: How long caches may keep it.

    """

    response: Response
    route: str
    site: str
    has_secret: bool
    expires_on: date | None
    tag: str
    control: str


@dataclass(slots=True)
class _Pending:
    """A running query, and the number of requests that wait for it."""

    task: asyncio.Task[bytes]
    waiting: int = 0


class Serving:
    """Answers queries from the newest source, and switches to each newer one.

    Everything but the queries runs on one event loop.
    """

    def __init__(
        self,
        origin: Origin,
        site_keys: SiteKeys,
        seconds: float = 10.0,
        cache_bytes: int = 64 << 20,
        workers: int | None = None,
        poll_seconds: float = _POLL_SECONDS,
        max_waiting: int = MAX_WAITING,
        counter: Counter | None = None,
    ) -> None:
        self.site_keys = site_keys
        self.seconds = seconds
        self.refused: str | None = None
        self.keys_refused: str | None = None
        self.swaps = 0
        self._origin = origin
        self._poll_seconds = poll_seconds
        workers = workers or os.cpu_count() or 1
        # At most half of the time limit is spent in the queue; the rest remains for the query.
        self.open_lane, self._short_lane, self._long_lane = (
            Lane(label, name, count, max_waiting, seconds / 2)
            for label, name, count in (
                ("open", "without a secret", max(1, workers // 2)),
                ("short", "for a day or less", workers),
                ("long", "for more than a day", workers),
            )
        )
        self._opener = ThreadPoolExecutor(1, "sources", lower_priority)
        self._ahead = ThreadPoolExecutor(1, "ahead", lower_priority)
        self._dates = ThreadPoolExecutor(1, "dates")
        self._switching = asyncio.Lock()
        self._cache = Cache(cache_bytes)
        self._pending: dict[_Key, _Pending] = {}
        self._tasks: set[asyncio.Task[bytes]] = set()
        # Imported here so that commands that do not serve need not wait for NumPy.
        from readership.service.counting import Counter

        self._counter = counter or Counter()
        self._keys_state = _keys_file_state()
        self.source = self._opener.submit(self._newest, None).result()

    def cached_response(self, request_key: _Key) -> CachedResponse | None:
        """Return the cached response to a request with exactly this key."""
        return self._cache.get(request_key)  # type: ignore[no-any-return]

    def cache_response(
        self,
        request_key: _Key,
        cached: CachedResponse,
        source: Source,
        site_keys: SiteKeys,
    ) -> None:
        """Cache a response, unless rows of its site or the site keys have changed since."""
        version = source.version(cached.site)
        if version == self.source.version(cached.site) and site_keys is self.site_keys:
            self._cache.put(request_key, cached, len(cached.response.body), version)

    def cached_body(self, query: SnapshotQuery | Question, source: Source) -> bytes | None:
        """Return the cached body of the response to a query."""
        return self._cache.get(_query_key(query, source))  # type: ignore[no-any-return]

    async def query(
        self, endpoint: Endpoint, call: Call, source: Source, value: str | None
    ) -> SnapshotQuery:
        """Return the query for a call, with dates read by the clock of its site.

        Raises:
            CallError: A parameter has an invalid value, or the database cannot be reached.

        """
        clock = source.sites[call.apikey].clock
        if not source.is_remote:
            return snapshot_query(endpoint, call, clock, value)
        loop = asyncio.get_running_loop()
        with self._refusals():
            try:
                async with asyncio.timeout(self.seconds / 2):
                    return await loop.run_in_executor(
                        self._dates, snapshot_query, endpoint, call, clock, value
                    )
            except TimeoutError:
                raise UnreachableError from None

    async def answer(
        self, query: SnapshotQuery | Question, source: Source, has_secret: bool
    ) -> bytes:
        """Run a query on a source, as long as any request waits for the result.

        Returns:
            The body of the response.

        Raises:
            CallError: The query took too long or failed, the queue is full, or the database cannot
                be reached.
            OutdatedError: Rows have changed meanwhile.

        """
        lane = self.lane(query, has_secret)
        key = (lane.name, *_query_key(query, source))
        # Concurrent requests with the same query share one execution.
        pending = self._pending.get(key)
        if pending is None:
            source.lease()
            task = asyncio.create_task(self._run(source, query, lane))
            task.add_done_callback(lambda _: source.release())
            task.add_done_callback(self._tasks.discard)
            self._tasks.add(task)
            pending = self._pending[key] = _Pending(task)
        pending.waiting += 1
        try:
            return await asyncio.shield(pending.task)
        finally:
            pending.waiting -= 1
            if not pending.waiting:
                del self._pending[key]
                pending.task.cancel()

    @property
    def cache(self) -> Cache:
        """The cache of bodies and responses."""
        return self._cache

    @property
    def lanes(self) -> tuple[Lane, Lane, Lane]:
        """All lanes."""
        return self.open_lane, self._short_lane, self._long_lane

    def lane(self, query: SnapshotQuery | Question, has_secret: bool) -> Lane:
        """Return the lane of a query."""
        if not has_secret:
            return self.open_lane
        is_long = query.has_period and query.time_range.length > _SHORT
        return self._long_lane if is_long else self._short_lane

    async def _run(self, source: Source, query: SnapshotQuery | Question, lane: Lane) -> bytes:
        body = await self._run_in_thread(source, query, lane)
        version = source.version(query.site)
        if version == self.source.version(query.site):
            self._cache.put(_query_key(query, source), body, len(body), version)
        return body

    async def _run_in_thread(
        self, source: Source, query: SnapshotQuery | Question, lane: Lane
    ) -> bytes:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.seconds
        async with lane.slot():
            reading = source.reading()
            # Counting knows which parts of a snapshot have changed; a database is always asked.
            counter = None if source.is_remote else self._counter
            future = lane.submit(_answer, source, reading, query, counter)
            try:
                await asyncio.wait({future}, timeout=deadline - loop.time())
            finally:
                # Repeated, because an interrupt between two statements has no effect.
                while not future.done():
                    reading.interrupt()
                    await asyncio.wait({future}, timeout=_INTERRUPT_SECONDS)
                # Retrieved here, since nobody awaits the future if the task was cancelled.
                future.exception()
            with self._refusals():
                return (await future).body

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Refuse a call that its source does not answer."""
        try:
            yield
        except InterruptedQueryError:
            raise CallError(
                TOO_LONG, f"no answer within {self.seconds:g} seconds; ask for a shorter period"
            ) from None
        except UnreachableError:
            raise CallError(
                BUSY,
                f"the database cannot be reached; ask again in {_RETRY_SECONDS} seconds",
                BUSY,
                _RETRY_SECONDS,
            ) from None
        except QueryError:
            LOG.exception("query failed")
            raise CallError(FAILED, "internal error") from None

    async def watch(self) -> None:
        """Poll for newer sources and changed site keys until cancelled."""
        while True:
            await asyncio.sleep(self._poll_seconds)
            try:
                await self.refresh()
            except Exception:
                LOG.exception("check for newer data failed")

    async def read_ahead(self) -> None:
        """Read what calls may count next, a day at a time while no call waits, until cancelled."""
        while True:
            has_more = False
            if not any(lane.waiting for lane in self.lanes):
                try:
                    has_more = await self._read_a_day()
                except Exception:
                    LOG.exception("reading ahead failed")
            if not has_more:
                await asyncio.sleep(self._poll_seconds)

    async def _read_a_day(self) -> bool:
        source, loop = self.source, asyncio.get_running_loop()
        if source.is_remote:
            return False
        source.lease()
        try:
            return await loop.run_in_executor(self._ahead, _read_a_day, source, self._counter)
        finally:
            source.release()

    async def refresh(self) -> None:
        """Switch to a newer source and read changed site keys, if there are any."""
        await self.renew(self.source)
        state = _keys_file_state()
        # After an error the file may be back in the state it had before.
        if not self.site_keys.is_open and (state != self._keys_state or self.keys_refused):
            self._read_keys(state)

    def _read_keys(self, state: tuple[int, int, int] | None) -> None:
        try:
            self.site_keys = keys.keys_from_environment() or SiteKeys()
        except UserError as error:
            # The next poll tries again; the error is logged once.
            if str(error) != self.keys_refused:
                LOG.error("kept the old site keys: %s", error)
            self.keys_refused = str(error)
            return
        self._keys_state, self.keys_refused = state, None
        # A cached response is found by the request alone, without checking its secret again.
        self._cache.clear()
        LOG.info("site keys were reloaded")

    async def renew(self, source: Source) -> None:
        """Switch to a newer source than this one, unless that was done meanwhile."""
        async with self._switching:
            if self.source is source:
                await self._switch()

    async def _switch(self) -> None:
        loop = asyncio.get_running_loop()
        old = self.source
        try:
            new = await loop.run_in_executor(self._opener, self._newest, old)
        except UserError as error:
            # The next poll tries again; the error is logged once.
            if str(error) != self.refused:
                LOG.error("kept what was read before: %s", error)
            self.refused = str(error)
            return
        if self.refused is not None:
            LOG.info("what could not be read can be read again")
        self.refused = None
        if new is old:
            return
        self.source = new
        self.swaps += 1
        # Answers of a site whose version stays are the same; all others are dropped.
        self._cache.keep({site.version for site in new.sites.values()})
        old.retire()
        LOG.info("switched to %s", new.info.id)

    def _newest(self, old: Source | None) -> Source:
        new = self._origin.newest(old)
        if new is not old and not new.is_remote:
            try:
                with new.reading() as cursor:
                    self._counter.prepare(new, cursor)
            except BaseException:
                new.retire()
                raise
        return new

    @property
    def is_ready(self) -> bool:
        """Whether calls whose answers are not in the cache can be answered."""
        return self._origin.can_answer

    def health(self) -> dict[str, Any]:
        """Return the body of `/health`: age of the snapshot and lag of its data, in seconds.

        The status is `stale` while newer data or the site keys cannot be read.
        """
        info = self.source.info
        now = datetime.now(UTC).replace(tzinfo=None)
        newest = newest_event_at(self.source.sites.values())
        return {
            "status": "ok" if self.refused is self.keys_refused is None else "stale",
            "snapshot": info.id,
            "published_at": info.published_at.isoformat(),
            "age_seconds": round((now - info.published_at).total_seconds()),
            "newest_event_at": newest and newest.isoformat(),
            "lag_seconds": newest and round((now - newest).total_seconds()),
            "refused": self.refused is not None,
            "keys_refused": self.keys_refused is not None,
            "counting_stopped": self._counter.is_stopped,
        }

    async def close(self) -> None:
        """Cancel running queries, stop all threads and close the source."""
        for task in self._tasks:
            if not task.cancelling():
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for lane in self.lanes:
            lane.close()
        for executor in (self._opener, self._ahead, self._dates):
            executor.shutdown(cancel_futures=True)
        self.source.retire()
        self._origin.close()


class Cache:
    """A least recently used cache of limited size."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[_Key, tuple[Any, int, str | None]] = OrderedDict()

    @property
    def bytes(self) -> int:
        """The size of all entries."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: _Key) -> Any:  # noqa: ANN401
        """Return the cached value; None if there is none."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: _Key, value: object, size: int, version: str | None = None) -> None:
        """Add or replace a value of this many bytes, made of rows of this version."""
        if key in self._entries:
            self._bytes -= self._entries.pop(key)[1]
        size += _ENTRY_BYTES
        self._entries[key] = (value, size, version)
        self._bytes += size
        while self._bytes > self._max_bytes:
            self._bytes -= self._entries.popitem(last=False)[1][1]

    def keep(self, versions: set[str]) -> None:
        """Remove all entries but those of some versions."""
        for key, (_, size, version) in list(self._entries.items()):
            if version not in versions:
                del self._entries[key]
                self._bytes -= size

    def clear(self) -> None:
        """Remove all entries."""
        self._entries.clear()
        self._bytes = 0


def _answer(
    source: Source, reading: Reading, query: SnapshotQuery | Question, counter: Counter | None
) -> Answer:
    with reading as cursor:
        if isinstance(query, SnapshotQuery):
            return answer(source, cursor, query, counter)
        return query.answer(source, cursor, counter)


def _read_a_day(source: Source, counter: Counter) -> bool:
    with source.reading() as cursor:
        return counter.read_ahead(source, cursor)


def _query_key(query: SnapshotQuery | Question, source: Source) -> _Key:
    """Return the cache key of a query: the version of the rows, and the query."""
    return (source.sites[query.site].version, *query.key)


def _keys_file_state() -> tuple[int, int, int] | None:
    file = keys.keys_file()
    try:
        status = None if file is None else file.stat()
    except OSError:
        return None
    return None if status is None else (status.st_mtime_ns, status.st_ino, status.st_size)
