"""The facts about a warehouse that determine which statements a dbt run sends for a node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import duckdb
from dbt.artifacts.resources.types import NodeType
from dbt.contracts.graph.manifest import Manifest

from readership.warehouse import RAW_SCHEMA

PROCESSED_LOADS: Final = "processed_loads"
"""The table in which incremental models record the loads they have processed."""

CLAIMED_LOADS: Final = "claimed_loads"
"""The table in which incremental models record the loads they are processing."""

SETTLED: Final = "(settled)"
"""What stands for the model where every model has processed a load."""

# Loads are settled at the start of a run when nothing in these tables waits for them.
_READ_BY_HOOKS: Final = ("affected_keys", "base_event_rows")

LOADS: Final = "_dlt_loads"
"""The loader's table of loads, in the raw schema."""

# Tables with their columns and types; views by name only.
_RELATIONS: Final = """
select schema_name, table_name, sql
from duckdb_tables() where database_name = current_database() and not internal and not temporary
union all
select schema_name, view_name, 'view'
from duckdb_views() where database_name = current_database() and not internal and not temporary
order by all
"""

# A checksum of each view's SQL and descriptions.
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

_LOADS_OF_ALL_UPSTREAM: Final = """
select load_id from {processed} where model in ({upstream})
group by load_id having count(distinct model) = {number}
"""

_HAS_LOADS_TO_CLAIM: Final = """
exists (
    select 1
    from (
        select load_id from ({available}) as available
        where not exists (select 1 from {claimed} where model in ({upstream}))
        union all
        select load_id from {claimed} where model = '{name}' and {is_first}
    ) as waiting
    where waiting.load_id not in (select load_id from {processed} where model in ({own}))
)
"""

_HAS_DAYS_LEFT: Final = """
exists (
    select 1
    from (
        select load_id from {processed} where model in ({upstream})
        union all
        select load_id from {claimed} where model = '{name}'
    ) as waiting
    where
        waiting.load_id like 'rebuild %'
        and waiting.load_id not in (select load_id from {processed} where model = '{name}')
)
"""

# A warehouse of an earlier version has no table of claims.
_NO_CLAIMS: Final = "(select null as model, null as load_id where false)"

_HAS_NEW_UPSTREAM: Final = """
exists (
    select 1 from {processed} where model in ({upstream}) and invocation_id = '{run}'
)
"""


@dataclass(frozen=True, slots=True)
class Node:
    """A dbt node, as far as its statements can depend on the warehouse.

    Attributes:
        node_id: Unique id.
        schema: Schema of its relation.
        name: Name of its relation.
        kind: Materialization.
        upstream: Names of the nearest incremental models it reads, directly or through views and
            tables.

    """

    node_id: str
    schema: str
    name: str
    kind: str
    upstream: tuple[str, ...]

    @classmethod
    def of(cls, node_id: str, manifest: Manifest) -> Self:
        """Return a node of a parsed project."""
        node = manifest.nodes[node_id]
        upstream = set()
        visited = [node_id]
        for visited_id in visited:
            for parent_id in manifest.nodes[visited_id].depends_on_nodes:
                parent = manifest.nodes.get(parent_id)
                if parent is None or parent.resource_type != NodeType.Model:
                    continue
                if parent.name in (PROCESSED_LOADS, CLAIMED_LOADS):
                    continue
                if parent.config.materialized == "incremental":
                    upstream.add(parent.alias)
                elif parent_id not in visited:
                    visited.append(parent_id)
        kind = node.config.materialized or ""
        return cls(node_id, node.schema, node.alias, kind, tuple(sorted(upstream)))


