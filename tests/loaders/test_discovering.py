"""From paths to files."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import pickle
import socket
import threading
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, date
from pathlib import Path
from urllib.parse import urlencode

import fsspec
import pytest
from fsspec.implementations.http import HTTPFileSystem
from hypothesis import given
from hypothesis import strategies as st

from loaders.__main__ import main
from loaders.discovering import find_files
from loaders.discovering.day_folders import day_of, span_of
from loaders.discovering.event_file import public_name
from loaders.discovering.protocols import PACKAGES
from readership.errors import UserError


def names(*paths: Path | str) -> list[str]:
    return [file.name for file in find_files([str(path) for path in paths]).files]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with event files and others."""
    for name in (
        "b.jsonl",
        "a.jsonl.gz",
        "2024/05/c.json.gz",
        "2024/05/d.ndjson",
        "2024/05/e.gz",
        "2024/05/.hidden.jsonl",
        ".git/f.jsonl",
        "truth.json",
        "notes.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path


def test_a_folder_gives_its_event_files_sorted_and_no_others(folder: Path) -> None:
    expected = ["2024/05/c.json.gz", "2024/05/d.ndjson", "2024/05/e.gz", "a.jsonl.gz", "b.jsonl"]
    assert names(folder) == [str(folder / name) for name in expected]


def test_a_file_named_itself_is_taken_whatever_its_name(folder: Path) -> None:
    assert names(folder / "notes.txt") == [str(folder / "notes.txt")]


@pytest.mark.parametrize("spelling", ["{0}/b.jsonl", "file://{0}/b.jsonl", "{0}/2024/../b.jsonl"])
def test_a_file_has_one_name_however_it_is_spelled(folder: Path, spelling: str) -> None:
    assert names(spelling.format(folder)) == [str(folder / "b.jsonl")]


def test_a_relative_path_gives_absolute_names(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert names("2024/05/d.ndjson") == [str(folder / "2024/05/d.ndjson")]


def test_patterns_are_matched_and_folders_they_match_are_searched(folder: Path) -> None:
    assert names(f"{folder}/*.jsonl*") == [str(folder / "a.jsonl.gz"), str(folder / "b.jsonl")]
    assert names(f"{folder}/**/*.ndjson") == [str(folder / "2024/05/d.ndjson")]
    assert len(names(f"{folder}/20*")) == 3


def test_paths_that_overlap_give_each_file_once(folder: Path) -> None:
    assert names(folder, folder / "2024", folder / "b.jsonl", folder) == names(folder)


def test_links_that_lead_round_in_a_circle_end(folder: Path) -> None:
    (folder / "2024" / "again").symlink_to(folder)
    assert len(names(folder)) == 5


def test_a_name_that_is_no_text_is_spelled_out(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9.jsonl", "wb"):  # noqa: PTH123
        pass
    assert names(tmp_path) == [f"{tmp_path}/caf\\udce9.jsonl"]


def test_a_new_content_or_a_new_time_is_a_new_version(folder: Path) -> None:
    (first,) = find_files([str(folder / "b.jsonl")]).files
    (folder / "b.jsonl").write_bytes(b"{}\n")
    (second,) = find_files([str(folder / "b.jsonl")]).files
    assert first.version != second.version
    assert second.size_bytes == 3
    assert second.modified_at is not None
    assert second.modified_at.tzinfo is UTC


def test_urls_of_any_store_are_listed_the_same_way() -> None:
    store = fsspec.filesystem("memory")
    store.pipe({"/bucket/2024/a.jsonl": b"{}", "/bucket/.tmp/b.jsonl": b"", "/bucket/c.txt": b""})
    try:
        assert names("memory://bucket") == ["memory:///bucket/2024/a.jsonl"]
        assert names("memory://bucket/*/*.jsonl") == ["memory:///bucket/2024/a.jsonl"]
        (file,) = find_files(["memory://bucket/2024/a.jsonl"]).files
        assert file.size_bytes == 2
        assert file.modified_at is not None
    finally:
        store.rm("/bucket", recursive=True)


def test_an_etag_is_the_version_where_the_store_gives_one(monkeypatch: pytest.MonkeyPatch) -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/a.jsonl", b"{}")
    info = store.info("/bucket/a.jsonl")
    monkeypatch.setattr(type(store), "info", lambda *_, **__: {**info, "ETag": '"abc123"'})
    (file,) = find_files(["memory://bucket/a.jsonl"]).files
    assert file.version == "abc123"
    monkeypatch.undo()
    store.rm("/bucket", recursive=True)


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("{0}/missing.jsonl", "no such file or folder"),
        ("{0}/b.jsonl/x", "no such file or folder"),
        ("{0}/empty", "no event files"),
        ("{0}/*.csv", "no event files"),
        ("{0}/missing/**/*.gz", "no event files"),
        ("{0}/missing/*/*.gz", "no event files"),
        ("nowhere://bucket/x", "unknown kind of address"),
    ],
)
def test_a_path_that_gives_nothing_is_an_error(folder: Path, path: str, what: str) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(UserError) as caught:
        names(path.format(folder))
    assert caught.value.what == what
    assert caught.value.where == path.format(folder)


def test_a_folder_that_may_not_be_read_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Tests often run as root, whom no folder refuses.
    scandir: Callable[[str], object] = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "05":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UserError) as caught:
        names(folder)
    assert (caught.value.what, caught.value.where) == (
        "not allowed to list",
        str(folder / "2024/05"),
    )


