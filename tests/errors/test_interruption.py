"""Signals that arrive while DuckDB runs a query."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module

import pytest

from readership.command_line import COMMANDS
from readership.errors import interruptible
from readership.service import command_line as service

# A query of hours, and a signal once it runs.
INTERRUPTED = """
import os, signal, threading
import duckdb
from readership.errors import interruptible

# As `follow` does. What runs the tests may have its processes ignore SIGINT.
signal.signal(signal.SIGTERM, signal.default_int_handler)
connection = duckdb.connect()
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
try:
    with interruptible():
        connection.execute("select count(*) from range(100_000_000) as a, range(100_000) as b")
except KeyboardInterrupt:
    print("stopped")
"""


def test_a_signal_during_a_query_stops_like_any_other() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped\n", "")


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
