"""Where the log goes, and its form: lines of text, or one JSON object a line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, Final

from readership.service.monitoring.access import FIELDS

FORMS: Final = ("text", "json")

_TEXT: Final = "%(asctime)s %(name)s %(levelname)s %(message)s"
_LOGGERS: Final = ("readership", "uvicorn")


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object, with the fields of a request if it is about one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object as one line."""
        values: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        fields = getattr(record, FIELDS, None)
        if fields is None:
            values["message"] = record.getMessage()
        else:
            values |= fields
        if record.exc_info:
            values["exception"] = self.formatException(record.exc_info)
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=str)


def log_to_stderr(form: str) -> None:
    """Write the log of the service to standard error.

    Args:
        form: `text` or `json`.

    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else logging.Formatter(_TEXT))
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
