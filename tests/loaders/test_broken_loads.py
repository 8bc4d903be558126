"""Loads that break off: one clear line, nothing by half, and the next load makes it good."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders import file_rows, pipeline
from loaders.__main__ import main
from loaders.discovering import EventFile
from loaders.discovering.event_file import LocalFile
from loaders.enriching import SeenTexts
from loaders.file_rows import FileRows
from loaders.reading import FileReader, file_reader, lines, workers
from loaders.settings import DEFAULT_LIMITS
from loaders.tables import TABLES
from loaders.writing import Ledger, destination, packages
from readership.errors import UserError
from tests.support.loading import Load, Query, Write

ROOT = Path(__file__).parents[2]
EVENT = {"event_id": "0x1", "action": "pageview", "user_agent": "x", "slot_x": 1}


def rows_left(query: Query) -> int:
    return sum(query(f"select count(*) from raw.{table}")[0][0] for table in TABLES)


def stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("place", "name"),
    [(pipeline, "read_files"), (file_rows, "arrow_table"), (Ledger, "begin"), (Ledger, "landed")],
)
def test_an_interruption_stops_the_load_and_leaves_nothing(
    write: Write,
    load: Load,
    query: Query,
    monkeypatch: pytest.MonkeyPatch,
    place: Any,  # noqa: ANN401
    name: str,
) -> None:
    path = write("a.jsonl", EVENT, "bad")
    with monkeypatch.context() as patch:
        patch.setattr(place, name, stop)
        with pytest.raises(KeyboardInterrupt):
            load(path)
    load(path.parent)
    assert query("select count(*) from raw.events") == [(1,)]
    assert query("select status from raw._dlt_loads") == [(0,)]


def test_rows_of_a_broken_load_are_removed_by_the_next(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.jsonl", EVENT, "bad")
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "forget_begun", stop)
        # As if the process had died: what it would tidy up stays.
        patch.setattr(packages, "client_of", lambda _: (_ for _ in ()).throw(OSError))
        with pytest.raises((KeyboardInterrupt, UserError)):
            load(path)
    summary = load(path)
    assert summary.events == 1
    assert query("select count(*) from raw.events") == [(1,)]
    assert query("select count(*) from raw.files") == [(1,)]
    assert query("select status from raw._dlt_loads") == [(0,)]


def test_lines_that_do_not_add_up_refuse_the_file_loudly(
    write: Write,
    load: Load,
    query: Query,
    warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    good = write("b.jsonl", EVENT)
    path = write("a.jsonl", EVENT, EVENT, "bad")
    feed = lines._Splitter.feed

    def lossy(self: lines._Splitter, data: bytes) -> Iterator[list[Any]]:
        for block in feed(self, data):
            yield [line for line in block if line != b"bad"]

    with monkeypatch.context() as patch:
        patch.setattr(lines._Splitter, "feed", lossy)
        assert main(["load", str(path.parent), "--warehouse", str(warehouse)]) == 3
    out = capsys.readouterr().out
    assert "1 loaded, 0 skipped as known, 1 refused" in out
    assert f"{path}: refused: 3 lines are not 2 events + 0 rejected + 0 blank" in out
    assert query("select _file from raw.events") == [(str(good),)]
    assert query("select lines, events, rejected from raw.files where status = 'refused'") == [
        (0, 0, 0)
    ]
    assert load(path.parent).events == 2
    assert query("select count(*) from raw.rejected_lines") == [(1,)]


@pytest.mark.parametrize("lost", ["events", "rejected_lines"])
def test_rows_that_do_not_arrive_refuse_their_file_loudly(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    path = write("a.jsonl", EVENT, EVENT, "bad")
    write("b.jsonl", EVENT)
    insert = destination.FilesJob._insert

    def lossy(self: Any, client: Any, table: str, lots: Iterator[Any]) -> None:  # noqa: ANN401
        rows = (lot.slice(1) if table == lost else lot for lot in lots)
        insert(self, client, table, rows)

    with monkeypatch.context() as patch:
        patch.setattr(destination.FilesJob, "_insert", lossy)
        summary = load(path)
    assert summary.files == {"refused": 1}
    assert summary.events == 0
    assert "2 events and 1 rejected lines were read" in summary.troubles[0][1]
    assert query("select count(*) from raw.events") == [(0,)]
    assert query("select count(*) from raw.rejected_lines") == [(0,)]
    assert query("select status, lines from raw.files") == [("refused", 0)]
    assert load(path.parent).files == {"loaded": 2}
    assert query("select count(*) from raw.events") == [(3,)]


def test_a_full_disk_is_one_line_and_the_next_load_continues(
    write: Write, load: Load, query: Query, warehouse: Path
) -> None:
    load(write("a.jsonl", EVENT))
    # Noise, which no storage can make small.
    path = write("b.jsonl", *({"extra_data": os.urandom(4000).hex()} for _ in range(500)))
    limit = warehouse.stat().st_size + 200_000
    done = subprocess.run(
        [sys.executable, "-m", "loaders", "load", str(path), "--warehouse", str(warehouse)],
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    error = done.stderr.splitlines()[-1]
    assert error.startswith(
        f"readership load: there is no room for the warehouse: {warehouse}: make room"
    )
    assert "Traceback" not in done.stderr
    assert query("select count(*) from raw.events") == [(1,)]
    assert load(path).events == 500
    assert query("select count(*) from raw.events") == [(501,)]


def test_too_little_memory_is_one_line_and_the_next_load_continues(
    write: Write,
    load: Load,
    query: Query,
    warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    load(write("a.jsonl", EVENT))
    path = write("b.jsonl", *({"extra_data": os.urandom(30_000).hex()} for _ in range(500)))
    monkeypatch.setenv("READERSHIP_LOADER_MEMORY", "15MB")
    assert main(["load", str(path), "--warehouse", str(warehouse)]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(
        f"readership load: out of memory: {warehouse}: let DuckDB take more with "
    )
    assert "READERSHIP_LOADER_MEMORY=8GB" in error
    monkeypatch.delenv("READERSHIP_LOADER_MEMORY")
    assert query("select count(*) from raw.events") == [(1,)]
    assert load(path).events == 500


@pytest.mark.parametrize(
    ("place", "name"),
    [(FileReader, "judge"), (file_rows, "arrow_table"), (Ledger, "landed"), (Ledger, "known")],
)
def test_memory_that_is_used_up_anywhere_is_one_line(
    write: Write,
    warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    place: Any,  # noqa: ANN401
    name: str,
) -> None:
    def use_up(*_: object, **__: object) -> None:
        raise MemoryError

    path = write("a.jsonl", EVENT)
    with monkeypatch.context() as patch:
        patch.setattr(place, name, use_up)
        assert main(["load", str(path), "--warehouse", str(warehouse), "--workers", "0"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"readership load: out of memory: {warehouse}: let other programs end")
    assert main(["load", str(path), "--warehouse", str(warehouse)]) == 0


def test_a_reading_process_without_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def use_up(*_: object) -> Iterator[Any]:
        raise MemoryError
        yield

    monkeypatch.setattr(FileReader, "batches", use_up)
    # In a thread of this process, where a signal is none of its business.
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    here, there = multiprocessing.Pipe()
    thread = threading.Thread(
        target=workers._work, args=(there, SeenTexts(), SeenTexts(), DEFAULT_LIMITS)
    )
    thread.start()
    here.send("a file")
    with pytest.raises(MemoryError):
        workers.receive_batch(here)
    here.close()
    thread.join()


def test_a_store_that_gives_out_stops_the_load_and_what_was_loaded_stays(
    write: Write,
    load: Load,
    query: Query,
    warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in "abcdefgh":
        folder = write(f"{name}.jsonl", EVENT, EVENT).parent
    open_file = LocalFile.open
    opened = []

    def lost(file: LocalFile) -> Any:  # noqa: ANN401
        opened.append(file.name)
        if len(opened) > 2:
            raise ConnectionError("connection reset by peer")
        return open_file(file)

    with monkeypatch.context() as patch:
        patch.setattr(LocalFile, "open", lost)
        patch.setattr(file_reader, "_RETRY_SECONDS", ())
        assert main(["load", str(folder), "--warehouse", str(warehouse)]) == 1
    assert len(opened) == 5
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"readership load: the store gave out: {folder}/c.jsonl and 2 more "
        "(connection reset by peer), 3 files were not tried: run again when it answers; "
        "what was loaded stays"
    )
    assert query("select count(*) from raw.events") == [(4,)]
    summary = load(folder)
    assert (summary.files, summary.skipped) == ({"loaded": 6}, 2)
    assert query("select count(*) from raw.events") == [(16,)]


def test_a_reading_process_that_dies_stops_the_load(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.jsonl", EVENT)
    send = workers._WorkerPool._attend_file

    def kill_then_attend(self: Any, connection: Any, file: EventFile) -> None:  # noqa: ANN401
        for process in self._processes:
            process.kill()
            process.join()
        send(self, connection, file)

    with monkeypatch.context() as patch:
        patch.setattr(workers._WorkerPool, "_attend_file", kill_then_attend)
        with pytest.raises(UserError, match="a reading process ended before its work was done"):
            load(path, workers=1)
    assert rows_left(query) == 0
    assert load(path, workers=1).events == 1


def test_processes_give_the_same_rows_as_this_one(write: Write, load: Load, query: Query) -> None:
    for name in "abcde":
        path = write(f"{name}.jsonl", *([EVENT, {"metadata_title": "é\u2028", "b": 1}, "bad"] * 50))
    load(path.parent, workers=2)
    tables = {
        table: query(f"select * exclude _dlt_load_id from raw.{table} order by all")
        for table in TABLES
    }
    load(path.parent, workers=0, reload=tuple(str(file) for file in path.parent.iterdir()))
    for table in ("events", "rejected_lines", "user_agents", "hosts", "unknown_fields"):
        found = query(f"select * exclude _dlt_load_id from raw.{table} order by all")
        assert found == tables[table], table


def test_ctrl_c_ends_the_command_with_one_line(write: Write, warehouse: Path) -> None:
    path = write("a.jsonl", EVENT)
    with subprocess.Popen(
        [sys.executable, "-c", _HANGS, str(path), str(warehouse)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.splitlines()[-1] == (
        "readership load: stopped: the next load takes up what this one left"
    )
    assert "Traceback" not in errors


_HANGS = """
import sys, time
from loaders.__main__ import main
from loaders.reading import Batch, FileReader

