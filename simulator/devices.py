"""Devices of readers and crawlers, each with its JSON fields."""

from __future__ import annotations

from typing import NamedTuple

from simulator.json_bytes import fields_of


class Device(NamedTuple):
    """One kind of device: its frequency, and the fields of all its events."""

    weight: float
    kind: str  # desktop, mobile, tablet or other
    block: bytes  # the ua_*, user_agent and display_* fields


_MOZ = "Mozilla/5.0"
_WIN = f"{_MOZ} (Windows NT 10.0; Win64; x64)"
_MAC = f"{_MOZ} (Macintosh; Intel Mac OS X 10_15_7)"
_KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_IOS = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_FHD, _QHD, _MBP, _HDR = (1920, 1080, 40), (2560, 1440, 40), (1512, 982, 58), (1366, 768, 40)
_IPHONE, _IPHONE_MAX, _SE = (390, 844, 0), (430, 932, 0), (375, 667, 0)
_PIXEL, _GALAXY, _TALL = (412, 915, 0), (360, 780, 0), (393, 873, 0)
_IPAD, _IPAD_PRO, _TAB = (820, 1180, 0), (1024, 1366, 0), (800, 1280, 0)

# weight, kind, user agent, browser, version, os, version, device, brand, model, screen
_ROWS: tuple[tuple, ...] = (
    (9.0, "desktop", f"{_WIN} {_KIT} Chrome/137.0.0.0 Safari/537.36",
     "Chrome", "137.0.0", "Windows", "10", "Other", None, None, _FHD),
    (4.0, "desktop", f"{_WIN} {_KIT} Chrome/136.0.0.0 Safari/537.36",
     "Chrome", "136.0.0", "Windows", "10", "Other", None, None, _HDR),
    (4.0, "desktop", f"{_WIN} {_KIT} Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0",
     "Edge", "137.0.0", "Windows", "10", "Other", None, None, _QHD),
    (2.5, "desktop", f"{_MOZ} (Windows NT 10.0; Win64; x64; rv:139.0) Gecko/20100101 Firefox/139.0",
     "Firefox", "139.0", "Windows", "10", "Other", None, None, _FHD),
    (0.6, "desktop", f"{_WIN} {_KIT} Chrome/135.0.0.0 Safari/537.36 OPR/119.0.0.0",
     "Opera", "119.0.0", "Windows", "10", "Other", None, None, _FHD),
    (5.0, "desktop", f"{_MAC} {_KIT} Chrome/137.0.0.0 Safari/537.36",
     "Chrome", "137.0.0", "Mac OS X", "10.15.7", "Mac", "Apple", "Mac", _MBP),
    (5.0, "desktop", f"{_MAC} {_IOS} Version/18.4 Safari/605.1.15",
     "Safari", "18.4", "Mac OS X", "10.15.7", "Mac", "Apple", "Mac", _MBP),
    (1.0, "desktop",
     f"{_MOZ} (Macintosh; Intel Mac OS X 10.15; rv:139.0) Gecko/20100101 Firefox/139.0",
     "Firefox", "139.0", "Mac OS X", "10.15", "Mac", "Apple", "Mac", _QHD),
    (0.8, "desktop", f"{_MOZ} (X11; Linux x86_64) {_KIT} Chrome/137.0.0.0 Safari/537.36",
     "Chrome", "137.0.0", "Linux", None, "Other", None, None, _FHD),
    (0.7, "desktop", f"{_MOZ} (X11; Ubuntu; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0",
     "Firefox", "139.0", "Ubuntu", None, "Other", None, None, _FHD),
    (0.5, "desktop", f"{_MOZ} (X11; CrOS x86_64 14541.0.0) {_KIT} Chrome/136.0.0.0 Safari/537.36",
     "Chrome", "136.0.0", "Chrome OS", "14541.0.0", "Other", None, None, _HDR),
    (14.0, "mobile",
     f"{_MOZ} (iPhone; CPU iPhone OS 18_4 like Mac OS X) {_IOS} Version/18.4 Mobile/15E148 "
     "Safari/604.1",
     "Mobile Safari", "18.4", "iOS", "18.4", "iPhone", "Apple", "iPhone", _IPHONE),
    (6.0, "mobile",
     f"{_MOZ} (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) {_IOS} Version/17.6 Mobile/15E148 "
     "Safari/604.1",
     "Mobile Safari", "17.6", "iOS", "17.6.1", "iPhone", "Apple", "iPhone", _SE),
    (2.5, "mobile",
     f"{_MOZ} (iPhone; CPU iPhone OS 18_4 like Mac OS X) {_IOS} CriOS/137.0.7151.51 Mobile/15E148 "
     "Safari/604.1",
     "Chrome Mobile iOS", "137.0.7151", "iOS", "18.4", "iPhone", "Apple", "iPhone", _IPHONE_MAX),
    (2.5, "mobile",
     f"{_MOZ} (iPhone; CPU iPhone OS 18_4_1 like Mac OS X) {_IOS} Mobile/22E252 "
     "[FBAN/FBIOS;FBAV/510.0.0.45.111;FBDV/iPhone15,3;FBMD/iPhone;FBSN/iOS;FBSV/18.4.1]",
     "Facebook", "510.0.0", "iOS", "18.4.1", "iPhone", "Apple", "iPhone15,3", _IPHONE_MAX),
    (11.0, "mobile",
     f"{_MOZ} (Linux; Android 10; K) {_KIT} Chrome/137.0.0.0 Mobile Safari/537.36",
     "Chrome Mobile", "137.0.0", "Android", "10", "K", "Generic_Android", "K", _PIXEL),
    (4.0, "mobile",
     f"{_MOZ} (Linux; Android 15; Pixel 9) {_KIT} Chrome/136.0.7103.60 Mobile Safari/537.36",
     "Chrome Mobile", "136.0.7103", "Android", "15", "Pixel 9", "Google", "Pixel 9", _PIXEL),
    (4.0, "mobile",
     f"{_MOZ} (Linux; Android 14; SM-S921B) {_KIT} SamsungBrowser/28.0 Chrome/130.0.0.0 "
     "Mobile Safari/537.36",
     "Samsung Internet", "28.0", "Android", "14", "Samsung SM-S921B", "Samsung", "SM-S921B",
     _GALAXY),
    (2.0, "mobile",
     f"{_MOZ} (Linux; Android 13; SM-A536B) {_KIT} Chrome/135.0.7049.111 Mobile Safari/537.36",
     "Chrome Mobile", "135.0.7049", "Android", "13", "Samsung SM-A536B", "Samsung", "SM-A536B",
     _GALAXY),
    (1.5, "mobile",
     f"{_MOZ} (Linux; Android 14; 23021RAA2Y) {_KIT} Chrome/134.0.6998.135 Mobile Safari/537.36",
     "Chrome Mobile", "134.0.6998", "Android", "14", "XiaoMi 23021RAA2Y", "XiaoMi", "23021RAA2Y",
     _TALL),
    (0.9, "mobile", f"{_MOZ} (Android 14; Mobile; rv:139.0) Gecko/139.0 Firefox/139.0",
     "Firefox Mobile", "139.0", "Android", "14", "Generic Smartphone", "Generic", "Smartphone",
     _TALL),
    (2.8, "tablet",
     f"{_MOZ} (iPad; CPU OS 17_7 like Mac OS X) {_IOS} Version/17.7 Mobile/15E148 Safari/604.1",
     "Mobile Safari", "17.7", "iOS", "17.7", "iPad", "Apple", "iPad", _IPAD),
    (1.2, "tablet",
     f"{_MOZ} (iPad; CPU OS 16_7_10 like Mac OS X) {_IOS} Version/16.6 Mobile/15E148 Safari/604.1",
     "Mobile Safari", "16.6", "iOS", "16.7.10", "iPad", "Apple", "iPad", _IPAD_PRO),
    (0.9, "tablet", f"{_MOZ} (Linux; Android 14; SM-X710) {_KIT} Chrome/136.0.0.0 Safari/537.36",
     "Chrome", "136.0.0", "Android", "14", "Samsung SM-X710", "Samsung", "SM-X710", _TAB),
    (0.5, "tablet", f"{_MOZ} (Linux; Android 11; KFTRWI) {_KIT} Silk/136.3.1 like Chrome/136.0.0.0 "
     "Safari/537.36",
     "Amazon Silk", "136.3.1", "Android", "11", "Kindle Fire HD 8 (10th Gen)", "Amazon", "KFTRWI",
     _TAB),
)  # fmt: skip

