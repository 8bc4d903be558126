"""Files in S3, over HTTP: all found, few requests, errors that pass, errors that do not."""

from __future__ import annotations

import errno
import gzip
import json
import multiprocessing
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import s3fs

from loaders.discovering import EventFile, find_files
from readership.errors import UserError
from tests.support.loading import Load, Query
from tests.support.s3_server import ACCESS_KEY, SECRET_KEY, S3Server

Put = Callable[..., None]


@pytest.fixture
def put(s3: S3Server, bucket: str) -> Put:
    """Give a function that stores small event files under keys."""

    def put_keys(*keys: str) -> None:
        for key in keys:
            s3.put(bucket, key, gzip.compress(json.dumps({"event_id": key}).encode() + b"\n"))

    return put_keys


def keys(bucket: str, path: str = "", **days: date) -> list[str]:
    files = find_files([f"s3://{bucket}{path}"], **days).files
    return [file.name.removeprefix(f"s3://{bucket}/") for file in files]


def read(file: EventFile) -> bytes:
    with file.open() as stream:
        return stream.read()


def test_more_objects_than_a_page_holds_are_all_found(s3: S3Server, bucket: str) -> None:
    expected = [f"events/2024/05/{number % 9 + 1:02}/{number:04}.gz" for number in range(1203)]
    for key in expected:
        s3.put(bucket, key, b"")
    assert keys(bucket, "/events") == sorted(expected)
    assert s3.counts() == Counter(list=3, look=1)


@pytest.mark.parametrize("layout", ["events/", ""])
def test_both_layouts_are_found_with_whatever_lies_deeper(
    layout: str, put: Put, bucket: str
) -> None:
    expected = [f"{layout}2024/05/01/13/part-0/a.jsonl.gz", f"{layout}2024/05/01/b.jsonl"]
    put(*expected, f"{layout}2024/05/01/.tmp/c.jsonl", f"{layout}2024/05/01/_SUCCESS")
    assert keys(bucket) == expected
    assert keys(bucket, since=date(2024, 5, 1), until=date(2024, 5, 1)) == expected
    assert keys(bucket, f"/{layout}2024/05") == expected


def test_only_the_folders_of_the_requested_days_are_listed(
    s3: S3Server, put: Put, bucket: str
) -> None:
    requested = ["events/2024/04/30/z.gz", "events/2024/05/01/13/a.gz", "events/2024/05/02/b.gz"]
    put(*requested, "events/2024/05/03/c.gz", "events/2024/06/01/d.gz", "events/2023/05/01/e.gz")
    put("events/2022/01/01/f.gz", "events/late.gz", "other/g.gz")
    found = find_files([f"s3://{bucket}"], date(2024, 4, 30), date(2024, 5, 2))
    assert [file.path.removeprefix(f"{bucket}/") for file in found.files] == requested
    assert found.undated == 2
    assert [request.prefix for request in s3.requests if request.kind == "list"] == [
        "",
        "events/",
        "events/2024/",
        "events/2024/04/",
        "events/2024/04/30/",
        "events/2024/05/",
        "events/2024/05/01/",
        "events/2024/05/02/",
        "other/",
    ]


def test_a_month_and_a_year_that_are_requested_whole_are_listed_at_once(
    s3: S3Server, put: Put, bucket: str
) -> None:
    requested = [f"2024/{month:02}/{day:02}/a.gz" for month in (3, 4) for day in range(1, 31)]
    put(*requested, "2023/12/31/b.gz", "2024/02/29/c.gz")
    assert keys(bucket, since=date(2024, 3, 1)) == requested
    assert [request.prefix for request in s3.requests if request.kind == "list"] == [
        "",
        "2024/",
        "2024/03/",
        "2024/04/",
    ]


def test_patterns_are_matched_level_by_level(put: Put, bucket: str) -> None:
    put("events/2024/05/01/a.gz", "events/2024/05/02/b.jsonl", "events/2024/06/01/c.gz", "x/d.gz")
    assert keys(bucket, "/events/*/05/*/*.gz") == ["events/2024/05/01/a.gz"]
    assert keys(bucket, "/events/**/*.gz") == ["events/2024/05/01/a.gz", "events/2024/06/01/c.gz"]
    assert keys(bucket, "/ev*") == sorted(
        ["events/2024/05/01/a.gz", "events/2024/05/02/b.jsonl", "events/2024/06/01/c.gz"]
    )


def test_a_second_look_sees_what_is_new(put: Put, bucket: str) -> None:
    put("events/2024/05/01/a.gz")
    assert len(keys(bucket)) == 1
    put("events/2024/05/01/b.gz")
    assert len(keys(bucket)) == 2
    assert len(keys(bucket, since=date(2024, 5, 1))) == 2


