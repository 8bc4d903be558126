"""Warnings of keys that expire soon."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Final

from readership.service import keys
from readership.service.answering import LOG, Serving
from readership.service.keys import SiteKeys

WARNING_DAYS: Final = 14
"""Days before a key expires from which on the service warns."""

_POLL_SECONDS: Final = 1.0


def expiring(site_keys: SiteKeys) -> list[tuple[str, date]]:
    """Return the site and day of each key that expires within the days of warning, or has."""
    today = keys.today()
    return [(site, day) for site, day in site_keys.expiries() if (day - today).days <= WARNING_DAYS]


async def warn_of_expiring_keys(serving: Serving) -> None:
    """Log keys that expire soon: at the start, when the keys change, and once a day."""
    seen: tuple[SiteKeys, date] | None = None
    while True:
        site_keys, today = serving.site_keys, keys.today()
        if seen is None or seen[0] is not site_keys or seen[1] != today:
            seen = site_keys, today
            for site, day in expiring(site_keys):
                _warn(site, day, today)
        await asyncio.sleep(_POLL_SECONDS)


def _warn(site: str, day: date, today: date) -> None:
    if day <= today:
        LOG.warning("a key of %s has expired on %s: remove its line", site, day)
    else:
        LOG.warning(
            "a key of %s expires on %s, in %d days: create another with `readership key %s`",
            site, day, (day - today).days, site,
        )  # fmt: skip
