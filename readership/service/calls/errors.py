"""The error that refuses a call, with the code and message of its response."""

from __future__ import annotations

from typing import Final

UNKNOWN_PARAMETER: Final = 400
BAD_KEYS: Final = 403
NO_SUCH_CALL: Final = 404
BAD_PARAMETER: Final = 422
TOO_MANY: Final = 429
GONE: Final = 499
FAILED: Final = 500
NO_SUCH_EVENT: Final = 501
BUSY: Final = 503
TOO_LONG: Final = 504


class CallError(Exception):
    """A call that is refused or failed.

    Attributes:
        code: The code in the response body.
        message: The reason, for the caller.
        status: The HTTP status; 200 for most refusals.
        retry_seconds: Seconds after which a retry may succeed; None if a retry is no use.

    """

    def __init__(
        self, code: int, message: str, status: int = 200, retry_seconds: int | None = None
    ) -> None:
        super().__init__(code, message, status)
        self.code = code
        self.message = message
        self.status = status
        self.retry_seconds = retry_seconds
