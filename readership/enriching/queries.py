"""The queries for what a table of events has, as the dbt project writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from readership.errors import UserError

if TYPE_CHECKING:
    from loaders import TableQueries
    from readership.builder import Dbt

_INLINE = "{{ readership.queries_of_table() }}"


def table_queries(dbt: Dbt) -> TableQueries:
    """Ask the project for the queries of its table.

    Args:
        dbt: Runs dbt.

    Raises:
        UserError: The project reads no table, there is none, or a variable is wrong.

    """
    from loaders import TableQueries

    found = json.loads(dbt.compiled(_INLINE))
    if "problem" in found:
        raise UserError(found["problem"])
    return TableQueries(found["loads"], found["user_agents"], found["hosts"])
