"""The command line of the service."""

from __future__ import annotations

import io
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from readership.command_line import main
from readership.service.keys import KEYS, KEYS_FILE, key_line, keys_from_environment
from readership.service.server.connections import descriptor_limit
from readership.service.snapshots import snapshot_folder
from tests.support.newsrooms import NEWS
from tests.support.serving import SECRET, SLOW, command, sent, wait_until
from tests.support.warehouses import Warehouse


@pytest.fixture(autouse=True)
def without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEYS, raising=False)
    monkeypatch.delenv(KEYS_FILE, raising=False)


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that fails, and return its one line on standard error."""
    assert main(list(arguments)) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(f"readership {arguments[0]}: ")
    assert output.err.count("\n") == 1
    return output.err


def test_key_prints_a_line_that_matches_the_secret_it_shows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["key", "news.example.com"]) == 0
    output = capsys.readouterr()
    secret = output.err.strip().rpartition(" ")[2]
    assert len(secret) > 40
    assert secret not in output.out
    monkeypatch.setenv(KEYS, output.out.strip())
    site_keys = keys_from_environment()
    assert site_keys is not None
    assert site_keys.matches("news.example.com", secret)


def test_key_accepts_an_existing_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("an existing long secret\n"))
    assert main(["key", "--own", "news.example.com"]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    monkeypatch.setenv(KEYS, output.out.strip())
    site_keys = keys_from_environment()
    assert site_keys is not None
    assert site_keys.matches("news.example.com", "an existing long secret")


def test_key_refuses_a_short_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("password\n"))
    assert "too short" in error_of(capsys, "key", "--own", "news.example.com")


def test_key_refuses_an_invalid_site_id(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("", "two words", "a;b", "# a"):
        assert "not a site id" in error_of(capsys, "key", name)


def test_the_service_does_not_start_without_keys(
    capsys: pytest.CaptureFixture[str], newsrooms: Warehouse
) -> None:
    output = error_of(capsys, "serve", "--warehouse", str(newsrooms.path))
    assert "readership key SITE" in output


def test_open_is_allowed_only_on_a_loopback_address(
    capsys: pytest.CaptureFixture[str], newsrooms: Warehouse
) -> None:
    for host in ("0.0.0.0", "192.0.2.1", "::", "example.com"):
        output = error_of(
            capsys, "serve", "--warehouse", str(newsrooms.path), "--open", "--host", host
        )
        assert "only on a loopback address" in output


def test_an_invalid_line_of_keys_is_not_printed(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    newsrooms: Warehouse,
    tmp_path: Path,
) -> None:
    (tmp_path / "keys").write_text("# keys\nnews.example.com the-secret-itself\n")
    monkeypatch.setenv(KEYS_FILE, str(tmp_path / "keys"))
    output = error_of(capsys, "serve", "--warehouse", str(newsrooms.path))
    assert "line 2" in output
    assert "itself" not in output


def test_a_missing_warehouse_is_an_error(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    nowhere = tmp_path / "none.duckdb"
    assert "no warehouse yet" in error_of(capsys, "serve", "--warehouse", str(nowhere), "--open")
    assert "no warehouse yet" in error_of(capsys, "publish", "--warehouse", str(nowhere))
    assert not snapshot_folder(nowhere).exists()


def test_publish_prints_the_folder_of_the_snapshot(
    capsys: pytest.CaptureFixture[str], newsrooms: Warehouse
) -> None:
    assert main(["publish", "--warehouse", str(newsrooms.path)]) == 0
    assert str(snapshot_folder(newsrooms.path)) in capsys.readouterr().out


def test_publish_starts_without_the_http_application() -> None:
    code = "import sys, readership.service.command_line; sys.exit('fastapi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [["--port", "x"], ["--port", "70000"], ["--seconds", "0"], ["--cache", "-1"],
     ["--connections", "0"], ["--queue", "-1"], ["--arrival", "0"]],
)  # fmt: skip
def test_a_wrong_command_line_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["serve", *arguments])
    assert exit_.value.code == 2


def test_a_port_in_use_is_an_error(
    capsys: pytest.CaptureFixture[str], newsrooms: Warehouse
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        output = error_of(
            capsys, "serve", "--warehouse", str(newsrooms.path), "--open", "--port", port
        )
    assert output == (
        f"readership serve: the port is in use: 127.0.0.1:{port}: "
        "stop the other process, or choose another --port\n"
    )


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("no-such-host.invalid", "there is no such host"),
        ("a..b", "there is no such host"),
        ("", "there is no such host"),
        ("[::1]", "there is no such host"),
        # A documentation address (RFC 5737).
        ("192.0.2.1", "this machine has no such address"),
    ],
)
def test_an_invalid_host_is_an_error(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    newsrooms: Warehouse,
    host: str,
    reason: str,
) -> None:
    monkeypatch.setenv(KEYS, key_line(NEWS, SECRET))
    assert reason in error_of(capsys, "serve", "--warehouse", str(newsrooms.path), "--host", host)


def test_the_service_does_not_start_with_too_few_file_descriptors(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, newsrooms: Warehouse
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = descriptor_limit()
    assert allowed is not None
    assert soft - 100 < allowed < soft
    monkeypatch.setattr(resource, "getrlimit", lambda _: (70, hard))
    output = error_of(capsys, "serve", "--warehouse", str(newsrooms.path), "--open", "--port", "0")
    assert output == (
        "readership serve: the limit of open files is too low: it leaves 6 connections: "
        "raise `ulimit -n`\n"
    )


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_service_after_the_requests_in_progress(
    newsrooms: Warehouse, sign: signal.Signals
) -> None:
    top = f"/v2/analytics/posts?apikey={NEWS}"
    with command("--open", warehouse=newsrooms.path, program=("-c", SLOW)) as run:
        half_sent = sent(run, b"GET /v2/top HTTP/1.1\r\n")
        in_progress = sent(run, f"GET {top} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: "running\n" in run.log)
        started = time.monotonic()
        assert run.stop(sign) == 0
        assert time.monotonic() - started < 10
        in_progress.settimeout(10)
        assert in_progress.recv(1000).startswith(b"HTTP/1.1 200 ")
        assert half_sent.recv(1) == b""
    assert not any("Traceback" in line for line in run.log)


def test_an_endless_query_does_not_delay_the_stop(newsrooms: Warehouse) -> None:
    top = f"/v2/analytics/posts?apikey={NEWS}&limit=7"
    options = ("--open", "--seconds", "1")
    with command(*options, warehouse=newsrooms.path, program=("-c", SLOW)) as run:
        in_progress = sent(run, f"GET {top} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: "running\n" in run.log)
        started = time.monotonic()
        assert run.stop() == 0
        assert time.monotonic() - started < 10
        in_progress.settimeout(10)
        assert b'"code":504' in in_progress.recv(10_000)
    assert not any("Traceback" in line for line in run.log)
