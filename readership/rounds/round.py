"""One round: load new files, build what they change, publish the result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

import loaders
from readership.builder import Built, ResidentProject
from readership.service import SnapshotInfo, publish
from readership.warehouse import RAW_SCHEMA, open_for_reading

if TYPE_CHECKING:
    from loaders import LoadRequest, LoadSummary, Progress, Target

_FINISHED_LOADS: Final = (
    f"select count(*), max(load_id) from {RAW_SCHEMA}._dlt_loads where status = 0"
)


@dataclass(slots=True)
class Round:
    """What a round did.

    Attributes:
        loaded: The load; None if no file was new.
        built: The result of dbt; None if nothing was built.
        is_whole: Whether everything was built.
        failed_tests: Names of the data tests for which nothing is published until they pass.
        published: The new snapshot; None if none was published.
        seconds: Wall time by step: `loaded`, `built`, `published`.

    """

    loaded: LoadSummary | None = None
    built: Built | None = None
    is_whole: bool = False
    failed_tests: tuple[str, ...] = ()
    published: SnapshotInfo | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def has_work(self) -> bool:
        """Whether anything was loaded, built or published."""
        return bool(self.loaded or self.built or self.published)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the time of a block to a step."""
        started = time.monotonic()
        yield
        self.seconds[step] = time.monotonic() - started


class Rounds:
    """Makes rounds, of which each does only what the one before has left.

    Args:
        request: The event files, streams and queues.
        target: The warehouse, for the loader.
        warehouse: The DuckDB file; None on other engines, which have no snapshots.
        project: The dbt project.
        hours: Everything is built again when the last time was longer ago; 0 for never.
        publishes: Whether to publish what was built.
        progress: Shows the progress of a load.

    """

    def __init__(
        self,
        request: LoadRequest,
        target: Target,
        warehouse: Path | None,
        project: ResidentProject,
        *,
        hours: float,
        publishes: bool,
        progress: Callable[[], Progress],
    ) -> None:
        self._request = request
        self._target = target
        self._warehouse = warehouse
        self._project = project
        self._hours = hours
        self._publishes = publishes and warehouse is not None
        self._progress = progress
        self._own_loads = 0
        self._built_loads: object = None
        self._is_published = False

    def next(self, *, is_whole: bool = False) -> Round:
        """Make a round.

        Args:
            is_whole: Whether to build everything, even if nothing is new.

        Raises:
            UserError: A step failed. The next round takes up what this one left.

        """
        done = Round()
        with done.timed("loaded"):
            done.loaded = loaders.load_new(self._request, self._target, self._progress())
        if done.loaded is None:
            del done.seconds["loaded"]
        else:
            self._own_loads += 1
        if self._warehouse is not None and not self._warehouse.exists():
            return done
        loads = self._finished_loads()
        done.is_whole = is_whole or self._project.needs_whole_build(self._hours)
        if done.is_whole or loads != self._built_loads:
            self._is_published = False
            with done.timed("built"):
                build = self._project.build_all if done.is_whole else self._project.build_changed
                done.built = build()
            self._built_loads = loads
        done.failed_tests = self._project.failed_tests
        if self._publishes and not (self._is_published or done.failed_tests):
            assert self._warehouse is not None
            with done.timed("published"):
                done.published = publish(self._warehouse)
            self._is_published = True
        return done

    def _finished_loads(self) -> object:
        """Return what changes with each finished load; on other engines, only with those of here.

        It is None where there are no raw tables yet.
        """
        if self._warehouse is None:
            return self._own_loads
        with open_for_reading(self._warehouse) as connection:
            try:
                return connection.execute(_FINISHED_LOADS).fetchone()
            except duckdb.CatalogException:
                return None
