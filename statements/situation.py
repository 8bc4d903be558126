"""What of a warehouse decides which statements a dbt run sends."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

import duckdb

from warehouse.file import RAW_SCHEMA

TAKEN_LOADS: Final = "taken_loads"
"""The table in which the incremental models note the loads that they have taken."""

LOADS: Final = "_dlt_loads"
"""The loader's table of loads, in the raw schema."""

# Tables with their columns and types, views and schemas by name: whether dbt makes, fills, replaces
# or drops something follows from these.
_RELATIONS: Final = """
select 'schema' as kind, schema_name, '' as name, '' as columns
from duckdb_schemas() where database_name = current_database() and not internal
union all
select 'table', schema_name, table_name, sql
from duckdb_tables() where database_name = current_database() and not internal and not temporary
union all
select 'view', schema_name, view_name, ''
from duckdb_views() where database_name = current_database() and not internal and not temporary
order by all
"""

# Which models have taken a load in common, for all loads there are, but not how many those are:
# what a model goes on from, and whether it finds something to take, follows from this.
_TAKEN: Final = """
with

loads as (
    select load_id from {loads} where status = 0
    union
    select load_id from {taken}
),

takers as (
    select
        loads.load_id = '(emptied)' as is_mark,
        coalesce(list_sort(list(distinct taken.model) filter (taken.model is not null)), []) as models
    from loads
    left join {taken} as taken on loads.load_id = taken.load_id
    group by loads.load_id
)

select distinct is_mark, models from takers order by all
"""

_SETTINGS: Final = "select distinct settings from {taken} where settings is not null order by 1"

# A view with its SQL and all its comments.
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


def situation(connection: duckdb.DuckDBPyConnection, schema: str) -> str:
    """Give the situation of a warehouse as a text that is the same for the same situation.

    Args:
        connection: The warehouse, open.
        schema: Where dbt puts its tables.

    """
    relations = connection.execute(_RELATIONS).fetchall()
    seen: list[Any] = [relations]
    names = {(owner, name) for _, owner, name, _ in relations}
    if {(schema, TAKEN_LOADS), (RAW_SCHEMA, LOADS)} <= names:
        tables = {"taken": f'"{schema}".{TAKEN_LOADS}', "loads": f"{RAW_SCHEMA}.{LOADS}"}
        seen += [connection.execute(sql.format(**tables)).fetchall() for sql in (_TAKEN, _SETTINGS)]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def views(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Give the views there are, each with a checksum of its SQL and its descriptions."""
    return dict(connection.execute(_VIEWS).fetchall())


def follows(question: str, schema: str, parser: duckdb.DuckDBPyConnection) -> bool:
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
    return asked <= {(schema, TAKEN_LOADS), (RAW_SCHEMA, LOADS)}
