"""Law 3: the same rows for any order, split, version and repetition of the events."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.support.events import SITE, event, heartbeat, millis, without_session
from tests.support.replacements import assert_equal_to_a_full_refresh, checked_rows, load_version
from tests.support.warehouses import Dbt, Warehouse

SHORT, LONG = 20, 300
# Into how many files more than one the events of a history are split.
FEW_CUTS, CUTS = (0, 1, 1, 2, 2, 3, 4, 6), (0, 1, 2, 3, 4, 5, 8, 11)
# Worker processes share the histories.
PARTS = 4
DAY_SECONDS = 86_400
# The selector `frequent` of selectors.yml; a reused manifest contains no selectors.
FREQUENT = ("--select", "config.materialized:incremental", "config.materialized:table")


def random_events(random: Random) -> list[dict[str, Any]]:
    """Return events of few visitors, pages and moments, so that many of them interact."""
    events: list[dict[str, Any]] = []
    for number in range(random.randint(30, 90)):
        events.append(random_event(random, number))
        if random.random() < 0.25:
            events.append(copied(random, random.choice(events)))
    return events


def random_event(random: Random, name: object) -> dict[str, Any]:
    visitor = random.choice(["ada", "bob", "cleo"])
    day = random.choice(["2026-03-01", "2026-03-02", "2026-03-02", "2026-04-15", "2026-05-29"])
    minute = random.choice([0, 0, 1, 5, 25, 29, 30, 31, 55])
    at = f"{day} {random.choice([9, 10, 10, 11]):02}:{minute:02}:{random.choice([0, 0, 1, 30]):02}"
    path = random.choice(["/a", "/a", "/b", "/c", "/d", "/a/amp", "/amp/b", "/", "/?p=1"])
    fields: dict[str, Any] = {
        "path": path,
        "session": random.choice([1, 1, 2]),
        "pageview_id": random.choice(["p1", "p2", "p3", None]),
        "name": str(name),
    }
    if random.random() < 0.3:
        fields["referrer"] = f"https://{SITE}{random.choice(['/a', '/b', '/c', '/x', '/a/amp'])}"
    elif random.random() < 0.2:
        # One referrer in forms that parsers may read differently.
        place = random.choice(["https://www.google.com/", "ftp://www.google.com/"])
        fields["referrer"] = random.choice(["", " ", "\n"]) + random.choice([place, place.upper()])
    if random.random() < 0.1:
        fields["user_agent"] = random.choice(["Googlebot/2.1", " Googlebot/2.1", "Googlebot/2.1\n"])
    if "amp" in path and random.random() < 0.8:
        fields["flags_is_amp"] = True
    if random.random() < 0.3:
        # Canonical URLs name the page itself, others in chains and cycles, or the front page.
        canonical = random.choice([path, path, "/a", "/b", "/c", "/canonical", "/", "/?p=1"])
        fields |= {
            "metadata_title": random.choice(["One", "Two", None]),
            "metadata_canonical_url": f"https://www.{SITE}{canonical}{random.choice(['', '/'])}",
            "metadata_post_id": random.choice([None, "77", "88"]),
        }
        if random.random() < 0.5:
            listed = random.sample(["/a", "/b", "/c", "/m", "/x", "/amp/b"], random.randint(0, 3))
            fields["metadata_urls"] = [f"http://{SITE}{listed_path}" for listed_path in listed]
    kind = random.random()
    if kind < 0.45:
        record = event(visitor, at, **fields)
    elif kind < 0.8:
        record = heartbeat(visitor, at, random.randint(1, 20), **fields)
    elif kind < 0.88:
        record = event(visitor, at, random.choice(["conversion", "conversion", "share"]), **fields)
    elif kind < 0.95:
        fields["videostart_id"] = random.choice(["v1", "v2", None])
        record = event(visitor, at, "videostart", **fields)
        if random.random() < 0.6:
            seconds = random.randint(1, 20)
            record = event(visitor, at, "vheartbeat", engaged_time_inc=seconds, **fields)
    else:
        record = heartbeat(visitor, at, random.choice([0, 5000]), **fields)
    if random.random() < 0.2:
        # The clock of a sender may be an hour fast.
        delay = random.choice([-3_600, 5, 3_600, DAY_SECONDS, 90 * DAY_SECONDS])
        record["timestamp_info_nginx_ms"] = millis(at) + delay * 1000
    return without_session(record) if random.random() < 0.4 else record


def copied(random: Random, record: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of an event, perhaps with another time, visitor or post."""
    change = random.random()
    day = record["ts_action"][:10]
    if change < 0.3:
        return record
    if change < 0.6:
        return record | {"ts_action": f"{day} {random.choice(['09:30:00', '11:45:00'])}"}
    if change < 0.8:
        return record | {"visitor_site_id": random.choice(["ada", "bob", "dora"])}
    if change < 0.9:
        return record | {"metadata_urls": [f"https://{SITE}/{random.choice('bm')}"]}
    return record | {"metadata_title": "Other", "metadata_canonical_url": f"https://{SITE}/z"}


