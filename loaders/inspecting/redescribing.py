"""User agents of earlier loads described again, after the rules for reading them have changed.

A load describes a user agent when it sees it first, so what the rules of older versions made of it
stays in the warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass

from loaders.enriching import describe_agent
from loaders.inspecting.queries import explain_database_errors, require_warehouse
from loaders.writing import Ledger, Target, client_of, prepare_warehouse


@dataclass(frozen=True, slots=True)
class RedescribeSummary:
    """What one call of `describe_again` did.

    Attributes:
        known: User agents that were looked at.
        changed: Those of them of which the warehouse says something else now.
        robots: Those of them that are a robot's now and were none, or the other way round.
        taken_back: Loads that had broken off before, whose rows were removed.

    """

    known: int
    changed: int
    robots: int
    taken_back: int


def describe_again(target: Target) -> RedescribeSummary:
    """Describe every known user agent by the rules of now, in one commit.

    Args:
        target: The warehouse, which exists.

    Raises:
        UserError: There is no warehouse, or it cannot be used.

    """
    require_warehouse(target)
    with target.writing() as destination:
        taken_back = prepare_warehouse(target, destination)
        with client_of(destination) as client, explain_database_errors(target):
            ledger = Ledger(client)
            stored = ledger.descriptions()
            # Loaders of old left spaces around some.
            found = [(row[0], *describe_agent(row[0].strip())[1:]) for row in stored]
            changed = {
                now[0]: (old, now) for old, now in zip(stored, found, strict=True) if old != now
            }
            if changed:
                ledger.describe([now for _, now in changed.values()])
    return RedescribeSummary(
        len({row[0] for row in stored}),
        len(changed),
        sum(bool(old[-2]) != now[-2] for old, now in changed.values()),
        taken_back,
    )
