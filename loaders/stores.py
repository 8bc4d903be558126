"""Reaching the places where files are: fsspec file systems, their credentials, their errors."""

from __future__ import annotations

import errno
import os
import posixpath
import re
from typing import Any, Final

import fsspec
from fsspec.implementations.local import LocalFileSystem

from errors import UserError, redacted
from loaders.limits import DEFAULT_SECONDS, SECONDS_VARIABLE

WEB: Final = ("http", "https")
"""Addresses of single files, whose queries may sign them and are no patterns."""

PACKAGES: Final = {
    "gs": "gcsfs==2026.10.1",
    "gcs": "gcsfs==2026.10.1",
    "az": "adlfs==2026.8.0",
    "abfs": "adlfs==2026.8.0",
    "abfss": "adlfs==2026.8.0",
    "adl": "adlfs==2026.8.0",
}
"""What to install for a kind of address; as the extras `gcs` and `azure` of pyproject.toml."""

_CREDENTIALS: Final = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, an AWS profile or role",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
_SAME_KIND: Final = {"s3a": "s3", "gcs": "gs", "abfs": "az", "abfss": "az", "adl": "az"}
_DLT_SECTION: Final = "sources.filesystem"
_TRIES: Final = "3"
_MOST_SECONDS: Final = 600
_TEXT_CHARS: Final = 300

# By name, because the libraries they belong to are imported only for stores that need them.
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
_LOGIN_IN_ADDRESS: Final = re.compile(r"(?:s3a?|gs|gcs|az|adl)://[^/]*:.*@")


