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


def named(visitor: str, at: str, canonical: str) -> dict[str, Any]:
    """Return a view of /c whose metadata says it is another page."""
    return event(
        visitor, at, path="/c", metadata_title="C",
        metadata_canonical_url=f"https://{SITE}{canonical}",
    )  # fmt: skip


def burst(number: int) -> list[dict[str, Any]]:
    """Return views of one visitor within a minute, of which 600 are a robot's."""
    return [event("robin", f"2026-03-03 10:00:{n % 60:02}", name=str(n)) for n in range(number)]


BUILT = {"a.jsonl": ADA + BOB, "c.jsonl": CLEO, "d.jsonl": DORA, "r.jsonl": burst(599)}
# A late event, a file again under another name, a replaced one (one event gone, one changed, one
# moved to another session), a page that another names now, and a visitor that turns out a robot.
NEXT = {
    "late.jsonl": [
        heartbeat("ada", "2026-03-02 10:00:40", 15),
        event("ada", "2026-03-01 09:05:00"),
    ],
    "again.jsonl": [*CLEO, without_session(event("bob", "2026-03-03 00:25:00"))],
    "a.jsonl": [ADA[0] | {"session_id": 2}, BOB[1], named("eve", "2026-03-04 10:00:00", "/b")],
    "r.jsonl": burst(600),
}
# What comes before the run is repeated: files of both loads before are replaced, the page is
# another's, and the visitor is no robot.
AFTER = {
    "late.jsonl": [event("ada", "2026-03-01 09:45:00", path="/l")],
    "c.jsonl": CLEO[:1],
    "e.jsonl": [named("eve", f"2026-03-05 10:0{n}:00", "/d") for n in range(3)],
    "r.jsonl": burst(3),
}
