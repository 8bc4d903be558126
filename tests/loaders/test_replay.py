"""Replay: refused lines that are events now, and what must not change besides."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loaders.inspecting import ReplaySummary, Selection, open_queries, queries, replay, replaying
from loaders.inspecting.status import status_of
from loaders.reading import blocks
from loaders.reading.gate import Rejection, Row
from loaders.reading.gate import judge as rule
from loaders.reading.lines import MAX_LINE_BYTES
from loaders.reasons import TRUNCATED, WRONG_TYPE
from loaders.tables import TABLES
from loaders.writing import DuckDbFile, Ledger
from readership.errors import UserError
from tests.support.loading import Load, Query, Write

ROOT = Path(__file__).parents[2]
EVENT = {"event_id": "0x1", "action": "pageview", "apikey": "a.com"}
# A number written as text, which the gate of these tests does not take before it is mended.
ODD = {**EVENT, "event_id": "0x2", "version": "7"}

OldGate = Callable[[], AbstractContextManager[None]]
Replay = Callable[..., ReplaySummary]


@pytest.fixture
def old_gate(monkeypatch: pytest.MonkeyPatch) -> OldGate:
    """Give a context in which numbers written as text are refused, as by an older gate."""

    def judge(line: Any, *, cut: bool = False) -> Row | Rejection | None:  # noqa: ANN401
        if isinstance(line, bytes) and b'"7"' in line:
            return Rejection(TRUNCATED if cut else WRONG_TYPE, "version: expected a whole number")
        return rule(line, cut=cut)

    class Patched:
        def __enter__(self) -> None:
            monkeypatch.setattr(blocks, "judge", judge)

        def __exit__(self, *_: object) -> None:
            monkeypatch.setattr(blocks, "judge", rule)

    return Patched


@pytest.fixture
def replay_lines(warehouse: Path) -> Replay:
    """Give a function that replays in the warehouse of the test."""

    def replay_selected(**selected: Any) -> ReplaySummary:  # noqa: ANN401
        return replay(Selection(**selected), DuckDbFile(warehouse))

    return replay_selected


def everything(query: Query) -> dict[str, list[Any]]:
    return {table: query(f"select * from raw.{table} order by all") for table in TABLES}


def content(query: Query) -> dict[str, list[Any]]:
    """What is in the warehouse, whichever load brought it."""
    return {
        table: query(f"select * exclude _dlt_load_id from raw.{table} order by all")
        for table in TABLES
        if table != "files"
    }


def check_the_accounts(query: Query) -> None:
    """Law 1, for each account and for each file that rows are of."""
    accounts = query(
        "select _dlt_load_id, file, sum(events), sum(rejected), bool_and(lines = events + rejected "
        "+ blank), count(*) from raw.files where replaced_by is null group by all having sum(lines)"
        " > 0 order by all"
    )
    found = query(
        "select load, file, sum(event), sum(1 - event), true, 1 from ("
        "select _dlt_load_id as load, _file as file, 1 as event from raw.events union all "
        "select _dlt_load_id, _file, 0 from raw.rejected_lines) group by all order by all"
    )
    assert [row for row in accounts if row[2] or row[3]] == found
    assert (
        query("select _file, _line, _dlt_load_id from raw.events group by all having count(*) > 1")
        == []
    )


def test_lines_that_are_events_now_end_where_the_mended_gate_would_have_put_them(
    write: Write,
    load: Load,
    query: Query,
    warehouse: Path,
    old_gate: OldGate,
    replay_lines: Replay,
    tmp_path: Path,
) -> None:
    odd = {**ODD, "user_agent": "curl/8", "url": "https://b.com/x", "slot_x": 1}
    path = write("a.jsonl", EVENT, odd, "bad", "", odd, {**EVENT, "user_agent": "curl/8"})
    with old_gate():
        assert load(path).rejected == {"wrong_type": 2, "broken_json": 1}
    (load_id,) = query("select load_id from raw._dlt_loads")[0]
    summary = replay_lines()
    assert summary.looked_at == {"wrong_type": 2, "broken_json": 1}
    assert summary.events == {"wrong_type": 2}
    assert (summary.files, summary.unknown_fields) == ({str(path)}, {"slot_x"})
    assert query(
        "select _line, event_id, version, _unknown_fields from raw.events "
        f"where _dlt_load_id <> '{load_id}' order by _line"
    ) == [(2, "0x2", 7, '{"slot_x":1}'), (5, "0x2", 7, '{"slot_x":1}')]
    assert query(
        "select status, lines, events, rejected, blank, detail, replaced_by, "
        f"_dlt_load_id = '{load_id}' from raw.files order by _dlt_load_id"
    ) == [("loaded", 4, 2, 1, 1, None, None, True), ("replayed", 2, 2, 0, 0, None, None, False)]
    assert query(
        "select count(distinct (file, version, size_bytes, modified_at)) from raw.files"
    ) == [(1,)]
    check_the_accounts(query)
    after = content(query)
    assert load(path).skipped == 1
    assert content(query) == after
    # As a load by the mended gate would have it.
    for file in warehouse.parent.iterdir():
        file.rename(tmp_path / file.name)
    load(path)
    assert content(query) == after


def test_a_second_replay_changes_nothing_and_makes_no_load(
    write: Write, load: Load, query: Query, old_gate: OldGate, replay_lines: Replay
) -> None:
    with old_gate():
        load(write("a.jsonl", ODD, "bad"))
    replay_lines()
    before = everything(query), query("select * from raw._dlt_loads order by all")
    summary = replay_lines()
    assert (summary.looked_at, summary.events) == ({"broken_json": 1}, {})
    assert (everything(query), query("select * from raw._dlt_loads order by all")) == before


def test_only_the_lines_selected_are_replayed(
    write: Write, load: Load, query: Query, old_gate: OldGate, replay_lines: Replay
) -> None:
    with old_gate():
        folder = write("a.jsonl", ODD).parent
        write("b.jsonl", ODD)
        load(folder)
    assert replay_lines(reasons=("broken_json",)).looked_at == {}
    assert replay_lines(files=(str(folder / "b.jsonl"),)).events == {"wrong_type": 1}
    assert query("select _file from raw.rejected_lines") == [(str(folder / "a.jsonl"),)]
    check_the_accounts(query)
    with pytest.raises(UserError, match=r"no such file was ever loaded: /c\.jsonl: "):
        replay_lines(files=("/c.jsonl",))


def test_lines_kept_cut_stay_and_a_tail_that_parses_does_not(
    write: Write,
    load: Load,
    query: Query,
    old_gate: OldGate,
    replay_lines: Replay,
) -> None:
    # Compressed, so that it is too small for processes, which would have the mended gate.
    folder = write("a.gz", b'{"a": 1}' + b" " * MAX_LINE_BYTES).parent
    for name, tail in (("b.gz", json.dumps(ODD).encode()), ("c.gz", b'{"event_id": "0')):
        whole = gzip.compress(b"{}\n" + tail + b" " * 20, compresslevel=0)
        (folder / name).write_bytes(whole[: -8 - 20])
    with old_gate():
        assert load(folder).rejected == {"line_too_long": 1, "truncated": 2}
    summary = replay_lines()
    assert summary.events == {"truncated": 1}
    assert summary.looked_at == {"line_too_long": 1, "truncated": 2}
    assert query("select reason from raw.rejected_lines order by all") == [
        ("line_too_long",),
        ("truncated",),
    ]
    assert query("select status, count(*) from raw.files group by all order by all") == [
        ("loaded", 1),
        ("partial", 2),
        ("replayed", 1),
    ]
    check_the_accounts(query)


def test_a_newer_version_replaces_replayed_rows_too(
    write: Write, load: Load, query: Query, old_gate: OldGate, replay_lines: Replay
) -> None:
    with old_gate():
        path = write("a.jsonl", EVENT, ODD)
        load(path)
    replay_lines()
    write("a.jsonl", {**EVENT, "event_id": "0x9"})
    assert load(path).replaced == 1
    assert query("select event_id from raw.events") == [("0x9",)]
    assert query("select status, replaced_by is null from raw.files order by _dlt_load_id") == [
        ("loaded", False),
        ("replayed", False),
        ("loaded", True),
    ]
    check_the_accounts(query)


def test_a_file_taken_again_replaces_replayed_rows_too(
    write: Write, load: Load, query: Query, old_gate: OldGate, replay_lines: Replay
) -> None:
    whole = write("a.jsonl", EVENT, ODD)
    broken = write("b.gz", ODD, EVENT)
    broken.write_bytes(broken.read_bytes()[:-4])
    with old_gate():
        load(whole, broken)
    assert replay_lines().events == {"wrong_type": 2}
    before = content(query)
    assert load(reload=(str(whole), str(broken))).files == {"loaded": 1, "partial": 1}
    assert content(query) == before
    assert query("select count(*) from raw.files where replaced_by is null") == [(2,)]
    check_the_accounts(query)


def test_lines_of_two_versions_in_force_go_in_two_loads(
    write: Write, load: Load, query: Query, old_gate: OldGate, replay_lines: Replay
) -> None:
    path = write("a.gz", ODD, EVENT)
    other = write("b.jsonl", ODD)
    with old_gate():
        load(path, other)
        # A newer version that breaks off stands beside the older one.
        whole = gzip.compress(json.dumps(ODD).encode() + b"\n{}\n" * 9, compresslevel=0)
        path.write_bytes(whole[:-10])
        assert load(path).files == {"partial": 1}
    assert replay_lines().events == {"wrong_type": 3}
    assert query("select count(*) from raw.rejected_lines where reason = 'wrong_type'") == [(0,)]
    assert query("select count(*) from raw.events where event_id = '0x2'") == [(3,)]
    assert query(
        "select count(distinct _dlt_load_id), count(distinct version), count(*) from raw.files "
        "where status = 'replayed'"
    ) == [(2, 3, 3)]
    check_the_accounts(query)


@pytest.mark.parametrize(
    ("owner", "part"), [(Ledger, "move_replayed"), (replaying._ReplayedRows, "manifest")]
)
def test_a_replay_that_fails_leaves_nothing_and_can_be_repeated(
    write: Write,
    load: Load,
    query: Query,
    old_gate: OldGate,
    replay_lines: Replay,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    part: str,
) -> None:
    with old_gate():
        load(write("a.jsonl", EVENT, ODD, "bad"))
    before = everything(query), query("select * from raw._dlt_loads order by all")

    def fail(*_: object) -> None:
        raise RuntimeError("the power is out")

    with monkeypatch.context() as patch:
        patch.setattr(owner, part, fail)
        with pytest.raises(UserError, match="the power is out"):
            replay_lines()
    assert (everything(query), query("select * from raw._dlt_loads order by all")) == before
    assert replay_lines().events == {"wrong_type": 1}
    check_the_accounts(query)


def test_a_killed_replay_counts_for_nothing_and_is_taken_back(
    write: Write, load: Load, query: Query, warehouse: Path, old_gate: OldGate, replay_lines: Replay
) -> None:
    with old_gate():
        load(write("a.jsonl", EVENT, ODD, "bad"))
    replay_and_die = (
        "import os; from loaders.writing import Ledger; from loaders.__main__ import main\n"
        "Ledger.move_replayed = lambda *_: os._exit(9)\n"
        f"main(['rejected', '--replay', '--warehouse', {str(warehouse)!r}])"
    )
    assert (
        subprocess.run([sys.executable, "-c", replay_and_die], cwd=ROOT, check=False).returncode
        == 9
    )
    assert query("select count(*) from raw.events") == [(2,)]
    with open_queries(DuckDbFile(warehouse)) as queries_now:
        status = status_of(queries_now, "", datetime.now(UTC))
    assert (len(status.broken_loads), status.total.events) == (1, 1)
    assert (status.total.rejected, sum(site.events for site in status.sites)) == (2, 1)
    summary = replay_lines()
    assert (summary.taken_back, summary.events) == (1, {"wrong_type": 1})
    check_the_accounts(query)


def test_lines_in_many_portions_are_all_there(
    write: Write,
    load: Load,
    query: Query,
    old_gate: OldGate,
    replay_lines: Replay,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with old_gate():
        for name in ("a.jsonl", "b.jsonl"):
            folder = write(name, *[ODD, "bad", EVENT] * 7).parent
        load(folder)
    monkeypatch.setattr(queries, "_LINES_AT_ONCE", 3)
    monkeypatch.setattr(queries, "_BYTES_AT_ONCE", 100)
    assert replay_lines().events == {"wrong_type": 14}
    assert query("select count(*), count(distinct (_file, _line)) from raw.events") == [(28, 28)]
    assert query("select count(*) from raw.rejected_lines") == [(14,)]
    check_the_accounts(query)


def test_a_full_temporary_folder_is_one_line(
    write: Write,
    load: Load,
    query: Query,
    old_gate: OldGate,
    replay_lines: Replay,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with old_gate():
        load(write("a.jsonl", ODD))
    before = everything(query)

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(UserError, match="No space left on device"):
        replay_lines()
    assert everything(query) == before


def test_without_a_warehouse_none_is_made(warehouse: Path, replay_lines: Replay) -> None:
    with pytest.raises(UserError, match="there is no warehouse yet"):
        replay_lines()
    assert not warehouse.exists()
