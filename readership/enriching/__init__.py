"""Describe the hosts and user agents of a publisher's own table of events.

`queries` asks the dbt project where the table is and by which expressions the models look texts up;
the loader's library describes them (`loaders.describe_table`). `command_line` is the command
`readership enrich`.
"""

from readership.enriching.queries import table_queries

__all__ = ["table_queries"]
