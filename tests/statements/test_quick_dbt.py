"""What tests spare dbt has no effect on the statements that it sends."""

from __future__ import annotations

import re
import shutil
from contextlib import nullcontext
from typing import Any
from unittest import mock

import pytest
from dbt import compilation
from dbt.adapters.duckdb.environments import local
from dbt.clients.jinja import MacroGenerator
from dbt.context.macros import MacroNamespaceBuilder
from dbt.context.manifest import ManifestContext
from dbt.contracts.graph.nodes import InjectedCTE

from tests.support import quick_dbt as quick
from tests.support.events import event, heartbeat
from tests.support.quick_dbt import context_of, inject_ctes, quick_dbt
from tests.support.warehouses import Dbt, Warehouse

ADD_MACROS, TO_DICT = MacroNamespaceBuilder.add_macros, ManifestContext.to_dict
PACKAGES = ("dbt", "readership")
CTES = [InjectedCTE("one", "one as (select 1)"), InjectedCTE("two", "two as (select 2)")]
# What differs between any two runs.
OF_ONE_RUN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|__dbt_tmp\d+|\d{20}")


def statements_of(warehouse: Warehouse, *command: str, is_quick: bool) -> list[str]:
    """Return what dbt sends to DuckDB for a command, without what names the run."""
    sent: list[str] = []
    execute = local.DuckDBCursorWrapper.execute

    def record(cursor: object, sql: str, *bindings: object) -> object:
        sent.append(OF_ONE_RUN.sub("", sql))
        return execute(cursor, sql, *bindings)

    spared = (
        nullcontext() if is_quick else mock.patch("tests.support.warehouses.quick_dbt", nullcontext)
    )
    with spared, mock.patch.object(local.DuckDBCursorWrapper, "execute", record):
        warehouse.run_dbt(*command, "--threads", "1")
    return sent


def test_runs_and_unit_tests_send_the_same_statements(warehouse: Warehouse, dbt: Dbt) -> None:
    warehouse.load_events([event("ada", "2026-03-02 10:00:00")])
    warehouse.build()
    warehouse.load_events([heartbeat("ada", "2026-03-02 10:00:20", 20)])
    copy = Warehouse(warehouse.folder / "copy", dbt)
    copy.folder.mkdir()
    shutil.copy(warehouse.path, copy.path)
    commands = (
        ("run", "--select", "staging", "int_sessions"),
        ("test", "--select", "int_sessions,test_type:unit"),
    )
    for command in commands:
        sent = statements_of(warehouse, *command, is_quick=True)
        assert len(sent) > 50
        assert sent == statements_of(copy, *command, is_quick=False)


def test_every_context_has_the_macros_that_dbt_gives_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def checked(context: ManifestContext) -> dict[str, Any]:
        before = dict(context._ctx)
        found = described(context_of(context))
        # The macros keep this very mapping.
        context._ctx.clear()
        context._ctx.update(before)
        builder = context._get_namespace_builder()
        with monkeypatch.context() as as_before:
            as_before.setattr(MacroNamespaceBuilder, "add_macros", ADD_MACROS)
            context.namespace = builder.build_namespace(
                context.manifest.get_macros_by_package(), context._ctx
            )
        expected = TO_DICT(context)
        assert found == described(expected)
        seen.append(len(found))
        return expected

    monkeypatch.setattr(quick, "context_of", checked)
    warehouse.init()
    warehouse.run_dbt("seed")
    warehouse.run_dbt("compile", "--select", "dim_sites", "dim_sites,test_type:unit")
    assert len(seen) > 10
    assert min(seen) > 500


def described(found: dict[str, Any]) -> dict[str, Any]:
    """Return what a context has by name: macros, and those of packages, with their arguments."""
    return {
        name: [*map(of_macro, value.items())] if name in PACKAGES else of_macro((name, value))
        for name, value in found.items()
    }


def of_macro(item: tuple[str, object]) -> tuple[object, ...]:
    name, value = item
    if not isinstance(value, MacroGenerator):
        return (name,)
    return name, value.macro.unique_id, id(value.context), id(value.node), id(value.stack)


@pytest.mark.parametrize(
    "sql",
    [
        "with a as (select 1) select * from a",
        "\n-- with x\n/* with; */ WITH\n\n  a as (select ';') select * from a",
        "with recursive a as (select 1) select * from a",
        "with  recursive a as (select 1) select * from a",
        "select * from (with a as (select 1) select * from a)",
        "select 1",
        "with a as (select 'it''s; so' as \"b;\") select * from a -- ;",
        "with a as (select 1) select * from a; select 2",
        "with\ta as (select 1) select * from a",
        "with/* none */a as (select 1) select * from a",
    ],
)
def test_ctes_are_put_where_dbt_puts_them(sql: str) -> None:
    assert inject_ctes(sql, CTES) == compilation.inject_ctes_into_sql(sql, CTES)
    assert inject_ctes(sql, []) == sql


def test_what_was_changed_is_restored() -> None:
    before = compilation.inject_ctes_into_sql
    with quick_dbt():
        assert compilation.inject_ctes_into_sql is inject_ctes
    assert compilation.inject_ctes_into_sql is before
