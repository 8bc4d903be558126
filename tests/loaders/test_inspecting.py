"""Looking into a warehouse: `status` and `rejected`, for people and for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders import pipeline
from loaders.__main__ import main
from loaders.inspecting import lines_text, queries
from loaders.inspecting.queries import KeptLine
from loaders.inspecting.status import site_in
from loaders.reading.lines import MAX_LINE_BYTES
from loaders.reasons import REASONS
from loaders.writing import DuckDbFile
from tests.support.loading import Load, Query, Write

ROOT = Path(__file__).parents[2]
NEWEST_MS = 1_772_359_200_500
EVENT = {"event_id": "0x1", "apikey": "a.com", "timestamp_info_nginx_ms": NEWEST_MS}
NOT_UTF8 = b'{"apikey": "b.com", "url": "\xff\x1b[2J"}\n'


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    capsys.readouterr()
    assert main([str(argument) for argument in arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def fill(write: Write, load: Load) -> Path:
    """Load three files: a whole one, one that breaks off, one that cannot be read."""
    folder = write(
        "a.jsonl",
        EVENT,
        {**EVENT, "apikey": "b.com", "timestamp_info_nginx_ms": NEWEST_MS - 60_000, "odd_x": 1},
        {**EVENT, "timestamp_info_nginx_ms": None},
        "",
        NOT_UTF8,
        "[]",
        '{"apikey": "c.com", "version": "x"}',
    ).parent
    path = write("b.gz", EVENT)
    path.write_bytes(path.read_bytes()[:-4])
    (folder / "c.gz").write_bytes(b"hello")
    load(folder)
    return folder


def test_status_as_json_has_every_key_and_counts_what_is_in_force(
    write: Write, load: Load, query: Query, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fill(write, load)
    write("b.gz", EVENT)
    load(folder)
    status = json.loads(said(capsys, "status", "--format", "json", "--warehouse", warehouse))
    now = datetime.fromisoformat(status.pop("now"))
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)
    newest = datetime(2026, 3, 1, 10, tzinfo=UTC) + timedelta(milliseconds=500)
    lag = round((now - newest).total_seconds())
    newest_at = "2026-03-01T10:00:00.500000Z"
    last_load = status.pop("last_load")
    assert last_load["load_id"] == query("select max(load_id) from raw._dlt_loads")[0][0]
    assert now - datetime.fromisoformat(last_load["finished_at"]) < timedelta(minutes=5)
    assert status == {
        "warehouse": str(warehouse),
        "files": {
            "loaded": 2,
            "partial": 0,
            "unreadable": 1,
            "refused": 0,
            "replayed": 0,
            "replaced": 1,
        },
        "lines": 8,
        "events": 4,
        "rejected": 3,
        "blank": 1,
        "broken_loads": [],
        "newest_event_at": newest_at,
        "lag_seconds": lag,
        "rejected_by_reason": {"invalid_utf8": 1, "not_an_object": 1, "wrong_type": 1},
        "unknown_fields": [{"field": "odd_x", "file": str(folder / "a.jsonl"), "line_number": 2}],
        "sites": [
            {
                "site": "a.com",
                "events": 3,
                "newest_event_at": newest_at,
                "lag_seconds": lag,
                "rejected": 0,
            },
            {
                "site": "b.com",
                "events": 1,
                "newest_event_at": "2026-03-01T09:59:00.500000Z",
                "lag_seconds": lag + 60,
                "rejected": 1,
            },
            *(
                {
                    "site": site,
                    "events": 0,
                    "newest_event_at": None,
                    "lag_seconds": None,
                    "rejected": 1,
                }
                for site in (None, "c.com")
            ),
        ],
    }


def test_status_as_text_is_aligned_and_fits_80_columns(
    write: Write, load: Load, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fill(write, load)
    lines = said(capsys, "status", "--warehouse", warehouse).splitlines()
    assert lines[0] == f"warehouse  {warehouse}"
    assert lines[1].startswith("last load  ")
    assert lines[2].startswith("newest     event 2026-03-01 10:00:00 UTC, ")
    assert lines[2].endswith(" behind")
    assert lines[3:5] == [
        "files      1 loaded, 1 partial, 1 unreadable",
        "lines      8 = 4 events + 3 rejected + 1 blank",
    ]
    assert "wrong_type               1" in lines
    assert any(line.startswith("b.com          1  2026-03-01 09:59:00  ") for line in lines)
    assert any(line.startswith("not said       0 ") for line in lines)
    assert lines[-1].startswith("odd_x ")
    assert lines[-1].endswith(f"{folder.name}/a.jsonl:2")
    assert max(map(len, lines[1:])) <= 80


def test_status_of_an_empty_warehouse(warehouse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline.init(DuckDbFile(warehouse))
    assert said(capsys, "status", "--warehouse", warehouse).splitlines() == [
        f"warehouse  {warehouse}",
        "last load  none yet",
        "files      none",
    ]
    status = json.loads(said(capsys, "status", "--format", "json", "--warehouse", warehouse))
    assert (status["last_load"], status["newest_event_at"], status["sites"]) == (None, None, [])
    assert status["files"]["loaded"] == status["lines"] == 0


def test_status_and_rejected_change_nothing(write: Write, load: Load, warehouse: Path) -> None:
    fill(write, load)
    before = warehouse.read_bytes(), sorted(warehouse.parent.rglob("*"))
    for command in ("status", "rejected"):
        assert main([command, "--warehouse", str(warehouse)]) == 0
    assert (warehouse.read_bytes(), sorted(warehouse.parent.rglob("*"))) == before


@pytest.mark.parametrize("arguments", [["status"], ["rejected"], ["rejected", "--replay"]])
def test_without_a_warehouse_status_and_rejected_are_one_line_and_create_none(
    arguments: list[str], warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--warehouse", str(warehouse)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"readership {arguments[0]}: there is no warehouse yet: {warehouse}: ")
    assert err.count("\n") == 1
    assert not warehouse.exists()


def test_a_database_that_was_never_loaded_into_is_named_in_one_line(
    warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse.parent.mkdir()
    duckdb.connect(str(warehouse)).close()
    for command in ("status", "rejected"):
        assert main([command, "--warehouse", str(warehouse)]) == 1
        assert capsys.readouterr().err == (
            f"readership {command}: nothing has been loaded into this warehouse: {warehouse}: load "
            "event files with `readership load PATH`, or make empty tables with `readership init`\n"
        )


def test_a_broken_load_is_shown_and_its_rows_do_not_count(
    write: Write, load: Load, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(write("a.jsonl", EVENT))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "insert into raw._dlt_loads by name select * replace ('2.5' as load_id, 1 as status, "
            "timestamptz '2026-03-01 12:00:00+00' as inserted_at) from raw._dlt_loads"
        )
        for table in ("events", "files"):
            connection.execute(
                f"insert into raw.{table} select * replace ('2.5' as _dlt_load_id) from raw.{table}"
            )
        connection.execute(
            "insert into raw.rejected_lines values ('f', 1, 'truncated', 'd', 'x'::blob, '2.5')"
        )
    status = json.loads(said(capsys, "status", "--format", "json", "--warehouse", warehouse))
    assert status["broken_loads"] == [{"load_id": "2.5", "begun_at": "2026-03-01T12:00:00Z"}]
    assert (status["events"], status["sites"][0]["events"]) == (1, 1)
    assert (status["files"]["loaded"], status["rejected_by_reason"]) == (1, {})
    text = said(capsys, "status", "--warehouse", warehouse)
    assert "broken     1 load, begun 2026-03-01 12:00:00 UTC and not finished;\n" in text
    assert said(capsys, "rejected", "--warehouse", warehouse) == "no rejected lines\n"


@pytest.mark.parametrize("newest", [2**62, -(2**63), 0])
def test_times_that_no_calendar_has_are_unknown(
    newest: int, write: Write, load: Load, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(write("a.jsonl", {**EVENT, "timestamp_info_nginx_ms": newest}))
    status = json.loads(said(capsys, "status", "--format", "json", "--warehouse", warehouse))
    expected = "1970-01-01T00:00:00Z" if newest == 0 else None
    assert status["newest_event_at"] == status["sites"][0]["newest_event_at"] == expected
    said(capsys, "status", "--warehouse", warehouse)


@pytest.mark.parametrize(
    ("line", "site"),
    [
        (b'{"apikey": "a.com", "x"', "a.com"),
        (b'{"x": 1,"apikey":"\\u00fc\\"."', 'ü".'),
        ('{"apikey": "ü"'.encode(), "ü"),
        (b'{"apikey" : 12, "x"', "12"),
        (b'{"apikey": "\xff"}', None),
        (b'{"apikey": "a.c', None),
        (b'{"apikey": ""}', None),
        (b'{"apikey": null}', None),
        (b'{"apikey": "' + b"a" * 300 + b'"}', None),
        (b"[]", None),
        (b"", None),
    ],
)
def test_the_site_of_a_rejected_line_is_what_its_bytes_say(line: bytes, site: str | None) -> None:
    assert site_in(line) == site


def test_rejected_lines_as_text_are_one_line_each_with_controls_made_visible(
    write: Write, load: Load, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(write, load)
    load(write("d.jsonl", "[]", 'x\ty\u202e"'))
    lines = said(capsys, "rejected", "--warehouse", warehouse).splitlines()
    assert "events/d.jsonl  load " in lines[0]
    assert [line.split()[:2] for line in lines[1:3]] == [
        ["1", "not_an_object"],
        ["2", "broken_json"],
    ]
    assert lines[2].endswith(r"  x\ty\u202e" + '"')
    assert "events/a.jsonl  load " in lines[3]
    assert [line.split()[:2] for line in lines[4:7]] == [
        ["5", "invalid_utf8"],
        ["6", "not_an_object"],
        ["7", "wrong_type"],
    ]
    assert lines[7:] == [
        "",
        "rejected, by reason  lines",
        "not_an_object            2",
        "broken_json              1",
        "invalid_utf8             1",
        "wrong_type               1",
        "all                      5",
    ]
    assert max(map(len, lines)) <= 80


def test_what_is_in_a_line_cannot_steer_a_terminal() -> None:
    kept = KeptLine("1.5", "/f\x1b[2J", 1, "broken_json", "a\nb", b"\xff\x1b[31m\x00\x7f\xc2\x9b")
    shown = lines_text([kept], 120).plain
    assert shown.splitlines() == [
        r"/f\x1b[2J  load 1.5",
        r"  1  broken_json    a\nb  \xff\x1b[31m\x00\x7f\x9b",
    ]


def test_lines_are_cut_to_the_width_in_cells() -> None:
    kept = [
        KeptLine("1.5", "/" + "é" * 200, 2**40, reason, "d" * 300, "漢".encode() * 10_000)
        for reason in REASONS
    ]
    for width in (60, 80, 200):
        text = lines_text(kept, width)
        assert all(line.cell_len <= width for line in text.split("\n"))


def test_rejected_lines_as_json_are_whole(
    write: Write, load: Load, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fill(write, load)
    load(write("d.gz", b"\xff" + b"x" * MAX_LINE_BYTES + b"\n", "ü"))
    out = said(capsys, "rejected", "--format", "json", "--warehouse", warehouse)
    long, text, *older = map(json.loads, out.splitlines())
    assert (long["reason"], len(long["line_base64"])) == (
        "line_too_long",
        MAX_LINE_BYTES // 3 * 4 + 4,
    )
    assert (text["line"], text["line_number"], text["file"]) == ("ü", 2, str(folder / "d.gz"))
    assert datetime.now(UTC) - datetime.fromisoformat(text.pop("loaded_at")) < timedelta(minutes=5)
    assert set(text) == {"load_id", "file", "line_number", "reason", "detail", "line"}
    assert [row.get("line") for row in older] == [None, "[]", '{"apikey": "c.com", "version": "x"}']


def test_rejected_lines_are_selected_by_reason_file_time_and_number(
    write: Write,
    load: Load,
    query: Query,
    warehouse: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = fill(write, load)
    load(write("d.jsonl", "[]"))
    monkeypatch.setattr(queries, "_LINES_AT_ONCE", 2)
    monkeypatch.setattr(queries, "_BYTES_AT_ONCE", 10)

    def lines(*arguments: object) -> list[tuple[str, int]]:
        out = said(
            capsys, "rejected", "--format", "json", "--warehouse", warehouse, *arguments
        ).splitlines()
        return [(Path(row["file"]).name, row["line_number"]) for row in map(json.loads, out)]

    everything = [("d.jsonl", 1), ("a.jsonl", 5), ("a.jsonl", 6), ("a.jsonl", 7)]
    assert lines() == everything
    assert lines("--limit", 3) == everything[:3]
    assert lines("--reason", "not_an_object") == [everything[0], everything[2]]
    assert lines("--reason", "wrong_type", "--reason", "invalid_utf8") == [
        everything[1],
        everything[3],
    ]
    monkeypatch.chdir(folder.parent)
    assert lines("--file", "events/d.jsonl") == everything[:1]
    assert lines("--file", folder / "a.jsonl", "--reason", "wrong_type") == everything[3:]
    (newest,) = query("select max(inserted_at)::varchar from raw._dlt_loads")[0]
    assert lines("--since", newest) == everything[:1]
    assert lines("--since", "2999-01-01") == []
    text = said(capsys, "rejected", "--limit", 1, "--warehouse", warehouse)
    assert text.endswith("1 of 4 lines shown; --limit shows more\n")


@pytest.mark.slow
def test_replay_says_what_became_of_the_lines(
    write: Write, load: Load, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write("a.jsonl", "[]", "bad", "{}")
    load(path)
    with duckdb.connect(str(warehouse)) as connection:
        # As if the gate had been mended since.
        connection.execute(
            'update raw.rejected_lines set line = \'{"version": "7"}\'::blob where _line = 2'
        )
    arguments = ("rejected", "--replay", "--warehouse", warehouse)
    assert said(capsys, *arguments).splitlines() == [
        "looked at  2 rejected lines",
        "replayed   1 are events now, of 1 file",
        f"warehouse  {warehouse}",
        "",
        "by reason      looked at  events now  still refused",
        "broken_json            1           1              0",
        "not_an_object          1           0              1",
    ]
    assert json.loads(said(capsys, *arguments, "--format", "json")) == {
        "warehouse": str(warehouse),
        "looked_at": 1,
        "replayed": 0,
        "files": [],
        "by_reason": {"not_an_object": {"looked_at": 1, "replayed": 0, "still_refused": 1}},
        "new_unknown_fields": [],
        "broken_loads_taken_back": 0,
    }
    status = json.loads(said(capsys, "status", "--format", "json", "--warehouse", warehouse))
    assert (status["lines"], status["events"], status["rejected"]) == (3, 2, 1)
    assert (status["files"]["loaded"], status["files"]["replayed"]) == (1, 1)


def test_a_file_that_was_never_loaded_is_exit_code_1(
    write: Write, load: Load, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(write("a.jsonl", EVENT))
    assert main(["rejected", "--file", "/b.jsonl", "--warehouse", str(warehouse)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("readership rejected: no such file was ever loaded: /b.jsonl: ")


@pytest.mark.parametrize("name", ["a.jsonl", "./a.jsonl", "events/a.jsonl", "elsewhere/a.jsonl"])
def test_a_file_named_otherwise_than_loaded_gets_the_name_it_has(
    write: Write, load: Load, warehouse: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = write("a.jsonl", EVENT)
    load(path, write("b.jsonl", EVENT))
    assert main(["rejected", "--file", name, "--warehouse", str(warehouse)]) == 1
    assert capsys.readouterr().err.endswith(f"{name.lstrip('./')}: did you mean {path}?\n")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--reason", "odd"], ", ".join(map(repr, REASONS))),
        (["--limit", "0"], "'0' is no whole number from 1"),
        (["--since", "yesterday"], "'yesterday' is no date or time"),
        (["--replay", "--limit", "1"], "--limit is for showing lines"),
    ],
)
def test_a_wrong_selection_is_exit_code_2(
    arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["rejected", *arguments])
    assert left.value.code == 2
    assert error in capsys.readouterr().err


@pytest.mark.parametrize("command", ["status", "rejected"])
def test_help_names_exit_codes_and_keys(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    out = capsys.readouterr().out
    assert "exit codes:" in out
    assert "JSON" in out


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "loaders", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_colours_are_for_terminals_that_want_them(
    write: Write, load: Load, warehouse: Path
) -> None:
    fill(write, load)
    environment: dict[str, Any] = {"NO_COLOR": "", "READERSHIP_WAREHOUSE": str(warehouse)}
    for command in ("status", "rejected"):
        assert "\x1b" not in run(command, **environment).stdout
        on_terminal = {**environment, "FORCE_COLOR": "1", "TERM": "xterm-256color"}
        assert "\x1b[33m" in run(command, **on_terminal).stdout
        assert "\x1b[33m" not in run(command, **{**on_terminal, "NO_COLOR": "1"}).stdout


@pytest.mark.slow
def test_a_closed_pipe_ends_the_command_silently(write: Write, load: Load, warehouse: Path) -> None:
    load(write("a.jsonl", *["[]" * 200] * 2_000))
    command = f"{sys.executable} -m loaders rejected --format json --warehouse {warehouse}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -1 | wc -l"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr, done.returncode) == ("1", "", 0)
