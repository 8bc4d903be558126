"""Which host a URL is on, whose domain that host is, and whether it is a search engine's."""

from __future__ import annotations

import ipaddress
import re
import warnings
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# As url_part('web_host') of the models has it (macros/engine/shared/urls.sql), so that what they
# look for has been described. Other schemes name apps, which are no hosts: the models look for
# those in a list of their own.
_HOST: Final = re.compile(
    r"(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp])://"
    r"(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:\[][^/?#:]*|\[[^\]/?#:]*)?"
)
_NAME: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")

# Serpextract's list follows Matomo's, which also holds places where people read rather than
# search: a visit from there is not a visit from a results page.
_NOT_SEARCH: Final = re.compile(
    r"news|maps|translat|shopping|syndicated|facebook|myspace|friendfeed|digg\b|blogdigger"
    r"|technorati|mister wong|twingly|dmoz|director",
    re.IGNORECASE,
)
# Light and telephone pages of an engine whose plain host is in the list.
_VARIANTS: Final = ("m.", "html.", "lite.")


class Host(NamedTuple):
    """One row of `raw.hosts`, its columns in order.

    Attributes:
        host: Lower case, without user, port and the `www.` left on.
        registrable_domain: The part that somebody registered (`bbc.co.uk`); None for addresses,
            single labels and names under no public suffix.
        search_engine: The engine's name in lower case; None when the host is none's.

    """

    host: str
    registrable_domain: str | None
    search_engine: str | None


def hosts_in(urls: Iterable[str | None]) -> set[str]:
    """Give the distinct hosts of addresses on the web."""
    # Many URLs of few places: the pattern need only look at each place once. An address in brackets
    # ends where they do.
    places = {url if "[" in url else "/".join(url.split("/", 3)[:3]) for url in urls if url}
    return {match[1].lower() for place in places if (match := _HOST.match(place)) and match[1]}


def describe_host(host: str) -> Host:
    """Look one host up, without the network.

    The registrable domain follows the public suffix list with its private section; the search
    engine Matomo's list, which serpextract has inside.
    """
    return Host(host, _registrable_domain(host), _search_engine(host))


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False)


def _registrable_domain(host: str) -> str | None:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass
    else:
        return None
    try:
        name = host.rstrip(".").encode("idna").decode()
    except UnicodeError:
        return None
    return _suffixes().privatesuffix(name) if _NAME.fullmatch(name) else None


@cache
def _parser_of() -> Callable[[str], object | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import tldextract
        from serpextract import serpextract

    # Serpextract's own extractor would download the public suffix list when first used.
    serpextract.tldextract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    return serpextract.get_parser


def _search_engine(host: str) -> str | None:
    host = host.rstrip(".")
    candidates = [host, *(host.removeprefix(v) for v in _VARIANTS if host.startswith(v))]
    # The list has many an engine with `www.` alone.
    candidates += [f"www.{host}"]
    for candidate in candidates:
        # Without a path, so that only the host decides.
        parser = _parser_of()(f"https://{candidate}")
        if parser is not None:
            name = parser.engine_name
            return None if _NOT_SEARCH.search(name) else name.lower().rstrip("!")
    return None