def parts_of(
    random: Random, events: list[dict[str, Any]], counts: Sequence[int]
) -> dict[str, list[dict[str, Any]]]:
    """Shuffle the events and split them into files, one perhaps under two names.

    Args:
        random: Decides.
        events: The events.
        counts: Among them is the number of cuts.

    """
    shuffled = random.sample(events, len(events))
    cuts = sorted(random.sample(range(1, len(events)), random.choice(counts)))
    parts = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]
    if random.random() < 0.5:
        parts.append(random.choice(parts))
    return {f"{number}.jsonl": part for number, part in enumerate(parts)}


def older(random: Random, events: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Return an older version of a file: without some events, and with some that were withdrawn."""
    kept = random.sample(events, random.randint(0, len(events)))
    changed = [copied(random, random.choice(events)) for _ in range(random.randint(0, 4))]
    dropped = [random_event(random, f"{name} {n}") for n in range(random.randint(0, 6))]
    return random.sample(versions := [*kept, *changed, *dropped], len(versions))


def deliveries(
    random: Random, files: dict[str, list[dict[str, Any]]]
) -> list[dict[str, list[dict[str, Any]]]]:
    """Return loads of one or more files that bring every file to the given version.

    Some files come in one or two older versions before, or in the same version again.
    """
    versions: dict[str, list[list[dict[str, Any]]]] = {}
    for name, events in files.items():
        before = random.choice([0, 0, 0, 1, 1, 2])
        versions[name] = [older(random, events, f"{name} {number}") for number in range(before)]
        versions[name] += [events] * random.choice([1, 1, 1, 2])
    turns = [name for name in versions for _ in versions[name]]
    loads: list[dict[str, list[dict[str, Any]]]] = []
    for name in random.sample(turns, len(turns)):
        if loads and name not in loads[-1] and random.random() < 0.3:
            loads[-1][name] = versions[name].pop(0)
        else:
            loads.append({name: versions[name].pop(0)})
    return loads


def build_some(random: Random, warehouse: Warehouse, *, is_whole: bool) -> bool:
    """Build everything, a part or nothing; return whether parts can be built next.

    They cannot before the first build, nor after `--empty`, which leaves seeds and views empty.
    """
    run = random.random()
    if run < 0.2:
        return is_whole  # the next build processes two loads
    if run < 0.25:
        warehouse.build("--empty")
        return False
    needed = FREQUENT if is_whole else ()
    if run < 0.4 and is_whole:
        rooms = [
            *("base_event_rows", "base_event_copies", "base_page_posts", "base_bot_evidence"),
            *("base_bot_visitors", "int_sessions+", "dim_posts"),
        ]
        warehouse.build("--select", random.choice(rooms))
    elif run < 0.5 and is_whole:
        warehouse.build("--select", "staging", "bookkeeping", "intermediate")
    elif run < 0.6 and is_whole:
        rooms = [
            "base_event_rows",
            "base_event_copies",
            "staging",
            "bookkeeping",
            "base_page_posts",
        ]
        room = random.choice([*rooms, "base_bot_evidence"])
        warehouse.build("--full-refresh", "--select", room)
    elif run < 0.65:
        warehouse.build(rebuild_dates=["2026-03-02"])
    elif run < 0.7:
        warehouse.build(events_per_run=10)
    elif run < 0.75:
        warehouse.build()
    else:
        warehouse.build(*needed)
    return True


@pytest.mark.apart
@pytest.mark.parametrize("part", range(PARTS))
def test_any_order_split_version_or_repetition_gives_the_rows_of_one_build(
    tmp_path: Path, dbt: Dbt, is_long: bool, part: int
) -> None:
    """Takes over 20 s: histories of six loads and runs, always the same; longer ones if long."""
    number = (LONG if is_long else SHORT) // PARTS
    first = secrets.randbits(32) if is_long else part * number
    for seed in range(first, first + number):
        print(f"the history of seed {seed}")
        with TemporaryDirectory(dir=tmp_path) as folder:
            counts = CUTS if is_long else FEW_CUTS
            assert_history_gives_the_same_rows(Path(folder), dbt, Random(seed), counts)


def assert_history_gives_the_same_rows(
    folder: Path, dbt: Dbt, random: Random, counts: Sequence[int]
) -> None:
    """Compare a random history of loads and runs with one build, and with a full refresh."""
    events = random_events(random)
    at_once = Warehouse(folder / "at once", dbt)
    at_once.load_events(events)
    at_once.build()
    in_parts = Warehouse(folder / "in parts", dbt)
    is_whole = False
    for contents in deliveries(random, parts_of(random, events, counts)):
        load_version(in_parts, contents)
        is_whole = build_some(random, in_parts, is_whole=is_whole)
    in_parts.build()
    assert in_parts.names() == at_once.names()
    found = checked_rows(in_parts)
    for name, rows in at_once.contents().items():
        assert found[name] == rows, name
    assert_equal_to_a_full_refresh(in_parts, found)