_CRAWLERS: tuple[tuple, ...] = (
    (4.0, "mobile",
     f"{_MOZ} (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) {_KIT} Chrome/137.0.7151.55 Mobile "
     "Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
     "Googlebot", "2.1", "Android", "6.0.1", "Spider", "Spider", "Smartphone", None),
    (2.0, "other",
     f"{_MOZ} (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
     "bingbot", "2.0", "Other", None, "Spider", "Spider", "Desktop", None),
    (2.0, "other",
     f"{_MOZ} (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
     "AhrefsBot", "7.0", "Other", None, "Spider", "Spider", "Desktop", None),
    (2.0, "other",
     f"{_MOZ} {_KIT}; compatible; GPTBot/1.2; +https://openai.com/gptbot",
     "GPTBot", "1.2", "Other", None, "Spider", "Spider", "Desktop", None),
    (1.0, "other",
     f"{_MOZ} (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
     "SemrushBot", "7", "Other", None, "Spider", "Spider", "Desktop", None),
    (1.0, "desktop",
     f"{_MOZ} (X11; Linux x86_64) {_KIT} HeadlessChrome/136.0.0.0 Safari/537.36",
     "HeadlessChrome", "136.0.0", "Linux", None, "Other", None, None, (800, 600, 0)),
)  # fmt: skip


def _device(row: tuple) -> Device:
    weight, kind, agent, browser, version, os, os_version, device, brand, model, screen = row
    width, height, bar = screen or (None, None, None)
    block = fields_of(
        user_agent=agent,
        ua_browser=browser,
        ua_browserversion=version,
        ua_os=os,
        ua_osversion=os_version,
        ua_device=device,
        ua_devicebrand=brand,
        ua_devicemodel=model,
        ua_devicetype=kind,
        ua_devicetouchcapable=kind in ("mobile", "tablet"),
        display=screen is not None,
        display_total_width=width,
        display_total_height=height,
        display_avail_width=width,
        display_avail_height=None if screen is None else height - bar,
        display_pixel_depth=None if screen is None else (24 if kind == "desktop" else 32),
    )
    return Device(weight, kind, block)


USER_AGENTS: tuple[str, ...] = tuple(row[2] for row in _ROWS)
CRAWLER_AGENTS: tuple[str, ...] = tuple(row[2] for row in _CRAWLERS)
DEVICES: tuple[Device, ...] = tuple(_device(row) for row in _ROWS)
MOBILES: tuple[Device, ...] = tuple(device for device in DEVICES if device.kind == "mobile")
CRAWLERS: tuple[Device, ...] = tuple(_device(row) for row in _CRAWLERS)
