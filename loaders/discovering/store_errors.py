"""What the libraries of stores raise, in the words of the person who named the path.

Each store has errors of its own, and its library is imported only where it is needed: errors are
recognised by the names of their classes.
"""

from __future__ import annotations

import errno
from typing import Final

from loaders.discovering.protocols import CREDENTIALS, base_protocol, protocol
from readership.errors import UserError, message_of

_NO_CREDENTIALS: Final = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "ProfileNotFound",
    "DefaultCredentialsError",
    "ClientAuthenticationError",
}
_NO_CONNECTION: Final = {
    "AioConnectTimeoutError",
    "AioReadTimeoutError",
    "ConnectionError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ClientConnectorError",
    "ServiceRequestError",
}
# What s3fs makes of the answers 500 and 503.
_PASSING: Final = (getattr(errno, "EREMOTEIO", errno.EIO), errno.EBUSY)


def explain_error(what: str, path: str, error: BaseException) -> UserError:
    """Say in one line why a store gave an error instead of an answer.

    Args:
        what: What could not be done; used where the error tells nothing better.
        path: As the user named it.
        error: What the store's library raised.

    """
    name = type(error).__name__
    credentials = CREDENTIALS.get(base_protocol(protocol(path)))
    message = message_of(error)
    if name in _NO_CREDENTIALS:
        ways = f"set {credentials}, or" if credentials else "set"
        return UserError("no credentials", path, f"{ways} dlt's secrets ({message})")
    if isinstance(error, PermissionError) and credentials:
        return UserError(
            "access refused",
            path,
            f"check the credentials ({credentials}) and their right to list and to read "
            f"({message})",
        )
    if isinstance(error, ConnectionError | TimeoutError) or name in _NO_CONNECTION:
        return UserError(
            "cannot connect", path, f"check the network and the store's address ({message})"
        )
    if isinstance(error, OSError) and error.errno in _PASSING:
        return UserError("the store cannot answer now", path, f"run again later ({message})")
    return UserError(what, path, f"check the address and the access to it ({message})")


def is_missing(error: OSError) -> bool:
    """Tell what is not there from what could not be looked for; fsspec says the same of both."""
    if isinstance(error, FileNotFoundError) and isinstance(error.__cause__, OSError | TimeoutError):
        return isinstance(error.__cause__, FileNotFoundError)
    return isinstance(error, FileNotFoundError | NotADirectoryError)


def as_os_error(error: Exception) -> OSError:
    """Give an OSError for what a store's library raised; `errno.ESTALE` for a replaced file."""
    if type(error).__name__ == "FileExpired":
        return OSError(errno.ESTALE, "the file was replaced after it had been listed")
    if isinstance(error, OSError):
        return error
    return OSError(errno.EIO, message_of(error))
