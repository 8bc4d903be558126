"""The last build of everything, written down so that it need not be made again."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from readership.errors import UserError, message_of

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_FILE: Final = "last_build.json"
_PROCESSED_LOADS: Final = "model.readership.processed_loads"
_OWN_TABLE: Final = "source.readership.publisher.events"
_DUCKDB: Final = "duckdb"


@dataclass(frozen=True, slots=True)
class WholeBuild:
    """A build of everything.

    Attributes:
        project: Checksum of the project that it built.
        warehouse: The DuckDB file, as an absolute path; the target's name on other engines.
        schema: The schema of the table of processed loads.
        finished_at: When it finished, as seconds since the epoch.
        failed_tests: Names of the data tests that failed when they were last run.
        reads_table: Whether events are in a table of the publisher's own.

    """

    project: str
    warehouse: str
    schema: str
    finished_at: float
    failed_tests: tuple[str, ...] = ()
    reads_table: bool = False

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """Return the build that a file describes; None if it describes none."""
        try:
            build = cls(**json.loads(file.read_text()))
            return replace(build, failed_tests=tuple(build.failed_tests))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, file: Path) -> None:
        """Describe the build in a file.

        Raises:
            UserError: It cannot be written.

        """
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(asdict(self)))
        except OSError as error:
            raise UserError(
                "cannot write down that everything was built",
                str(file),
                f"let this user write there, and make room ({message_of(error)})",
            ) from error


class LastBuild:
    """What is known of the last build of everything, in a file beside those that dbt writes.

    Args:
        root: The folder of the project.
        warehouse: The DuckDB file; None on other engines.

    """

    def __init__(self, root: Path, warehouse: Path | None) -> None:
        self.folder = root / (os.environ.get("DBT_TARGET_PATH") or "target")
        self._root = root
        self._warehouse = warehouse
        self._file = self.folder / _FILE

    def checksum(self) -> str:
        """Return the checksum of the project, as it is now."""
        from readership.statements import project_checksum

        return project_checksum(self._root)

    def read(self) -> WholeBuild | None:
        """Return the build, whatever project and warehouse it was of; None if none is known."""
        return WholeBuild.read(self._file)

    def current(self) -> WholeBuild | None:
        """Return the build if it was of this project, as it is now, and of this warehouse."""
        last = self.read()
        is_there = self._warehouse is None or self._warehouse.exists()
        of = (self.checksum(), self._place)
        return last if last and is_there and (last.project, last.warehouse) == of else None

    def write(self, project: str, manifest: Manifest, failed_tests: Iterable[str] = ()) -> None:
        """Write down that everything has just been built.

        Nothing is written if the manifest is of another engine than the warehouse, or of a project
        without this one's models: no round could go on from there.

        Args:
            project: Checksum of the project, from before it was parsed.
            manifest: The parsed project.
            failed_tests: Names of the data tests that failed.

        """
        processed_loads = manifest.nodes.get(_PROCESSED_LOADS)
        is_duckdb = manifest.metadata.adapter_type == _DUCKDB
        if processed_loads is None or is_duckdb != (self._warehouse is not None):
            return
        tests = tuple(sorted(set(failed_tests)))
        schema = processed_loads.schema
        reads_table = _OWN_TABLE in manifest.sources
        build = WholeBuild(project, self._place, schema, time.time(), tests, reads_table)
        build.write(self._file)

    def write_tests(self, build: WholeBuild, failed_tests: Iterable[str]) -> None:
        """Write down which data tests have failed since the build."""
        replace(build, failed_tests=tuple(sorted(set(failed_tests)))).write(self._file)

    @property
    def _place(self) -> str:
        if self._warehouse is None:
            return os.environ.get("READERSHIP_TARGET", "")
        return str(self._warehouse.absolute())
