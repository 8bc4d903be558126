"""The service under a clock that jumps."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import requests

from tests.support.clocks import Clock, needs_clock
from tests.support.newsrooms import NEWS
from tests.support.serving import command
from tests.support.warehouses import Warehouse


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
        answers, dates = set(), set()
        for offset in ("+0", "+2d", "-3d", "+400d", "+0"):
            clock.set(offset)
            # So long the process keeps what it last read of the clock.
            time.sleep(1.5)
            for limit in (3, 4):
                answer = requests.get(
                    f"{run.root}/analytics/posts",
                    params={"apikey": NEWS, "limit": limit},
                    timeout=30,
                )
                assert answer.status_code == 200
                answers.add((limit, answer.content))
            dates.add(answer.headers["date"].split(" ")[3])
            ready = requests.get(f"{run.root.removesuffix('/v2')}/ready", timeout=30)
            assert ready.status_code == 200, ready.text
    assert len(answers) == 2
    assert len(dates) > 1
    assert not any("Traceback" in line for line in run.log)
