"""The dbt project in a process that builds again and again what has changed."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from readership.builder.building import build, write_answers
from readership.builder.checking import project_folder
from readership.builder.invoking import Built, Dbt
from readership.builder.last_build import LastBuild
from readership.builder.progress import Progress
from readership.console import counted
from readership.errors import UserError

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

    from readership.builder.last_build import WholeBuild
    from readership.statements import Listener

_FREQUENT: Final = ("run", "--selector", "frequent")
_RECORDINGS: Final = "recordings"
_ERASURE_REQUESTS: Final = "visitors_to_erase"
# Of the nodes that a failed test has left out, exactly these: the test must not run again.
_LEFT_OUT: Final = (
    "build", "--exclude-resource-type", "unit_test", "--indirect-selection", "empty", "--select",
)  # fmt: skip


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
        self._last = LastBuild(project_folder(), warehouse)
        self._dbt = Dbt(progress)
        self._parsed_checksum = ""

    def needs_whole_build(self, hours: float) -> bool:
        """Check whether everything has to be built.

        That is so if it never was, if the project has changed since, or if it was longer ago than
        these hours, of which 0 stand for any time. After a clock has been set back, it may be as
        far ahead.
        """
        last = self._last.current()
        return last is None or 0 < hours * 3600 < abs(time.time() - last.finished_at)

    @property
    def failed_tests(self) -> tuple[str, ...]:
        """Names of the data tests that failed when they were last run."""
        last = self._last.read()
        return () if last is None else last.failed_tests

    def build_all(self) -> Built:
        """Build everything, test the data and write the answers, as `readership build` does.

        Where a data test fails, what dbt then leaves out is built as well, so that the next build
        need only be one of what has changed.

        Raises:
            UserError: dbt stopped, or something else than a data test failed.

        """
        dbt, checksum = self._copy_of_dbt(), self._parsed_checksum
        assert dbt.manifest is not None
        built = build(dbt, self._progress, [], full_refresh=False, unit_tests=False)
        if built.failed_tests:
            self._build_left_out(built)
        _close_dbt()
        if not built.is_whole_but_for_tests:
            raise _failure(built)
        self._last.write(checksum, dbt.manifest, built.failed_tests)
        return built

    def _build_left_out(self, built: Built) -> None:
        with self._progress.shown():
            while built.skipped and built.is_whole_but_for_tests:
                self._progress.step("building what comes after a failed test")
                built.add(self._copy_of_dbt().build(*_LEFT_OUT, *built.skipped))
            if built.is_whole_but_for_tests:
                write_answers(self._copy_of_dbt(), self._progress)

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

        Data tests that have failed are run again.

        Returns:
            What dbt built; empty if statements were replayed.

        Raises:
            UserError: dbt stopped, or a model or a replayed statement failed.

        """
        last = self._last.read()
        # What of a table is new, and which columns it has, is no fact that recordings know.
        if self._warehouse is None or last is None or last.reads_table:
            built = self._run_dbt(None)
        else:
            built = self._replay_or_run(self._warehouse, last.schema)
        if last is not None and last.failed_tests:
            self._test_again(last)
        return built

    def _replay_or_run(self, warehouse: Path, schema: str) -> Built:
        from readership.statements import RecordingFiles, Recordings

        checksum = self._last.checksum()
        folder = self._last.folder / _RECORDINGS
        for other in folder.glob("*"):
            if other.name != checksum:
                shutil.rmtree(other, ignore_errors=True)
        files = RecordingFiles(folder / checksum, checksum, schema)
        built = Built()

        def run_dbt(listener: Listener) -> None:
            nonlocal built
            built = self._run_dbt(listener)

        try:
            Recordings(files).run(warehouse, _FREQUENT, run_dbt, self._manifest)
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
        if built.broken:
            raise _failure(built)
        return built

    def _test_again(self, last: WholeBuild) -> None:
        with self._progress.shown():
            self._progress.step("testing again what has failed")
            built = self._copy_of_dbt().build("test", "--select", *last.failed_tests)
        _close_dbt()
        if not built.is_whole_but_for_tests:
            raise _failure(built)
        self._last.write_tests(last, built.failed_tests)

    def _copy_of_dbt(self) -> Dbt:
        # dbt changes the manifest while it runs.
        dbt = Dbt(self._progress)
        dbt.manifest = self._manifest().deepcopy()
        return dbt

    def _manifest(self) -> Manifest:
        checksum = self._last.checksum()
        if self._dbt.manifest is None or self._parsed_checksum != checksum:
            self._dbt = Dbt(self._progress)
            self._dbt.parse()
            self._parsed_checksum = checksum
            assert self._dbt.manifest is not None
            # dbt cannot copy them, and takes those of a command from selectors.yml.
            self._dbt.manifest.selectors = {}
            self._dbt.manifest.disabled = {}
        assert self._dbt.manifest is not None
        return self._dbt.manifest


def _failure(built: Built) -> UserError:
    return built.exhausted or UserError(
        f"{counted(built.broken, 'node')} failed",
        "the build",
        "see the errors above; what has been published stays",
    )


def _close_dbt() -> None:
    """Close the warehouse, which dbt keeps open until the process ends."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
