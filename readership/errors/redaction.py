"""Secrets taken out of text: what counts as one, and where it is looked for."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, quote_plus, unquote, urlsplit

HIDDEN: Final = "***"
"""What stands in a text where a secret stood."""

# `user:password@` after `//`; the password may hold slashes that ought to have been escaped, but
# what begins as a port is none. Before a host of the web a name alone may be a token.
_USER_INFO: Final = re.compile(
    r"(?<=://)[^\s/:@]*:(?!\d{1,5}(?:/|$))[^\s@]*@|(?<=http://)[^\s/@]+@|(?<=https://)[^\s/@]+@"
)

# Names that are a secret wherever they stand before `=`.
_SECRET_FIELD: Final = (
    r"[\w.-]*(?:signature|credential|secret|password|passwd|passphrase|token)[\w.-]*"
    r"|pwd|x-amz-security-token|awsaccesskeyid|googleaccessid|key-pair-id"
    r"|api[-_]?key|access[-_]?key(?:[-_]?id)?|account[-_]?key|private[-_]?key"
)
# Names too common for that, which are one as a parameter of a URL.
_SECRET_PARAMETER: Final = r"sig|se|sv|st|sp|sr|spr|ss|srt|skoid|sktid|key|auth|policy|pw|code"
_FIELD: Final = re.compile(
    rf"((?<![\w.-])(?:{_SECRET_FIELD})=|[?&;](?:{_SECRET_PARAMETER})=)"
    r"""('[^']*'|"[^"]*"|[^\s&;,"'<>#()]+)""",
    re.IGNORECASE,
)

_SECRET_NAME: Final = re.compile(
    r"SECRET|PASSWORD|PASSWD|PASSPHRASE|_PWD$|TOKEN|CREDENTIAL|SIGNATURE|(API|ACCESS|PRIVATE|"
    r"ACCOUNT|SIGNING|ENCRYPTION)_?KEY|CONNECTION_STRING|SAS_|_SAS$",
    re.IGNORECASE,
)
# Such names lead to where a secret is kept; the path itself is none and helps.
_PLACE_NAME: Final = re.compile(
    r"_(FILE|PATH|DIR|FOLDER|RELATIVE_URI)$|^GOOGLE_APPLICATION_CREDENTIALS$", re.IGNORECASE
)
_SECRET_CHARS: Final = 8
_PASSWORD_CHARS: Final = 4


def redacted(text: str) -> str:
    """Give the text with `***` for each secret in it.

    Secrets are: `user:password@` in URLs; the values of signature, token, key and password
    parameters; the values of environment variables whose names say secret, of 8 and more
    characters; passwords inside URLs that any environment variable holds.
    """
    for secret in sorted(_secrets(os.environ), key=len, reverse=True):
        text = _without(secret, text)
    text = _USER_INFO.sub(f"{HIDDEN}@", text)
    return _FIELD.sub(lambda found: found[1] + HIDDEN, text)


def _without(secret: str, text: str) -> str:
    for spelling in {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}:
        if len(spelling) >= _SECRET_CHARS:
            text = text.replace(spelling, HIDDEN)
        else:
            # A short password may be part of any word.
            text = re.sub(rf"(?<!\w){re.escape(spelling)}(?!\w)", HIDDEN, text)
    return text


def _secrets(environment: Mapping[str, str]) -> set[str]:
    found = set()
    for name, value in environment.items():
        if len(password := _password(value)) >= _PASSWORD_CHARS:
            found |= {password, unquote(password)}
        if _is_secret_name(name):
            found.update(part for part in _values(value) if len(part) >= _SECRET_CHARS)
    return found


def _is_secret_name(name: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and not _PLACE_NAME.search(name)


def _values(value: str) -> Iterator[str]:
    """Give the value, and the secret fields of one that is a JSON object."""
    yield value
    if value.lstrip().startswith("{"):
        try:
            fields = json.loads(value)
        except ValueError:
            return
        for name, field in fields.items():
            if isinstance(field, str) and _is_secret_name(name):
                yield field


def _password(value: str) -> str:
    if "://" not in value or "@" not in value:
        return ""
    try:
        return urlsplit(value).password or ""
    except ValueError:
        return ""
