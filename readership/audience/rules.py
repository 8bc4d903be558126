"""The rules of an audience: a closed vocabulary, each rule a fixed condition with bound values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from readership.errors import UserError

TIERS: Final = ("1", "2-4", "5+")
ROLLING_TIERS: Final = ("silent", *TIERS)

KINDS: Final = {
    "tier": "visitors.session_tier = ${name}",
    "rolling-tier": "visitors.rolling_session_tier = ${name}",
    "section": (
        "visitors.visitor_key in (select visitor_key from section_views "
        "where section = ${name} and views >= ${name}_number)"
    ),
    "segment": "coalesce(newest_segments.segment = ${name}, false)",
    "seen-within": "visitors.last_seen_at > visitors.as_of_at - to_seconds(${name}_number)",
    "not-seen-within": "visitors.last_seen_at <= visitors.as_of_at - to_seconds(${name}_number)",
}
"""The kinds of rules, and the condition of each on a visitor; `{name}` is that of its values."""

HELP: Final = """\
rules (KIND=VALUE):
  tier=1|2-4|5+             by all known sessions
  rolling-tier=silent|1|2-4|5+
                            by the sessions of the last 30 days (loyal_rolling_days)
  section=NAME[:VIEWS]      viewed posts of the section so many times (default: 1)
  segment=NAME              had this segment in the newest session
  seen-within=30d           was seen in the last so many days (d) or hours (h)
  not-seen-within=30d       was not
Rules of different kinds must all hold; of several of one kind, one must. "The last" counts back
from the newest event of the site, not from the clock.
"""

_SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([dh])")
_SECONDS: Final = {"d": 86_400, "h": 3_600}
_SECTION: Final = re.compile(r"(.+?)(?::([1-9][0-9]{0,5}))?", re.DOTALL)


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        text: The rule as it was written.
        kind: One of `KINDS`.
        value: What a column is compared with; None for spans of time.
        number: Views of a section, or seconds of a span; None for the others.

    """

    text: str
    kind: str
    value: str | None = None
    number: int | None = None

    def condition(self, name: str) -> str:
        """Return the condition on a visitor, with parameters that begin with this name."""
        return KINDS[self.kind].replace("{name}", name)

    def parameters(self, name: str) -> dict[str, str | int]:
        """Return the values of the condition's parameters."""
        found: dict[str, str | int] = {}
        if self.value is not None:
            found[name] = self.value
        if self.number is not None:
            found[f"{name}_number"] = self.number
        return found


def parsed_rules(texts: Sequence[str]) -> list[Rule]:
    """Return the rules, each once.

    Raises:
        UserError: A rule is none of the vocabulary, or spans of time contradict each other.

    """
    rules = [_parsed(text) for text in dict.fromkeys(texts)]
    for kind in ("seen-within", "not-seen-within"):
        if sum(rule.kind == kind for rule in rules) > 1:
            raise UserError("a rule is given twice", kind, "give one of them")
    return rules


def _parsed(text: str) -> Rule:
    kind, separator, value = text.partition("=")
    value = value.strip()
    if kind not in KINDS:
        close = get_close_matches(kind, KINDS, 1)
        hint = f"did you mean {close[0]}?" if close else f"use one of {', '.join(KINDS)}"
        raise UserError("there is no such rule", repr(text), hint)
    if not separator or not value:
        raise UserError("a rule has no value", repr(text), f"write {kind}=VALUE")
    if kind in ("tier", "rolling-tier"):
        tiers = TIERS if kind == "tier" else ROLLING_TIERS
        if value not in tiers:
            raise UserError(
                f"there is no {kind} {value}", repr(text), f"use one of {', '.join(tiers)}"
            )
        return Rule(text, kind, value)
    if kind == "section":
        matched = _SECTION.fullmatch(value)
        assert matched is not None
        return Rule(text, kind, matched[1], int(matched[2] or 1))
    if kind == "segment":
        return Rule(text, kind, value)
    span = _SPAN.fullmatch(value)
    if span is None:
        raise UserError(
            "a span of time is days or hours", repr(text), f"write {kind}=30d or {kind}=12h"
        )
    return Rule(text, kind, number=int(span[1]) * _SECONDS[span[2]])
