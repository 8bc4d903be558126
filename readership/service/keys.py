"""Site keys: the sites that may be requested, and hashes of their secrets.

A file of site keys has one line `site hash` per secret. Generated secrets have 256 random bits, so
a fast hash is as safe as a slow one. A site may have several lines: an old secret remains valid
until its line is removed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from readership.errors import UserError

KEYS: Final = "READERSHIP_SITE_KEYS"
"""The environment variable with lines of site keys, separated by line breaks or semicolons."""
KEYS_FILE: Final = "READERSHIP_SITE_KEYS_FILE"
"""The environment variable with the path of the file of site keys."""
MIN_SECRET_LENGTH: Final = 16
"""Minimum number of characters of a secret that was not generated here."""

_HASH: Final = re.compile(r"sha256\$([0-9a-f]{32})\$([0-9a-f]{64})")
_UNKNOWN_SITE: Final = (bytes(16), bytes(32))


@dataclass(frozen=True, slots=True)
class SiteKeys:
    """The sites that may be requested, with salts and hashes of their secrets.

    Attributes:
        is_open: Whether every site may be requested without a secret.

    """

    is_open: bool = False
    _hashes: dict[str, list[tuple[bytes, bytes]]] = field(default_factory=dict)

    def knows(self, site: str) -> bool:
        """Check whether a site has a key, or all sites are open."""
        return self.is_open or site in self._hashes

    def matches(self, site: str, secret: str) -> bool:
        """Check whether the secret belongs to the site.

        The time it takes reveals neither whether the site exists nor how much of the secret is
        right.
        """
        matches = False
        for salt, digest in self._hashes.get(site) or [_UNKNOWN_SITE]:
            matches |= hmac.compare_digest(_digest(salt, secret), digest)
        return matches or self.is_open


def new_secret() -> str:
    """Return a new random secret."""
    return secrets.token_urlsafe(32)


def key_line(site: str, secret: str) -> str:
    """Return the line of site keys for a site and secret, with a new salt.

    Raises:
        UserError: The site's id is not valid in a line, or the secret is too short.

    """
    if not site or site.startswith("#") or re.search(r"[\s;]", site):
        raise UserError("not a site id", repr(site), "use the id from dim_sites")
    if len(secret) < MIN_SECRET_LENGTH:
        raise UserError(
            "the secret is too short",
            site,
            f"use at least {MIN_SECRET_LENGTH} characters, or omit --own",
        )
    salt = secrets.token_bytes(16)
    return f"{site} sha256${salt.hex()}${_digest(salt, secret).hex()}"


def keys_from_environment() -> SiteKeys | None:
    """Read the site keys of both environment variables; None if neither is set.

    Raises:
        UserError: The file cannot be read, or a line is invalid.

    """
    lines: list[tuple[str, str]] = []
    if text := os.environ.get(KEYS):
        lines += [(KEYS, line) for line in re.split(r"[\n;]", text)]
    if (file := keys_file()) is not None:
        try:
            lines += [(str(file), line) for line in file.read_text().splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(
                "the file of site keys cannot be read", str(file), f"see {KEYS_FILE} ({error})"
            ) from error
    elif not text:
        return None
    hashes: dict[str, list[tuple[bytes, bytes]]] = {}
    for site, salt_and_digest in _parse(lines):
        hashes.setdefault(site, []).append(salt_and_digest)
    return SiteKeys(False, hashes)


def keys_file() -> Path | None:
    """Return the path of the file of site keys; None if the environment names none."""
    name = os.environ.get(KEYS_FILE)
    return Path(name).absolute() if name else None


def _parse(lines: list[tuple[str, str]]) -> Iterator[tuple[str, tuple[bytes, bytes]]]:
    for number, (where, line) in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        site, _, text = line.strip().partition(" ")
        match = _HASH.fullmatch(text.strip())
        if match is None:
            # Do not print the line: it may be a secret in plain text.
            raise UserError(
                f"line {number} of the site keys is invalid",
                where,
                "create one with `readership key SITE`",
            )
        yield site, (bytes.fromhex(match[1]), bytes.fromhex(match[2]))


def _digest(salt: bytes, secret: str) -> bytes:
    return hashlib.sha256(salt + secret.encode("utf-8", "surrogatepass")).digest()
