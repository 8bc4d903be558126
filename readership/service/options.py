"""What an operator chooses for the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_AGE_SECONDS: Final = 10
"""Default time for which a browser or proxy may repeat an answer without asking."""


@dataclass(frozen=True, slots=True)
class Options:
    """Choices about responses.

    Attributes:
        max_age: Seconds for which browsers and proxies may repeat an answer without asking.
        has_history: Whether `/history` answers.
        http_statuses: Whether the HTTP status of a refusal is its code, and not 200.
        rate_limit: Calls that a site may make in a second; None if as many as it likes.

    """

    max_age: int = MAX_AGE_SECONDS
    has_history: bool = True
    http_statuses: bool = False
    rate_limit: float | None = None