class WarehouseState:
    """The relations of a warehouse at the start of a run."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, schema: str) -> None:
        self._relations: list[tuple[str, str, str]] = connection.execute(_RELATIONS).fetchall()
        names = {(schema_name, name) for schema_name, name, _ in self._relations}
        self._has_loads = {(schema, PROCESSED_LOADS), (RAW_SCHEMA, LOADS)} <= names
        self._processed = f'"{schema}".{PROCESSED_LOADS}'
        has_claims = (schema, CLAIMED_LOADS) in names
        self._claimed = f'"{schema}".{CLAIMED_LOADS}' if has_claims else _NO_CLAIMS
        self._loads = f"{RAW_SCHEMA}.{LOADS}"
        self._read_by_hooks = [name for name in _READ_BY_HOOKS if (schema, name) in names]

    def run_facts(self, connection: duckdb.DuckDBPyConnection) -> list[Any]:
        """Return the facts that the statements of the run's hooks depend on.

        These are the schemas, whether the tables of loads and those that tell whether a load is
        settled exist, the settings that rows were stored with, and the models that an `--empty` run
        emptied.
        """
        schemas = sorted({schema_name for schema_name, _, _ in self._relations})
        facts: list[Any] = [schemas, self._has_loads, self._read_by_hooks]
        if self._has_loads:
            for expression in ("settings", "case when load_id = '(emptied)' then model end"):
                facts.append(
                    connection.execute(
                        f"select distinct {expression} as value from {self._processed} "
                        "where value is not null order by value"
                    ).fetchall()
                )
        return facts

    def node_facts(self, connection: duckdb.DuckDBPyConnection, node: Node, run: str) -> list[Any]:
        """Return the facts that the statements of a node depend on, just before it is built.

        For every node: its relation, and temporary relations that an interrupted run left behind.
        For an incremental model also whether it has processed earlier loads, whether there are
        loads that it would claim, and days to rebuild among them. For a table also whether a model
        upstream has processed a load in this run. A view outlives the run, so its SQL depends on
        none of the loads.

        Args:
            connection: A connection to the warehouse.
            node: The node.
            run: dbt's invocation id of this run.

        """
        prefix = f"{node.name}__dbt_"
        facts: list[Any] = [
            relation
            for relation in self._relations
            if relation[0] == node.schema
            and (relation[1] == node.name or relation[1].startswith(prefix))
        ]
        conditions = {
            "incremental": (_HAS_PRIOR_LOADS, _HAS_LOADS_TO_CLAIM, _HAS_DAYS_LEFT),
            "table": (_HAS_NEW_UPSTREAM,),
        }
        if self._has_loads and node.kind in conditions:
            values = {
                "processed": self._processed,
                "claimed": self._claimed,
                "loads": self._loads,
                "name": node.name,
                "run": run,
                "upstream": ", ".join(f"'{name}'" for name in node.upstream) or "null",
                "number": len(node.upstream),
                "is_first": not node.upstream,
                # No model upstream offers settled loads; the first one looks at all loads.
                "own": f"'{node.name}'" + ("" if node.upstream else f", '{SETTLED}'"),
            }
            available = (_LOADS_OF_ALL_UPSTREAM if node.upstream else _FINISHED_LOADS).format(
                **values
            )
            columns = [
                condition.format(**values, available=available)
                for condition in conditions[node.kind]
            ]
            facts += connection.execute(f"select {', '.join(columns)}").fetchall()
        return facts


def view_checksums(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return a checksum of the SQL and descriptions of each view, by `schema.name`."""
    return dict(connection.execute(_VIEWS).fetchall())


def is_determined(query: str, schema: str, parser: duckdb.DuckDBPyConnection) -> bool:
    """Check whether the recorded facts determine the result of a query.

    They determine columns, the catalog, and the queries on loads, claimed and processed ones.

    Args:
        query: The SQL of the query.
        schema: The schema of dbt's tables.
        parser: Any open connection; it only parses.

    """
    text = query.strip().lower()
    if text.startswith("describe ") or "(describe " in text:
        return True
    tables = {
        tuple(name.partition(" AS ")[0].replace('"', "").split(".")[-2:])
        for name in parser.get_table_names(query, qualified=True)
    }
    determined = {(schema, PROCESSED_LOADS), (schema, CLAIMED_LOADS), (RAW_SCHEMA, LOADS)}
    return tables <= determined
