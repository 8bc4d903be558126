"""Two small runs that most tests read: one clean, one messy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from simulator import Arguments, simulate
from tests.support.simulated import Reading, read_back

START = date(2026, 6, 1)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    out: Path = tmp_path_factory.mktemp("clean")
    simulate(Arguments(sites=2, days=14, events=16_000, seed=7, start=START, mess=False), out)
    return read_back(out)


@pytest.fixture(scope="session")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    out: Path = tmp_path_factory.mktemp("messy")
    simulate(Arguments(sites=2, days=7, events=20_000, seed=7, start=START, mess=True), out)
    return read_back(out)
