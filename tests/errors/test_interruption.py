"""Signals that arrive while DuckDB runs a query."""

from __future__ import annotations

import inspect
import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from queue import Queue

import pytest

from readership.command_line import COMMANDS
from readership.errors import interruptible, stopped_by_signals
from readership.service import command_line as service

ROOT = Path(__file__).parents[2]
# A query of hours, and a signal once it runs.
INTERRUPTED = """
import os, signal, sys, threading
from pathlib import Path
from readership.errors import interruptible, stopped_by_signals
from readership.warehouse import open_for_writing

# As `follow` does. What runs the tests may have its processes ignore SIGINT.
signal.signal(signal.SIGTERM, signal.default_int_handler)
try:
    with interruptible(), open_for_writing(Path(sys.argv[1])) as connection:
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
        connection.execute(sys.argv[2])
except KeyboardInterrupt:
    print("stopped")
"""
# DuckDB looks for signals between two parts of what the main thread computes: it waits for another
# thread in the first, and is in one part for hours in the second.
LONG_QUERIES = (
    "select sum(hash(range)) from range(100_000_000_000_000)",
    "select count(*) from range(100_000_000) as a, range(100_000) as b",
)


@pytest.mark.parametrize("query", LONG_QUERIES)
def test_a_signal_during_a_query_stops_like_any_other(query: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, tmp_path / "warehouse.duckdb", query],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped\n", "")


def test_signals_reach_the_queries_of_all_open_connections_and_no_closed_one() -> None:
    heard: Queue[str] = Queue()

    class Connection:
        def __init__(self, name: str) -> None:
            self.name = name

        def interrupt(self) -> None:
            heard.put(self.name)

    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        with stopped_by_signals(Connection("outer")):
            with stopped_by_signals(Connection("inner")):
                os.kill(os.getpid(), signal.SIGUSR1)
                assert {heard.get(timeout=10), heard.get(timeout=10)} == {"outer", "inner"}
            os.kill(os.getpid(), signal.SIGUSR1)
            assert heard.get(timeout=10) == "outer"
        os.kill(os.getpid(), signal.SIGUSR1)
        assert heard.empty()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_every_connection_of_a_command_is_stopped_by_signals() -> None:
    # The service answers in threads; the rest is no work: a catalogue, and a parser without data.
    others = {
        "readership/service/snapshots/opening.py",
        "readership/service/snapshots/stores.py",
        "readership/marts/database.py",
        "readership/statements/recording.py",
    }
    deaf = {
        str(file.relative_to(ROOT))
        for folder in ("readership", "loaders")
        for file in (ROOT / folder).rglob("*.py")
        if "duckdb.connect(" in (text := file.read_text()) and "stopped_by_signals(" not in text
    }
    assert deaf == others


def test_other_errors_of_that_kind_stay() -> None:
    with pytest.raises(RuntimeError, match="generator"), interruptible():
        raise RuntimeError("generator raised StopIteration")


def test_every_command_that_tells_of_signals_knows_those_during_queries() -> None:
    # Where each is written, if not in the module that is named. The simulator opens no warehouse.
    mains = {import_module(command.module).main for command in COMMANDS.values()}
    sources = {main.__module__: inspect.getsource(inspect.getmodule(main)) for main in mains}
    del sources["simulator.command_line"]
    telling = {name for name, source in sources.items() if "except KeyboardInterrupt" in source}
    assert len(telling) > 5
    assert {name for name in telling if "interruptible()" not in sources[name]} == set()


def test_an_interrupted_snapshot_is_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def publish(*_: object, **__: object) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(service, "publish", publish)
    assert service.main(["publish"]) == 1
    assert capsys.readouterr().err == (
        "readership publish: interrupted: the snapshot before it stays\n"
    )
