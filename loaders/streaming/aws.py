"""Requests to AWS: repeated a few times where that may help, explained in one line where not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from loaders.settings import store_seconds
from readership.errors import UserError, message_of

CREDENTIALS: Final = (
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, an AWS profile or role, and AWS_REGION"
)
_RETRY_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 4.0)
# No request is repeated after so long: each may take as long as the service may be silent.
_PATIENCE_SECONDS: Final = 30.0
# Shares of a stream's limits that others use up, and what passes by itself.
_PASSING: Final = frozenset(
    {
        "InternalFailure",
        "InternalFailureException",
        "InternalError",
        "KMSThrottlingException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
    }
)
_REFUSED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_MISSING: Final = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)
_THROTTLED: Final = "ThroughputExceeded", "LimitExceeded", "Throttl"


class AwsError(Exception):
    """AWS has refused a request for good, with a code that the caller may know what to do about.

    Args:
        code: The code of the error.
        explained: What to say where nobody knows.

    """

    def __init__(self, code: str, explained: UserError) -> None:
        super().__init__(code)
        self.code = code
        self.explained = explained


class AwsClient:
    """A client of one service.

    Args:
        service: Such as `kinesis`.
        where: The address that a person knows it by.
        rights: The rights that it needs, for a person whom it refuses.
        sleep: Waits so many seconds before a request is made again.

    Raises:
        UserError: The environment leads to no client.

    """

    def __init__(
        self,
        service: str,
        where: str,
        rights: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        from botocore.exceptions import BotoCoreError

        self._where = where
        self._rights = rights
        self._sleep = sleep
        environment = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        try:
            self._client = _made(service, store_seconds(), tuple(sorted(environment.items())))
        except (BotoCoreError, ValueError) as error:
            raise self._explained(error) from error

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """Make a request and give the response.

        Args:
            operation: The method of the client, such as `get_records`.
            parameters: Its parameters.

        Raises:
            AwsError: AWS refuses it, and would do so again.
            UserError: AWS cannot be reached, or did not answer several times.

        """
        from botocore.exceptions import BotoCoreError, ClientError

        waits = iter(_RETRY_SECONDS)
        started = time.monotonic()
        while True:
            try:
                return getattr(self._client, operation)(**parameters)
            except ClientError as error:
                failure: Exception = error
                code = str(error.response.get("Error", {}).get("Code", ""))
                status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
                if code not in _PASSING and status < 500:
                    raise AwsError(code, self._explained(error)) from error
            except BotoCoreError as error:
                failure = error
                if not _is_of_the_network(error):
                    raise self._explained(error) from error
            wait = next(waits, None)
            if wait is None or time.monotonic() - started > _PATIENCE_SECONDS:
                raise self._explained(failure) from failure
            self._sleep(wait)

    def _explained(self, error: Exception) -> UserError:
        name = type(error).__name__
        code = ""
        if response := getattr(error, "response", None):
            code = str(response.get("Error", {}).get("Code", ""))
        message = message_of(error)
        if code in _REFUSED:
            return UserError(
                "access refused",
                self._where,
                f"check the credentials ({CREDENTIALS}) and the rights {self._rights} ({message})",
            )
        if code in _MISSING:
            return UserError(
                "there is none of this name", self._where, f"check name and region ({message})"
            )
        if code.startswith("KMS") and code != "KMSThrottlingException":
            return UserError(
                "the key that encrypts it cannot be used",
                self._where,
                f"check that the key is enabled, and the right kms:Decrypt ({message})",
            )
        if any(part in code for part in _THROTTLED):
            return UserError(
                "others use up what it allows to read",
                self._where,
                f"run again later, or give each reader its own share ({message})",
            )
        if name in ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"):
            return UserError("no credentials", self._where, f"set {CREDENTIALS} ({message})")
        if name == "NoRegionError":
            return UserError("no region", self._where, "set AWS_REGION")
        if _is_of_the_network(error):
            return UserError(
                "cannot connect", self._where, f"check the network and the region ({message})"
            )
        return UserError("AWS gave an error", self._where, f"run again later ({message})")


@lru_cache(maxsize=4)
def _made(service: str, seconds: float, environment: tuple[tuple[str, str], ...]) -> Any:  # noqa: ANN401
    """Make a client of botocore, once for an environment: it takes a third of a second."""
    from botocore.config import Config
    from botocore.session import get_session

    session = get_session()
    # Of a hundred thousand records botocore would look up the local time zone for each.
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_time)
    # botocore itself looks at AWS_DEFAULT_REGION alone.
    region = dict(environment).get("AWS_REGION") or session.get_config_variable("region")
    config = Config(
        connect_timeout=seconds,
        read_timeout=seconds,
        # Requests are repeated by `AwsClient.call`, which knows for how long.
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    return session.create_client(service, region_name=region, config=config)


def _time(value: Any) -> datetime:  # noqa: ANN401
    """Read a time of a response, in UTC: seconds since 1970 where the service speaks JSON."""
    from botocore.utils import parse_timestamp

    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return parse_timestamp(value).astimezone(UTC)


def _is_of_the_network(error: Exception) -> bool:
    from botocore import exceptions

    return isinstance(error, exceptions.ConnectionError | exceptions.HTTPClientError)
