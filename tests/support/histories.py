"""Loads that come one after another and change what was built before.

Each is files with their events, by name; a file that came before is replaced.
"""

from __future__ import annotations

from typing import Any

from tests.support.events import SITE, event, heartbeat, without_session

OTHER_SITE = {"apikey": "other.example.com", "url": "https://other.example.com/o"}
ADA = [event("ada", "2026-03-02 10:00:00"), heartbeat("ada", "2026-03-02 10:00:20", 20)]
BOB = [
    without_session(event("bob", "2026-03-02 23:50:00")),
    without_session(event("bob", "2026-03-03 00:10:00", path="/b")),
]
CLEO = [
    event("cleo", "2026-03-02 12:00:00", path="/c", pageview_id="p2"),
    event("cleo", "2026-03-02 12:05:00", "conversion", path="/c", pageview_id="p2"),
    event("cleo", "2026-03-02 12:06:00", "videostart", path="/c", videostart_id="v1"),
    event("cleo", "2026-03-02 13:00:00", **OTHER_SITE),
]
DORA = [event("dora", "2026-03-04 09:30:00", path="/d", name=str(n)) for n in range(2)]
ROBIN = [event("robin", "2026-03-06 09:30:00", path="/b")]


def named(visitor: str, at: str, canonical: str) -> dict[str, Any]:
    """Return a view of /c whose metadata says which page it is."""
    return event(
        visitor, at, path="/c", metadata_title="C",
        metadata_canonical_url=f"https://{SITE}{canonical}",
    )  # fmt: skip


def burst(visitor: str, number: int) -> list[dict[str, Any]]:
    """Return views of one visitor within a minute, of which 600 are a robot's."""
    return [event(visitor, f"2026-03-03 10:00:{n % 60:02}", name=str(n)) for n in range(number)]


# A page that another names, and a robot, among others.
BUILT = {
    "a.jsonl": ADA + BOB,
    "c.jsonl": CLEO,
    "d.jsonl": DORA + ROBIN,
    "e.jsonl": [named("eve", "2026-03-04 10:00:00", "/b")],
    "r.jsonl": burst("robin", 600),
    "z.jsonl": burst("zoe", 599),
}
# A late event, a file again under another name, a replaced one (one event gone, one changed, one
# moved to another session), a page that is itself again, a robot that is none, and a visitor that
# turns out to be one.
NEXT = {
    "late.jsonl": [
        heartbeat("ada", "2026-03-02 10:00:40", 15),
        event("ada", "2026-03-01 09:05:00"),
    ],
    "again.jsonl": [*CLEO, without_session(event("bob", "2026-03-03 00:25:00"))],
    "a.jsonl": [ADA[0] | {"session_id": 2}, BOB[1]],
    "f.jsonl": [named("eve", f"2026-03-05 10:0{n}:00", "/c") for n in range(3)],
    "r.jsonl": burst("robin", 3),
    "z.jsonl": burst("zoe", 600),
}
# Files of both loads before are replaced; the page and the visitors are what they were at first.
AFTER = {
    "late.jsonl": [event("ada", "2026-03-01 09:45:00", path="/l")],
    "c.jsonl": CLEO[:1],
    "f.jsonl": [event("eve", "2026-03-05 10:00:00", path="/f")],
    "r.jsonl": burst("robin", 600),
    "z.jsonl": burst("zoe", 3),
}
