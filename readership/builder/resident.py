"""The dbt project in a process that builds again and again what has changed."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from readership.builder.building import build
from readership.builder.invoking import Built, Dbt
from readership.builder.progress import Progress
from readership.console import counted
from readership.errors import UserError

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

    from readership.statements import Listener

_FREQUENT: Final = ("run", "--selector", "frequent")
_RECORDINGS: Final = "recordings"
_LAST_BUILD: Final = "last_build.json"
_ERASURE_REQUESTS: Final = "visitors_to_erase"
_PROCESSED_LOADS: Final = "model.readership.processed_loads"


@dataclass(frozen=True, slots=True)
class WholeBuild:
    """The last build of everything.

    Attributes:
        project: Checksum of the project that it built.
        warehouse: The DuckDB file, as an absolute path; empty on other engines.
        schema: The schema of the table of processed loads.
        finished_at: When it finished, as seconds since the epoch.

    """

    project: str
    warehouse: str
    schema: str
    finished_at: float

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """Return the build that a file describes; None if it describes none."""
        try:
            return cls(**json.loads(file.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, file: Path) -> None:
        """Describe the build in a file."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(self)))


class ResidentProject:
    """The dbt project of the current folder, kept parsed.

    A build of everything is dbt's own. A build of what has changed replays the statements that dbt
    sent in such a build before, if the warehouse is a DuckDB file; where these do not fit, dbt
    builds. Nothing is kept when a file or setting that dbt reads has changed.

    Args:
        progress: Shows the progress of dbt, and its failures and warnings.
        warehouse: The DuckDB file; None on other engines.

    """

    def __init__(self, progress: Progress, warehouse: Path | None) -> None:
        self._progress = progress
        self._warehouse = warehouse
        self._root = Path.cwd()
        self._target = Path(os.environ.get("DBT_TARGET_PATH") or "target")
        self._dbt = Dbt(progress)
        self._parsed_checksum = ""

    def needs_whole_build(self, hours: float) -> bool:
        """Check whether everything has to be built.

        That is so if it never was, if the project has changed since, or if it was longer ago than
        these hours, of which 0 stand for any time.
        """
        last = WholeBuild.read(self._target / _LAST_BUILD)
        return (
            last is None
            or (last.project, last.warehouse) != (self._checksum(), self._place)
            or not (self._warehouse is None or self._warehouse.exists())
            or 0 < hours * 3600 < time.time() - last.finished_at
        )

    def build_all(self) -> Built:
        """Build everything, test the data and write the answers, as `readership build` does.

        Raises:
            UserError: dbt stopped, or a model or test failed.

        """
        dbt = self._copy_of_dbt()
        assert dbt.manifest is not None
        schema = dbt.manifest.nodes[_PROCESSED_LOADS].schema
        built = build(dbt, self._progress, [], full_refresh=False, unit_tests=False)
        _close_dbt()
        _check(built)
        done = WholeBuild(self._parsed_checksum, self._place, schema, time.time())
        done.write(self._target / _LAST_BUILD)
        return built

    def erase(self, requests: str | None) -> None:
        """Delete visitors from all tables; a build of everything has to follow.

        Args:
            requests: The table that lists the visitors, as `schema.table`; None for the seed
                `visitors_to_erase`.

        Raises:
            UserError: dbt stopped.

        """
        dbt = self._copy_of_dbt()
        arguments = [] if requests is None else ["--args", json.dumps({"requests": requests})]
        if requests is None:
            dbt("seed", "--select", _ERASURE_REQUESTS)
        dbt("run-operation", "erase_visitors", *arguments)
        _close_dbt()

    def build_changed(self) -> Built:
        """Build what new events change, as `dbt run --selector frequent` does.

        Returns:
            What dbt built; empty if statements were replayed.

        Raises:
            UserError: dbt stopped, or a model or a replayed statement failed.

        """
        last = WholeBuild.read(self._target / _LAST_BUILD)
        if self._warehouse is None or last is None:
            return self._run_dbt(None)
        from readership.statements import RecordingFiles, Recordings

        checksum = self._checksum()
        folder = self._target / _RECORDINGS
        for other in folder.glob("*"):
            if other.name != checksum:
                shutil.rmtree(other, ignore_errors=True)
        files = RecordingFiles(folder / checksum, checksum, last.schema)
        built = Built()

        def run_dbt(listener: Listener) -> None:
            nonlocal built
            built = self._run_dbt(listener)

        try:
            Recordings(files).run(self._warehouse, _FREQUENT, run_dbt, self._manifest)
        except UserError:
            # Whatever the cause, the next build is dbt's own.
            shutil.rmtree(files.folder, ignore_errors=True)
            raise
        return built

    def _run_dbt(self, listener: Listener | None) -> Built:
        dbt = self._copy_of_dbt()
        # Only the statements of a single thread are in an order that can be replayed.
        threads = () if listener is None else ("--threads", "1")
        with self._progress.shown():
            self._progress.step("building")
            built = dbt.build(*_FREQUENT, *threads, listener=listener)
        _close_dbt()
        # Before anything is recorded: a replay would leave out what dbt has left out.
        _check(built)
        return built

    def _copy_of_dbt(self) -> Dbt:
        # dbt changes the manifest while it runs.
        dbt = Dbt(self._progress)
        dbt.manifest = self._manifest().deepcopy()
        return dbt

    def _manifest(self) -> Manifest:
        checksum = self._checksum()
        if self._dbt.manifest is None or self._parsed_checksum != checksum:
            self._dbt = Dbt(self._progress)
            self._dbt.parse()
            self._parsed_checksum = checksum
            assert self._dbt.manifest is not None
            # dbt cannot copy them, and takes those of a command from selectors.yml.
            self._dbt.manifest.selectors = {}
        assert self._dbt.manifest is not None
        return self._dbt.manifest

    @property
    def _place(self) -> str:
        return "" if self._warehouse is None else str(self._warehouse.absolute())

    def _checksum(self) -> str:
        from readership.statements import project_checksum

        return project_checksum(self._root)


def _check(built: Built) -> None:
    if built.broken:
        raise built.exhausted or UserError(
            f"{counted(built.broken, 'node')} failed",
            "the build",
            "see the errors above; what has been published stays",
        )


def _close_dbt() -> None:
    """Close the warehouse, which dbt keeps open until the process ends."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
