"""Runs dbt for a cloud warehouse that answers nothing, and records every statement sent to it.

A process of `.venv-clouds`, or of the adapter's own virtual environment:
`python -m tests.support.cloud_driver TARGET STATE FILE DBT-ARGUMENTS`. STATE is `empty`, where
nothing has been built, or `built`, where every relation is there and every incremental model has
loads to process. The file gets a line of JSON for each statement: the node that sent it and its
text. dbt is as it is installed; only its adapter's connection is another.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import agate
from dbt.adapters.base import BaseAdapter
from dbt.adapters.contracts.connection import AdapterResponse, ConnectionState
from dbt.adapters.factory import get_adapter_class_by_name, load_plugin
from dbt.cli.main import dbtRunner
from dbt_common.clients.agate_helper import table_from_rows

# What an adapter does by calls of a service instead of by statements.
_CALLS_OF_SERVICES = (
    "is_replaceable",
    "load_dataframe",
    "update_table_description",
    "update_columns",
    "delete_from_s3",
    "clean_up_table",
    "delete_from_glue_catalog",
    "persist_docs_to_glue",
    "expire_glue_table_versions",
    "add_lf_tags_to_database",
    "is_work_group_output_location_enforced",
)

# Adapters that compare the types of a table with those of a query, and what they call those of
# contracts.
_OF_SPARK = ("databricks",)
# Adapters whose connection, not whose statements, knows of transactions.
_COMMIT_BY_THEMSELVES = ("redshift", "trino")
_TYPES_OF_SPARK = {
    "varchar": "string",
    "text": "string",
    "uuid": "string",
    "integer": "int",
    "timestamp": "timestamp_ntz",
}

Rows = tuple[list[str], list[list[Any]]]


def _type_of(column: Any) -> str:  # noqa: ANN401
    """Return the type of a column on Spark, by its contract if it has one."""
    kind = getattr(column, "data_type", None) or "varchar"
    return _TYPES_OF_SPARK.get(kind, kind)


class Recorder:
    """What stands in for the connection of an adapter.

    Attributes:
        is_built: Whether the warehouse has every relation.
        file: Where statements are written, by one thread at a time.
        models: The models of the project, by name, with their columns.
        incremental: The names of those that are incremental.
        views: The names of those that are views.
        columns: The same columns by the id of the node, as the warehouse writes their names.
        types: Pairs of their columns and the types of their contracts, by the id of the node.

    """

    def __init__(self, is_built: bool, file: Path, folded: Callable[[str], str]) -> None:
        self.is_built = is_built
        self.file = file.open("w")
        self.lock = threading.Lock()
        self.models: dict[str, list[str]] = {}
        self.incremental: list[str] = []
        self.views: set[str] = set()
        self.columns: dict[str, list[str]] = {}
        self.types: dict[str, list[list[str]]] = {}
        self.folded = folded

    def read(self, manifest: Any) -> None:  # noqa: ANN401
        """Remember the models, whose columns are those that are described."""
        for node in manifest.nodes.values():
            if node.resource_type in ("model", "seed"):
                self.models[node.alias] = [*node.columns] or ["page_key", "visitor_key"]
                self.columns[node.unique_id] = [*map(self.folded, self.models[node.alias])]
                self.types[node.unique_id] = [
                    [name, _type_of(node.columns.get(name))] for name in self.models[node.alias]
                ]
                if node.config.materialized == "incremental":
                    self.incremental.append(node.alias)
                if node.config.materialized == "view":
                    self.views.add(node.alias)

    def record(self, node: str, text: str) -> agate.Table:
        """Write a statement down, and return the rows that let the run go on."""
        if text.strip():
            with self.lock:
                print(json.dumps([node, text]), file=self.file, flush=True)
        names, rows = self.rows_for(node, " ".join(text.split()).lower())
        return (
            table_from_rows(rows, names)
            if rows
            else agate.Table([], names, [agate.Text()] * len(names))
        )

    def rows_for(self, node: str, text: str) -> Rows:
        """Return what dbt's and the project's own questions are answered."""
        if "where false limit 0" in text and node in self.columns:
            return self.columns[node], []
        if text.startswith("describe query"):
            return ["col_name", "data_type"], self.types[node]
        if text.startswith("select current_timezone()"):
            return ["time_zone"], [["UTC"]]
        if "as should_error" in text:
            return ["failures", "should_warn", "should_error"], [[0, False, False]]
        if text.startswith("select typeof(to_variant("):
            return ["a", "b", "c"], [["TIMESTAMP_NTZ", "monday", "bytes"]]
        if self.is_built and text.startswith("select distinct model from"):
            return ["model"], [[name] for name in self.incremental]
        if re.match("select 1 from .*claimed_loads.* limit 1", text):
            return ["one"], [[1]] if self.is_built else []
        if text.startswith("select (select count(*)"):
            return ["visitors", "rows"], [[1, 1]]
        if "max(claimed.claimed_at)" in text:
            return ["claimed_at"], [[None]]
        return ["nothing"], []


def stand_in(adapter: type[BaseAdapter], recorder: Recorder) -> list[Any]:
    """Return patches by which an adapter talks to the recorder."""
    manager = adapter.ConnectionManager

    def opened(connection: Any) -> Any:  # noqa: ANN401
        connection.state = ConnectionState.OPEN
        connection.handle = mock.MagicMock()
        return connection

    def parts_of(text: str) -> list[str]:
        split = getattr(manager, "_split_queries", None)
        return split(text) if split else [text]

    def execute(self: Any, sql: str, *_: object, **__: object) -> tuple[AdapterResponse, Any]:  # noqa: ANN401
        table = agate.Table([], ["nothing"], [agate.Text()])
        for part in parts_of(sql):
            table = recorder.record(self.get_thread_connection().name, part)
        return AdapterResponse("OK"), table

    def add_query(
        self: Any,  # noqa: ANN401
        sql: str,
        auto_begin: bool = True,
        bindings: object = None,
        *_: object,
        **__: object,
    ) -> tuple[Any, Any]:
        # The rows of a seed are values beside the text.
        for part in parts_of(re.sub(r"%s|[?]", "null", sql) if bindings else sql):
            recorder.record(self.get_thread_connection().name, part)
        return self.get_thread_connection(), mock.MagicMock()

    def relations(self: Any, schema: Any) -> list[Any]:  # noqa: ANN401
        names = ["events", "files", "_dlt_loads", "rejected_lines", "user_agents", "hosts"]
        if schema.schema.lower() != "raw":
            names = [*recorder.models] if recorder.is_built else []
        return [
            self.Relation.create(
                database=recorder.folded(schema.database),
                schema=recorder.folded(schema.schema),
                identifier=recorder.folded(name),
                type="view" if name in recorder.views else "table",
            )
            for name in names
        ]

    def nothing(*_: object, **__: object) -> bool:
        return True

    def relation(self: Any, database: str, schema: str, identifier: str, **_: object) -> Any:  # noqa: ANN401
        """Return one of the relations, for an adapter that asks the service for it."""
        found = relations(self, self.Relation.create(database=database, schema=schema))
        return next((one for one in found if one.identifier == identifier), None)

    def columns(self: Any, relation: Any) -> list[Any]:  # noqa: ANN401
        name = relation.identifier.lower()
        for mark in ("__dbt_tmp", "__new_rows"):
            name = name.partition(mark)[0]
        node = self.connections.get_thread_connection().name
        if self.type() in _OF_SPARK and node in recorder.types:
            return [self.Column(*pair) for pair in recorder.types[node]]
        return [self.Column(recorder.folded(column), "text") for column in recorder.models[name]]

    def type_in_glue(*_: object) -> None:
        """Say nothing of a table."""

    def uploaded(*_: object, **__: object) -> str:
        return "s3://readership/seed"

    def columns_of_query(self: Any, sql: str) -> list[Any]:  # noqa: ANN401
        recorder.record(self.connections.get_thread_connection().name, sql)
        return []

    return [
        mock.patch.object(manager, "open", classmethod(lambda _, connection: opened(connection))),
        mock.patch.object(manager, "execute", execute),
        mock.patch.object(manager, "add_query", add_query, create=True),
        mock.patch.object(adapter, "list_relations_without_caching", relations),
        mock.patch.object(adapter, "get_columns_in_relation", columns),
        *(
            [mock.patch.object(adapter, "get_relation", relation)]
            if "get_relation" in vars(adapter)
            else []
        ),
        mock.patch.object(adapter, "get_column_schema_from_query", columns_of_query),
        *(
            mock.patch.object(adapter, name, nothing)
            for name in _CALLS_OF_SERVICES
            if hasattr(adapter, name)
        ),
        *(
            [mock.patch.object(manager, "commit_if_has_connection", nothing)]
            if adapter.type() in _COMMIT_BY_THEMSELVES
            else []
        ),
        *(
            [
                mock.patch.object(adapter, "get_glue_table_type", type_in_glue),
                mock.patch.object(adapter, "upload_seed_to_s3", uploaded),
            ]
            if adapter.type() == "athena"
            else []
        ),
        mock.patch.object(adapter, "list_schemas", return_value=[]),
        mock.patch.object(adapter, "check_schema_exists", return_value=False),
    ]


def main(arguments: list[str]) -> int:
    """Run dbt, and return 0 when all of it succeeded."""
    target, state, file, *command = arguments
    places = ["--quiet", "--target", target]
    load_plugin(target)
    recorder = Recorder(state == "built", Path(file), str.upper if target == "snowflake" else str)
    patches = stand_in(get_adapter_class_by_name(target), recorder)
    for patch in patches:
        patch.start()
    parsed = dbtRunner().invoke([*places, "parse"])
    if parsed.exception:
        print(parsed.exception, file=sys.stderr)
        return 2
    recorder.read(parsed.result)
    done = dbtRunner(manifest=parsed.result).invoke([*places, *command])
    if done.exception:
        print(done.exception, file=sys.stderr)
        return 2
    for result in getattr(done.result, "results", []):
        if str(result.status) in ("error", "fail", "runtime error"):
            print(result.node.unique_id, result.message, file=sys.stderr)
    return 0 if done.success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
