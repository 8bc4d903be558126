"""Two newsrooms served over HTTP: tests/support/newsrooms.py."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from readership.service import publish
from tests.support.newsrooms import NEWS, TRIBUNE, events
from tests.support.serving import Service, keys_of, running
from tests.support.warehouses import Dbt, Warehouse


@pytest.fixture(scope="session")
def newsrooms(tmp_path_factory: pytest.TempPathFactory, dbt: Dbt) -> Warehouse:
    """The warehouse of both newsrooms, with a published snapshot."""
    warehouse = Warehouse(tmp_path_factory.mktemp("newsrooms"), dbt)
    warehouse.load_events(events())
    warehouse.build()
    warehouse.run_dbt("run-operation", "publish_answers")
    publish(warehouse.path)
    return warehouse


@pytest.fixture
def own(newsrooms: Warehouse, tmp_path: Path) -> Warehouse:
    """A copy of the newsrooms' warehouse and its current snapshot, which a test may change."""
    folder = tmp_path / "own"
    shutil.copytree(newsrooms.folder, folder)
    return Warehouse(folder, newsrooms.dbt, loads=newsrooms.loads)


@pytest.fixture(scope="session")
def service(newsrooms: Warehouse) -> Iterator[Service]:
    """The service for both newsrooms, called with the keys of news.example.com."""
    # It must not read keys, nor a snapshot, that a test sets for itself meanwhile.
    with running(
        newsrooms.path, NEWS, keys_of(NEWS, TRIBUNE), poll_seconds=3600
    ) as running_service:
        yield running_service
