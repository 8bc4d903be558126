"""The class of device that a user agent text tells of, by the first of these that fits.

1. `other`: a robot.
2. `tablet`, `mobile`: an iPad; an iPhone or iPod.
3. `other`: a television, set-top box, console or watch.
4. `tablet`: a Kindle or PlayBook; a device that says "Tablet" (but not "Tablet PC", which Windows
   laptops say); a browser on Android that does not say "Mobile", the mark by which Android browsers
   tell telephones from tablets.
5. `mobile`: any other Android or iOS; a device that says "Mobile" or "Phone"; an old telephone
   browser.
6. `desktop`: an operating system of desktop computers.
7. `other`: all else. An iPad that asks for desktop pages says it is a Mac, and is `desktop`.

Devices say what they are in comments, or by products of their makers. The names of apps never
decide: what is called "TV 2", "MarketWatch" or "Xbox" is read on telephones.
"""

from __future__ import annotations

import re
from typing import Final, Literal

DeviceType = Literal["desktop", "mobile", "tablet", "other"]


def _words(*alternatives: str) -> re.Pattern[str]:
    """Find whole words; what stands between dots is part of the name of an app's package."""
    return re.compile(rf"(?i)(?<![\w.])(?:{'|'.join(alternatives)})(?![\w.])")


_COMMENT: Final = re.compile(r"\((?:[^()]|\([^()]*\))*\)?|\[[^\]]*\]?")
_IPAD: Final = _words(r"iPad(?:OS)?[\d,]*")
_IPAD_MODEL: Final = re.compile(r"(?<![a-zA-Z])iPad\d+,\d")
# Consoles call themselves alike, and television sets run the system.
_IPHONE: Final = re.compile(r"(?i)(?<!like )(?<!CPU )(?<![\w.])(?:iPhone|iPod)")
_NOT_A_COMPUTER: Final = _words(
    r"smart[-_ ]?tv\w*", r"google ?tv", r"android ?tv", r"apple ?tv[\d,]*", r"hbbtv", r"web0s",
    r"netcast", r"bravia\w*", r"viera", r"(?:mi)?tv\d?", r"aft[a-z]{1,4}\d*", r"roku", r"tvos",
    r"playstation\w*", r"xbox\w*", r"(?:new )?nintendo", r"watch ?os", r"wear ?os",
    r"(?:tic|zen)?watch",
)  # fmt: skip
_COMPUTER: Final = re.compile(r"\((?:Windows NT|Macintosh)\b|\(X11;(?!.*Quest)")
_SET_TOP_PRODUCT: Final = re.compile(
    r"(?i)\b(?:hbbtv|crkey|smart-?tv|netcast\.tv|web0s|webos\.tv|appletv[\d,]*|viera|bravia|roku"
    r"|dunehd|smarthub|google ?tv|smarttva|nettv|ce-html|playstation \w+|xbox)/|\btv safari/|^roku"
    r"|\b(?:watch|tv)os/|\bhbbtv\b|netcast\.tv|^tv bro/|safari/[\d.]+ tv$"
)
_TABLET: Final = _words(
    r"kindle", r"kf[a-z]{2,6}", r"playbook", r"(?:\w+_)?tablet(?:_\w+)?(?! ?pc)"
)
_TABLET_PRODUCT: Final = re.compile(r"\bSilk/(?!.*\bMobile\b)|\bKindle/\d")
_MOBILE: Final = _words(r"mobile", r"\w*phone", r"blackberry\w*", r"bb10", r"bada", r"j2me")
_MOBILE_PRODUCT: Final = re.compile(
    r"(?i)\b(?:iemobile|opera mobi|opera mini|up\.browser|ucweb|midp|symbian|profile)\b"
    r"|\bmobile(?:/| safari/)|^blackberry|^nokia"
)
_ANDROID_MOBILE: Final = re.compile(r"(?<![a-zA-Z])Mobile(?![a-z])")
_DESKTOP_SYSTEMS: Final = re.compile(
    r"(?i)windows|mac os|linux|\w*ubuntu|debian|fedora|chrome ?os|red hat|\w*suse|gentoo|\w*bsd"
    r"|solaris|arch linux|mint|mageia|mandriva|centos"
)


def device_type(text: str, system: str, *, is_robot: bool) -> DeviceType:
    """Tell the class of device.

    Args:
        text: The user agent.
        system: The family of the operating system, as ua-parser reads the text.
        is_robot: Whether the text is a robot's.

    """
    if is_robot:
        return "other"
    comments = " ".join(_COMMENT.findall(text))
    if _IPAD.search(comments) or _IPAD_MODEL.search(text):
        return "tablet"
    if _IPHONE.search(comments):
        return "mobile"
    on_android = system == "Android"
    # What comes behind the engine may be an app's name.
    says_mobile = on_android and _ANDROID_MOBILE.search(text.partition("Safari/")[0]) is not None
    computer = _COMPUTER.search(comments)
    is_handheld = says_mobile or (system == "iOS" and computer is None)
    may_be_set = not is_handheld and (computer is None or "X11" in computer.group())
    if _NOT_A_COMPUTER.search(comments) or (may_be_set and _SET_TOP_PRODUCT.search(text)):
        return "other"
    if computer and not on_android:
        return "desktop"
    if _TABLET.search(comments) or _TABLET_PRODUCT.search(text):
        return "tablet"
    # Only browsers keep to the rule; an app's own client says neither.
    if on_android and text.startswith("Mozilla/") and not says_mobile:
        return "tablet"
    if on_android or is_handheld or _MOBILE.search(comments) or _MOBILE_PRODUCT.search(text):
        return "mobile"
    return "desktop" if _DESKTOP_SYSTEMS.match(system) else "other"
