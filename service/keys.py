"""Which sites may ask, and with which secret: hashes of secrets, one `site hash` a line.

A secret made here has 256 random bits, so a hash that takes no time is as good as a slow one. A
site may have several lines: an old secret goes on until its line is taken out.
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

from errors import UserError

KEYS: Final = "READERSHIP_SITE_KEYS"
"""The environment variable that holds the lines themselves, parted by line ends or semicolons."""
KEYS_FILE: Final = "READERSHIP_SITE_KEYS_FILE"
"""The environment variable that names the file of lines."""
LEAST_CHARS: Final = 16
"""What a secret that somebody else has made must have."""

_HASH: Final = re.compile(r"sha256\$([0-9a-f]{32})\$([0-9a-f]{64})")
_NOBODY: Final = (bytes(16), bytes(32))


@dataclass(frozen=True, slots=True)
class SiteKeys:
    """The sites that may ask, with the salts and hashes of their secrets.

    Attributes:
        is_open: Whether every site of the warehouse may be asked for without a secret.

    """

    is_open: bool = False
    _hashes: dict[str, list[tuple[bytes, bytes]]] = field(default_factory=dict)

    def knows(self, site: str) -> bool:
        """Tell whether a site may ask at all."""
        return self.is_open or site in self._hashes

    def fits(self, site: str, secret: str) -> bool:
        """Tell whether the secret is the site's, in a time that tells nothing of either."""
        fits = False
        for salt, digest in self._hashes.get(site) or [_NOBODY]:
            fits |= hmac.compare_digest(_digest(salt, secret), digest)
        return fits or self.is_open


def new_secret() -> str:
    """Give a secret that nobody can guess."""
    return secrets.token_urlsafe(32)


def line_of(site: str, secret: str) -> str:
    """Give the line that lets a site ask with a secret.

    Raises:
        UserError: The site's name cannot stand in a line, or the secret could be guessed.

    """
    if not site or site.startswith("#") or re.search(r"[\s;]", site):
        raise UserError("no name of a site", repr(site), "write it as it stands in dim_sites")
    if len(secret) < LEAST_CHARS:
        raise UserError(
            "the secret is too short", site, f"use {LEAST_CHARS} characters or more, or none"
        )
    salt = secrets.token_bytes(16)
    return f"{site} sha256${salt.hex()}${_digest(salt, secret).hex()}"


def keys_from_environment() -> SiteKeys | None:
    """Read the lines of the variable, and of the file that the other names; None without either.

    Raises:
        UserError: The file cannot be read, or a line is none.

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
    for site, salted in _read(lines):
        hashes.setdefault(site, []).append(salted)
    return SiteKeys(False, hashes)


def keys_file() -> Path | None:
    """Give the file of lines, if the environment names one."""
    name = os.environ.get(KEYS_FILE)
    return Path(name).absolute() if name else None


def _read(lines: list[tuple[str, str]]) -> Iterator[tuple[str, tuple[bytes, bytes]]]:
    for number, (where, line) in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        site, _, salted = line.strip().partition(" ")
        found = _HASH.fullmatch(salted.strip())
        if found is None:
            # The line itself may be a secret that somebody has put there as it is.
            raise UserError(
                f"line {number} of the site keys is none",
                where,
                "write one with `python -m service key SITE`",
            )
        yield site, (bytes.fromhex(found[1]), bytes.fromhex(found[2]))


def _digest(salt: bytes, secret: str) -> bytes:
    return hashlib.sha256(salt + secret.encode("utf-8", "surrogatepass")).digest()
