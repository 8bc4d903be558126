"""JSON in pieces of bytes, which are joined to lines later."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

_ENGINES = {
    "www.google.com": "google",
    "www.google.de": "google",
    "www.bing.com": "bing",
    "duckduckgo.com": "duckduckgo",
    "search.yahoo.com": "yahoo",
    "www.ecosia.org": "ecosia",
}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_UTM = ("utm_campaign", "utm_medium", "utm_source", "utm_term", "utm_content")
# The parameters that can name a campaign; the first one in the query wins.
_CAMPAIGN_NAMES = ("utm_campaign", "itm_campaign", "cid", "cmpid")


def dump(value: Any) -> bytes:  # noqa: ANN401
    """Return the value as compact JSON in UTF-8."""
    return _encode(value).encode()


def fields_of(**values: Any) -> bytes:  # noqa: ANN401
    """Return `"name":value,` for each value: a piece of an object, with a trailing comma."""
    return b"".join(b'"%s":%s,' % (name.encode(), dump(value)) for name, value in values.items())


def registered_domain(host: str) -> str:
    """Return the last two labels of a host: its registered domain, for the hosts used here."""
    return ".".join(host.split(".")[-2:])


def _parts(prefix: str, url: str | None, domain: str | None) -> dict[str, str | None]:
    if url is None:
        values: tuple[str | None, ...] = (None,) * 8
    else:
        scheme, host, path, query, fragment = urlsplit(url)
        clean = f"{scheme}://{host}{path}" if host else ""
        if domain is None:
            domain = registered_domain(host)
        values = (clean, domain, fragment, host, "", path, query, scheme)
    names = ("clean", "domain", "fragment", "netloc", "params", "path", "query", "scheme")
    return dict(zip((f"{prefix}_{name}" for name in names), values, strict=True))


def _utm(url: str | None, prefix: str) -> dict[str, str | None]:
    parameters = parse_qs(urlsplit(url).query) if url and "?" in url else {}
    return {f"{prefix}{name}": parameters.get(name, [None])[0] for name in _UTM}


@lru_cache(maxsize=60_000)
def url_block(url: str) -> bytes:
    """Return the fields about the page's own URL, including its campaign parameters."""
    query = parse_qs(urlsplit(url).query) if "?" in url else {}
    campaign = next((query[name][0] for name in _CAMPAIGN_NAMES if name in query), None)
    return fields_of(url=url, campaign_id=campaign, **_parts("url", url, None), **_utm(url, ""))


@lru_cache(maxsize=60_000)
def referrer_block(referrer: str, category: str) -> bytes:
    """Return the fields about the referrer, which is empty if there was none."""
    domain = _ENGINES.get(urlsplit(referrer).netloc)
    return fields_of(referrer=referrer, ref_category=category, **_parts("ref", referrer, domain))


@lru_cache(maxsize=20_000)
def session_entry_block(url: str | None, referrer: str | None, category: str | None) -> bytes:
    """Return the fields about the first page of a session; all null if the tracker sends none."""
    domain = None if referrer is None else _ENGINES.get(urlsplit(referrer).netloc)
    return fields_of(
        session_initial_url=url,
        session_initial_referrer=referrer,
        sref_category=category,
        **_parts("sref", referrer, domain),
        **_parts("surl", url, None),
        **_utm(url, "surl_"),
    )
