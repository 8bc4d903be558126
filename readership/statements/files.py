"""Recordings in files, which are named by a hash of what each recording is valid for."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from itertools import dropwhile
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from dbt.config.project import load_raw_project
from dbt.config.utils import parse_cli_vars
from dbt_common.exceptions import DbtRuntimeError

from readership.errors import UserError, one_line
from readership.statements.recording import Transaction
from readership.statements.state import Node

T = TypeVar("T")

_FILES: Final = (
    "dbt_project.yml", "dependencies.yml", "packages.yml", "profiles.yml", "selectors.yml",
)  # fmt: skip
_DEFAULT_FOLDERS: Final = {
    "model-paths": ["models"],
    "macro-paths": ["macros"],
    "seed-paths": ["seeds"],
    "test-paths": ["tests"],
    "snapshot-paths": ["snapshots"],
    "analysis-paths": ["analyses"],
    "packages-install-path": ["dbt_packages"],
}
_PACKAGES: Final = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "duckdb")
_ENVIRONMENT: Final = ("DBT_", "READERSHIP_")
# The name of the database is part of each recording's own key, and only DuckDB is recorded.
_WITHOUT_EFFECT: Final = (
    "READERSHIP_WAREHOUSE", "READERSHIP_TARGET", "DBT_TARGET_PATH", "DBT_LOG_PATH",
)  # fmt: skip
_SELECTION_OPTIONS: Final = ("--select", "-s", "--exclude", "--selector", "--exclude-resource-type")
_VARIABLES_OPTION: Final = "--vars"


def project_files(root: Path) -> list[Path]:
    """Return the files of a dbt project and its packages that dbt reads, and its profiles.

    Raises:
        UserError: The file of the project cannot be read.

    """
    try:
        config = load_raw_project(str(root))
    except (DbtRuntimeError, OSError) as error:
        raise UserError(
            "the project cannot be read",
            str(root / _FILES[0]),
            f"correct it ({one_line(str(error))})",
        ) from error
    profiles = os.environ.get("DBT_PROFILES_DIR")
    places = [root / name for name in _FILES]
    places.append(Path(profiles or Path.home() / ".dbt") / "profiles.yml")
    for name, default in _DEFAULT_FOLDERS.items():
        folders = config.get(name, default)
        # Where the name of a folder depends on the target, all beside it count.
        places += [
            root / folder.partition("{{")[0]
            for folder in ([folders] if isinstance(folders, str) else folders)
        ]
    found = {file for place in places for file in (place, *place.rglob("*"))}
    return sorted(file for file in found if file.is_file())


def project_checksum(root: Path) -> str:
    """Return a checksum of all that dbt renders statements from.

    It covers the project's path and files, dbt's and the project's environment variables but for
    the name of the warehouse file, and the versions of dbt and DuckDB.
    """
    checksum = hashlib.sha256(str([root.absolute(), *map(version, _PACKAGES)]).encode())
    for name, value in sorted(os.environ.items()):
        if name.startswith(_ENVIRONMENT) and name not in _WITHOUT_EFFECT:
            checksum.update(f"{name}={value}\n".encode())
    for file in project_files(root):
        checksum.update(f"{file} {file.stat().st_size}\n".encode())
        checksum.update(file.read_bytes())
    return checksum.hexdigest()


@dataclass(frozen=True, slots=True)
class Recording:
    """The transactions of one node, or of the run's hooks before or after all nodes.

    Attributes:
        run_id: dbt's invocation id, which is part of the statements.
        transactions: The transactions, in order.
        views: Checksums of the views that they create, by `schema.name`.

    """

    run_id: str
    transactions: tuple[Transaction, ...]
    views: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Create a recording from its JSON values."""
        transactions = (
            Transaction(**fields | {"statements": tuple(fields["statements"])})
            for fields in values["transactions"]
        )
        return cls(values["run_id"], tuple(transactions), values["views"])


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """The part of a run that does not depend on what its nodes find in the warehouse.

    Attributes:
        settings: DuckDB settings of the session.
        before: Statements of the hooks before the first node.
        nodes: The nodes that the run builds, in order.
        after: Statements of the hooks after the last node.

    """

    settings: dict[str, str]
    before: Recording
    nodes: tuple[Node, ...]
    after: Recording

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Create a run from its JSON values."""
        nodes = (Node(**node | {"upstream": tuple(node["upstream"])}) for node in values["nodes"])
        before, after = (Recording.from_values(values[name]) for name in ("before", "after"))
        return cls(values["settings"], before, tuple(nodes), after)


@dataclass(frozen=True, slots=True)
class Command:
    """A dbt command, as far as statements can depend on it.

    Attributes:
        arguments: The command and all its options.
        for_nodes: Those that the statements of a node may depend on: not which nodes are selected.
        variables: The variables that it sets.

    """

    arguments: tuple[str, ...]
    for_nodes: tuple[str, ...]
    variables: Mapping[str, Any]

    @classmethod
    def of(cls, arguments: Sequence[str]) -> Self:
        """Parse a command, whose options have the form `--vars TEXT` or `--select NODE ...`."""
        kept: list[str] = []
        variables: dict[str, Any] = {}
        rest = list(arguments)
        while rest:
            if (option := rest.pop(0)) == _VARIABLES_OPTION:
                variables = parse_cli_vars(rest.pop(0))
            elif option in _SELECTION_OPTIONS:
                rest = list(dropwhile(lambda value: not value.startswith("-"), rest))
            else:
                kept.append(option)
        return cls(tuple(arguments), tuple(kept), variables)


@dataclass(frozen=True)
class RecordingFiles:
    """A folder of recordings of one project and one database name.

    Processes may share the folder: files are written atomically, and two recordings with the same
    name are interchangeable.

    Attributes:
        folder: The folder.
        project: The checksum of the project.
        schema: The schema of dbt's tables.

    """

    folder: Path
    project: str
    schema: str
    _cache: dict[Path, Any] = field(default_factory=dict, compare=False, repr=False)

    def run(self, database: str, command: Command, facts: Sequence[Any]) -> RecordedRun | None:
        """Return the recorded run of a command, given the facts about the warehouse."""
        file = self._file(database, command.arguments, facts)
        return self._read(file, RecordedRun.from_values)

    def save_run(
        self, database: str, command: Command, facts: Sequence[Any], run: RecordedRun
    ) -> None:
        """Save the recorded run of a command."""
        self._save(self._file(database, command.arguments, facts), asdict(run))

    def node(
        self, database: str, command: Command, node: Node, facts: Sequence[Any]
    ) -> Recording | None:
        """Return the recording of a node, given the facts about the warehouse."""
        place = self._file(database, command.for_nodes, asdict(node), facts)
        if (names := self._read(place, list)) is None:
            return None
        return self._read(self._node_file(place, command, names), Recording.from_values)

    def save_node(
        self,
        database: str,
        command: Command,
        node: Node,
        facts: Sequence[Any],
        variables: Collection[str],
        recording: Recording,
    ) -> None:
        """Save the recording of a node, and the names of the variables that it depends on.

        Which variables a node reads may depend on the values of others. The recording is therefore
        kept by the values of all that any recording of the node read.
        """
        place = self._file(database, command.for_nodes, asdict(node), facts)
        self._cache.pop(place, None)
        names = sorted({*(self._read(place, list) or ()), *variables})
        self._save(self._node_file(place, command, names), asdict(recording))
        self._save(place, names)

    def _node_file(self, place: Path, command: Command, names: Sequence[str]) -> Path:
        values = {name: command.variables[name] for name in names if name in command.variables}
        return self._file(place.name, names, values)

    def _file(self, *valid_for: object) -> Path:
        text = json.dumps([self.project, self.schema, *valid_for], sort_keys=True, default=str)
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()}.json"

    def _read(self, file: Path, from_values: Callable[[Any], T]) -> T | None:
        if file not in self._cache:
            try:
                self._cache[file] = from_values(json.loads(file.read_text()))
            except FileNotFoundError:
                return None
        return self._cache[file]  # type: ignore[no-any-return]

    def _save(self, file: Path, values: object) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(values))
        temporary.replace(file)
        self._cache.pop(file, None)
