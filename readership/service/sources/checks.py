"""Queries that call every routine of the answers and find no rows, to see that all are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from readership.service.calls import ENDPOINTS, RELATED_BY_VISITOR

# Arguments of a query without rows; all others are empty strings.
_NO_ROWS: Final = {
    "requested_starts_after_at": "cast('1970-01-01' as timestamp)",
    "requested_ends_at": "cast('1970-01-01' as timestamp)",
    "requested_urls": "cast(array[] as varchar [])",
}

_OF_THE_DASHBOARD: Final = {
    "dashboard_site": ("requested_site",),
    "dashboard_periods": ("requested_site",),
    "dashboard_hours": ("requested_site",),
    "dashboard_trends": ("requested_site",),
    "dashboard_loyal": ("requested_site", "requested_starts_after_at", "requested_ends_at"),
    "dashboard_post_hours": (
        "requested_site", "requested_urls", "requested_starts_after_at", "requested_ends_at",
    ),
}  # fmt: skip


def routines() -> list[tuple[str, tuple[str, ...]]]:
    """Return the routines of all endpoints, with their positional arguments."""
    return sorted(
        {(endpoint.macro, endpoint.positional) for endpoint in (*ENDPOINTS, RELATED_BY_VISITOR)}
    )


def checks(schema: str) -> Iterator[str]:
    """Yield the queries.

    Args:
        schema: The schema of the answers, quoted if necessary.

    """
    for name, positional in routines():
        arguments = ", ".join(_NO_ROWS.get(argument, "''") for argument in positional)
        yield f"select count(row_json) from {schema}.{name}({arguments})"
    yield f"select count(*) from {schema}.known_posts('', cast(array[] as varchar []))"
    for name, arguments in _OF_THE_DASHBOARD.items():
        given = ", ".join(_NO_ROWS.get(argument, "''") for argument in arguments)
        yield f"select count(*) from {schema}.{name}({given})"
    yield f"select {schema}.first_instant(cast('2000-01-01' as timestamp), 'UTC')"
    yield f"select {schema}.with_itm_source('', '')"
