"""The seeds that people maintain."""

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


def test_every_line_has_a_source_and_a_date_of_verification(
    referrers: list[dict[str, str]],
) -> None:
    assert [row for row in referrers if not row["source"]] == []
    assert min(date.fromisoformat(row["checked_on"]) for row in referrers).year >= 2026


def test_every_line_is_in_the_form_of_the_lookup(referrers: list[dict[str, str]]) -> None:
    host = r"([a-z0-9-]+[.])+([a-z]{2,}|[*])"
    app = r"(android|ios)-app://[a-z0-9._]+|[a-z0-9.-]+://"
    name = r"[a-z0-9]+"
    assert [
        row["referrer"]
        for row in referrers
        if not re.fullmatch(f"{host}|{app}|{name}", row["referrer"])
        or row["referrer"].startswith("www.")
    ] == []


def test_a_name_has_one_class_in_any_spelling(
    referrers: list[dict[str, str]],
) -> None:
    meant = defaultdict(set)
    for row in referrers:
        one = (row["referrer_class"], row["referrer_name"])
        meant[re.sub(r"[ _+-]", "", row["referrer_name"])].add(one)
        meant[row["referrer"]].add(one)
    assert {name: ones for name, ones in meant.items() if len(ones) > 1} == {}


def test_at_least_twenty_five_hosts_of_assistants_are_listed(
    referrers: list[dict[str, str]],
) -> None:
    hosts = [
        row["referrer"]
        for row in referrers
        if row["referrer_class"] == "ai" and "." in row["referrer"] and "://" not in row["referrer"]
    ]
    assert len(hosts) >= 25
