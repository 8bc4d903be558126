"""What is in a warehouse, and what was refused or described by older rules, taken again.

`open_queries` opens a warehouse for `Queries`, which only read and see finished loads alone.
`status_of` makes the state of the warehouse of them; `replay` judges rejected lines again, as after
a new version of the gate, and loads those that are events now; `describe_again` does the same for
the descriptions of user agents, and `describe_table` describes those of a table that the loader has
not filled. The last three change the warehouse, in one commit each, and may be repeated.

`rendering` makes text that fits a terminal of the results, or JSON; the commands print it.
"""

from loaders.inspecting.describing_table import (
    DescribedTable,
    TableQueries,
    describe_table,
)
from loaders.inspecting.queries import Queries, Selection, open_queries
from loaders.inspecting.redescribing import RedescribeSummary, describe_again
from loaders.inspecting.rendering import (
    line_json,
    lines_text,
    replay_json,
    replay_text,
    status_text,
    totals_text,
)
from loaders.inspecting.replaying import ReplaySummary, replay
from loaders.inspecting.status import Status, status_json, status_of

__all__ = [
    "DescribedTable",
    "Queries",
    "RedescribeSummary",
    "ReplaySummary",
    "Selection",
    "Status",
    "TableQueries",
    "describe_again",
    "describe_table",
    "line_json",
    "lines_text",
    "open_queries",
    "replay",
    "replay_json",
    "replay_text",
    "status_json",
    "status_of",
    "status_text",
    "totals_text",
]
