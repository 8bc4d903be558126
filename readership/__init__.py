"""readership: a publisher's own analytics, in the publisher's own warehouse.

- `builder` runs dbt on the project, in one process;
- `service` publishes snapshots of a warehouse and answers API requests from them;
- `report` prints a summary of a warehouse, or the result of a query;
- `statements` records what dbt sends to DuckDB, and replays it;
- `warehouse`, `errors`, `console` and `normal` are what these and the loader share: the warehouse
  file, error messages, terminal output, and the normal form of addresses and names.

The loader is the package `loaders`, the generator of sample events `simulator`. `command_line` is
the command `readership`, which starts each of them.
"""
