"""Reading one file: what passes, what is tried again, what is given up."""

from __future__ import annotations

import errno
import gzip
import io
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.discovering import find_files
from loaders.discovering.event_file import LocalFile
from loaders.enriching import SeenTexts
from loaders.reading import Account, Batch, FileReader, file_reader, lines
from tests.support.loading import Load, Query, Write

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
    monkeypatch.setattr(lines, "_READ_BYTES", 40)
    monkeypatch.setattr(lines, "_BLOCK_BYTES", 40)

    def streams(content: bytes, *breaks: int | None, error: Exception | None = None) -> None:
        left = list(breaks)
        monkeypatch.setattr(
            LocalFile,
            "open",
            lambda _: Stream(content, left.pop(0), error or OSError(5, "Input/output error")),
        )

    return streams


def read(path: Path, waited: list[float] | None = None) -> tuple[list[Batch], Account]:
    (file,) = find_files([str(path)]).files
    waits: list[float] = [] if waited is None else waited
    batches = list(FileReader(SeenTexts(), SeenTexts()).batches(file, sleep=waits.append))
    assert [batch.end is None for batch in batches] == [True] * (len(batches) - 1) + [False]
    assert batches[-1].end is not None
    return batches, batches[-1].end


def ids(batches: list[Batch]) -> list[str]:
    return [
        event_id
        for batch in batches
        if batch.events is not None
        for event_id in batch.events.column("event_id").to_pylist()
    ]


def numbers(batches: list[Batch]) -> list[int]:
    return [
        number
        for batch in batches
        if batch.events is not None
        for number in batch.events.column("_line").to_pylist()
    ]


def test_a_read_error_is_retried_from_where_it_was(write: Write, opens_as: Open) -> None:
    content = b"\n".join(LINES)
    path = write("a.jsonl", content)
    opens_as(content, 90, 130, None)
    waited: list[float] = []
    batches, account = read(path, waited)
    assert ids(batches) == [str(at) for at in range(10)]
    assert numbers(batches) == list(range(1, 11))
    assert (account.status, account.lines, account.events) == ("loaded", 10, 10)
    assert account.adds_up
    assert waited == [0.5, 2.0]


def test_a_file_with_a_lasting_read_error_is_left_out_whole(write: Write, opens_as: Open) -> None:
    content = b"\n".join(LINES)
    path = write("a.jsonl", content)
    opens_as(content, *[90] * 4)
    waited: list[float] = []
    batches, account = read(path, waited)
    assert ids(batches) != []
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
def test_a_permanent_error_is_not_retried(
    write: Write, opens_as: Open, error: OSError, detail: str
) -> None:
    path = write("a.jsonl", EVENT)
    opens_as(b"", 0, error=error)
    waited: list[float] = []
    assert read(path, waited)[1].detail == detail
    assert waited == []


def test_a_file_that_changes_while_it_is_read_is_left_to_the_next_load(write: Write) -> None:
    path = write("a.jsonl", EVENT)
    (file,) = find_files([str(path)]).files
    batches = FileReader(SeenTexts(), SeenTexts()).batches(file)
    assert next(batches).end is None
    path.write_bytes(b'{"event_id": "0x2"}\n{"event_id": "0x3"}\n')
    end = next(batches).end
    assert end is not None
    assert (end.status, end.events, end.again) == ("unreadable", 0, True)
    assert end.detail == "it changed while it was read; the next load takes it"


def test_a_file_given_up_after_its_first_lines_leaves_none_of_them(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch, opens_as: Open
) -> None:
    content = b"\n".join([*LINES, b"bad"])
    folder = write("a.jsonl", content).parent
    other = write("b.jsonl", EVENT)
    monkeypatch.setattr(file_reader, "_RETRY_SECONDS", ())
    open_file = LocalFile.open
    opens_as(content, len(content) - 2)
    broken = LocalFile.open
    monkeypatch.setattr(
        LocalFile,
        "open",
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
    monkeypatch.setattr(LocalFile, "open", open_file)
    assert load(folder).events == 10
    assert query("select count(*) from raw.events") == [(11,)]


def test_damage_in_the_middle_of_gzip_gives_the_lines_before_it_once(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_BLOCK_BYTES", 1000)
    content = b"".join(b'{"event_id": "%032d"}\n' % (at * 7919) for at in range(20_000))
    stream = bytearray(gzip.compress(content))
    stream[len(stream) // 2] ^= 0xFF
    path = write("a.jsonl")
    path = path.rename(path.with_name("a.jsonl.gz"))
    path.write_bytes(bytes(stream))
    batches, account = read(path)
    assert account.status == "partial"
    assert account.detail is not None
    assert "gzip" in account.detail
    assert account.adds_up
    # Damage may turn bytes before it is noticed; what was read is all there, in order, once.
    found = numbers(batches) + [
        number
        for batch in batches
        if batch.rejected is not None
        for number in batch.rejected.column("_line").to_pylist()
    ]
    assert sorted(found) == list(range(1, account.lines + 1))
    assert account.lines > 5_000


def test_user_agents_and_hosts_are_described_when_first_seen(write: Write) -> None:
    path = write(
        "a.jsonl",
        {"user_agent": "new", "url": "https://a.example.com/1"},
        {"user_agent": "old", "referrer": "https://b.example.com/"},
    )
    (file,) = find_files([str(path)]).files
    reader = FileReader(SeenTexts(["old"]), SeenTexts(["b.example.com"]))
    first = list(reader.batches(file))
    assert [agent.user_agent for batch in first for agent in batch.agents] == ["new"]
    assert [host.host for batch in first for host in batch.hosts] == ["a.example.com"]
    again = list(reader.batches(file))
    assert [batch.agents for batch in again] == [[], []]
    assert [batch.hosts for batch in again] == [[], []]


def test_the_files_secrets_do_not_come_into_the_ledger(
    write: Write, opens_as: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret-value")
    path = write("a.jsonl", EVENT)
    opens_as(b"", 0, error=PermissionError("denied for very-secret-value"))
    assert "very-secret-value" not in (read(path)[1].detail or "")


def test_a_file_is_sent_to_other_processes_as_it_is(write: Write) -> None:
    (file,) = find_files([str(write("a.jsonl", EVENT))]).files
    sent = pickle.loads(pickle.dumps(file))
    assert sent == file
    assert next(FileReader(SeenTexts(), SeenTexts()).batches(sent)).events is not None
