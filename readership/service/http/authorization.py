"""Whether a call may be answered: the check of its site and secret."""

from __future__ import annotations

from starlette.requests import Request

from readership.service.answering import Serving
from readership.service.calls import BAD_KEYS, BAD_PARAMETER, Call, CallError, SecretCall
from readership.service.requests import Rates, facts_of, secret_of


def authorize(request: Request, call: Call, serving: Serving, rates: Rates) -> bool:
    """Check the keys of a call, and return whether it has the secret of the site.

    The error does not reveal whether a site exists.

    Raises:
        CallError: The keys are wrong, a single-valued parameter has several values, or the site
            makes too many calls.

    """
    for name, values in _grouped(request).items():
        if len(values) > 1 and isinstance(getattr(call, name, []), str | int | bool):
            raise CallError(
                BAD_PARAMETER, f"{name}: given with {len(values)} values; this call takes one"
            )
    secret = secret_of(request.scope, call.secret)
    matches = serving.site_keys.matches(call.apikey, secret)
    is_allowed = matches if isinstance(call, SecretCall) else serving.site_keys.knows(call.apikey)
    if not is_allowed or call.apikey not in serving.source.sites:
        raise CallError(BAD_KEYS, "apikey and secret do not fit")
    facts_of(request.scope).site = call.apikey
    has_secret = matches and (secret != "" or isinstance(call, SecretCall))
    # Only calls with the right keys count, so nobody else uses up what a site may ask.
    if (over := rates.refusal(call.apikey, has_secret)) is not None:
        raise over
    return has_secret


def _grouped(request: Request) -> dict[str, set[str]]:
    grouped: dict[str, set[str]] = {}
    for name, value in request.query_params.multi_items():
        if value != "":
            grouped.setdefault(name, set()).add(value)
    return grouped
