"""What a user agent text says about the browser, the device and the robot behind it.

Browser, operating system and device are ua-parser's reading; whose text it is, a robot's or a
person's, is decided by `robots`, the class of device by `devices`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from loaders.enriching.devices import DeviceType, device_type
from loaders.enriching.robots import robot_kind

if TYPE_CHECKING:
    import ua_parser

# No browser says more; a text that does would cost by its length.
_READ_CHARS: Final = 2_000


class Agent(NamedTuple):
    """One row of `raw.user_agents`, its columns in order; None where nothing is known.

    Attributes:
        bot_kind: What tells of a robot: the list's pattern that matched, with its tags in
            brackets, or the words by which the text says so itself.

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


def describe_agent(user_agent: str) -> Agent:
    """Read one user agent text; some thousand a second, so call it once for each text."""
    text = user_agent[:_READ_CHARS]
    found = _parser().parse(text)
    browser, system, device = found.user_agent, found.os, found.device
    bot_kind = robot_kind(
        text,
        device.family if device else None,
        is_known=any((browser, system, device)),
    )
    return Agent(
        user_agent=user_agent,
        browser=browser.family if browser else None,
        browser_version=_version(browser),
        os=system.family if system else None,
        os_version=_version(system),
        device=device.family if device else None,
        device_brand=device.brand if device else None,
        device_model=device.model if device else None,
        device_type=device_type(
            text, system.family if system else "", is_robot=bot_kind is not None
        ),
        is_bot=bot_kind is not None,
        bot_kind=bot_kind,
    )


@cache
def _parser() -> ua_parser.Parser:
    """Give ua-parser's reader without its memory of texts: each comes once."""
    import ua_parser

    return ua_parser.Parser(ua_parser.BestAvailableResolver(ua_parser.load_lazy_builtins()))


def _version(part: ua_parser.UserAgent | ua_parser.OS | None) -> str | None:
    if part is None or part.major is None:
        return None
    numbers = [part.major]
    for number in (part.minor, part.patch, part.patch_minor):
        if number is None:
            break
        numbers.append(number)
    return ".".join(numbers)
