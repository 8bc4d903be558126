"""Visitors, both people and crawlers, and their return visits."""

from __future__ import annotations

from itertools import accumulate, count
from random import Random

from simulator.devices import CRAWLERS, DEVICES, MOBILES, Device
from simulator.json_bytes import dump, fields_of
from simulator.places import PLACES, weights_for
from simulator.rhythm import DAY, MINUTE, Site

# Shares of new visitors.
NEW_VISITOR = 0.5  # of sessions; the others are by visitors of earlier sessions
KNOWN_FROM_BEFORE = 0.3  # carry a cookie from before the first day
OLD_TRACKER = 0.08  # send neither session block nor pageview ids
AMP = 0.04  # read AMP pages only
AMP_WITHOUT_SESSION = 0.5  # of those
SUBSCRIBER = 0.07
WITHOUT_ADDRESS = 0.03

AWAY = 31 * MINUTE  # shortest time between two sessions of one visitor

_DEVICE_CUM = list(accumulate(device.weight for device in DEVICES))
_CRAWLER_CUM = list(accumulate(device.weight for device in CRAWLERS))
_ALWAYS = fields_of(
    visitor=True,
    visitor_network_id=None,
    slot=False,
    version=1,
    schema_version="2.4.3",
    timestamp_info=True,
    timestamp_info_override_ms=None,
)


class Visitor:
    """One browser on one device, on one site."""

    __slots__ = (
        "amp", "away_until", "block", "bot", "extra", "has_pageview_ids", "has_sessions",
        "number", "session_start", "sessions", "staff",
    )  # fmt: skip

    def __init__(self, number: int, block: tuple[bytes, ...]) -> None:
        self.number = number
        self.block = block  # JSON fields that all their events carry
        self.has_sessions = True
        self.has_pageview_ids = True
        self.amp = False
        self.bot = False
        self.staff = False
        self.extra: dict[str, object] = {}  # what the site says about them with each event
        self.sessions = 0  # so far
        self.session_start = 0  # epoch ms of the latest session; 0 before the first
        self.away_until = 0  # epoch ms


class Audience:
    """All visitors of one site."""

    def __init__(self, site: Site, rng: Random, staff_rate: float, numbers: count[int]) -> None:
        self._rng = rng
        self._staff_rate = staff_rate
        self._place_cum = list(accumulate(weights_for(site.continent)))
        self._past: list[Visitor] = []  # one entry per session so far
        self._numbers = numbers

    def next_visitor(self, moment: int) -> Visitor:
        """Draw the visitor of a session at this moment (epoch ms), often a frequent visitor."""
        rng, past = self._rng, self._past
        if past and rng.random() > NEW_VISITOR:
            for _ in range(4):
                visitor = past[int(rng.random() * len(past))]
                if visitor.away_until < moment:
                    past.append(visitor)
                    return visitor
        visitor = self._new(moment)
        past.append(visitor)
        return visitor

    def next_crawler(self) -> Visitor:
        """Return a new crawler; each has one session and its own visitor id."""
        (device,) = self._rng.choices(CRAWLERS, cum_weights=_CRAWLER_CUM)
        visitor = self._make(device)
        visitor.bot = True
        return visitor

    def _new(self, moment: int) -> Visitor:
        rng = self._rng
        amp = rng.random() < AMP
        if amp:
            visitor = self._make(rng.choice(MOBILES))
            visitor.amp, visitor.has_pageview_ids = True, False
            visitor.has_sessions = rng.random() > AMP_WITHOUT_SESSION
        else:
            visitor = self._make(rng.choices(DEVICES, cum_weights=_DEVICE_CUM)[0])
            if rng.random() < OLD_TRACKER:
                visitor.has_pageview_ids = visitor.has_sessions = False
        if rng.random() < SUBSCRIBER:
            visitor.extra["subscriber_type"] = rng.choice(("premium", "premium", "basic", "trial"))
        if rng.random() < self._staff_rate:
            visitor.staff = True
            visitor.extra["is_employee"] = True
        if rng.random() < KNOWN_FROM_BEFORE:
            visitor.sessions = 1 + int(rng.expovariate(0.2))
            visitor.session_start = moment - int(rng.uniform(0.2, 45) * DAY)
        return visitor

    def _make(self, device: Device) -> Visitor:
        rng = self._rng
        bits = f"{rng.getrandbits(128):032x}"
        place = rng.choices(PLACES, cum_weights=self._place_cum)[0]
        # Addresses from the ranges for benchmarks (RFC 2544) and documentation (RFC 3849).
        if rng.random() < WITHOUT_ADDRESS:
            address = None
        elif rng.random() < 0.15:
            address = f"2001:db8:{rng.getrandbits(16):x}:{rng.getrandbits(16):x}::1"
        else:
            address = f"198.{rng.randrange(18, 20)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        own = fields_of(
            visitor_site_id=f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}",
            visitor_ip=address,
        )
        return Visitor(next(self._numbers), (own, place.block, device.block, _ALWAYS))


def extra_json(visitor: Visitor, **more: object) -> bytes:
    """Return the extra_data of an event: the fields of its visitor and its own."""
    extra = visitor.extra | more
    return dump(extra) if extra else b"null"