@pytest.fixture
def day_folders(tmp_path: Path) -> Path:
    """Give a folder with both layouts of days, and files in no day folder."""
    for name in (
        "events/2024/04/30/a.gz",
        "events/2024/05/01/13/part/b.gz",
        "2024/05/01/c.jsonl",
        "site/2024/05/02/d.gz",
        "2024/05/late.gz",
        "2024/02/30/no-such-day.gz",
        "events/2024/13/01/no-such-month.gz",
        "loose.gz",
        "2023/late.gz",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (date(2024, 4, 30), date(2024, 4, 30), "a"),
        (date(2024, 5, 1), date(2024, 5, 1), "cb"),
        (date(2024, 5, 1), None, "cbd"),
        (None, date(2024, 5, 1), "cab"),
        (date(2024, 4, 30), date(2024, 5, 2), "cabd"),
        (date(2000, 1, 1), None, "cabd"),
    ],
)
def test_days_are_taken_from_the_folders_and_both_ends_are_among_them(
    since: date | None, until: date | None, expected: str, day_folders: Path
) -> None:
    found = find_files([str(day_folders)], since, until)
    assert "".join(Path(file.name).name[0] for file in found.files) == expected


def test_files_in_no_day_folder_are_counted_once(day_folders: Path) -> None:
    paths = [str(day_folders), f"{day_folders}/*.gz"]
    # late.gz of 2023 is not looked for.
    assert find_files(paths, date(2024, 2, 1), date(2024, 5, 31)).undated == 4
    assert find_files(paths).undated == 0


def test_a_path_that_lies_in_a_day_folder_or_above_it_knows_the_day(day_folders: Path) -> None:
    day = date(2024, 5, 1)
    for path in ("2024/05/01", "2024/05/01/c.jsonl", "2024/05/*/*", "20*/**/*.jsonl", "2024/05"):
        (file,) = find_files([f"{day_folders}/{path}"], day, day).files
        assert file.name == f"{day_folders}/2024/05/01/c.jsonl"


def test_a_folder_of_days_may_itself_lie_in_a_day_folder(tmp_path: Path) -> None:
    path = tmp_path / "2023/01/02/events/2024/05/01/a.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    root = str(tmp_path / "2023/01/02/events")
    assert find_files([root], date(2024, 5, 1), date(2024, 5, 1)).files
    with pytest.raises(UserError, match="no event files of the days"):
        find_files([root], date(2023, 1, 2), date(2023, 1, 2))