def open_filesystem(path: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """Give the file system that a path or URL belongs to, and its path there.

    Nothing listed is kept, so that every look is a fresh one. The credentials of stores are
    those that dlt's configuration holds under `sources.filesystem.credentials`; where it holds
    none, those that the store's own library finds (for s3 the usual AWS environment).

    Raises:
        UserError: No such kind of address, a package is missing, or no access.

    """
    kind = protocol(path)
    if _LOGIN_IN_ADDRESS.match(path):
        raise UserError(
            "credentials in an address", path, f"take them out and set {_CREDENTIALS[_base(kind)]}"
        )
    try:
        arguments = _arguments_of_dlt(kind, path) if _base(kind) in _CREDENTIALS else {}
        arguments = _patience(kind, arguments) | {"use_listings_cache": False}
        filesystem, root = fsspec.core.url_to_fs(path, **arguments)
        bounded(filesystem)
    except UserError:
        raise
    except ValueError as error:
        raise UserError(
            "unknown kind of address", path, "use a local path or a URL such as s3://bucket/folder"
        ) from error
    except ImportError as error:
        package = PACKAGES.get(kind)
        install = f"run .venv/bin/pip install -c requirements.lock {package}"
        raise UserError(
            "a package is missing for this address", path, install if package else str(error)
        ) from error
    except Exception as error:
        # Some stores connect as soon as they are named.
        raise trouble("cannot reach", path, error) from error
    if isinstance(filesystem, LocalFileSystem):
        root = posixpath.normpath(root)
    return filesystem, root


def store_seconds() -> float:
    """Give how many seconds a store may be silent before it is asked again, or given up.

    Raises:
        UserError: The environment says something else than a number of seconds.

    """
    told = os.environ.get(SECONDS_VARIABLE) or DEFAULT_SECONDS
    try:
        seconds = float(told)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _MOST_SECONDS:
        raise UserError(
            f"{told!r} is no number of seconds up to {_MOST_SECONDS}",
            SECONDS_VARIABLE,
            "set it anew, or leave it out",
        )
    return seconds


def bounded(filesystem: fsspec.AbstractFileSystem) -> fsspec.AbstractFileSystem:
    """Let a file system ask once for what its library has asked for several times already.

    s3fs multiplies the tries of botocore by its own, which would make minutes of a store that is
    silent. What another process gets of a file system has s3fs's own number of them again.
    """
    if "s3" in filesystem.protocol:
        filesystem.retries = 1
    return filesystem


def _patience(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments with what bounds the time of a request, as the store's library has it."""
    seconds = store_seconds()
    if _base(kind) == "s3":
        # Here and not among the arguments, where botocore changes what it is given.
        os.environ.setdefault("AWS_MAX_ATTEMPTS", _TRIES)
        config = {"connect_timeout": seconds, "read_timeout": seconds}
        return arguments | {"config_kwargs": config | (arguments.get("config_kwargs") or {})}
    if _base(kind) in ("gs", *WEB):
        from aiohttp import ClientTimeout

        timeout = ClientTimeout(total=None, sock_connect=seconds, sock_read=seconds)
        if kind in WEB:
            return arguments | {"client_kwargs": {"timeout": timeout}}
        return {"requests_timeout": timeout} | arguments
    return arguments


def protocol(path: str) -> str:
    """Give the kind of address, such as `s3`; `file` for a path."""
    found, separator, _ = path.partition("://")
    return found if separator and re.fullmatch(r"[\w+.-]+", found) else "file"


def trouble(what: str, path: str, error: BaseException) -> UserError:
    """Say in one line why a store gave an error instead of an answer.

    Args:
        what: What could not be done; used where the error tells nothing better.
        path: As the user named it.
        error: What the store's library raised.

    """
    name = type(error).__name__
    credentials = _CREDENTIALS.get(_base(protocol(path)))
    said = plain(error)
    if name in _NO_CREDENTIALS:
        ways = f"set {credentials}, or" if credentials else "set"
        return UserError("no credentials", path, f"{ways} dlt's secrets ({said})")
    if isinstance(error, PermissionError) and credentials:
        return UserError(
            "access refused",
            path,
            f"check the credentials ({credentials}) and their right to list and to read ({said})",
        )
    if isinstance(error, ConnectionError | TimeoutError) or name in _NO_CONNECTION:
        return UserError(
            "cannot connect", path, f"check the network and the store's address ({said})"
        )
    if isinstance(error, OSError) and error.errno in _PASSING:
        return UserError("the store cannot answer now", path, f"run again later ({said})")
    return UserError(what, path, f"check the address and the access to it ({said})")


def plain(error: BaseException) -> str:
    """Give what an error says, on one line of at most 300 characters, without secrets."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return redacted(" ".join(text.split()))[:_TEXT_CHARS]


def is_missing(error: OSError) -> bool:
    """Tell what is not there from what could not be looked for; fsspec says the same of both."""
    if isinstance(error, FileNotFoundError) and isinstance(error.__cause__, OSError | TimeoutError):
        return isinstance(error.__cause__, FileNotFoundError)
    return isinstance(error, FileNotFoundError | NotADirectoryError)


def _base(kind: str) -> str:
    return _SAME_KIND.get(kind, kind)


def _arguments_of_dlt(kind: str, path: str) -> dict[str, Any]:
    """Give what dlt's configuration says about access to stores, as arguments for fsspec."""
    import dlt
    from dlt.common.configuration import resolve_configuration
    from dlt.common.configuration.exceptions import ConfigurationException
    from dlt.common.storages.configuration import FilesystemConfiguration
    from dlt.common.storages.fsspec_filesystem import prepare_fsspec_args

    places = [_DLT_SECTION + ".credentials"]
    places += [f"{places[0]}.{field}" for field in _CREDENTIAL_FIELDS[_base(kind)]]
    places += [f"{_DLT_SECTION}.{field}" for field in ("kwargs", "client_kwargs", "config_kwargs")]
    if all(dlt.secrets.get(place) is None for place in places):
        return {}
    try:
        configuration = resolve_configuration(
            FilesystemConfiguration(path), sections=tuple(_DLT_SECTION.split("."))
        )
    except ConfigurationException as error:
        fields = ", ".join(_CREDENTIAL_FIELDS[_base(kind)])
        raise UserError(
            "dlt's credentials for stores cannot be used",
            f"{_DLT_SECTION}.credentials",
            f"for {path} set what is needed of {fields}",
        ) from error
    return prepare_fsspec_args(configuration)


_CREDENTIAL_FIELDS: Final = {
    "s3": (
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "profile_name",
        "region_name",
        "endpoint_url",
    ),
    "gs": ("project_id", "private_key", "client_email", "client_id", "refresh_token"),
    "az": (
        "azure_storage_account_name",
        "azure_storage_account_key",
        "azure_storage_sas_token",
        "azure_client_id",
        "azure_client_secret",
        "azure_tenant_id",
        "azure_account_host",
    ),
}
"""The names that dlt looks up."""
