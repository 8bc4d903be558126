"""Site keys: the sites that may be requested, and hashes of their secrets.

A file of site keys has one line `site hash` per secret, with `expires=DATE` after it if the secret
expires. From that day on, in UTC, it is wrong. Generated secrets have 256 random bits, so a fast
hash is as safe as a slow one. A site may have several lines: an old secret remains valid until it
expires or its line is removed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from readership.errors import UserError

KEYS: Final = "READERSHIP_SITE_KEYS"
"""The environment variable with lines of site keys, separated by line breaks or semicolons."""
KEYS_FILE: Final = "READERSHIP_SITE_KEYS_FILE"
"""The environment variable with the path of the file of site keys."""
MIN_SECRET_LENGTH: Final = 16
"""Minimum number of characters of a secret that was not generated here."""

_HASH: Final = re.compile(
    r"sha256\$([0-9a-f]{32})\$([0-9a-f]{64})(?:\s+expires=(\d{4}-\d{2}-\d{2}))?"
)


class _Key(NamedTuple):
    """The hash of a secret, and the day from which on the secret is wrong."""

    salt: bytes
    digest: bytes
    expires_on: date | None = None


_UNKNOWN_SITE: Final = _Key(bytes(16), bytes(32))


@dataclass(frozen=True, slots=True)
class SiteKeys:
    """The sites that may be requested, with salts and hashes of their secrets.

    Attributes:
        is_open: Whether every site may be requested without a secret.

    """

    is_open: bool = False
    _hashes: dict[str, list[_Key]] = field(default_factory=dict)

    def knows(self, site: str) -> bool:
        """Check whether a site has a key, or all sites are open."""
        return self.is_open or site in self._hashes

    def matches(self, site: str, secret: str) -> bool:
        """Check whether the secret belongs to the site and has not expired.

        The time it takes reveals neither whether the site exists nor how much of the secret is
        right.
        """
        matches, now = False, today()
        for key in self._hashes.get(site) or [_UNKNOWN_SITE]:
            is_valid = key.expires_on is None or now < key.expires_on
            matches |= hmac.compare_digest(_digest(key.salt, secret), key.digest) & is_valid
        return matches or self.is_open

    def next_expiry(self, site: str) -> date | None:
        """Return the day of the next expiry of a secret of the site; None if there is none."""
        now = today()
        days = [key.expires_on for key in self._hashes.get(site, []) if key.expires_on is not None]
        return min((day for day in days if day > now), default=None)

    def expiries(self) -> Iterator[tuple[str, date]]:
        """Yield the site and the day of every secret that expires or has expired."""
        for site, site_keys in self._hashes.items():
            for key in site_keys:
                if key.expires_on is not None:
                    yield site, key.expires_on


def today() -> date:
    """Return the day in UTC, by which secrets expire."""
    return datetime.now(UTC).date()


def new_secret() -> str:
    """Return a new random secret."""
    return secrets.token_urlsafe(32)


def key_line(site: str, secret: str, expires_on: date | None = None) -> str:
    """Return the line of site keys for a site and secret, with a new salt.

    Args:
        site: The id of the site.
        secret: The secret.
        expires_on: The day from which on it is wrong; None if it does not expire.

    Raises:
        UserError: The site's id is not valid in a line, the secret is too short, or the day has
            come already.

    """
    if not site or site.startswith("#") or re.search(r"[\s;]", site):
        raise UserError("not a site id", repr(site), "use the id from dim_sites")
    if len(secret) < MIN_SECRET_LENGTH:
        raise UserError(
            "the secret is too short",
            site,
            f"use at least {MIN_SECRET_LENGTH} characters, or omit --own",
        )
    if expires_on is not None and expires_on <= today():
        raise UserError(
            "the key would have expired already", f"{expires_on}", "name a day after today in UTC"
        )
    salt = secrets.token_bytes(16)
    expires = "" if expires_on is None else f" expires={expires_on}"
    return f"{site} sha256${salt.hex()}${_digest(salt, secret).hex()}{expires}"


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
    hashes: dict[str, list[_Key]] = {}
    for site, key in _parse(lines):
        hashes.setdefault(site, []).append(key)
    return SiteKeys(False, hashes)


def keys_file() -> Path | None:
    """Return the path of the file of site keys; None if the environment names none."""
    name = os.environ.get(KEYS_FILE)
    return Path(name).absolute() if name else None


def _parse(lines: list[tuple[str, str]]) -> Iterator[tuple[str, _Key]]:
    for number, (where, line) in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        site, _, text = line.strip().partition(" ")
        match = _HASH.fullmatch(text.strip())
        expires_on = None
        if match is not None and match[3] is not None:
            with suppress(ValueError):
                expires_on = date.fromisoformat(match[3])
        # A day that does not exist must not leave a key that never expires.
        if match is None or (match[3] is not None and expires_on is None):
            # Do not print the line: it may be a secret in plain text.
            raise UserError(
                f"line {number} of the site keys is invalid",
                where,
                "create one with `readership key SITE`",
            )
        yield site, _Key(bytes.fromhex(match[1]), bytes.fromhex(match[2]), expires_on)


def _digest(salt: bytes, secret: str) -> bytes:
    return hashlib.sha256(salt + secret.encode("utf-8", "surrogatepass")).digest()
