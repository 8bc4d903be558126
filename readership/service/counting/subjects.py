"""What calls count: the table macros whose rows are metrics of a period, and what rows are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["posts", "authors", "sections", "tags", "views", "referrers", "site"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What the rows of an answer are.

    Attributes:
        kind: Posts, names of posts, values of a column of views, referrers, or the site as a whole.
        column: The column of views, and the field of a row; None for posts and referrers.
        referrer_type: The type of referrers that views must come from; None for all views.
        only_posts: Whether pages that are no posts are left out.

    """

    kind: Kind
    column: str | None = None
    referrer_type: str | None = None
    only_posts: bool = True

    @property
    def by_referrer(self) -> bool:
        """Whether only views from referrers count, and rows have their number under its name."""
        return self.kind == "referrers" or self.referrer_type is not None

    @property
    def recirculates(self) -> bool:
        """Whether views from a post count for its recirculation, rather than onward views."""
        return self.kind not in ("views", "referrers") and self.referrer_type is None


_NAMES: Final[dict[Kind, str]] = {"authors": "author", "sections": "section", "tags": "tag"}
TYPES: Final = ("social", "search", "internal", "ai")
"""Types of referrers with endpoints of their own; all others are `other`."""
OTHER: Final = "other"

SUBJECTS: Final[dict[str, Subject]] = {
    "analytics_posts": Subject("posts"),
    "analytics_post_detail": Subject("posts", only_posts=False),
    "analytics_referrers": Subject("referrers"),
    "analytics_sources": Subject("views", "referrer_class"),
    "analytics_site": Subject("site"),
    **{f"analytics_{kind}": Subject(kind, column) for kind, column in _NAMES.items()},
    **{f"analytics_{c}s": Subject("views", c) for c in ("channel", "campaign", "segment")},
    **{f"referrers_{t}": Subject("referrers", referrer_type=t) for t in (*TYPES, OTHER)},
    **{f"referrers_{t}_posts": Subject("posts", referrer_type=t) for t in (*TYPES, OTHER)},
    **{
        f"referrers_{t}_{kind}": Subject(kind, column, referrer_type=t)
        for t in (*TYPES, OTHER)
        for kind, column in _NAMES.items()
    },
}
"""The subjects of table macros; all other answers are queries of the snapshot."""
