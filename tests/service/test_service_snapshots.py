"""Snapshots: their contents, the reasons to refuse them, and the switch from one to the next."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests
from filelock import FileLock

from readership.errors import UserError
from readership.service.answering import serving
from readership.service.keys import key_line
from readership.service.snapshots import (
    CURRENT,
    current_snapshot,
    open_snapshot,
    publish,
    publishing,
    snapshot_folder,
)
from readership.service.snapshots.manifest import sha256
from tests.support.newsrooms import NEWS, view
from tests.support.serving import SECRET, Service, command, keys_of, running, wait_until
from tests.support.warehouses import Warehouse

POSTS = "/analytics/posts"


@pytest.fixture
def changing(own: Warehouse) -> Iterator[Service]:
    """A service on that warehouse."""
    with running(own.path, NEWS, keys_of(NEWS)) as service:
        yield service


def health(service: Service) -> dict[str, Any]:
    return service.client.get(service.root.replace("/v2", "/health"), timeout=30).json()


def change_current(folder: Path, **changes: object) -> None:
    """Change what `current.json` says of its only file."""
    values = json.loads((folder / CURRENT).read_text())
    values["files"][0] |= changes
    new = folder / "new"
    new.write_text(json.dumps(values))
    new.replace(folder / CURRENT)


def one_more_view(warehouse: Warehouse) -> None:
    """Change a row that answers read."""
    warehouse.execute("update int_hourly_views set engaged_seconds = engaged_seconds + 1")


def test_a_snapshot_contains_what_answers_read_and_no_personal_data(
    newsrooms: Warehouse, tmp_path: Path
) -> None:
    info = current_snapshot(snapshot_folder(newsrooms.path))
    assert info is not None
    copy = tmp_path / "copy.duckdb"
    shutil.copy(info.files[0].path, copy)
    with duckdb.connect(str(copy), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where schema_name <> 'published' order by all"
        ).fetchall()
        columns = connection.execute(
            "select column_name from duckdb_columns() where not internal "
            "and column_name similar to '.*(ip_address|latitude|longitude|network_id)'"
        ).fetchall()
        counts = [
            (name, connection.execute(f'select count(*) from "{name}"').fetchone()[0])  # type: ignore[index]
            for _, name in tables
        ]
        responses = connection.execute("select * from api_responses order by all").fetchall()
    assert {schema for schema, _ in tables} == {"main"}
    assert not any(name.startswith(("stg_", "base_", "ops_")) for _, name in tables)
    assert columns == []
    assert counts == [(name, newsrooms.one(f"select count(*) from {name}")) for name, _ in counts]
    assert {"api_responses": responses} == newsrooms.ordered("api_responses")


def test_the_switch_to_a_new_snapshot_fails_no_call(own: Warehouse, tmp_path: Path) -> None:
    """A separate process serves while the warehouse is loaded, built and published."""
    responses: list[list[tuple[int, int]]] = [[] for _ in range(4)]
    failed: list[object] = []
    is_over = threading.Event()

    def ask(root: str, answers: list[tuple[int, int]], number: int) -> None:
        client = requests.Session()
        while not is_over.is_set():
            parameters = {"apikey": NEWS, "period_start": "24h", "limit": number + 1}
            try:
                answer = client.get(f"{root}{POSTS}", params=parameters, timeout=30)
                rows = {row["title"]: row["metrics"]["views"] for row in answer.json()["data"]}
                answers.append((rows["A"], answer.status_code))
            except Exception as error:
                failed.append(error)

    with command("--open", warehouse=own.path) as run:
        clients = [
            threading.Thread(target=ask, args=(run.root, answers, number))
            for number, answers in enumerate(responses)
        ]
        for client in clients:
            client.start()
        for number in (1, 2):
            at = f"2026-03-10 15:5{number}:00"
            own.load_events([view(f"new {number}", at, "/a")])
            own.build("--select", "+api_responses")
            publish(own.path)
            wait_until(lambda number=number: all(a and a[-1][0] == 4 + number for a in responses))
        is_over.set()
        for client in clients:
            client.join()
    assert failed == []
    for answers in responses:
        assert {status for _, status in answers} == {200}
        counts = [views for views, _ in answers]
        # Each snapshot was served, in order.
        assert counts == sorted(counts)
        assert set(counts) == {4, 5, 6}


@pytest.mark.parametrize("kind", ["cut off", "changed", "gone", "no name", "elsewhere", "no JSON"])
def test_a_damaged_snapshot_is_refused_and_the_old_one_stays(
    changing: Service, own: Warehouse, tmp_path: Path, kind: str
) -> None:
    before = changing.get(POSTS, period_start="24h").content
    old = health(changing)["snapshot"]
    folder = snapshot_folder(own.path)
    new = folder / "99991231T000000_new.duckdb"
    shutil.copy(folder / f"{old}.duckdb", new)
    changes: dict[str, object] = {"file": new.name, "sha256": sha256(new)}
    if kind == "cut off":
        os.truncate(new, new.stat().st_size - 4096)
    elif kind == "changed":
        with new.open("r+b") as stream:
            stream.seek(new.stat().st_size // 2)
            stream.write(b"\0a byte or two\0")
    elif kind == "gone":
        new.unlink()
    elif kind == "no name":
        changes = {"file": None}
    elif kind == "elsewhere":
        shutil.copy(folder / f"{old}.duckdb", tmp_path / "other.duckdb")
        changes = {"file": f"../../{tmp_path.name}/other.duckdb"}
    if kind == "no JSON":
        (folder / CURRENT).write_text("{")
    else:
        change_current(folder, **changes)
    wait_until(lambda: health(changing)["status"] == "stale")
    assert health(changing)["snapshot"] == old
    assert changing.get(POSTS, period_start="24h").content == before
    assert changing.call(POSTS, period_start="7d")["data"]
    # The service switches to the next valid snapshot.
    publish(own.path, whole=True)
    wait_until(lambda: health(changing)["status"] == "ok")
    assert health(changing)["snapshot"] not in (old, new.stem)


def test_a_snapshot_that_lacks_a_macro_is_refused(changing: Service, own: Warehouse) -> None:
    old = health(changing)["snapshot"]
    folder = snapshot_folder(own.path)
    new = folder / "99991231T000000_new.duckdb"
    shutil.copy(folder / f"{old}.duckdb", new)
    with duckdb.connect(str(new)) as connection:
        connection.execute("drop macro table answers.analytics_tags")
    change_current(folder, file=new.name, bytes=new.stat().st_size, sha256=sha256(new))
    wait_until(lambda: health(changing)["refused"])
    assert "analytics_tags" in (changing.serving.refused or "")
    assert health(changing)["snapshot"] == old


def test_a_warehouse_that_lacks_a_macro_is_not_published(own: Warehouse) -> None:
    folder = snapshot_folder(own.path)
    before = sorted(folder.iterdir())
    own.execute("drop macro table answers.analytics_posts")
    with pytest.raises(UserError, match="publish_answers"):
        publish(own.path)
    assert sorted(folder.iterdir()) == before


def test_a_warehouse_in_use_is_not_published(own: Warehouse) -> None:
    folder = snapshot_folder(own.path)
    before = sorted(folder.iterdir())
    writing = subprocess.Popen(
        [sys.executable, "-c", "import duckdb, sys; c = duckdb.connect(sys.argv[1]); "
         "print('open', flush=True); sys.stdin.read()", str(own.path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert writing.stdout is not None
        assert writing.stdout.readline() == b"open\n"
        with pytest.raises(UserError, match="in use by another process"):
            publish(own.path)
    finally:
        writing.communicate()
    assert sorted(folder.iterdir()) == before


def test_a_failed_copy_leaves_the_old_snapshot(
    own: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = snapshot_folder(own.path)
    before = {file: file.read_bytes() for file in folder.iterdir()}
    one_more_view(own)

    def full(_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing, "set_current", full)
    with pytest.raises(UserError, match="cannot be written"):
        publish(own.path)
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


def test_the_current_and_the_previous_snapshot_are_kept(own: Warehouse) -> None:
    published = [publish(own.path, whole=True).files[0].path for _ in range(3)]
    assert sorted(snapshot_folder(own.path).glob("*.duckdb")) == sorted(published[1:])


def test_both_are_kept_when_the_clock_was_set_back(
    own: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = publish(own.path, whole=True).files[0].path

    class SetBack(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # noqa: ANN401
            return datetime.now(tz) - timedelta(days=400)

    monkeypatch.setattr(publishing, "datetime", SetBack)
    after = publish(own.path, whole=True).files[0].path
    assert after.name < before.name
    assert sorted(snapshot_folder(own.path).glob("*.duckdb")) == [after, before]


def test_concurrent_publishers_wait_for_each_other(own: Warehouse) -> None:
    folder = snapshot_folder(own.path)
    for _ in range(2):
        with ThreadPoolExecutor(3) as publishers:
            published = list(publishers.map(lambda path: publish(path, whole=True), [own.path] * 3))
        info = current_snapshot(folder)
        assert info in published
        open_snapshot(info).retire()
        assert len(list(folder.glob("*.duckdb"))) == 2


def test_a_publisher_that_never_finishes_is_reported(
    own: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_LOCK_TIMEOUT_SECONDS", 0.1)
    with (
        FileLock(snapshot_folder(own.path) / publishing._LOCK),
        pytest.raises(UserError, match="another process is publishing"),
    ):
        publish(own.path)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[]", b'{"file": "a.duckdb"}', b"[" * 100_000])
def test_an_invalid_current_json_is_reported_and_repaired_by_publishing(
    own: Warehouse, content: bytes
) -> None:
    folder = snapshot_folder(own.path)
    (folder / CURRENT).write_bytes(content)
    with pytest.raises(
        UserError,
        match=r"current\.json.*publish again.*(does not name a snapshot|of another version)",
    ):
        current_snapshot(folder)
    published = publish(own.path)
    assert current_snapshot(folder) == published


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(28, "free space on its disk"), (30, "read-only"), (13, "write permission")],
)
def test_a_write_error_names_its_remedy(
    own: Warehouse, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    for error in (OSError(number, os.strerror(number)), duckdb.IOException(os.strerror(number))):

        def failing(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(publishing, "_copy", failing)
        with pytest.raises(UserError, match=remedy):
            publish(own.path, whole=True)


def test_exhausted_memory_is_reported_with_the_setting_to_raise(
    own: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(snapshot_folder(own.path).iterdir())
    with monkeypatch.context() as patch:
        patch.setenv("READERSHIP_MEMORY", "1MB")
        with pytest.raises(UserError, match=r"out of memory: .*READERSHIP_MEMORY=8GB"):
            publish(own.path, whole=True)
    with monkeypatch.context() as patch:

        def use_up(*_: object, **__: object) -> None:
            raise MemoryError

        patch.setattr(publishing, "_copy", use_up)
        with pytest.raises(UserError, match=r"out of memory: .*let other programs end"):
            publish(own.path, whole=True)
    assert [file for file in snapshot_folder(own.path).iterdir() if file.suffix == ".tmp"] == []
    assert {file.name for file in before} <= {
        file.name for file in snapshot_folder(own.path).iterdir()
    }


def test_health_reports_the_age_and_lag_of_the_snapshot(service: Service) -> None:
    status = health(service)
    now = datetime.now(UTC).replace(tzinfo=None)
    published_at = datetime.fromisoformat(status["published_at"])
    assert status["newest_event_at"] == "2026-03-10T16:00:00"
    assert abs(now - published_at - timedelta(seconds=status["age_seconds"])).total_seconds() < 2
    lag = now - datetime(2026, 3, 10, 16)
    assert abs(lag - timedelta(seconds=status["lag_seconds"])).total_seconds() < 2
    assert (status["status"], status["refused"]) == ("ok", False)


def test_the_same_query_runs_once_per_snapshot(
    changing: Service, own: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries: list[str] = []
    answer = serving.answer

    def counting(snapshot: Any, cursor: Any, query: Any, counter: Any) -> Any:  # noqa: ANN401
        queries.append(query.path)
        time.sleep(0.2)
        return answer(snapshot, cursor, query, counter)

    monkeypatch.setattr(serving, "answer", counting)
    together = [
        threading.Thread(target=changing.get, args=(POSTS,), kwargs={"period_start": "24h"})
        for _ in range(5)
    ]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    changing.get(POSTS, sort="_hits", period_start="24h", callback="show", metrics="views")
    assert len(queries) == 1
    changing.get(POSTS, period_start="23h")
    assert len(queries) == 2
    one_more_view(own)
    publish(own.path)
    wait_until(lambda: changing.serving.swaps == 1)
    changing.get(POSTS, period_start="24h")
    assert len(queries) == 3


def test_the_cache_evicts_the_least_recently_used() -> None:
    # With their overhead, three entries of 1,000 bytes fit and four do not.
    cache = serving.Cache(5_000)
    for name in "abc":
        cache.put((name, "", ""), name, 1_000)
    assert cache.get(("a", "", "")) == "a"
    cache.put(("d", "", ""), "d", 1_000)
    assert [name for name in "abcd" if cache.get((name, "", ""))] == ["a", "c", "d"]


def test_changed_keys_are_reloaded(
    own: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys"
    file.write_text("")
    monkeypatch.setenv("READERSHIP_SITE_KEYS_FILE", str(file))
    monkeypatch.delenv("READERSHIP_SITE_KEYS", raising=False)
    with running(own.path, NEWS, keys_of(NEWS)) as service:
        assert service.get(POSTS).json()["success"]
        file.write_text("# no keys\n")
        wait_until(lambda: not service.get(POSTS).json()["success"])
        file.write_text(key_line(NEWS, SECRET))
        wait_until(lambda: service.get(POSTS).json()["success"])


def test_unreadable_keys_are_reported_and_the_old_ones_stay(
    own: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys"
    file.write_text(key_line(NEWS, SECRET))
    monkeypatch.setenv("READERSHIP_SITE_KEYS_FILE", str(file))
    monkeypatch.delenv("READERSHIP_SITE_KEYS", raising=False)
    with running(own.path, NEWS, keys_of(NEWS)) as service:
        status = health(service)
        assert (status["status"], status["keys_refused"]) == ("ok", False)
        for spoil in (
            lambda: file.write_text("not a line of keys\n"),
            lambda: file.write_bytes(b"\xff\xfe"),
            lambda: file.unlink(),
        ):
            spoil()
            wait_until(lambda: health(service)["keys_refused"])
            status = health(service)
            assert (status["status"], status["refused"]) == ("stale", False)
            assert service.get(POSTS).json()["success"]
            # The response does not reveal the path of the keys.
            assert str(file) not in json.dumps(status)
            file.write_text(key_line(NEWS, SECRET))
            wait_until(lambda: not health(service)["keys_refused"])
            assert health(service)["status"] == "ok"
        # The same file disappears and comes back.
        file.rename(tmp_path / "away")
        wait_until(lambda: health(service)["keys_refused"])
        (tmp_path / "away").rename(file)
        wait_until(lambda: not health(service)["keys_refused"])
