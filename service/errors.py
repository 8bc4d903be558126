"""What a call is refused with: a code and a sentence, for the body of the answer."""

from __future__ import annotations

from typing import Final

UNKNOWN_PARAMETER: Final = 400
BAD_KEYS: Final = 403
NO_SUCH_CALL: Final = 404
BAD_PARAMETER: Final = 422
GONE: Final = 499
FAILED: Final = 500
NOT_DERIVABLE: Final = 501
BUSY: Final = 503
TOO_LONG: Final = 504


class CallError(Exception):
    """A call that gets no rows.

    Attributes:
        code: What kind of refusal it is; stands in the body.
        message: The reason, for whoever made the call.
        status: The HTTP status, which is 200 for nearly all.
        retry_seconds: When to make the call again, if it may go better then.

    """

    def __init__(
        self, code: int, message: str, status: int = 200, retry_seconds: int | None = None
    ) -> None:
        super().__init__(code, message, status)
        self.code = code
        self.message = message
        self.status = status
        self.retry_seconds = retry_seconds
