"""Law 3: the same rows in whatever order, parts and repetitions the events arrive."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.events import SITE, event, heartbeat, without_session
from tests.warehouses import Dbt, Warehouse

SHORT, LONG = 3, 60


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    examples = LONG if metafunc.config.getoption("--long") else SHORT
    metafunc.parametrize("seed", range(1, examples + 1))


def made_up(random: Random) -> list[dict[str, Any]]:
    """Few visitors, pages and moments, so that everything meets everything."""
    events: list[dict[str, Any]] = []
    for number in range(random.randint(30, 90)):
        events.append(made_up_event(random, number))
        if random.random() < 0.25:
            events.append(copied(random, random.choice(events)))
    return events


def made_up_event(random: Random, number: int) -> dict[str, Any]:
    visitor = random.choice(["ada", "bob", "cleo"])
    day = random.choice(["2026-03-01", "2026-03-02", "2026-04-15"])
    minute = random.choice([0, 0, 1, 5, 25, 29, 30, 31, 55])
    at = f"{day} {random.choice([9, 10, 10, 11]):02}:{minute:02}:{random.choice([0, 0, 1, 30]):02}"
    path = random.choice(["/a", "/b", "/c", "/d"])
    fields: dict[str, Any] = {
        "path": path,
        "session": random.choice([1, 1, 2]),
        "pageview_id": random.choice(["p1", "p2", "p3", None]),
        "name": str(number),
    }
    if random.random() < 0.3:
        fields["referrer"] = f"https://{SITE}{random.choice(['/a', '/b', '/c', '/x'])}"
    if random.random() < 0.3:
        canonical = random.choice([path, "/a", "/canonical"])
        fields |= {
            "metadata_title": random.choice(["One", "Two"]),
            "metadata_canonical_url": f"https://www.{SITE}{canonical}/",
            "metadata_post_id": random.choice([None, "77", "88"]),
        }
    kind = random.random()
    if kind < 0.45:
        record = event(visitor, at, **fields)
    elif kind < 0.8:
        record = heartbeat(visitor, at, random.randint(1, 20), **fields)
    elif kind < 0.9:
        record = event(visitor, at, random.choice(["videostart", "conversion", "share"]), **fields)
    else:
        record = heartbeat(visitor, at, random.choice([0, 5000]), **fields)
    return without_session(record) if random.random() < 0.4 else record


def copied(random: Random, record: dict[str, Any]) -> dict[str, Any]:
    """A copy of an event that may tell another time, visitor or post."""
    change = random.random()
    day = record["ts_action"][:10]
    if change < 0.3:
        return record
    if change < 0.6:
        return record | {"ts_action": f"{day} {random.choice(['09:30:00', '11:45:00'])}"}
    if change < 0.8:
        return record | {"visitor_site_id": random.choice(["ada", "bob", "dora"])}
    return record | {"metadata_title": "Other", "metadata_canonical_url": f"https://{SITE}/z"}


def parts_of(random: Random, events: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The events shuffled and cut into up to six loads, one of them perhaps repeated."""
    shuffled = random.sample(events, len(events))
    cuts = sorted(random.sample(range(1, len(events)), random.randint(1, 5)))
    parts = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]
    return [*parts, random.choice(parts)] if random.random() < 0.5 else parts


def test_any_order_parts_and_repetition_end_in_the_rows_of_one_build(
    tmp_path: Path, dbt: Dbt, seed: int
) -> None:
    random = Random(seed)
    events = made_up(random)
    at_once = Warehouse(tmp_path / "at once", dbt)
    at_once.load_events(events)
    at_once.build()
    in_parts = Warehouse(tmp_path / "in parts", dbt)
    for part in parts_of(random, events):
        in_parts.load_events(part)
        run = random.random()
        if run < 0.2:
            continue  # the next build takes two loads
        if run < 0.35:
            in_parts.build("--select", "resource_type:seed", "staging", "intermediate")
        elif run < 0.45:
            in_parts.build("--empty")
        else:
            in_parts.build()
    in_parts.build()
    expected, found = at_once.contents(), in_parts.contents()
    assert found.keys() == expected.keys()
    for name, rows in expected.items():
        assert found[name] == rows, name
