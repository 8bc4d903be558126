"""Sources of sessions: search, social networks, newsletters and others."""

from __future__ import annotations

from itertools import accumulate
from random import Random
from typing import NamedTuple


class Arrival(NamedTuple):
    """The start of a session: referrer (empty if none), its class and the entry URL's query."""

    source: str
    referrer: str
    category: str
    query: str


# Share of sessions by source: first visits, and return visits.
_FIRST = {
    "search": 34, "social": 21, "direct": 17, "aggregator": 9,
    "newsletter": 5, "ai": 4, "other": 8, "paid": 2,
}  # fmt: skip
_RETURNING = {
    "search": 19, "social": 12, "direct": 38, "aggregator": 7,
    "newsletter": 16, "ai": 2, "other": 5, "paid": 1,
}  # fmt: skip
_NAMES = tuple(_FIRST)


def _cumulative(shares: dict[str, int]) -> list[int]:
    return list(accumulate(shares.values()))


_CUM = (_cumulative(_FIRST), _cumulative(_RETURNING))

_SEARCH = (
    ["https://www.google.com/"] * 15
    + ["https://www.google.de/"]
    + ["https://www.bing.com/"] * 3
    + ["https://duckduckgo.com/"] * 2
    + ["https://search.yahoo.com/", "https://www.ecosia.org/"]
)
_SOCIAL = (
    (6, "https://www.facebook.com/", "fbclid=IwY2xjawK{}"),
    (3, "https://m.facebook.com/", "fbclid=IwZXh0bgN{}"),
    (6, "https://t.co/", ""),
    (4, "https://www.reddit.com/", ""),
    (2, "https://bsky.app/", ""),
    (2, "https://go.bsky.app/", ""),
    (2, "https://www.linkedin.com/", "utm_source=linkedin&utm_medium=social"),
    (2, "https://l.instagram.com/", "utm_source=ig&utm_medium=social&utm_content=link_in_bio"),
    (1, "https://www.threads.net/", ""),
    (1, "https://www.pinterest.com/", ""),
)
_SOCIAL_PICK = [(url, query) for weight, url, query in _SOCIAL for _ in range(weight)]
_AI = (
    ["https://chatgpt.com/"] * 6
    + ["https://www.perplexity.ai/"] * 3
    + ["https://gemini.google.com/"] * 2
    + ["https://copilot.microsoft.com/", "https://claude.ai/"]
)
_AGGREGATORS = (
    ["https://news.google.com/"] * 6
    + ["https://flipboard.com/"] * 2
    + ["https://www.smartnews.com/"] * 2
    + ["https://getpocket.com/", "https://feedly.com/"]
)
_OTHERS = (
    "https://en.wikipedia.org/",
    "https://news.ycombinator.com/",
    "https://www.metafilter.com/",
    "https://blog.example.net/weekly-links/",
    "https://forum.example.edu/t/what-are-you-reading/81/",
    "https://mail.google.com/",
)
_NEWSLETTERS = ("morning-briefing", "evening-read", "weekend-long-reads", "politics-weekly")


def arrive(rng: Random, is_returning: bool, day: str) -> Arrival:
    """Draw the source of a session.

    Args:
        rng: The random numbers.
        is_returning: Whether the visitor has had a session before.
        day: The date in the names of campaigns.

    """
    (source,) = rng.choices(_NAMES, cum_weights=_CUM[is_returning])
    if source == "search":
        return Arrival(source, rng.choice(_SEARCH), "search", "")
    if source == "social":
        url, query = rng.choice(_SOCIAL_PICK)
        return Arrival(source, url, "social", query.format(f"{rng.getrandbits(12):03x}"))
    if source == "ai":
        url = rng.choice(_AI)
        query = "utm_source=chatgpt.com" if "chatgpt" in url and rng.random() < 0.7 else ""
        # Trackers do not classify assistants reliably.
        return Arrival(source, url, "ai" if rng.random() < 0.6 else "other", query)
    if source == "aggregator":
        return Arrival(source, rng.choice(_AGGREGATORS), "other", "")
    if source == "newsletter":
        name = rng.choice(_NEWSLETTERS)
        query = f"utm_source=newsletter&utm_medium=email&utm_campaign={name}-{day}"
        if rng.random() < 0.3:
            query += f"&utm_content=slot-{rng.randrange(1, 6)}"
        if rng.random() < 0.1:
            return Arrival(source, "https://mail.google.com/", "other", query)
        return Arrival(source, "", "direct", query)
    if source == "paid":
        query = f"utm_source=google&utm_medium=cpc&utm_campaign=spring-offer&utm_term=news-{day}"
        return Arrival(source, "https://www.google.com/", "search", query)
    if source == "other":
        return Arrival(source, rng.choice(_OTHERS), "other", "")
    return Arrival(source, "", "direct", "")
