"""Minimal raw events for tests."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

SITE = "cases.example.com"


def millis(at: str) -> int:
    """Return the epoch milliseconds of a UTC time such as `2026-03-02 10:00:00`."""
    return int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() * 1000)


def event(visitor: str, at: str, action: str = "pageview", **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a valid event of a tracker that sends sessions and pageview ids.

    Args:
        visitor: Id of the visitor.
        at: UTC time such as `2026-03-02 10:00:00`.
        action: The action.
        fields: Further fields. Three are special: `session` is the session's number (default 1),
            which starts at 09:00 of the day; `path` is the path of the page (default "/a"); `name`
            makes the event id unique among events of the same visitor, time and action.

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
    """Return a heartbeat with this many engaged seconds."""
    return event(visitor, at, "heartbeat", engaged_time_inc=seconds, **fields)


def without_session(record: dict[str, Any]) -> dict[str, Any]:
    """Return the event without session and pageview id, as some trackers send it."""
    left_out = {
        "session_id", "session_timestamp", "session_last_session_timestamp", "pageview_id",
    }  # fmt: skip
    return {key: value for key, value in record.items() if key not in left_out}
