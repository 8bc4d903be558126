"""Whether a user agent text is a robot's, and what tells so.

Robots are known by name: crawler-user-agents lists patterns, each with examples of whole texts.
And they say so themselves: with a word such as "bot", with the address of whom to ask, or as
"compatible" without being any browser. Neither is evidence wherever it stands, since telephones,
their builds and apps have such names too. So a text is read by its *shape*, and what is found in it
by its *place*.

* A *browser's* text names an engine, as the texts of most robots do too. Nothing counts in the
  model and build of an Android device, nor where an app that shows pages inside itself puts its
  name. A pattern of the list counts where one of its own examples has it.
* An *app's* text names a device and no engine. A pattern counts if an example of it is such a text.
* Any other text is *plain*, and no browser's. A pattern counts with which it begins, or that an
  example has in such a text; so do words for a robot's work, and what ua-parser calls a spider.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

if TYPE_CHECKING:
    import ua_parser_rs

Shape = Literal["browser", "app", "plain"]
Place = Literal["platform", "model", "app", "added"]
"""Where something stands in a browser's text: in the comment that tells the system, in that of an
Android device before what is added to it, in the name of an app, or anywhere else."""

_BROWSER: Final = re.compile(
    r"(?i)^Mozilla/|^Opera|^Dalvik/|AppleWebKit|KHTML|\bGecko/|Trident/|\bMSIE\b|Presto/|NetFront"
    r"|Opera Mini|UCBrowser|UCWEB|UP\.Browser|Obigo|Teleca|Dolfin|Chrome/\d|\bBrowser/"
)
_DEVICE: Final = re.compile(
    r"(?i)Android|iPhone|iPad|iPod|\biOS\b|CFNetwork/|\bDarwin/\d|watchOS|Apple Watch|tvOS"
    r"|\bmacOS\b|AppleCoreMedia|Windows Phone|Symbian|S60Version|MIDP|J2ME|BlackBerry|\bBREW\b"
    r"|Tizen|Web0S|webOS|HarmonyOS|KAIOS|PlayStation|Nintendo|Roku|\bDevice/|Nokia|Samsung"
    r"|\bLGE?\b|\bHTC\b"
)
_COMMENT: Final = re.compile(r"\((?:[^()]|\([^()]*\))*\)?")
_ANDROID: Final = re.compile(r"(?i)\bAndroid\b")
_AFTER_BUILD: Final = re.compile(r"Build/[^;)]*; ")
# Apps that show pages inside themselves; on iOS these leave out the browser's name.
_WITHIN_APP: Final = re.compile(r"; ?wv\)|\bFBA[NV]\b|\bMobile/\w+(?!.*Safari/)")
# These name themselves before the engine.
_ELECTRON: Final = re.compile(r"Chrome/[\d.]+ Electron/")

# A telephone's maker is called Cubot.
_NAME: Final = re.compile(
    r"(?i)(?<![a-z0-9])[\w.:!%&-]{0,40}?(?:(?<!cu)bot|crawl(?:er|ing)?|spider|scraper)s?(?![a-z])"
)
_CONTACT: Final = re.compile(r"(?i)\+mailto:|\bhttps?://|[\w.-]@[a-z][\w-]*\.[a-z]")
_TASK: Final = re.compile(
    r"(?i)(?:monitor|scanner|checker|synthetic|preview|headless|diagnostic|observatory"
    r"|validator|inspector|prerender|webdriver|jsdom|phantomjs|slimerjs|puppeteer|playwright|selenium"
    r")\w*"
)
_WORK: Final = re.compile(
    r"(?i)crawl|scrap(?:e|er|ing)|scan|monitor|check|validat|prob(?:e|er|ing)|fetch|preview|audit"
    r"|harvest|synthetic|archiv|index|survey|research|recon|proxy|parser|feed|\brss\b|search|curl"
    r"|request|collector|analy[sz]|bench|extract|diagnostic|verif|user.?agent|http|postman|python|\bjava\b|\bphp"
    r"|\bruby\b|\bperl\b|^node\b"
    r"|^(?:google|meta|amazon|azure|cloudflare)-|^facebook|\$\{|\{\{|<\?"
)
_COMPATIBLE: Final = re.compile(r"(?i)\( ?compatible\b")
# Old browsers were compatible too, and say what they run on.
_COMPATIBLE_BROWSER: Final = re.compile(
    r"(?i)MSIE|Trident|Konqueror|Opera|OmniWeb|iCab|\bU;|Linux|Windows|Android|BREW|Symbian|RISC OS"
    r"|MorphOS|Amiga|Haiku|BeOS|PalmOS|PalmSource|Teleca|Profile/|Mac_P|ms-office|AvantGo|WebTV"
    r"|Syllable|OS/2|Nokia"
)
_MORE_THAN_LIKE: Final = re.compile(r"like Gecko[;)]+ ?(?:compatible|[A-Z][\w -]+\))")

_BARE: Final = re.compile(r"Mozilla/\d(?:(?!like Gecko)[^;])*")

_NEVER_PEOPLE: Final = {"monitoring", "scanner"}


def robot_kind(text: str, device: str | None, *, is_known: bool) -> str | None:
    """Tell what shows that a text is a robot's; None: nothing does.

    Args:
        text: The user agent.
        device: The family of the device, as ua-parser reads the text.
        is_known: Whether ua-parser knows a browser, a system or a device in it.

    """
    shape = _shape(text)
    listed = _listed(text, shape)
    if listed is None:
        declared = _declared(text, shape, device, is_known=is_known)
        # Of one that says so itself, the list may know the name, if not this text.
        return declared and (_listed(text, shape, says_so=True) or declared)
    return listed


def _shape(text: str) -> Shape:
    if _BROWSER.search(text):
        return "browser"
    return "app" if _DEVICE.search(text) else "plain"


def _place(text: str, at: int) -> Place:
    for number, comment in enumerate(_COMMENT.finditer(text)):
        if comment.start() <= at < comment.end():
            # Apps tell the device again: `Instagram 94.0 Android (22/5.1; ...; CUBOT; X20 PRO)`.
            if number:
                return "model" if text.endswith("Android ", 0, comment.start()) else "added"
            is_model = _ANDROID.search(comment.group()) and not _AFTER_BUILD.search(
                text, comment.start(), at
            )
            return "model" if is_model else "platform"
    if _WITHIN_APP.search(text):
        return "app"
    electron = _ELECTRON.search(text)
    return "app" if electron and at < electron.start() else "added"


# ------ robots known by name


class _Crawler(NamedTuple):
    """One pattern of the list, and where its examples have it.

    Attributes:
        is_part: An example has it inside a word.
        is_never_people: It is of programs that nobody reads with.

    """

    pattern: re.Pattern[str]
    kind: str
    shapes: frozenset[Shape]
    places: frozenset[Place]
    is_part: bool
    is_never_people: bool


def _listed(text: str, shape: Shape, *, says_so: bool = False) -> str | None:
    first = _finder().extract(text)
    if first is not None:
        for crawler in _crawlers()[int(first.family) :]:
            for match in crawler.pattern.finditer(text):
                if _counts(crawler, match, text, shape, says_so=says_so):
                    return crawler.kind
    return None


def _counts(
    crawler: _Crawler, match: re.Match[str], text: str, shape: Shape, *, says_so: bool
) -> bool:
    if not crawler.is_part and _is_part(match, text):
        return False
    if shape == "browser":
        place = _place(text, match.start())
        return place not in ("model", "app") and (
            says_so or place in crawler.places or crawler.is_never_people or not crawler.shapes
        )
    return says_so or shape in crawler.shapes or (shape == "plain" and match.start() == 0)


def _is_part(match: re.Match[str], text: str) -> bool:
    at = match.start()
    return at > 0 and text[at].isalnum() and text[at - 1].isalnum()


@cache
def _finder() -> ua_parser_rs.UserAgentExtractor:
    """Give what finds the first of all patterns in one pass; its number stands as the family."""
    import ua_parser_rs

    patterns = enumerate(crawler.pattern.pattern for crawler in _crawlers())
    return ua_parser_rs.UserAgentExtractor(
        (pattern, str(number), None, None, None, None) for number, pattern in patterns
    )


@cache
def _crawlers() -> list[_Crawler]:
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    return [c for c in map(_known, CRAWLER_USER_AGENTS_DATA) if c is not None]


def _known(entry: dict[str, Any]) -> _Crawler | None:
    """Read an entry of the list; None if all of its examples are people's texts."""
    pattern = re.compile(entry["pattern"])
    name = re.sub(r"\\(.)", r"\1", entry["pattern"]).strip("^$/ ")
    tags = entry.get("tags", ())
    examples = entry.get("instances", ())
    shapes: set[Shape] = set()
    places: set[Place] = set()
    is_part = False
    for example in examples:
        shape = _shape(example)
        for match in pattern.finditer(example):
            if shape == "browser":
                place = _place(example, match.start())
                if place in ("model", "app"):
                    continue
                places.add(place)
            shapes.add(shape)
            is_part = is_part or _is_part(match, example)
    if examples and not shapes:
        return None
    return _Crawler(
        pattern,
        f"{name} ({', '.join(tags)})" if tags else name,
        frozenset(shapes),
        frozenset(places),
        is_part,
        not _NEVER_PEOPLE.isdisjoint(tags),
    )


# ------ robots that say so


def _declared(text: str, shape: Shape, device: str | None, *, is_known: bool) -> str | None:
    if shape == "plain":
        if device == "Spider":
            return "Spider (ua-parser)"
        found = _NAME.search(text) or _WORK.search(text) or _CONTACT.search(text)
        return found and f"says {found.group()}"
    if shape == "app":
        found = _NAME.search(text)
        return found and f"says {found.group()}"
    return _declared_by_browser(text, is_known=is_known)


def _declared_by_browser(text: str, *, is_known: bool) -> str | None:
    for pattern, places in (
        (_NAME, ("platform", "added")),
        (_TASK, ("added",)),
        # Old toolbars gave theirs.
        (_CONTACT, ("added",) if "MSIE" in text else ("platform", "added")),
    ):
        for found in pattern.finditer(text):
            if _place(text, found.start()) in places:
                return f"says {found.group()}"
    for comment in _COMMENT.findall(text):
        if _COMPATIBLE.match(comment) and not _COMPATIBLE_BROWSER.search(comment):
            return "compatible and no browser"
    if _MORE_THAN_LIKE.search(text):
        return "more than like Gecko"
    return None if is_known or not _BARE.fullmatch(text) else "a browser of no system"
