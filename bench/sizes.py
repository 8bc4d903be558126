"""Bytes that each stage keeps for an event, at several sizes: `make bench-sizes`.

Years of messy deliveries are loaded and built at once. Every table is then written as Parquet with
zstd, as Iceberg and most cloud warehouses keep columns, so that sizes do not depend on how full the
blocks of a DuckDB file are. Views keep nothing and are left out.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import duckdb
from dbt.cli.main import dbtRunner

from bench.build import simulated_year
from bench.events import DAYS
from bench.figures import Figures
from bench.options import Options
from bench.warehouse import WHOLE, Warehouse

_STAGES = ("raw", "staging", "bookkeeping", "intermediate", "marts", "exports")
_LARGEST = 12


class Size(NamedTuple):
    """What a table keeps.

    Attributes:
        stage: Folder of its model, or `raw`.
        table: Its name.
        rows: Its rows.
        size: Its bytes as Parquet.

    """

    stage: str
    table: str
    rows: int
    size: int


def main() -> int:
    """Measure, print the figures and return the exit code."""
    parser = Options("sizes", __doc__)
    parser.add_argument(
        "--millions", type=float, nargs="+", default=[0.1, 1], help="sizes, in millions of events"
    )
    parser.add_argument(
        "--warehouse", type=Path, help="measure a built DuckDB file instead of building some"
    )
    options = parser.parse_args()
    figures = Figures()
    stages = stage_of_models()
    if options.warehouse:
        report(figures, "given", options.warehouse, stages)
        return figures.exit_code()
    for millions in options.millions:
        events = simulated_year(millions)
        warehouse = Warehouse(f"{millions:g}m-sizes")
        delivered = events.days(1, DAYS)
        warehouse.load(*delivered)
        warehouse.dbt("--quiet", "parse")
        warehouse.dbt(*WHOLE)
        warehouse.checkpoint()
        report(figures, f"{millions:g}m", warehouse.path, stages)
        warehouse.remove()
    return figures.exit_code()


def stage_of_models() -> dict[str, str]:
    """Return the stage of each model by its name."""
    parsed = dbtRunner().invoke(["--quiet", "parse"])
    if not parsed.success:
        sys.exit(str(parsed.exception))
    return {
        node.name: node.fqn[1]
        for node in parsed.result.nodes.values()
        if node.resource_type == "model"
    }


def report(figures: Figures, name: str, warehouse: Path, stages: dict[str, str]) -> None:
    """Print the bytes per event of each stage, and of the largest tables."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set threads = 2")
        connection.execute("set memory_limit = '4GB'")
        (text_bytes,) = connection.execute("select sum(size_bytes) from raw.files").fetchone() or ()
        sizes = table_sizes(connection, stages)
    events = next(size.rows for size in sizes if (size.stage, size.table) == ("raw", "events"))
    by_stage: dict[str, int] = defaultdict(int)
    for size in sizes:
        by_stage[size.stage] += size.size
    figures.note(f"sizes_{name}_events", events, "events")
    figures.note(f"sizes_{name}_delivered", text_bytes / events, "bytes per event")
    for stage in _STAGES:
        figures.note(f"sizes_{name}_{stage}", by_stage[stage] / events, "bytes per event")
    figures.note(f"sizes_{name}_file", warehouse.stat().st_size / events, "bytes per event")
    print(f"the largest tables of {name}:")
    for size in sorted(sizes, key=lambda one: -one.size)[:_LARGEST]:
        print(
            f"  {size.stage + '.' + size.table:40}{size.size / events:9.1f} bytes per event"
            f"{size.rows / events:8.3f} rows per event"
        )


def table_sizes(connection: duckdb.DuckDBPyConnection, stages: dict[str, str]) -> list[Size]:
    """Return the size of every table of raw and of the models."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where not temporary"
    ).fetchall()
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.parquet"
        for schema, table in tables:
            stage = "raw" if schema == "raw" else stages.get(table)
            if stage is None:
                continue
            (rows,) = connection.execute(
                f"copy (from {json.dumps(schema)}.{json.dumps(table)})"
                f" to '{file}' (format parquet, compression zstd)"
            ).fetchone() or (0,)
            sizes.append(Size(stage, table, rows, file.stat().st_size))
    return sizes


if __name__ == "__main__":
    sys.exit(main())
