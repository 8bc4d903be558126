"""The warehouse file: which one is meant, and opening it, alone for writing or shared for reading.

It is a DuckDB file. Loader, report and service find it in the same way (a command's option, then
the environment, then the default), and whoever cannot open it gets a `UserError` that says why.
"""

from readership.warehouse.file import (
    DEFAULT_WAREHOUSE,
    RAW_SCHEMA,
    WAREHOUSE_VARIABLE,
    default_warehouse,
    named_by_environment,
    no_warehouse,
    open_for_reading,
    open_for_writing,
    warehouse_file,
)

__all__ = [
    "DEFAULT_WAREHOUSE",
    "RAW_SCHEMA",
    "WAREHOUSE_VARIABLE",
    "default_warehouse",
    "named_by_environment",
    "no_warehouse",
    "open_for_reading",
    "open_for_writing",
    "warehouse_file",
]
