"""The folder of snapshots, as the origin of what a service reads."""

from __future__ import annotations

from pathlib import Path

from readership.errors import UserError
from readership.service.snapshots.manifest import CURRENT, current_snapshot
from readership.service.snapshots.opening import Snapshot, open_snapshot
from readership.service.snapshots.stores import Stores

_State = tuple[int, int, int] | None


class SnapshotFolder:
    """Opens the current snapshot of a folder, and each one that is published after it."""

    def __init__(self, folder: Path, threads: int | None = None, memory: str = "4GB") -> None:
        """Create the origin; no snapshot is opened yet.

        Args:
            folder: The folder.
            threads: Number of DuckDB threads; by default one per core.
            memory: Memory limit of DuckDB.

        """
        self._folder = folder
        self._threads = threads
        self._memory = memory
        self._stores = Stores()
        self._state: _State = None
        self._refused: UserError | None = None

    @property
    def can_answer(self) -> bool:
        """An open snapshot answers, whatever happens to newer ones."""
        return True

    def newest(self, current: Snapshot | None) -> Snapshot:
        """Return the newest snapshot. One that is refused is not read again until it changes.

        Raises:
            UserError: There is none, or it cannot be read.

        """
        if (state := _file_state(self._folder / CURRENT)) != self._state or current is None:
            self._state, self._refused = state, None
            try:
                return self._open(current)
            except UserError as error:
                self._refused = error
        if self._refused is not None:
            raise self._refused
        assert current is not None
        return current

    def close(self) -> None:
        """Remove the databases that parts were put together in."""
        self._stores.close()

    def _open(self, current: Snapshot | None) -> Snapshot:
        info = current_snapshot(self._folder)
        if info is None:
            where = str(self._folder)
            if current is None:
                raise UserError("there is no snapshot yet", where, "run `readership publish`")
            raise UserError("the snapshot has disappeared", where, "publish again")
        if current is not None and info.files == current.info.files:
            # It was published again, without changes.
            current.info = info
            return current
        return open_snapshot(info, self._threads, self._memory, self._stores)


def _file_state(file: Path) -> _State:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size
