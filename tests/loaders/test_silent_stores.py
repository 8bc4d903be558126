"""Stores and servers that accept a connection and then say nothing: one line, and soon."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import s3fs
from fsspec.implementations.http import HTTPFileSystem

from loaders.__main__ import main
from loaders.discovering import stores
from loaders.reading import file_reader
from loaders.settings import DEFAULT_SECONDS, SECONDS_VARIABLE
from readership.errors import UserError
from tests.support.loading import Query, Write
from tests.support.s3_server import S3Server


@pytest.fixture
def silent() -> Iterator[int]:
    """Give the port of a server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        open_: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    open_.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        s3fs.S3FileSystem.clear_instance_cache()
        HTTPFileSystem.clear_instance_cache()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join()
    for connection in open_:
        connection.close()


def error_of(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[str, float]:
    """Give the one line that a command ends with, and how long it took."""
    started = time.monotonic()
    assert main([str(argument) for argument in arguments]) == 1
    seconds = time.monotonic() - started
    said = capsys.readouterr().err.splitlines()
    start = f"readership {arguments[0]}: "
    assert [line for line in said if not line.startswith(start)] == []
    return said[-1], seconds


@pytest.mark.parametrize("below", ["", "/events", "/events/a.jsonl", "/events/*.gz", "/**"])
def test_a_bucket_of_a_silent_store_is_one_line(
    s3_environment: None,
    silent: int,
    below: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_long: bool,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent}")
    if not is_long:
        monkeypatch.setenv(SECONDS_VARIABLE, "0.3")
    s3fs.S3FileSystem.clear_instance_cache()
    error, seconds = error_of(capsys, "load", f"s3://bucket{below}")
    assert error.startswith(
        f"readership load: cannot connect: s3://bucket{below}: check the network "
    )
    assert seconds < (120 if is_long else 20)


def test_a_silent_web_server_is_one_line(
    silent: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0.3")
    url = f"http://127.0.0.1:{silent}/a.jsonl"
    error, seconds = error_of(capsys, "load", url)
    assert error.startswith(f"readership load: cannot connect: {url}: check the network ")
    assert seconds < 20


@pytest.mark.parametrize("objects", [1, 5])
def test_a_store_that_stops_in_the_middle_of_an_object_gives_out(
    s3: S3Server,
    bucket: str,
    objects: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    query: Query,
    warehouse: object,
    is_long: bool,
) -> None:
    for at in range(objects):
        s3.put(bucket, f"{at}.gz", gzip.compress(b'{"event_id": "0x1"}\n'))
    s3.stall("read")
    if not is_long:
        monkeypatch.setenv(SECONDS_VARIABLE, "0.3")
        monkeypatch.setattr(file_reader, "_PATIENCE_SECONDS", 0.5)
    error, seconds = error_of(capsys, "load", f"s3://{bucket}", "--warehouse", warehouse)
    others = " and 2 more" if objects > 1 else ""
    assert error.startswith(f"readership load: the store gave out: s3://{bucket}/0.gz{others} (")
    assert error.endswith("run again when it answers; what was loaded stays")
    assert seconds < (120 if is_long else 20)
    assert query("select count(*) from raw.events") == [(0,)]
    s3.reset()
    assert main(["load", f"s3://{bucket}", "--warehouse", str(warehouse)]) == 0
    assert query("select count(*) from raw.events") == [(objects,)]


def test_a_listing_that_stops_in_the_middle_is_one_line(
    s3: S3Server,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    s3.put(bucket, "a.gz", b"")
    s3.stall("list")
    monkeypatch.setenv(SECONDS_VARIABLE, "0.3")
    error, seconds = error_of(capsys, "load", f"s3://{bucket}")
    assert error.startswith("readership load: cannot ")
    assert f"s3://{bucket}" in error
    assert seconds < 20


def test_a_silent_postgres_server_is_one_line(
    write: Write,
    silent: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: object,
) -> None:
    monkeypatch.chdir(str(tmp_path))
    address = f"postgresql://me:secret-word@127.0.0.1:{silent}/news?connect_timeout=2"
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)
    path = write("a.jsonl", {"event_id": "0x1"})
    error, seconds = error_of(capsys, "load", path, "--target", "postgres")
    assert error.startswith(
        "readership load: cannot use the destination: postgres: check that it runs"
    )
    assert "timeout" in error
    assert "secret-word" not in error
    assert seconds < 20


@pytest.mark.parametrize("text", ["soon", "0", "-1", "601", "nan"])
def test_what_is_no_number_of_seconds_is_one_line(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, text)
    with pytest.raises(
        UserError, match=f"no number of seconds up to 600: {SECONDS_VARIABLE}: set it anew"
    ):
        stores.open_filesystem("s3://bucket")


def test_timeouts_in_dlts_configuration_take_precedence(
    s3_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = '{"config_kwargs": {"read_timeout": 77}}'
    monkeypatch.setenv("SOURCES__FILESYSTEM__KWARGS", configuration)
    filesystem, _ = stores.open_filesystem("s3://bucket/events")
    config = filesystem.config_kwargs
    assert (config["read_timeout"], config["connect_timeout"]) == (77, float(DEFAULT_SECONDS))
