"""Which event files there are, and which of them a load is to read.

A person names files, folders, patterns or URLs. `find_files` turns those into event files in one
fixed order, the same way for a local disk and for every store that fsspec knows; in a tree of day
folders `YYYY/MM/DD` only those of the days that are requested. Each is an `EventFile`: it has a
name without secrets, a version, a size, and opens itself, here or in another process. What is
neither a file nor a folder, or a folder seen before, is passed over and named, never read.

`list_requested` does so for a whole `LoadRequest`; `plan_files` compares what was found with the
versions that the warehouse has, and says what is new, changed, or to be loaded again. No file is
opened on the way, and nothing here knows the warehouse: the pipeline passes in the versions.

The modules, each using only those before it: `day_folders`, `local_paths`, `protocols` (kinds of
address), `store_errors`, `stores` (fsspec file systems, credentials, timeouts), `event_file`,
`path_search`, `search`, `planning`, `announced`. The last looks at files that a queue has named
and lists nothing.
"""

from loaders.discovering.announced import look_up
from loaders.discovering.event_file import EVENT_FILE_ENDINGS, EventFile
from loaders.discovering.planning import Listed, LoadRequest, Plan, list_requested, plan_files
from loaders.discovering.search import Found, NoEventFilesError, find_files

__all__ = [
    "EVENT_FILE_ENDINGS",
    "EventFile",
    "Found",
    "Listed",
    "LoadRequest",
    "NoEventFilesError",
    "Plan",
    "find_files",
    "list_requested",
    "look_up",
    "plan_files",
]
