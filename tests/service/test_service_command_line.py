"""The command line of the service."""

from __future__ import annotations

import io
import resource
import signal
import socket
import time
from pathlib import Path

import pytest

from service.__main__ import main
from service.connections import descriptors_allow
from service.keys import KEYS, KEYS_FILE, keys_from_environment, line_of
from service.snapshots import folder_of
from tests.service.conftest import NEWS
from tests.service.running import SECRET, command, sent, wait_until
from tests.warehouses import Warehouse


@pytest.fixture(autouse=True)
def without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEYS, raising=False)
    monkeypatch.delenv(KEYS_FILE, raising=False)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line of a command that ends with 1."""
    assert main(list(arguments)) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("service: ")
    assert told.err.count("\n") == 1
    return told.err


def test_key_prints_a_line_that_fits_the_secret_it_shows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["key", "news.example.com"]) == 0
    told = capsys.readouterr()
    secret = told.err.strip().rpartition(" ")[2]
    assert len(secret) > 40
    assert secret not in told.out
    monkeypatch.setenv(KEYS, told.out.strip())
    found = keys_from_environment()
    assert found is not None
    assert found.fits("news.example.com", secret)


def test_key_takes_a_secret_of_ones_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("one that has been in use\n"))
    assert main(["key", "--own", "news.example.com"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    monkeypatch.setenv(KEYS, told.out.strip())
    found = keys_from_environment()
    assert found is not None
    assert found.fits("news.example.com", "one that has been in use")


def test_key_refuses_a_secret_that_can_be_guessed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("password\n"))
    assert "too short" in refused(capsys, "key", "--own", "news.example.com")


def test_key_refuses_a_name_that_is_none_of_a_site(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("", "two words", "a;b", "# a"):
        assert "no name of a site" in refused(capsys, "key", name)


def test_it_serves_nobody_without_keys(
    capsys: pytest.CaptureFixture[str], newsrooms: Warehouse
) -> None:
    told = refused(capsys, "--warehouse", str(newsrooms.path))
    assert "python -m service key SITE" in told


def test_it_is_open_to_this_machine_alone(
    capsys: pytest.CaptureFixture[str], newsrooms: Warehouse
) -> None:
    for host in ("0.0.0.0", "192.0.2.1", "::", "example.com"):
        told = refused(capsys, "--warehouse", str(newsrooms.path), "--open", "--host", host)
        assert "127.0.0.1 alone" in told


def test_a_line_of_keys_that_is_none_is_not_shown(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    newsrooms: Warehouse,
    tmp_path: Path,
) -> None:
    (tmp_path / "keys").write_text("# keys\nnews.example.com the-secret-itself\n")
    monkeypatch.setenv(KEYS_FILE, str(tmp_path / "keys"))
    told = refused(capsys, "--warehouse", str(newsrooms.path))
    assert "line 2" in told
    assert "itself" not in told


def test_there_is_no_warehouse(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    nowhere = tmp_path / "none.duckdb"
    assert "no warehouse yet" in refused(capsys, "--warehouse", str(nowhere), "--open")
    assert "no warehouse yet" in refused(capsys, "publish", "--warehouse", str(nowhere))
    assert not folder_of(nowhere).exists()


def test_publish_tells_which_snapshot_is_in_force(
    capsys: pytest.CaptureFixture[str], newsrooms: Warehouse
) -> None:
    assert main(["publish", "--warehouse", str(newsrooms.path)]) == 0
    assert str(folder_of(newsrooms.path)) in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["--port", "x"], ["--port", "70000"], ["--seconds", "0"], ["--cache", "-1"],
     ["--connections", "0"], ["--queue", "-1"], ["--arrival", "0"]],
)  # fmt: skip
def test_a_wrong_command_line_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_a_port_that_is_in_use_is_told(
    capsys: pytest.CaptureFixture[str], newsrooms: Warehouse
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        told = refused(capsys, "--warehouse", str(newsrooms.path), "--open", "--port", port)
    assert told == (
        f"service: the port is in use: 127.0.0.1:{port}: "
        "stop what listens there, or choose another --port\n"
    )


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("no-such-host.invalid", "there is no such host"),
        ("a..b", "there is no such host"),
        ("", "there is no such host"),
        ("[::1]", "there is no such host"),
        # One of those that are kept for documents.
        ("192.0.2.1", "this machine has no such address"),
    ],
)
def test_a_host_that_is_none_is_told(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    newsrooms: Warehouse,
    host: str,
    why: str,
) -> None:
    monkeypatch.setenv(KEYS, line_of(NEWS, SECRET))
    assert why in refused(capsys, "--warehouse", str(newsrooms.path), "--host", host)


def test_it_does_not_begin_where_too_few_files_may_be_open(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, newsrooms: Warehouse
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = descriptors_allow()
    assert allowed is not None
    assert soft - 100 < allowed < soft
    monkeypatch.setattr(resource, "getrlimit", lambda _: (70, hard))
    told = refused(capsys, "--warehouse", str(newsrooms.path), "--open", "--port", "0")
    assert told == "service: too few files may be open: room for 6 connections: raise `ulimit -n`\n"


# The command, with answers that take a while.
SLOW = """
import sys, time
from service import __main__, serving
answer = serving.answer
def slow(snapshot, cursor, question):
    print("asked", file=sys.stderr, flush=True)
    if question.limit == 7:
        cursor.execute("select count(*) from range(1000000000000)").fetchone()
    time.sleep(1)
    return answer(snapshot, cursor, question)
serving.answer = slow
sys.exit(__main__.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0_when_the_calls_in_hand_are_answered(
    newsrooms: Warehouse, sign: signal.Signals
) -> None:
    top = f"/v2/analytics/posts?apikey={NEWS}"
    with command("--open", warehouse=newsrooms.path, program=("-c", SLOW)) as run:
        half_sent = sent(run, b"GET /v2/top HTTP/1.1\r\n")
        in_hand = sent(run, f"GET {top} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: "asked\n" in run.told)
        started = time.monotonic()
        assert run.stop(sign) == 0
        assert time.monotonic() - started < 10
        in_hand.settimeout(10)
        assert in_hand.recv(1000).startswith(b"HTTP/1.1 200 ")
        assert half_sent.recv(1) == b""
    assert not any("Traceback" in line for line in run.told)


def test_a_query_without_an_end_does_not_keep_it(newsrooms: Warehouse) -> None:
    top = f"/v2/analytics/posts?apikey={NEWS}&limit=7"
    options = ("--open", "--seconds", "1")
    with command(*options, warehouse=newsrooms.path, program=("-c", SLOW)) as run:
        in_hand = sent(run, f"GET {top} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: "asked\n" in run.told)
        started = time.monotonic()
        assert run.stop() == 0
        assert time.monotonic() - started < 10
        in_hand.settimeout(10)
        assert b'"code":504' in in_hand.recv(10_000)
    assert not any("Traceback" in line for line in run.told)
