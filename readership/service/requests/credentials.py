"""The secret of a call: in its query, or in a header, where no log, history or referrer shows it.

Two headers carry it. `Authorization: Bearer` is the standard one, which clients can send, and which
proxies and browsers know to hide. `X-Readership-Secret` is for a service behind a proxy that uses
`Authorization` itself. Other schemes than `Bearer` are the proxy's, and ignored.
"""

from __future__ import annotations

import hashlib

from starlette.types import Scope

from readership.service.calls import BAD_PARAMETER, CallError
from readership.service.requests.facts import facts_of


def secret_of(scope: Scope, in_query: str) -> str:
    """Return the secret of a call; an empty string without one.

    Args:
        scope: The request.
        in_query: The value of its parameter `secret`.

    Raises:
        CallError: The call has different secrets.

    """
    # Bytes that are not UTF-8 become lone surrogates, which match no secret.
    found = {one.decode("utf-8", "surrogateescape") for one in facts_of(scope).headers.secrets}
    secrets = (found | {in_query}) - {""}
    if len(secrets) > 1:
        raise CallError(
            BAD_PARAMETER,
            f"secret: given with {len(secrets)} values, in a header and elsewhere; "
            "this call takes one",
        )
    return next(iter(secrets), "")


def request_key(scope: Scope) -> tuple[str, ...]:
    """Return the key of a request in the cache: requests with one key have the same response.

    It holds the query string and the secrets of headers as hashes. So what was asked for with a
    secret in a header is repeated only to those who send it too. Compressed responses have keys of
    their own, so that each is compressed once.
    """
    query = hashlib.blake2b(scope["query_string"], digest_size=32).hexdigest()
    headers = facts_of(scope).headers
    if not headers.secrets:
        return (scope["path"], query, "", headers.coding)
    # No header has a line break in it.
    secrets = hashlib.blake2b(b"\n".join(headers.secrets), digest_size=32).hexdigest()
    return (scope["path"], query, secrets, headers.coding)