def test_a_small_object_costs_one_request_to_read(s3: S3Server, put: Put, bucket: str) -> None:
    put("a.gz")
    (file,) = find_files([f"s3://{bucket}"]).files
    s3.reset()
    assert json.loads(gzip.decompress(read(file))) == {"event_id": "a.gz"}
    assert s3.counts() == Counter(read=1)


def test_a_large_object_is_read_in_parts_of_16_mib(s3: S3Server, bucket: str) -> None:
    content = bytes(range(256)) * (40 * 4096)
    s3.put(bucket, "large.jsonl", content)
    (file,) = find_files([f"s3://{bucket}"]).files
    s3.reset()
    with file.open() as stream:
        parts = list(iter(lambda: stream.read(1 << 18), b""))
    assert b"".join(parts) == content
    assert s3.counts() == Counter(read=3)


def test_the_version_is_the_etag_and_seen_anew_each_time(
    s3: S3Server, put: Put, bucket: str
) -> None:
    put("a.gz", "b.gz", "c.gz")
    a, b, c = find_files([f"s3://{bucket}"]).files
    assert [file.current_version() for file in (a, b, c)] == [a.version, b.version, c.version]
    s3.put(bucket, "a.gz", b"other")
    s3.delete(bucket, "b.gz")
    assert a.current_version() not in (None, a.version)
    assert b.current_version() is None
    assert c.current_version() == c.version


def test_an_object_replaced_after_the_listing_is_not_read_as_the_old_one(
    s3: S3Server, put: Put, bucket: str
) -> None:
    put("a.gz", "b.gz")
    a, b = find_files([f"s3://{bucket}"]).files
    s3.put(bucket, "a.gz", b"other")
    s3.delete(bucket, "b.gz")
    with pytest.raises(OSError, match="replaced") as caught:
        read(a)
    assert caught.value.errno == errno.ESTALE
    with pytest.raises(FileNotFoundError):
        read(b)


def test_an_object_added_during_the_run_is_taken_by_the_next(
    s3: S3Server, put: Put, bucket: str, load: Load
) -> None:
    put("2024/05/01/a.gz")
    s3.before("read", lambda: put("2024/05/01/b.gz"))
    assert load(f"s3://{bucket}").files == Counter(loaded=1)
    second = load(f"s3://{bucket}")
    assert (second.files, second.skipped) == (Counter(loaded=1), 1)


@pytest.mark.parametrize("status", [500, 503])
def test_errors_of_the_store_that_pass_leave_no_trace(
    status: int, s3: S3Server, put: Put, bucket: str, load: Load, query: Query
) -> None:
    put("2024/05/01/a.gz", "2024/05/01/b.gz")
    for kind in ("list", "look", "read"):
        s3.fail(kind, 1, status)
    s3.cut(1)
    assert load(f"s3://{bucket}").files == Counter(loaded=2)
    assert query("select count(*), count(distinct _file) from raw.events") == [(2, 2)]
    assert query("select status, count(*) from raw.files group by all") == [("loaded", 2)]


def test_an_object_cut_again_and_again_is_an_error_and_no_short_file(
    s3: S3Server, put: Put, bucket: str
) -> None:
    put("a.gz")
    (file,) = find_files([f"s3://{bucket}"]).files
    s3.cut(1000)
    with pytest.raises(OSError, match="payload"):
        read(file)


def test_rights_that_end_below_a_folder_are_enough_to_list_it(
    s3: S3Server, put: Put, bucket: str
) -> None:
    put("events/2024/05/01/a.gz")
    s3.fail("look", 1000, 403)
    for path in ("/events", "", "/events/*/05", "/events/**/*.gz"):
        assert keys(bucket, path) == ["events/2024/05/01/a.gz"]
    with pytest.raises(UserError, match="access refused"):
        keys(bucket, "/other")
    with pytest.raises(UserError, match="no event files of the days from 2024-05-02"):
        keys(bucket, "/events", since=date(2024, 5, 2))


def test_a_lasting_error_of_a_store_is_one_line(
    s3: S3Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3.fail("list", 1000, 500)
    error = trouble_of(f"s3://{bucket}")
    assert (error.what, error.remedy) == (
        "the store cannot answer now",
        "run again later (We encountered an internal error.)",
    )


def _name_and_content(file: EventFile) -> tuple[str, bytes, bool]:
    return file.name, read(file), file.current_version() == file.version


def test_a_listed_object_is_read_by_another_process(put: Put, bucket: str) -> None:
    put("a.gz")
    (file,) = find_files([f"s3://{bucket}"]).files
    assert pickle.loads(pickle.dumps(file)) == file
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_name_and_content, [file]) == (file.name, read(file), True)


