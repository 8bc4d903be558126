"""The service under a clock that jumps."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests

from tests.support.clocks import Clock, needs_clock
from tests.support.newsrooms import NEWS
from tests.support.serving import command, wait_until
from tests.support.warehouses import Warehouse


def days_ahead(root: str) -> float:
    """Return how far the clock of a service is ahead of that of this process."""
    date = parsedate_to_datetime(requests.get(f"{root}/health", timeout=30).headers["date"])
    return (date - datetime.now(UTC)).total_seconds() / 86_400


@needs_clock
def test_answers_stay_the_same_when_the_clock_jumps(
    newsrooms: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(tmp_path / "clock")
    clock.set("+0")
    for name, value in clock.environment.items():
        monkeypatch.setenv(name, value)
    with command("--open", warehouse=newsrooms.path) as run:
        monkeypatch.delenv("LD_PRELOAD")
        root = run.root.removesuffix("/v2")
        answers = set()
        for days in (0, 2, -3, 400, 0):
            clock.set(f"{days:+}d")
            wait_until(lambda days=days: abs(days_ahead(root) - days) < 0.1)
            for limit in (3, 4):
                answer = requests.get(
                    f"{run.root}/analytics/posts",
                    params={"apikey": NEWS, "limit": limit},
                    timeout=30,
                )
                assert answer.status_code == 200
                answers.add((limit, answer.content))
            ready = requests.get(f"{root}/ready", timeout=30)
            assert ready.status_code == 200, ready.text
    assert len(answers) == 2
    assert not any("Traceback" in line for line in run.log)
