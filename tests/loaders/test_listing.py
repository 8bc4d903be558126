"""From paths to files."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import fsspec
import pytest

from loaders.listing import find_files
from warehouse.errors import UserError


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
