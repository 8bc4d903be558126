"""The command line of the service."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from service.__main__ import main
from service.keys import KEYS, KEYS_FILE, keys_from_environment
from service.snapshots import folder_of
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
    "arguments", [["--port", "x"], ["--port", "70000"], ["--seconds", "0"], ["--cache", "-1"]]
)
def test_a_wrong_command_line_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
