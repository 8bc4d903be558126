"""Build the models and test the data with dbt, in one process that reports its progress.

`build` does what `dbt build` and `dbt run-operation publish_answers` do, and parses the project
once for both. `building` runs dbt as a library and counts its results, `progress` shows how far it
is, and `command_line` is the command `readership build`. dbt is imported when a build starts.
"""

from readership.builder.building import Built, build
from readership.builder.progress import Progress, progress_for

__all__ = ["Built", "Progress", "build", "progress_for"]
