"""What of a warehouse decides which statements a dbt run sends for a node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import duckdb
from dbt.artifacts.resources.types import NodeType
from dbt.contracts.graph.manifest import Manifest

from warehouse import RAW_SCHEMA

PROCESSED_LOADS: Final = "processed_loads"
"""The table in which the incremental models note the loads that they have taken."""

LOADS: Final = "_dlt_loads"
"""The loader's table of loads, in the raw schema."""

# Tables with their columns and types, views by name.
_RELATIONS: Final = """
select schema_name, table_name, sql
from duckdb_tables() where database_name = current_database() and not internal and not temporary
union all
select schema_name, view_name, 'view'
from duckdb_views() where database_name = current_database() and not internal and not temporary
order by all
"""

# A view with its SQL and all its descriptions.
_VIEWS: Final = """
with

descriptions as (
    select
        schema_name,
        table_name as view_name,
        string_agg(column_name || ' ' || coalesce(comment, ''), ',' order by column_index) as texts
    from duckdb_columns()
    where database_name = current_database() and not internal
    group by schema_name, table_name
)

select
    schema_name || '.' || view_name,
    md5(sql || coalesce(comment, '') || texts)
from duckdb_views()
inner join descriptions using (schema_name, view_name)
where database_name = current_database() and not internal and not temporary
"""

_HAS_PRIOR_LOADS: Final = """
exists (
    select 1 from {processed} where model = '{name}' and invocation_id <> '{run}'
)
"""

_FINISHED_LOADS: Final = "select load_id from {loads} where status = 0"

_LOADS_OF_ALL: Final = """
select load_id from {processed} where model in ({upstream})
group by load_id having count(distinct model) = {number}
"""

_FINDS_LOADS: Final = """
exists (
    select 1 from ({available}) as available
    where available.load_id not in (select load_id from {processed} where model = '{name}')
)
"""

_HAS_NEW_UPSTREAM: Final = """
exists (
    select 1 from {processed} where model in ({upstream}) and invocation_id = '{run}'
)
"""


@dataclass(frozen=True, slots=True)
class Node:
    """A node of dbt's, as far as its statements may depend on the warehouse.

    Attributes:
        node_id: Its unique id.
        schema: Where its relation is.
        name: What its relation is called.
        kind: How it is materialized.
        upstream: The incremental models that feed it, seen through views and tables.

    """

    node_id: str
    schema: str
    name: str
    kind: str
    upstream: tuple[str, ...]

    @classmethod
    def of(cls, node_id: str, manifest: Manifest) -> Self:
        """Give a node of a project."""
        node = manifest.nodes[node_id]
        upstream = set()
        passed = [node_id]
        for passed_id in passed:
            for parent_id in manifest.nodes[passed_id].depends_on_nodes:
                parent = manifest.nodes.get(parent_id)
                if parent is None or parent.resource_type != NodeType.Model:
                    continue
                if parent.name == PROCESSED_LOADS:
                    continue
                if parent.config.materialized == "incremental":
                    upstream.add(parent.alias)
                elif parent_id not in passed:
                    passed.append(parent_id)
        kind = node.config.materialized or ""
        return cls(node_id, node.schema, node.alias, kind, tuple(sorted(upstream)))


class WarehouseState:
    """A warehouse at the start of a run."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, schema: str) -> None:
        self._relations: list[tuple[str, str, str]] = connection.execute(_RELATIONS).fetchall()
        names = {(owner, name) for owner, name, _ in self._relations}
        self._has_loads = {(schema, PROCESSED_LOADS), (RAW_SCHEMA, LOADS)} <= names
        self._processed = f'"{schema}".{PROCESSED_LOADS}'
        self._loads = f"{RAW_SCHEMA}.{LOADS}"

    def of_run(self, connection: duckdb.DuckDBPyConnection) -> list[Any]:
        """Give what the run's own statements depend on.

        That is the schemas and tables that there are, with which settings rows were stored, and
        what an `--empty` run has emptied.
        """
        found: list[Any] = [sorted({owner for owner, _, _ in self._relations}), self._has_loads]
        if self._has_loads:
            for asked in ("settings", "case when load_id = '(emptied)' then model end"):
                found.append(
                    connection.execute(
                        f"select distinct {asked} as value from {self._processed} "
                        "where value is not null order by value"
                    ).fetchall()
                )
        return found

    def of_node(self, connection: duckdb.DuckDBPyConnection, node: Node, run: str) -> list[Any]:
        """Give what the statements of a node depend on, just before it is built.

        That is its relation, with what another run may have left of it. Of an incremental model it
        is also whether it goes on from earlier loads and whether there are loads for it to take;
        of a table, whether what it stands on has taken some in this run. What a view says outlives
        the run, and so depends on none of this.
        """
        prefix = f"{node.name}__dbt_"
        found: list[Any] = [
            relation
            for relation in self._relations
            if relation[0] == node.schema
            and (relation[1] == node.name or relation[1].startswith(prefix))
        ]
        facts = {"incremental": (_HAS_PRIOR_LOADS, _FINDS_LOADS), "table": (_HAS_NEW_UPSTREAM,)}
        if self._has_loads and node.kind in facts:
            values = {
                "processed": self._processed,
                "loads": self._loads,
                "name": node.name,
                "run": run,
                "upstream": ", ".join(f"'{name}'" for name in node.upstream) or "null",
                "number": len(node.upstream),
            }
            available = (_LOADS_OF_ALL if node.upstream else _FINISHED_LOADS).format(**values)
            asked = [fact.format(**values, available=available) for fact in facts[node.kind]]
            found += connection.execute(f"select {', '.join(asked)}").fetchall()
        return found


def views(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Give the views there are, each with a checksum of its SQL and its descriptions."""
    return dict(connection.execute(_VIEWS).fetchall())


def is_determined(question: str, schema: str, parser: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether the answer to a question of a run follows from the situation.

    That is so of columns, of the catalog, and of what is asked of the loads and who has taken them.
    `parser` is any open connection.
    """
    text = question.strip().lower()
    if text.startswith("describe ") or "(describe " in text:
        return True
    asked = {
        tuple(name.replace('"', "").split(".")[-2:])
        for name in parser.get_table_names(question, qualified=True)
    }
    return asked <= {(schema, PROCESSED_LOADS), (RAW_SCHEMA, LOADS)}
