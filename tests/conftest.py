"""Warehouses for the tests that run the whole flow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouses import Dbt, Warehouse


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    return Dbt(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="module")
def module_warehouse(tmp_path_factory: pytest.TempPathFactory, dbt: Dbt) -> Warehouse:
    """An empty warehouse shared by the tests of a module."""
    return Warehouse(tmp_path_factory.mktemp("warehouse"), dbt)


@pytest.fixture
def warehouse(tmp_path: Path, dbt: Dbt) -> Warehouse:
    """An empty warehouse of one's own."""
    return Warehouse(tmp_path, dbt)
