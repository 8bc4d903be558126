"""Options of the tests, and fixtures of warehouses."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from dbt.contracts.graph.manifest import Manifest
from hypothesis import settings

from readership.statements import RecordingFiles, Recordings, project_checksum
from tests.support.figures import Figure
from tests.support.postgres_server import CannotStartError, PostgresServer, running_server
from tests.support.warehouses import ROOT, THREADS, UNSYNCED, Dbt, Warehouse

settings.register_profile("short", max_examples=300, deadline=None)
settings.register_profile("long", max_examples=20_000, deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="run the same tests with more data and examples"
    )
    parser.addoption(
        "--every-point",
        action="store_true",
        help="with --long, let builds on Spark die after every statement; takes hours",
    )
    parser.addoption(
        "--manifest",
        metavar="FILE",
        help="read the parsed project from this pickle of dbt's manifest instead of parsing it",
    )


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("long" if config.getoption("--long") else "short")


# Fixtures that start a server or build with dbt, and tests that load or generate much. A single
# slow test has the mark `slow` itself.
SLOW_FIXTURES = {"dbt", "manifest", "postgres", "s3_server"}
SLOW_PLACES = (
    "tests/engines/",
    "tests/checks/",
    "tests/docs/",
    "tests/host/",
    "tests/laws/",
    "tests/models/",
    "tests/statements/",
    "tests/loaders/test_broken_loads.py",
    "tests/loaders/test_every_line.py",
    "tests/loaders/test_killed_loads.py",
    "tests/loaders/test_killed_streams.py",
    "tests/loaders/test_memory.py",
    "tests/loaders/test_replay.py",
    "tests/loaders/test_versions.py",
    "tests/rounds/test_rounds.py",
    "tests/simulator/test_simulator_mess.py",
    "tests/simulator/test_simulator_truth.py",
)
# Files of minutes. They come first, so that no process has one left when the others are done.
LONGEST = (
    "tests/engines/",
    "tests/laws/",
    "tests/statements/",
    "tests/rounds/test_rounds.py",
)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark slow tests, which `make test-fast` skips, and group the tests of a file in one process.

    So module fixtures are created once. Tests marked `apart` are groups of their own, and files
    marked `both_engines` are one. This hook is used because xdist reads its marks before a
    `pytest_collection_modifyitems` hook of this file would run.
    """
    fixtures = getattr(item, "fixturenames", ())
    if item.nodeid.startswith(SLOW_PLACES) or not SLOW_FIXTURES.isdisjoint(fixtures):
        item.add_marker("slow")
    if item.get_closest_marker("apart"):
        item.add_marker(pytest.mark.xdist_group(item.name))
    elif item.get_closest_marker("both_engines"):
        item.add_marker(pytest.mark.xdist_group("both engines"))
    else:
        item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first and the quick ones last. The tests of a file keep their order."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (not item.nodeid.startswith(LONGEST), item.path not in slow))


@pytest.fixture
def figure(record_property: Callable[[str, object], None], is_long: bool) -> Figure:
    """Note a count of a test: its name, value, unit and the least that it may be with `--long`."""

    def note(name: str, value: int, unit: str, least: int) -> None:
        record_property("figure", f"figure: {name} = {value:,} {unit} (bar: at least {least:,})")
        assert value >= (least if is_long else 1)

    return note


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the figures of the tests that passed."""
    if config.getoption("--long"):
        for report in terminalreporter.getreports("passed"):
            for name, value in report.user_properties:
                if name == "figure" and report.when == "call":
                    terminalreporter.write_line(str(value))


@pytest.fixture(scope="session")
def is_long(pytestconfig: pytest.Config) -> bool:
    """Whether `--long` is set."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder shared by all processes of this test run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory, shared_folder: Path) -> Dbt:
    files = RecordingFiles(shared_folder / "recordings", project_checksum(ROOT), "main")
    recordings = Recordings(files, settings=THREADS | UNSYNCED)
    return Dbt(tmp_path_factory.mktemp("dbt"), shared_folder, recordings=recordings)


@pytest.fixture(scope="session")
def manifest(request: pytest.FixtureRequest) -> Manifest:
    """The parsed project."""
    if file := request.config.getoption("--manifest"):
        return pickle.loads(Path(file).read_bytes())
    return request.getfixturevalue("dbt").manifest


def is_by_dbt(request: pytest.FixtureRequest) -> bool:
    """Whether a test or its module is marked `by_dbt`: dbt runs instead of recordings."""
    return request.node.get_closest_marker("by_dbt") is not None


@pytest.fixture(scope="module")
def module_warehouse(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, dbt: Dbt
) -> Warehouse:
    """An empty warehouse shared by the tests of a module."""
    return Warehouse(tmp_path_factory.mktemp("warehouse"), dbt, is_by_dbt(request))


@pytest.fixture
def warehouse(request: pytest.FixtureRequest, tmp_path: Path, dbt: Dbt) -> Warehouse:
    """An empty warehouse for one test."""
    return Warehouse(tmp_path, dbt, is_by_dbt(request))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL server. The test is skipped if none can be started."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server())
        except CannotStartError as error:
            pytest.skip(f"no Postgres server can be started here: {error}")
        yield server


@pytest.fixture
def postgres_database(postgres: PostgresServer) -> Iterator[str]:
    """The name of an empty database for one test."""
    with postgres.database() as name:
        yield name


@pytest.fixture(autouse=True)
def loggers_as_before() -> Iterator[None]:
    """Undo what a command that ran here has set: its log goes to a stream that is closed then."""
    loggers = [logging.getLogger(name) for name in ("readership", "uvicorn")]
    before = [(logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    yield
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        logger.handlers[:] = handlers
        logger.setLevel(level)
        logger.propagate = propagate
