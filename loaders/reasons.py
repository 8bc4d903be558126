"""Why a line of an event file is no event: the values of `raw.rejected_lines.reason`."""

from __future__ import annotations

from typing import Final

BROKEN_JSON: Final = "broken_json"
NOT_AN_OBJECT: Final = "not_an_object"
INVALID_UTF8: Final = "invalid_utf8"
WRONG_TYPE: Final = "wrong_type"
LINE_TOO_LONG: Final = "line_too_long"
TRUNCATED: Final = "truncated"
BROKEN_RECORD: Final = "broken_record"

REASONS: Final = (
    BROKEN_JSON,
    NOT_AN_OBJECT,
    INVALID_UTF8,
    WRONG_TYPE,
    LINE_TOO_LONG,
    TRUNCATED,
    BROKEN_RECORD,
)
"""Every value that `raw.rejected_lines.reason` can have."""
