"""Answers that stay cached when the service switches to another snapshot, and those that do not."""

from __future__ import annotations

from typing import Any

import pytest

from readership.service.answering import serving
from readership.service.snapshots import publish
from tests.support.newsrooms import NEWS, TRIBUNE, hear
from tests.support.serving import keys_of, running, wait_until
from tests.support.warehouses import Warehouse

POSTS = "/analytics/posts"


def test_answers_of_a_site_without_changes_stay_cached(
    own: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries: list[str] = []
    answer = serving.answer

    def counting(snapshot: Any, cursor: Any, query: Any, counter: Any) -> Any:  # noqa: ANN401
        queries.append(query.site)
        return answer(snapshot, cursor, query, counter)

    monkeypatch.setattr(serving, "answer", counting)
    with running(own.path, NEWS, keys_of(NEWS, TRIBUNE)) as service:

        def ask() -> tuple[bytes, bytes]:
            return (
                service.get(POSTS, period_start="24h").content,
                service.get(POSTS, period_start="24h", apikey=TRIBUNE).content,
            )

        before = ask()
        assert queries == [NEWS, TRIBUNE]
        hear(own, TRIBUNE, seconds=60)
        publish(own.path)
        wait_until(lambda: service.serving.swaps == 1)
        after = ask()
        assert queries == [NEWS, TRIBUNE, TRIBUNE]
        assert after[0] == before[0]
        assert after[1] != before[1]
        # A call that asks the same in other words finds it too.
        assert service.get(POSTS, period_start="24h", sort="_hits").content == before[0]
        hear(own)
        publish(own.path)
        wait_until(lambda: service.serving.swaps == 2)
        assert ask()[1] == after[1]
        assert queries == [NEWS, TRIBUNE, TRIBUNE, NEWS]


def test_publishing_again_without_changes_keeps_the_snapshot_and_says_when(
    own: Warehouse,
) -> None:
    with running(own.path, NEWS, keys_of(NEWS)) as service:
        before = service.serving.health()
        info = publish(own.path)
        wait_until(
            lambda: service.serving.health()["published_at"] == info.published_at.isoformat()
        )
        assert service.serving.health()["snapshot"] == before["snapshot"]
        assert service.serving.swaps == 0


def test_new_definitions_drop_all_answers(own: Warehouse) -> None:
    with running(own.path, NEWS, keys_of(NEWS)) as service:
        version = service.serving.source.version(NEWS)
        own.execute("create macro answers.more(a) as a")
        publish(own.path)
        wait_until(lambda: service.serving.swaps == 1)
        assert service.serving.source.version(NEWS) != version


def test_the_cache_keeps_the_entries_of_some_versions() -> None:
    cache = serving.Cache(5_000)
    cache.put(("a",), "a", 1_000, "one")
    cache.put(("b",), "b", 1_000, "two")
    cache.keep({"two"})
    assert (cache.get(("a",)), cache.get(("b",))) == (None, "b")
    # The room of the other is free again.
    for name in "cd":
        cache.put((name,), name, 1_000, "two")
    assert cache.get(("b",)) == "b"
