"""Build the models and test the data with dbt, in one process that reports its progress.

- `building` builds everything or some nodes, once.
- `resident` builds what has changed, again and again.
- `last_build` is the record of the last build of everything, by which the next is spared.
- `invoking` runs dbt as a library and counts its results; `progress` shows how far it is.
- `checking` looks for what a build needs, before dbt starts.
- `command_line` is the command `readership build`.

dbt is imported when a build starts.
"""

from readership.builder.building import build, tests_failed
from readership.builder.checking import check_lists, check_project, check_warehouse
from readership.builder.invoking import Built, Dbt
from readership.builder.progress import Progress, progress_for
from readership.builder.resident import ResidentProject

__all__ = [
    "Built",
    "Dbt",
    "Progress",
    "ResidentProject",
    "build",
    "check_lists",
    "check_project",
    "check_warehouse",
    "progress_for",
    "tests_failed",
]