def test_days_without_files_are_an_error_that_says_where_files_are(day_folders: Path) -> None:
    with pytest.raises(UserError) as caught:
        find_files([str(day_folders / "2024")], date(2024, 5, 7), date(2024, 5, 9))
    assert caught.value.what == "no event files of the days from 2024-05-07 to 2024-05-09"
    assert "1 event files lie in no day folder" in caught.value.remedy
    with pytest.raises(UserError, match="no days: 2024-05-02 to 2024-05-01"):
        find_files([str(day_folders)], date(2024, 5, 2), date(2024, 5, 1))


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.lists(st.sampled_from("abc"), max_size=3))
def test_a_day_is_read_from_its_folder_however_deep_the_file_lies(
    day: date, deeper: list[str]
) -> None:
    folders = ["events", *f"{day:%Y/%m/%d}".split("/")]
    assert span_of(folders) == (day, day)
    assert day_of([*folders, *deeper], 1) == day
    for length in (2, 3):
        span = span_of(folders[:length])
        assert span is not None
        assert span[0] <= day <= span[1]


def test_a_listed_file_can_be_sent_on_opened_and_compared(folder: Path) -> None:
    (folder / "b.jsonl").write_bytes(b"{}\n")
    (file,) = find_files([str(folder / "b.jsonl")]).files
    assert pickle.loads(pickle.dumps(file)) == file
    with file.open() as stream:
        assert stream.read() == b"{}\n"
    assert file.current_version() == file.version
    (folder / "b.jsonl").write_bytes(b"{}\n{}\n")
    assert file.current_version() not in (None, file.version)
    (folder / "b.jsonl").unlink()
    assert file.current_version() is None


def test_a_store_without_etags_has_versions_of_size_and_time() -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/a.jsonl", b"{}")
    try:
        (file,) = find_files(["memory://bucket/a.jsonl"]).files
        assert file.current_version() == file.version
        with file.open() as stream:
            assert (stream.read(1), stream.read(), stream.read()) == (b"{", b"}", b"")
        store.pipe("/bucket/a.jsonl", b"[]")
        assert file.current_version() not in (None, file.version)
        store.pipe("/bucket/b.jsonl", b"")
        assert len(names("memory://bucket")) == 2
    finally:
        store.rm("/bucket", recursive=True)
    assert file.current_version() is None


@pytest.fixture
def web(folder: Path) -> Iterator[str]:
    """Give host and port of a web server that shows the folder."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        HTTPFileSystem.clear_instance_cache()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_signed_url_keeps_its_name_when_it_is_signed_anew(web: str, folder: Path) -> None:
    (folder / "b.jsonl").write_bytes(b"{}\n")
    for address in (
        f"http://{web}/b.jsonl",
        f"http://{web}/b.jsonl?X-Amz-Date=1&X-Amz-Expires=60&X-Amz-Signature=abc",
        f"http://{web}/b.jsonl?sv=2024&se=2025&sp=r&sig=abc%3D",
        f"http://me:password@{web}/b.jsonl",
    ):
        (file,) = find_files([address]).files
        assert file.name == f"http://{web}/b.jsonl"
        assert file.current_version() == file.version
        with file.open() as stream:
            assert stream.read() == b"{}\n"
    assert names(f"http://{web}/b.jsonl?page=2&token=x") == [f"http://{web}/b.jsonl?page=2"]
    with pytest.raises(UserError, match="no such file"):
        names(f"http://{web}/c.jsonl?sig=abc")


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "X-Amz-Signature",
                "X-Amz-Credential",
                "X-Amz-Security-Token",
                "X-Amz-Date",
                "X-Goog-Signature",
                "sig",
                "se",
                "sv",
                "skoid",
                "AWSAccessKeyId",
                "Signature",
                "Expires",
                "token",
                "access_token",
                "key",
                "api_key",
                "client_secret",
            ]
        ),
        st.text("Zq9%/+=", min_size=1),
    ),
    st.sampled_from(["", "me:Zq9@", "Zq9@", "Zq:9@"]),
)
def test_no_login_and_no_signature_is_part_of_a_name(
    parameters: dict[str, str], login: str
) -> None:
    query = urlencode({"page": "2", **parameters})
    assert public_name(f"https://{login}host/a.gz?{query}") == "https://host/a.gz?page=2"


def test_addresses_that_differ_only_in_what_signs_them_are_not_taken_for_one(web: str) -> None:
    with pytest.raises(UserError, match="two files of one name"):
        names(f"http://{web}/b.jsonl?key=a", f"http://{web}/b.jsonl?key=b")
    assert len(names(f"http://{web}/b.jsonl?key=a.gz", f"http://{web}/b.jsonl?key=b.gz")) == 2


def test_a_missing_package_is_named_by_its_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("Please install it")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(UserError, match=r"pip install --no-deps -r requirements-gcs\.lock"):
        names("gs://bucket/events")
    with pytest.raises(UserError, match=r"pip install --no-deps -r requirements-azure\.lock"):
        names("az://bucket/events")
    with pytest.raises(UserError, match="Please install it"):
        names("sftp://host/events")


def test_the_packages_of_stores_are_those_that_the_project_offers() -> None:
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    for lock in set(PACKAGES.values()):
        extra = lock.removeprefix("requirements-").removesuffix(".lock")
        pinned = (root / lock).read_text().splitlines()
        for wanted in project["optional-dependencies"][extra]:
            assert f"{wanted} \\" in pinned


@pytest.fixture
def traps(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with one event file, among what cannot be read to an end, or not at all."""
    folder = tmp_path / "traps"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper/a.jsonl").write_bytes(b'{"event_id": "0x1"}\n')
    (folder / "itself.jsonl").symlink_to("itself.jsonl")
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    (folder / "zero.jsonl").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "to-pipe.gz").symlink_to("pipe.jsonl")
    (folder / "deeper/up").symlink_to(folder)
    (folder / "gone.jsonl").symlink_to("nothing")
    with socket.socket(socket.AF_UNIX) as listening, contextlib.chdir(folder):
        # By a short name: that of a socket may have some hundred characters.
        listening.bind("socket.jsonl")
        yield folder