def test_credentials_come_from_the_configuration_of_dlt_where_it_has_any(
    s3: S3Server, put: Put, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("a.gz")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name)
    place = "SOURCES__FILESYSTEM__CREDENTIALS__"
    monkeypatch.setenv(place + "AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv(place + "AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv(place + "ENDPOINT_URL", s3.endpoint)
    assert keys(bucket) == ["a.gz"]


def test_half_the_credentials_in_the_configuration_of_dlt_are_an_error(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("SOURCES__FILESYSTEM__CREDENTIALS__AWS_ACCESS_KEY_ID", ACCESS_KEY)
    with pytest.raises(UserError, match="aws_secret_access_key") as caught:
        find_files([f"s3://{bucket}"])
    assert caught.value.where == "sources.filesystem.credentials"


def trouble_of(path: str) -> UserError:
    with pytest.raises(UserError) as caught:
        find_files([path])
    line = str(caught.value)
    assert "\n" not in line
    assert len(line) < 600
    assert SECRET_KEY not in line
    return caught.value


def command(*arguments: str, warehouse: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "loaders", "load", *arguments, "--warehouse", str(warehouse)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_loads_from_s3_and_says_in_one_line_why_it_cannot(
    s3: S3Server, put: Put, bucket: str, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("2024/05/01/a.gz")
    done = command(f"s3://{bucket}", warehouse=warehouse)
    assert done.returncode == 0
    assert "1 loaded" in done.stdout
    assert all(line.startswith("readership load: ") for line in done.stderr.splitlines())
    s3.access_key = "another"
    refused = command(f"s3://{bucket}", warehouse=warehouse)
    assert refused.returncode == 1
    assert refused.stderr.startswith("readership load: access refused: ")
    assert refused.stderr.count("\n") == 1
    assert SECRET_KEY not in refused.stderr


def test_an_object_replaced_in_the_middle_of_reading_is_noticed(s3: S3Server, bucket: str) -> None:
    s3.put(bucket, "large.jsonl", b"a" * (17 << 20))
    (file,) = find_files([f"s3://{bucket}"]).files
    with file.open() as stream:
        stream.read(1 << 18)
        s3.put(bucket, "large.jsonl", b"b" * (17 << 20))
        with pytest.raises(OSError, match="replaced"):
            stream.read()


def test_keys_of_any_characters_are_listed_and_read(put: Put, s3: S3Server, bucket: str) -> None:
    odd = ["2024/05/01/é ü.gz", "2024/05/01/a+b%20c&d=e.gz", "2024/05/01/x?token=1#y.gz"]
    put(*odd)
    files = find_files([f"s3://{bucket}"]).files
    assert sorted(file.path.removeprefix(f"{bucket}/") for file in files) == sorted(odd)
    assert all(file.current_version() == file.version and read(file) for file in files)


@pytest.mark.parametrize("below", ["", "/events", "/events/x.gz"])
def test_a_bucket_that_is_not_there_is_one_line(s3: S3Server, below: str) -> None:
    assert trouble_of(f"s3://no-such-bucket{below}").what == "no such bucket"


@pytest.mark.parametrize("below", ["", "/events", "/events/*.gz", "/events/**"])
def test_wrong_credentials_are_one_line(s3: S3Server, bucket: str, below: str) -> None:
    s3.access_key = "another"
    assert trouble_of(f"s3://{bucket}{below}").what == "access refused"


def test_no_credentials_are_one_line(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert trouble_of(f"s3://{bucket}").what == "no credentials"


def test_credentials_in_an_address_are_refused_and_not_repeated(s3: S3Server) -> None:
    error = trouble_of(f"s3://{ACCESS_KEY}:{SECRET_KEY}@bucket/events")
    assert error.what == "credentials in an address"
    assert error.where == "s3://***@bucket/events"


def test_a_store_that_does_not_answer_is_one_line(
    s3_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = S3Server()
    server.make_bucket("bucket")
    server.put("bucket", "a.gz", b"")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3fs.S3FileSystem.clear_instance_cache()
    (file,) = find_files(["s3://bucket"]).files
    server.stop()
    assert trouble_of("s3://bucket").what == "cannot connect"
    assert trouble_of("s3://bucket/*.gz").what == "cannot connect"
    with pytest.raises(OSError, match="connect"):
        file.current_version()
