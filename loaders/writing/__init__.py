"""Rows into the warehouse by dlt, and the ledger that says what is in it.

A `Target` is a warehouse: a DuckDB file, or another of dlt's destinations that is a database with
transactions and takes Parquet. One load at a time holds it. `prepare_warehouse` makes the tables
and takes back what a load that broke off has left; `load_package` brings the rows of one
`PackageRows` as one dlt package, all or nothing.

The `Ledger` is the only state. `raw.files` has a row for each version of a file; a load is noted in
`raw._dlt_loads` before its first row and marked finished by its last commit, which also checks that
all rows have arrived and puts out of force what the load replaces. So a load that dies at any
moment is found by the next one, and nothing is lost or counted twice.

The modules: `ledger` (its SQL), `destination` (dlt's clients with the one commit), `connections`
(dlt set up, and connected to), `targets` (the warehouses), `packages` (one package).
"""

from loaders.writing.connections import client_of, prepare_dlt
from loaders.writing.ledger import Ledger, SqlClient, unopened
from loaders.writing.packages import PackageRows, load_package, prepare_warehouse
from loaders.writing.targets import DuckDbFile, NamedDestination, Target, target_for

__all__ = [
    "DuckDbFile",
    "Ledger",
    "NamedDestination",
    "PackageRows",
    "SqlClient",
    "Target",
    "client_of",
    "load_package",
    "prepare_dlt",
    "prepare_warehouse",
    "target_for",
    "unopened",
]
