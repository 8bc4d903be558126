"""The kinds of address that files have, and what each kind needs: a package, credentials."""

from __future__ import annotations

import re
from typing import Final

WEB: Final = ("http", "https")
"""Addresses of single files, whose queries may sign them and are no patterns."""

PACKAGES: Final = {
    "gs": "requirements-gcs.lock",
    "gcs": "requirements-gcs.lock",
    "az": "requirements-azure.lock",
    "abfs": "requirements-azure.lock",
    "abfss": "requirements-azure.lock",
    "adl": "requirements-azure.lock",
}
"""What to install for a kind of address: a lock file of the project's."""

CREDENTIALS: Final = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, an AWS profile or role",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
"""Where the libraries of stores look for credentials, by base protocol."""

_SAME_STORE: Final = {"s3a": "s3", "gcs": "gs", "abfs": "az", "abfss": "az", "adl": "az"}


def protocol(path: str) -> str:
    """Give the kind of address, such as `s3`; `file` for a path."""
    found, separator, _ = path.partition("://")
    return found if separator and re.fullmatch(r"[\w+.-]+", found) else "file"


def base_protocol(name: str) -> str:
    """Give the one name of protocols that lead to the same kind of store: `s3` for `s3a`."""
    return _SAME_STORE.get(name, name)
