"""Rows counted from memory: those of the queries, whatever is asked and whatever has changed."""

from __future__ import annotations

import logging
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readership.service import (
    ENDPOINTS,
    Snapshot,
    answer,
    open_snapshot,
    publish,
    snapshot_query,
)
from readership.service.calls import METRICS, SnapshotQuery
from readership.service.calls.periods import TimeRange
from readership.service.counting import Counter, metrics
from readership.service.counting.blocks import SiteBlocks
from readership.service.counting.metrics import readers
from readership.service.counting.orders import json_text
from readership.service.counting.subjects import SUBJECTS
from tests.support.newsrooms import NEWS, TRIBUNE
from tests.support.warehouses import Warehouse

CALLS = 12
DUCKDB = duckdb.connect()
# Values of filters: some that rows have, and one that none has.
VALUES: dict[str, list[Any]] = {
    "section": ["Politics", "Culture", "none"],
    "author": ["Ana", "Bo", "Ana and Bo", "none"],
    "tag": ["budget", "stage", "none"],
    "segment": ["loyal", "none"],
    "domain": ["google", "twitter", "facebook", "none"],
    "campaign": ["spring", "none"],
    "campaign_medium": ["email", "social", "none"],
    "campaign_source": ["newsletter", "none"],
    "pub_date_start": ["2026-03-01", "27h"],
    "pub_date_end": ["2026-03-01", "2026-02-28"],
}
# A name in the path that rows have.
NAMES = {"requested_authors": "Ana", "requested_sections": "Politics", "requested_tags": "budget"}
SPANS = [timedelta(minutes=10), timedelta(days=1), timedelta(days=2), timedelta(days=120)]


class Warm(Counter):
    """A counter that says what it has counted."""

    def __init__(self, **options: int) -> None:
        super().__init__(checked=1 << 30, **options)
        self.counted = 0

    def count(self, *arguments: Any) -> tuple[str, int] | None:  # noqa: ANN401
        """Count, and remember that it was."""
        found = super().count(*arguments)
        self.counted += found is not None
        return found


# Copies of every view, with referrers, campaigns and devices that newsrooms do not have.
VARIED = """
insert into int_hourly_views by name
select
    views.* replace (
        kinds.referrer_class as referrer_class, kinds.referrer_name as referrer_name,
        kinds.campaign as campaign, kinds.campaign as campaign_medium, kinds.segment as segment,
        kinds.device_class as device_class,
        views.engaged_seconds * 7 + kinds.seconds as engaged_seconds
    )
from int_hourly_views as views
cross join (
    values
        ('social', 'twitter', 'spring', 'loyal', 'mobile', 1),
        ('social', 'facebook', null, 'fly-by', 'tablet', 29),
        ('search', 'google', 'email', null, 'desktop', 100),
        ('ai', 'chatgpt', null, 'loyal', 'other', 0),
        ('aggregator', 'news "now"', null, null, null, 31),
        ('internal', 'news.example.com', null, 'loyal', 'mobile', 3600)
) as kinds (referrer_class, referrer_name, campaign, segment, device_class, seconds)
"""


