"""A copy of the marts, to read from while builds run.

One program at a time has the warehouse open, so a tool that reads it stops the next build. The
command `readership marts` copies every public mart, views as tables, to a DuckDB file of its own,
and to Parquet files on request. Both are replaced whole: who reads keeps what it has opened.

- `names` lists the public marts, and what divides their Parquet files;
- `source` finds them in a warehouse;
- `database` writes the DuckDB file and replaces it;
- `parquet` writes a version of the Parquet files beside the others and points to it;
- `copying` does both in order, from one moment of the warehouse.
"""

from readership.marts.copying import Copied, copy_marts
from readership.marts.names import MARTS, Mart
from readership.marts.parquet import CURRENT

__all__ = ["CURRENT", "MARTS", "Copied", "Mart", "copy_marts"]
