"""The lists in seeds/ that people keep."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def referrers() -> list[dict[str, str]]:
    with (SEEDS / "referrer_classes.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_line_says_who_says_so_and_when_it_was_checked(
    referrers: list[dict[str, str]],
) -> None:
    assert [row for row in referrers if not row["source"]] == []
    assert min(date.fromisoformat(row["checked_on"]) for row in referrers).year >= 2026


def test_every_line_is_written_as_it_is_looked_up(referrers: list[dict[str, str]]) -> None:
    host = r"([a-z0-9-]+[.])+([a-z]{2,}|[*])"
    app = r"(android|ios)-app://[a-z0-9._]+|[a-z0-9.-]+://"
    name = r"[a-z0-9]+"
    assert [
        row["referrer"]
        for row in referrers
        if not re.fullmatch(f"{host}|{app}|{name}", row["referrer"])
        or row["referrer"].startswith("www.")
    ] == []


def test_a_name_stands_for_one_class_however_it_is_written(
    referrers: list[dict[str, str]],
) -> None:
    meant = defaultdict(set)
    for row in referrers:
        one = (row["referrer_class"], row["referrer_name"])
        meant[re.sub(r"[ _+-]", "", row["referrer_name"])].add(one)
        meant[row["referrer"]].add(one)
    assert {name: ones for name, ones in meant.items() if len(ones) > 1} == {}


def test_assistants_are_listed_by_twenty_five_hosts_and_more(
    referrers: list[dict[str, str]],
) -> None:
    hosts = [
        row["referrer"]
        for row in referrers
        if row["referrer_class"] == "ai" and "." in row["referrer"] and "://" not in row["referrer"]
    ]
    assert len(hosts) >= 25
