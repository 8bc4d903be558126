"""Taking one file: what passes, what is tried again, what is given up."""

from __future__ import annotations

import errno
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from loading_fixtures import Load, Query, Write

from loaders import reading, taking
from loaders.listing import find_files
from loaders.met import Met
from loaders.sources import SourceFile
from loaders.taking import Account, Piece, Taker

EVENT = {"event_id": "0x1", "action": "pageview"}
LINES = [b'{"event_id": "%d"}' % at for at in range(10)]


class Stream(io.BytesIO):
    """A file that gives so many bytes and then fails."""

    def __init__(self, content: bytes, fails_after: int | None, error: Exception) -> None:
        super().__init__(content)
        self.fails_after = fails_after
        self.error = error

    def read(self, size: int | None = -1) -> bytes:
        """Give some bytes, or fail."""
        if self.fails_after is not None and self.tell() >= self.fails_after:
            raise self.error
        return super().read(size)


Open = Callable[..., None]


@pytest.fixture
def opens_as(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Give a function that says how files open, time after time: bytes and where they fail."""
    monkeypatch.setattr(reading, "_READ_BYTES", 40)
    monkeypatch.setattr(reading, "_BLOCK_BYTES", 40)

    def streams(content: bytes, *breaks: int | None, error: Exception | None = None) -> None:
        left = list(breaks)
        monkeypatch.setattr(
            taking,
            "open_file",
            lambda _: Stream(content, left.pop(0), error or OSError(5, "Input/output error")),
        )

    return streams


def take(path: Path, waited: list[float] | None = None) -> tuple[list[Piece], Account]:
    (file,) = find_files([str(path)]).files
    waits: list[float] = [] if waited is None else waited
    pieces = list(Taker(Met(), Met()).pieces(file, sleep=waits.append))
    assert [piece.end is None for piece in pieces] == [True] * (len(pieces) - 1) + [False]
    assert pieces[-1].end is not None
    return pieces, pieces[-1].end


def ids(pieces: list[Piece]) -> list[str]:
    return [
        event_id
        for piece in pieces
        if piece.events is not None
        for event_id in piece.events.column("event_id").to_pylist()
    ]


def numbers(pieces: list[Piece]) -> list[int]:
    return [
        number
        for piece in pieces
        if piece.events is not None
        for number in piece.events.column("_line").to_pylist()
    ]


def test_a_file_that_stops_giving_is_read_on_from_where_it_was(
    write: Write, opens_as: Open
) -> None:
    content = b"\n".join(LINES)
    path = write("a.jsonl", content)
    opens_as(content, 90, 130, None)
    waited: list[float] = []
    pieces, account = take(path, waited)
    assert ids(pieces) == [str(at) for at in range(10)]
    assert numbers(pieces) == list(range(1, 11))
    assert (account.status, account.lines, account.events) == ("loaded", 10, 10)
    assert account.adds_up
    assert waited == [0.5, 2.0]


def test_a_file_that_never_gives_its_end_is_given_up_whole(write: Write, opens_as: Open) -> None:
    content = b"\n".join(LINES)
    path = write("a.jsonl", content)
    opens_as(content, *[90] * 4)
    waited: list[float] = []
    pieces, account = take(path, waited)
    assert ids(pieces) != []
    assert account == Account(
        status="unreadable", detail="Input/output error", again=True, lost=True
    )
    assert waited == [0.5, 2.0, 8.0]


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (FileNotFoundError(2, "No such file or directory"), "No such file or directory"),
        (OSError(errno.ESTALE, "gone"), "it changed while it was read; the next load takes it"),
    ],
)
def test_what_waiting_does_not_mend_is_not_waited_for(
    write: Write, opens_as: Open, error: OSError, detail: str
) -> None:
    path = write("a.jsonl", EVENT)
    opens_as(b"", 0, error=error)
    waited: list[float] = []
    assert take(path, waited)[1].detail == detail
    assert waited == []


def test_a_file_that_changes_while_it_is_read_is_left_to_the_next_load(write: Write) -> None:
    path = write("a.jsonl", EVENT)
    (file,) = find_files([str(path)]).files
    pieces = Taker(Met(), Met()).pieces(file)
    assert next(pieces).end is None
    path.write_bytes(b'{"event_id": "0x2"}\n{"event_id": "0x3"}\n')
    end = next(pieces).end
    assert end is not None
    assert (end.status, end.events, end.again) == ("unreadable", 0, True)
    assert end.detail == "it changed while it was read; the next load takes it"


def test_a_file_given_up_after_its_first_lines_leaves_none_of_them(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch, opens_as: Open
) -> None:
    content = b"\n".join([*LINES, b"bad"])
    folder = write("a.jsonl", content).parent
    other = write("b.jsonl", EVENT)
    monkeypatch.setattr(taking, "_RETRY_SECONDS", ())
    open_file = taking.open_file
    opens_as(content, len(content) - 2)
    broken = taking.open_file
    monkeypatch.setattr(
        taking,
        "open_file",
        lambda file: (open_file if file.path == str(other) else broken)(file),
    )
    summary = load(folder)
    assert summary.files == {"unreadable": 1, "loaded": 1}
    assert (summary.events, summary.rejected) == (1, {})
    assert query("select _file from raw.events") == [(str(other),)]
    assert query("select status, lines, events, rejected from raw.files order by file") == [
        ("unreadable", 0, 0, 0),
        ("loaded", 1, 1, 0),
    ]
    monkeypatch.setattr(taking, "open_file", open_file)
    assert load(folder).events == 10
    assert query("select count(*) from raw.events") == [(11,)]


def test_damage_in_the_middle_of_gzip_gives_the_lines_before_it_once(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_BLOCK_BYTES", 1000)
    lines = b"".join(b'{"event_id": "%032d"}\n' % (at * 7919) for at in range(20_000))
    stream = bytearray(gzip.compress(lines))
    stream[len(stream) // 2] ^= 0xFF
    path = write("a.jsonl")
    path = path.rename(path.with_name("a.jsonl.gz"))
    path.write_bytes(bytes(stream))
    pieces, account = take(path)
    assert account.status == "partial"
    assert account.detail is not None
    assert "gzip" in account.detail
    assert account.adds_up
    # Damage may turn bytes before it is noticed; what was read is all there, in order, once.
    found = numbers(pieces) + [
        number
        for piece in pieces
        if piece.rejected is not None
        for number in piece.rejected.column("_line").to_pylist()
    ]
    assert sorted(found) == list(range(1, account.lines + 1))
    assert account.lines > 5_000


def test_user_agents_and_hosts_are_described_when_first_met(write: Write) -> None:
    path = write(
        "a.jsonl",
        {"user_agent": "new", "url": "https://a.example.com/1"},
        {"user_agent": "old", "referrer": "https://b.example.com/"},
    )
    (file,) = find_files([str(path)]).files
    taker = Taker(Met(["old"]), Met(["b.example.com"]))
    first = list(taker.pieces(file))
    assert [agent.user_agent for piece in first for agent in piece.agents] == ["new"]
    assert [host.host for piece in first for host in piece.hosts] == ["a.example.com"]
    again = list(taker.pieces(file))
    assert [piece.agents for piece in again] == [[], []]
    assert [piece.hosts for piece in again] == [[], []]


def test_the_files_secrets_do_not_come_into_the_ledger(
    write: Write, opens_as: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret-value")
    path = write("a.jsonl", EVENT)
    opens_as(b"", 0, error=PermissionError("denied for very-secret-value"))
    assert "very-secret-value" not in (take(path)[1].detail or "")


def test_a_file_is_sent_to_other_processes_as_it_is(write: Write) -> None:
    (file,) = find_files([str(write("a.jsonl", EVENT))]).files
    assert isinstance(file, SourceFile)
    assert file._replace(filesystem=None) == SourceFile(*file)._replace(filesystem=None)
