"""Limits on the calls of a site in a second: token buckets.

Calls with the secret of a site and those without have a bucket each, as they have queues: readers
of a page that searches cannot use up what the site's own server may ask.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import monotonic
from typing import Final

from readership.service.calls import TOO_MANY, CallError

BURST_SECONDS: Final = 2.0
"""A site that was quiet may make the calls of so many seconds at once."""


@dataclass(slots=True)
class _Bucket:
    """The calls that may be made now, as of a moment."""

    calls: float
    at: float


class Rates:
    """The buckets of all sites."""

    def __init__(self, calls_per_second: float | None) -> None:
        """Create full buckets; none limits a call if there is no limit."""
        self._rate = calls_per_second
        self._burst = max(1.0, BURST_SECONDS * (calls_per_second or 0))
        self._buckets: dict[tuple[str, bool], _Bucket] = {}

    def refusal(self, site: str, has_secret: bool) -> CallError | None:
        """Count a call, and return the error that refuses it; None if the site may make it.

        Args:
            site: A site of the snapshot, so that there are few buckets.
            has_secret: Whether the call has the secret of the site.

        """
        if self._rate is None:
            return None
        now = monotonic()
        bucket = self._buckets.get((site, has_secret))
        if bucket is None:
            bucket = self._buckets[site, has_secret] = _Bucket(self._burst, now)
        bucket.calls = min(self._burst, bucket.calls + self._rate * (now - bucket.at))
        bucket.at = now
        if bucket.calls >= 1:
            bucket.calls -= 1
            return None
        seconds = math.ceil((1 - bucket.calls) / self._rate)
        return CallError(
            TOO_MANY,
            f"more than {self._rate:g} calls a second for this site "
            f"{'with' if has_secret else 'without'} a secret; ask again in {seconds} seconds",
            TOO_MANY,
            seconds,
        )
