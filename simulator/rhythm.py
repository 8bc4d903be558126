"""Sites, their time zones, and their traffic by hour and weekday."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

SECOND = 1_000  # everything inside the simulator is counted in epoch milliseconds
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Site(NamedTuple):
    """One site of the publisher."""

    index: int
    site_id: str  # also its host name
    timezone: str
    continent: str  # where most readers live
    language: str  # en or de
    share: float  # its traffic, relative to the first site
    beat_seconds: int  # longest time between two heartbeats


_ZONES = (
    ("Asia/Tokyo", "AS"),
    ("America/Sao_Paulo", "SA"),
    ("Europe/London", "EU"),
    ("Australia/Sydney", "OC"),
    ("America/Los_Angeles", "NA"),
)

# Share of a day's traffic by hour of the site's local day, and of a week's by weekday.
BY_HOUR = (
    1.4, 0.8, 0.5, 0.4, 0.6, 1.3, 2.9, 5.0, 6.2, 5.8, 5.5, 5.6,
    6.4, 6.1, 5.4, 5.0, 5.1, 5.4, 5.6, 5.9, 6.4, 6.0, 4.2, 2.5,
)  # fmt: skip
BY_WEEKDAY = (1.12, 1.10, 1.08, 1.06, 1.00, 0.72, 0.80)


def make_sites(count: int) -> list[Site]:
    """Return the publisher's sites, largest first."""
    sites = [
        Site(0, "news.example.com", "America/New_York", "NA", "en", 1.0, 150),
        Site(1, "tribune.example.org", "Europe/Berlin", "EU", "de", 0.62, 60),
    ]
    for index in range(2, count):
        zone, continent = _ZONES[(index - 2) % len(_ZONES)]
        share = (index + 1) ** -0.75
        beat = (150, 30)[index % 2]
        name = f"site{index + 1}.example.net"
        sites.append(Site(index, name, zone, continent, "en", share, beat))
    return sites[:count]


def local_time(site: Site, moment_ms: int) -> datetime:
    """Return a moment (epoch ms) in the local time of the site."""
    return datetime.fromtimestamp(moment_ms / SECOND, UTC).astimezone(ZoneInfo(site.timezone))


def hourly_weights(site: Site, start_ms: int, hours: int) -> list[float]:
    """Return the relative traffic of each hour since start_ms (epoch ms, on the hour)."""
    weights = []
    for hour in range(hours):
        local = local_time(site, start_ms + hour * HOUR)
        weights.append(BY_HOUR[local.hour] * BY_WEEKDAY[local.weekday()])
    return weights


_MINUTES: dict[int, bytes] = {}
_SECONDS = tuple(b"%02d" % second for second in range(60))


def utc_text(moment_ms: int) -> bytes:
    """Return a moment (epoch ms) as UTC text to the second, ``2026-06-01 10:04:10``."""
    minute, rest = divmod(moment_ms, MINUTE)
    text = _MINUTES.get(minute)
    if text is None:
        moment = datetime.fromtimestamp(minute * 60, UTC)
        text = _MINUTES[minute] = moment.strftime("%Y-%m-%d %H:%M:").encode()
    return text + _SECONDS[rest // SECOND]