PASSED_OVER = {
    "itself.jsonl": "a link that leads to itself",
    "one": "a link that leads to itself",
    "two": "a link that leads to itself",
    "zero.jsonl": "a link to a device",
    "pipe.jsonl": "a pipe",
    "to-pipe.gz": "a link to a pipe",
    "socket.jsonl": "a socket",
}


def test_what_is_neither_file_nor_folder_is_named_and_never_read(
    traps: Path, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = find_files([str(traps)])
    assert [file.name for file in found.files] == [
        f"{traps}/deeper/a.jsonl",
        f"{traps}/gone.jsonl",
    ]
    assert found.passed_over == {
        **{f"{traps}/{name}": what for name, what in PASSED_OVER.items()},
        f"{traps}/deeper/up": f"the same folder as {traps}",
    }
    arguments = ["load", str(traps), "--warehouse", str(warehouse)]
    for command in ([*arguments, "--dry-run"], arguments):
        assert main(command) == 0
        out = capsys.readouterr().out
        for path, what in found.passed_over.items():
            assert f"{path}: passed over: it is {what}\n" in f"{out}\n"
    assert "1 loaded, 0 skipped as known, 1 unreadable" in out


@pytest.mark.parametrize("pattern", ["*", "*.jsonl", "**/*.jsonl"])
def test_a_pattern_passes_over_what_is_neither_file_nor_folder(traps: Path, pattern: str) -> None:
    found = find_files([f"{traps}/{pattern}"])
    assert f"{traps}/gone.jsonl" in [file.name for file in found.files]
    assert not {f"{traps}/{name}" for name in PASSED_OVER} & {file.name for file in found.files}
    assert found.passed_over[f"{traps}/pipe.jsonl"] == "a pipe"
    assert found.passed_over[f"{traps}/zero.jsonl"] == "a link to a device"


@pytest.mark.parametrize("name", ["pipe.jsonl", "to-pipe.gz", "zero.jsonl", "socket.jsonl"])
def test_what_is_no_file_and_is_named_itself_is_an_error(traps: Path, name: str) -> None:
    with pytest.raises(UserError, match=f"not a file: it is {PASSED_OVER[name]}"):
        names(traps / name)


def test_a_link_to_itself_that_is_named_itself_is_an_error(traps: Path) -> None:
    with pytest.raises(UserError, match=r"itself\.jsonl"):
        names(traps / "itself.jsonl")


def test_a_folder_with_nothing_but_what_is_no_file_says_what_there_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    with pytest.raises(UserError, match=f"no event files: .*; {tmp_path}/a.jsonl is a pipe"):
        names(tmp_path)
