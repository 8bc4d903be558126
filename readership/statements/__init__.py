"""Record the statements that dbt sends to DuckDB, and replay them without dbt.

The SQL that dbt renders for a node depends on the project, the options of the run and a few facts
about the warehouse, not on its rows. On few events, rendering takes most of a run's time.

- `recording` logs the statements of a run, part by part, as transactions.
- `state` reads the facts about a warehouse that the statements depend on.
- `files` keeps recordings by what they are valid for.
- `runs` replays recorded statements where these facts match, and falls back to dbt where not.
"""

from readership.statements.files import RecordingFiles, project_checksum
from readership.statements.runs import Listener, Recordings

__all__ = ["Listener", "RecordingFiles", "Recordings", "project_checksum"]
