"""The fsspec file systems that addresses lead to: credentials, and bounds on their silence."""

from __future__ import annotations

import os
import posixpath
import re
from typing import Any, Final

import fsspec
from fsspec.implementations.local import LocalFileSystem

from loaders.discovering.protocols import CREDENTIALS, PACKAGES, WEB, base_protocol, protocol
from loaders.discovering.store_errors import explain_error
from loaders.settings import store_seconds
from readership.errors import UserError

_DLT_SECTION: Final = "sources.filesystem"
_TRIES: Final = "3"
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
            "credentials in an address",
            path,
            f"take them out and set {CREDENTIALS[base_protocol(kind)]}",
        )
    try:
        arguments = _arguments_of_dlt(kind, path) if base_protocol(kind) in CREDENTIALS else {}
        arguments = _with_timeouts(kind, arguments) | {"use_listings_cache": False}
        filesystem, root = fsspec.core.url_to_fs(path, **arguments)
        with_single_attempt(filesystem)
    except UserError:
        raise
    except ValueError as error:
        raise UserError(
            "unknown kind of address", path, "use a local path or a URL such as s3://bucket/folder"
        ) from error
    except ImportError as error:
        package = PACKAGES.get(kind)
        install = f"run .venv/bin/pip install --no-deps -r {package}"
        raise UserError(
            "a package is missing for this address", path, install if package else str(error)
        ) from error
    except Exception as error:
        # Some stores connect as soon as they are named.
        raise explain_error("cannot reach", path, error) from error
    if is_local(filesystem):
        root = posixpath.normpath(root)
    return filesystem, root


def is_local(filesystem: fsspec.AbstractFileSystem) -> bool:
    """Tell the file system of this machine from those of stores."""
    return isinstance(filesystem, LocalFileSystem)


def with_single_attempt(filesystem: fsspec.AbstractFileSystem) -> fsspec.AbstractFileSystem:
    """Let a file system make one attempt where its library makes several already; give it.

    s3fs multiplies the tries of botocore by its own, which would make minutes of a store that is
    silent. What another process gets of a file system has s3fs's own number of them again.
    """
    if "s3" in filesystem.protocol:
        filesystem.retries = 1
    return filesystem


def _with_timeouts(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments with what bounds the time of a request, as the store's library has it."""
    seconds = store_seconds()
    if base_protocol(kind) == "s3":
        # Here and not among the arguments, where botocore changes what it is given.
        os.environ.setdefault("AWS_MAX_ATTEMPTS", _TRIES)
        config = {"connect_timeout": seconds, "read_timeout": seconds}
        return arguments | {"config_kwargs": config | (arguments.get("config_kwargs") or {})}
    if base_protocol(kind) in ("gs", *WEB):
        from aiohttp import ClientTimeout

        timeout = ClientTimeout(total=None, sock_connect=seconds, sock_read=seconds)
        if kind in WEB:
            return arguments | {"client_kwargs": {"timeout": timeout}}
        return {"requests_timeout": timeout} | arguments
    return arguments


def _arguments_of_dlt(kind: str, path: str) -> dict[str, Any]:
    """Give what dlt's configuration says about access to stores, as arguments for fsspec."""
    import dlt
    from dlt.common.configuration import resolve_configuration
    from dlt.common.configuration.exceptions import ConfigurationException
    from dlt.common.storages.configuration import FilesystemConfiguration
    from dlt.common.storages.fsspec_filesystem import prepare_fsspec_args

    places = [_DLT_SECTION + ".credentials"]
    places += [f"{places[0]}.{field}" for field in _CREDENTIAL_FIELDS[base_protocol(kind)]]
    places += [f"{_DLT_SECTION}.{field}" for field in ("kwargs", "client_kwargs", "config_kwargs")]
    if all(dlt.secrets.get(place) is None for place in places):
        return {}
    try:
        configuration = resolve_configuration(
            FilesystemConfiguration(path), sections=tuple(_DLT_SECTION.split("."))
        )
    except ConfigurationException as error:
        fields = ", ".join(_CREDENTIAL_FIELDS[base_protocol(kind)])
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