def hang(self, file):
    print("reading", flush=True)
    while True:
        time.sleep(0.05)
        yield Batch(file.name)

FileReader.batches = hang
sys.exit(main(["load", sys.argv[1], "--warehouse", sys.argv[2]]))
"""


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM])
def test_a_wish_to_stop_that_comes_with_the_commit_is_not_forgotten(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch, wish: signal.Signals
) -> None:
    finish = FileRows.finish

    def finish_and_signal(self: FileRows, ledger: Ledger, load_id: str) -> None:
        finish(self, ledger, load_id)
        os.kill(os.getpid(), wish)

    path = write("a.jsonl", {"event_id": "0x1"})
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(FileRows, "finish", finish_and_signal)
            with pytest.raises(KeyboardInterrupt):
                load(path)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert query("select count(*), min(status) from raw._dlt_loads") == [(1, 0)]
    assert load(path).skipped == 1


_UNGUARDED = """
import sys
from pathlib import Path
from loaders import DuckDbFile, LoadRequest, Progress, load

request = LoadRequest((sys.argv[1],))
print(load(request, DuckDbFile(Path(sys.argv[2])), Progress(), workers=1))
"""


def test_a_script_that_its_reading_process_runs_again_is_told_what_to_do(
    write: Write, tmp_path: Path
) -> None:
    script, warehouse = tmp_path / "load.py", tmp_path / "warehouse.duckdb"
    script.write_text(_UNGUARDED)
    path = write("a.jsonl", EVENT)
    ended = subprocess.run(
        [sys.executable, script, path, warehouse],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert (
        f"run again by each process that reads for it: {script}: put what it does" in ended.stderr
    )
    assert "a reading process ended before its work was done" in ended.stderr
    # Guarded, it loads.
    body = _UNGUARDED.replace("\nrequest", '\nif __name__ == "__main__":\n    request')
    body = body.replace("\nprint", "\n    print")
    script.write_text(body)
    subprocess.run(
        [sys.executable, script, path, warehouse],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        timeout=60,
    )
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute("select count(*) from raw.events").fetchone() == (1,)
