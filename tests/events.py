"""Raw events for tests, written as little as a case needs."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

SITE = "cases.example.com"


def millis(at: str) -> int:
    """Epoch milliseconds of a UTC time such as `2026-03-02 10:00:00`."""
    return int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() * 1000)


def event(visitor: str, at: str, action: str = "pageview", **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """One valid event of a visitor whose tracker keeps sessions and pageview ids.

    `session` is the session's number (1 unless told), begun at 09:00 of its day; `path` the
    page's path ("/a"); `name` sets events of one visitor, time and action apart.
    """
    day = at[:10]
    session = fields.pop("session", 1)
    path = fields.pop("path", "/a")
    name = fields.pop("name", "")
    identity = hashlib.md5(f"{visitor} {at} {action} {name}".encode()).hexdigest()
    record = {
        "action": action,
        "apikey": SITE,
        "event_id": f"0x{identity}",
        "ts_action": at,
        "timestamp_info_nginx_ms": millis(at),
        "visitor_site_id": visitor,
        "session_id": session,
        "session_timestamp": millis(f"{day} 09:00:00"),
        "session_last_session_timestamp": 0,
        "url": f"https://{SITE}{path}",
        "referrer": "",
        "pageview_id": "p1",
    }
    return record | fields


def heartbeat(visitor: str, at: str, seconds: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """One heartbeat of so many engaged seconds."""
    return event(visitor, at, "heartbeat", engaged_time_inc=seconds, **fields)


def without_session(record: dict[str, Any]) -> dict[str, Any]:
    """The event as a tracker sends it that keeps neither sessions nor pageview ids."""
    left_out = {
        "session_id", "session_timestamp", "session_last_session_timestamp", "pageview_id",
    }  # fmt: skip
    return {key: value for key, value in record.items() if key not in left_out}