@pytest.fixture(scope="module")
def snapshot(newsrooms: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    file = tmp_path_factory.mktemp("varied") / "warehouse.duckdb"
    shutil.copy(newsrooms.path, file)
    with duckdb.connect(str(file)) as connection:
        connection.execute(VARIED)
    opened = opened_of(file)
    yield opened
    opened.retire()


@pytest.fixture(scope="module")
def counter() -> Warm:
    """One counter for all calls, so that what an earlier one left in memory is used."""
    return Warm()


def opened_of(warehouse: Path) -> Snapshot:
    return open_snapshot(publish(warehouse), threads=1)


def both(snapshot: Snapshot, query: SnapshotQuery, counter: Counter) -> tuple[bytes, bytes]:
    """The answers to a call, from memory and by a query."""
    with snapshot.cursor() as cursor:
        return (
            answer(snapshot, cursor, query, counter).body,
            answer(snapshot, cursor, query).body,
        )


def posts(snapshot: Snapshot, span: timedelta = SPANS[-1], **parameters: Any) -> SnapshotQuery:  # noqa: ANN401
    (endpoint,) = (e for e in ENDPOINTS if e.path == "analytics/posts")
    clock = snapshot.sites[NEWS].clock
    query = snapshot_query(endpoint, endpoint.parameters(apikey=NEWS, **parameters), clock)
    return replace(query, time_range=TimeRange(clock.as_of_at - span, clock.as_of_at))


@pytest.mark.parametrize("path", [e.path for e in ENDPOINTS if e.macro in SUBJECTS])
def test_counted_rows_are_those_of_the_query(snapshot: Snapshot, counter: Warm, path: str) -> None:
    (endpoint,) = (e for e in ENDPOINTS if e.path == path)
    fields = endpoint.parameters.model_fields
    chosen = random.Random(path)
    counted = counter.counted
    rows = 0
    for number in range(CALLS):
        site = TRIBUNE if number == 1 else NEWS
        parameters: dict[str, Any] = {"apikey": site}
        # The first calls have no filter, so that there are rows.
        for name in VALUES.keys() & fields.keys() if number > 2 else ():
            if chosen.random() < 0.25:
                value = chosen.choice(VALUES[name])
                is_list = name in ("section", "author", "tag", "segment")
                parameters[name] = [value] if is_list else value
        if "url" in fields:
            parameters["url"] = f"https://{NEWS}/{chosen.choice('abcx')}"
        if "sort" in fields and "limit" in fields:
            pages = [(50, 1)] if number < 3 else [(1, 1), (2, 1), (50, 1), (1, 2), (50, 2)]
            limit, page = chosen.choice(pages)
            parameters |= {"sort": chosen.choice(METRICS), "limit": limit, "page": page}
        clock = snapshot.sites[site].clock
        value = NAMES[endpoint.value_is] if endpoint.value_is else None
        query = snapshot_query(endpoint, endpoint.parameters(**parameters), clock, value)
        ends_at = clock.as_of_at - timedelta(
            hours=chosen.choice([0, 0, 1, 30]) if number > 2 else 0
        )
        span = SPANS[-1] if number < 2 else chosen.choice(SPANS)
        query = replace(query, time_range=TimeRange(ends_at - span, ends_at))
        found, expected = both(snapshot, query, counter)
        assert found == expected, parameters
        rows += expected.count(b'"_hits"')
    assert counter.counted == counted + CALLS
    assert rows


def test_a_block_is_read_once_while_its_rows_stay(snapshot: Snapshot) -> None:
    reads: list[tuple[int, int]] = []

    class Reading(SiteBlocks):
        def _read(self, cursor: Any, site: str, parts: Any, first: int, last: int) -> Any:  # noqa: ANN401
            reads.append((first, last))
            return super()._read(cursor, site, parts, first, last)

    blocks = Reading(1 << 20)
    ends = round(snapshot.sites[NEWS].clock.as_of_at.timestamp()) * 1_000_000
    with snapshot.cursor() as cursor:
        for _ in range(3):
            assert blocks.rows(snapshot, cursor, NEWS, ends - 3_600_000_000, ends) is not None
    assert len(reads) == 1


@pytest.mark.parametrize(
    "change",
    [
        "update int_hourly_views set views = views + 1 where post_key in "
        f"(select post_key from dim_posts where canonical_url = 'https://{NEWS}/a')",
        "update fct_sessions set is_returning = not is_returning",
        "update dim_posts set title = title || '!', section = 'Other'",
        "delete from int_hourly_views where viewed_at > (select max(viewed_at) - interval 1 day "
        "from int_hourly_views)",
        "update int_hourly_views set visitor_key = (select min(visitor_key) from int_hourly_views)",
    ],
    ids=["views", "sessions", "posts", "fewer views", "visitors"],
)
def test_what_changed_is_counted_after_the_next_snapshot(own: Warehouse, change: str) -> None:
    counter = Warm()
    first = opened_of(own.path)
    query = posts(first)
    before, expected = both(first, query, counter)
    assert before == expected
    with duckdb.connect(str(own.path)) as connection:
        connection.execute(change)
    second = opened_of(own.path)
    after, expected = both(second, query, counter)
    assert after == expected != before
    # Those who still read the older one get its rows.
    assert both(first, query, counter)[0] == before
    assert counter.counted == 3
    first.retire()
    second.retire()


def test_views_without_their_session_are_left_to_the_query(own: Warehouse) -> None:
    with duckdb.connect(str(own.path)) as connection:
        connection.execute("delete from fct_sessions where started_at < '2026-03-10 08:00:00'")
    opened = opened_of(own.path)
    counter = Warm()
    found, expected = both(opened, posts(opened), counter)
    assert found == expected
    assert counter.counted == 0
    opened.retire()


def test_long_periods_and_other_calls_are_left_to_the_query(snapshot: Snapshot) -> None:
    counter = Warm(max_rows=3)
    for query in (posts(snapshot), posts(snapshot, timedelta(days=1), itm_source="widget")):
        found, expected = both(snapshot, query, counter)
        assert found == expected
    assert counter.counted == 0


def test_memory_is_bounded_and_rows_are_the_same(snapshot: Snapshot) -> None:
    counter = Warm(max_bytes=1)
    for span in (SPANS[-1], SPANS[0], SPANS[-1]):
        found, expected = both(snapshot, posts(snapshot, span), counter)
        assert found == expected
    assert not len(counter._memory[NEWS].blocks)


def test_keys_of_visitors_are_forgotten_when_they_are_too_many(snapshot: Snapshot) -> None:
    counter = Warm(max_visitors=2)
    for span in (SPANS[-1], SPANS[1], SPANS[-1]):
        first = counter._memory.get(NEWS)
        found, expected = both(snapshot, posts(snapshot, span), counter)
        assert found == expected
        assert counter._memory[NEWS] is not first


def test_the_newest_days_of_a_site_that_was_asked_for_are_read_ahead(snapshot: Snapshot) -> None:
    counter = Warm(days_ahead=1000)
    with snapshot.cursor() as cursor:
        assert not counter.read_ahead(snapshot, cursor)
    both(snapshot, posts(snapshot, SPANS[0]), counter)
    blocks = counter._memory[NEWS].blocks
    first = len(blocks)
    with snapshot.cursor() as cursor:
        while counter.read_ahead(snapshot, cursor):
            assert len(blocks) > first
            first = len(blocks)
    assert first == sum(table == "int_hourly_views" for table, _ in snapshot.parts(NEWS))
    assert set(counter._memory) == {NEWS}
    found, expected = both(snapshot, posts(snapshot, SPANS[-1]), counter)
    assert found == expected
    assert len(blocks) == first


@pytest.mark.parametrize("limits", [{"max_bytes": 0}, {"max_visitors": 1}, {"days_ahead": 0}])
def test_reading_ahead_leaves_memory_for_calls(snapshot: Snapshot, limits: dict[str, int]) -> None:
    counter = Warm(**limits)
    both(snapshot, posts(snapshot, SPANS[0]), counter)
    blocks = counter._memory[NEWS].blocks
    read = len(blocks)
    with snapshot.cursor() as cursor:
        assert not counter.read_ahead(snapshot, cursor)
    assert len(blocks) == read


def test_nothing_stays_in_memory_when_all_rows_are_written_anew(own: Warehouse) -> None:
    """As after an erasure: no key of a visitor that is gone is kept."""
    counter = Warm()
    first = opened_of(own.path)
    both(first, posts(first), counter)
    texts = set(counter._memory[NEWS].blocks.codes_of("visitor_key").texts)
    with duckdb.connect(str(own.path)) as connection:
        (erased,) = connection.execute(
            "select cast(visitor_key as varchar) from int_hourly_views where site_id = ? limit 1",
            [NEWS],
        ).fetchone()  # type: ignore[misc]
        connection.execute("delete from int_hourly_views where visitor_key = ?", [erased])
    assert erased in texts
    second = open_snapshot(publish(own.path, whole=True), threads=1)
    with second.cursor() as cursor:
        counter.prepare(second, cursor)
    found, expected = both(second, posts(second), counter)
    assert found == expected
    assert erased not in counter._memory[NEWS].blocks.codes_of("visitor_key").texts
    first.retire()
    second.retire()


def test_nothing_is_counted_after_an_answer_was_found_wrong(
    snapshot: Snapshot, caplog: pytest.LogCaptureFixture
) -> None:
    class Wrong(Counter):
        def count(self, *arguments: Any) -> tuple[str, int] | None:  # noqa: ANN401
            found = super().count(*arguments)
            return found and (found[0].replace("1", "2"), found[1])

    counter = Wrong(checked=2)
    with caplog.at_level(logging.ERROR):
        first, expected = both(snapshot, posts(snapshot), counter)
        # The second one is checked: the answer is the query's.
        second, _ = both(snapshot, posts(snapshot), counter)
        third, _ = both(snapshot, posts(snapshot), counter)
    assert first != expected
    assert second == third == expected
    assert counter.is_stopped
    (message,) = caplog.messages
    assert "/analytics/posts?" in message
    assert NEWS in message


def duckdb_json(text: str) -> str:
    ((found,),) = DUCKDB.execute("select cast(to_json(?) as varchar)", [text]).fetchall()
    return found  # type: ignore[no-any-return]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_names_are_written_as_duckdb_writes_them(text: str) -> None:
    assert json_text(text) == duckdb_json(text)


def test_escapes_are_written_as_duckdb_writes_them() -> None:
    text = "".join(map(chr, range(1, 130))) + "\\u001f \\\\u001f é \u2028 😀"
    assert json_text(text) == duckdb_json(text)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3), st.sampled_from([-1, 0, 1, 2, 700]), st.integers(0, 9), st.booleans()
        )
    ),
    st.integers(4, 300),
)
def test_visitors_are_counted_once_in_each_group_however_many_groups_there_are(
    views: list[tuple[int, int, int, bool]], size: int
) -> None:
    # Few groups have a flag for each visitor; views of many groups are put into order.
    groups, visitors, seconds, are_returning = (
        np.array([view[place] for view in views], dtype=kind)
        for place, kind in enumerate((np.int64, np.int32, np.float32, bool))
    )
    returning = {(group, visitor) for group, visitor, _, is_returning in views if is_returning}
    counted = readers(groups, visitors, seconds, are_returning, size)
    for group in range(size):
        seen = {visitor for of, visitor, _, _ in views if of == group}
        assert counted.visitors[group] == len(seen)
        assert counted.returning[group] == sum(of == group for of, _ in returning)
        assert counted.returning_seconds[group] == sum(
            spent for of, visitor, spent, _ in views if of == group and (of, visitor) in returning
        )


@pytest.mark.parametrize("size", [4, 300])
def test_both_ways_to_count_visitors_are_tested(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    used = []
    for way in ("_by_flags", "_by_order"):
        monkeypatch.setattr(metrics, way, lambda *_, way=way: used.append(way))
    visitors = np.array([3, 1, 2, 0] * 4)
    readers(np.arange(16) % 4, visitors, visitors, visitors > 1, size)
    assert used == ["_by_flags" if size == 4 else "_by_order"]
