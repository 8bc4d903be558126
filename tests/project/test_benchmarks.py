"""Every benchmark describes itself and refuses unknown options, and starts nothing for either."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "bench"
BENCHMARKS = [
    file.stem for file in sorted(FOLDER.glob("*.py")) if "\ndef main(" in file.read_text()
]


def run(name: str, option: str, monkeypatch: pytest.MonkeyPatch) -> object:
    """Run a benchmark that stops at its options; return its exit code."""
    monkeypatch.setattr("sys.argv", [name, option])
    with pytest.raises(SystemExit) as stopped:
        import_module(f"bench.{name}").main()
    return stopped.value.code


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_describes_itself(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(name, "--help", monkeypatch) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"usage: python -m bench.{name} [-h]")
    assert str(import_module(f"bench.{name}").__doc__).strip() in printed


@pytest.mark.parametrize("name", BENCHMARKS)
def test_an_unknown_option_of_a_benchmark_is_one_line(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(name, "--nope", monkeypatch) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"python -m bench.{name}: ")
    assert printed.err.count("\n") == 1
