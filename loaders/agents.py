"""What a user agent text says about the browser, the device and the robot behind it.

Browser, operating system and device are ua-parser's reading; robots are those that the
crawler-user-agents list knows. `device_type` is this module's own reading, by these rules in
their order, the first that fits:

1. `other`: a known robot; a television, set-top box, console, watch or e-reader's shop.
2. `tablet`: an iPad; a Kindle Fire or PlayBook; a text that says "Tablet" (but not "Tablet
   PC", which Windows laptops say); a browser on Android that does not say "Mobile", the mark by
   which Android browsers tell telephones from tablets.
3. `mobile`: any other Android or iOS; a text that says "Mobile", "Phone" or names an old
   telephone browser.
4. `desktop`: an operating system of desktop computers.
5. `other`: all else. An iPad that asks for desktop pages says it is a Mac, and is `desktop`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    import ua_parser

DeviceType = Literal["desktop", "mobile", "tablet", "other"]

_NOT_A_COMPUTER: Final = re.compile(
    r"smart-?tv|googletv|android tv|appletv|apple tv|hbbtv|web0s|webos\.tv|netcast|bravia|\btv\b"
    r"|\baft[a-z]+\b|crkey|roku|playstation|xbox|nintendo|watch",
    re.IGNORECASE,
)
_TABLET: Final = re.compile(
    r"ipad|kindle|\bsilk/(?!.*mobile)|playbook|tablet(?! ?pc)", re.IGNORECASE
)
_MOBILE: Final = re.compile(
    r"mobile|phone|ipod|opera mini|blackberry|\bbb10\b|symbian|j2me|midp", re.IGNORECASE
)
_DESKTOP_SYSTEMS: Final = re.compile(
    r"windows|mac os|linux|ubuntu|debian|fedora|chrome ?os|red hat|suse|gentoo|bsd|solaris|arch"
    r"|mint|mageia|mandriva",
    re.IGNORECASE,
)


class Agent(NamedTuple):
    """One row of `raw.user_agents`, its columns in order; None where nothing is known.

    Attributes:
        bot_kind: The list's pattern that matched, with its tags in brackets.

    """

    user_agent: str
    browser: str | None
    browser_version: str | None
    os: str | None
    os_version: str | None
    device: str | None
    device_brand: str | None
    device_model: str | None
    device_type: DeviceType
    is_bot: bool
    bot_kind: str | None


def describe(user_agent: str) -> Agent:
    """Read one user agent text; costs about a millisecond, so call it once for each text."""
    import ua_parser

    found = ua_parser.parse(user_agent)
    browser, system, device = found.user_agent, found.os, found.device
    bot_kind = _bot_kind(user_agent)
    return Agent(
        user_agent=user_agent,
        browser=browser.family if browser else None,
        browser_version=_version(browser),
        os=system.family if system else None,
        os_version=_version(system),
        device=device.family if device else None,
        device_brand=device.brand if device else None,
        device_model=device.model if device else None,
        device_type=_device_type(user_agent, system.family if system else "", bot_kind),
        is_bot=bot_kind is not None,
        bot_kind=bot_kind,
    )


def _version(part: ua_parser.UserAgent | ua_parser.OS | None) -> str | None:
    if part is None or part.major is None:
        return None
    numbers = [part.major]
    for number in (part.minor, part.patch, part.patch_minor):
        if number is None:
            break
        numbers.append(number)
    return ".".join(numbers)


def _device_type(user_agent: str, system: str, bot_kind: str | None) -> DeviceType:
    if bot_kind is not None or _NOT_A_COMPUTER.search(user_agent):
        return "other"
    if _TABLET.search(user_agent):
        return "tablet"
    on_android = system == "Android"
    # Only browsers keep to the rule; an app's own client says neither.
    if on_android and user_agent.startswith("Mozilla/") and "Mobile" not in user_agent:
        return "tablet"
    if on_android or system == "iOS" or _MOBILE.search(user_agent):
        return "mobile"
    return "desktop" if _DESKTOP_SYSTEMS.search(system) else "other"


@cache
def _crawlers() -> list[tuple[re.Pattern[str], str]]:
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    kinds = []
    for crawler in CRAWLER_USER_AGENTS_DATA:
        name = re.sub(r"\\(.)", r"\1", crawler["pattern"]).strip("^$/ ")
        tags = ", ".join(crawler.get("tags", ()))
        kinds.append((re.compile(crawler["pattern"]), f"{name} ({tags})" if tags else name))
    return kinds


def _bot_kind(user_agent: str) -> str | None:
    from crawleruseragents import is_crawler

    if not is_crawler(user_agent):
        return None
    return next((kind for pattern, kind in _crawlers() if pattern.search(user_agent)), None)
