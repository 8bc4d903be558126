"""Record the statements that dbt sends to DuckDB, and replay them without dbt.

The SQL that dbt renders for a node depends on the project, the options of the run and a few facts
about the warehouse, not on its rows. On few events, rendering takes most of a run's time.

- `recording` logs the statements of a run, node by node, as transactions.
- `state` reads the facts about a warehouse that the statements depend on.
- `runs` replays recorded statements where these facts match, and falls back to dbt where not.
"""

from readership.statements.runs import Listener, Recordings, project_checksum

__all__ = ["Listener", "Recordings", "project_checksum"]
