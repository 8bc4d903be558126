"""Events that engines might process differently."""

from __future__ import annotations

import json
from typing import Any

from tests.support.events import event, heartbeat, without_session

DAY = "2026-03-02"

URLS = (
    "https://MÜNCHEN.example.com/Straße/?q=1#top",
    "HTTPS://user:p@ss@Www.Cases.example.com:8443//a//?utm_source=x#f",
    "https://[2001:db8::1]:80/v6",
    "https://[2001:db8/unclosed",
    "https://[a]bc/d",
    "https://cases.example.com",
    "https://cases.example.com?x",
    "https://cases.example.com/a\nb",
    "https://cases.example.com/#line\nend",
    "https://cases.example.com\t/tab",
    "https://cases.example.com\u3000/wide",
    "https://cases.example.com\u0085/next",
    "ftp://cases.example.com/a",
    "//cases.example.com/a",
    "https:///path",
    " \u00a0https://cases.example.com/spaces\u2003",
    "\thttps://cases.example.com/tabs",
    "https://İstanbul.example.com/ǅ/ΟΔΟΣ",
)

CAMPAIGNS = (
    "utm_campaign=spring+sale&utm_medium=e%2Dmail&utm_source=",
    "utm_campaign=%C3%BCber&utm_campaign=second&utm_medium=Email",
    "utm_campaign=%ff&utm_source=%ED%A0%80&utm_medium=%c3",
    "utm_campaign=%00&utm_source=a%00b",
    "utm_campaign=100%&utm_source=%zz&utm_medium=%2",
    "utm_campaign=%F0%9F%98%80=x&=y&&utm_source",
    "utm_campaign=%f4%90%80%80&utm_source=%e0%80%80&utm_term=%C2%A0",
    "utm_campaign=ü%20ö&utm_source=FACEBOOK&utm_medium=Cpc",
    "utm_campaign=\\u0041&utm_source=a'b&utm_medium=\"",
    "utm_campaign=a&amp;amp;utm_medium=b&#38;utm_source=c&AMP;utm_term=d",
    "%75tm%5Fcampaign=a&%ff=b&utm%00source=c&%C3%9Ctm=d&amp%3Butm_term=e",
    "UTM_CAMPAIGN=a?Utm_Source=b;utm_medium=c?&utm_term=?;=d",
    "#utm_campaign=a#utm_source=FB&#",
    "utm_source=&x=1#!/path?utm_source=M.Facebook.com&utm_campaign=%F0%9F%98%80",
    "utm_source=https://WWW.Google.co.uk/x&utm_medium=cpc",
    "utm_source=Hacker+News&utm_campaign=İ",
    "utm_source=%&utm_medium=.&utm_campaign=[",
    "utm_source=google.&utm_campaign=.google.com",
)

REFERRERS = (
    *("null", "-", "(direct)", "about:blank", "mailto:a@b.example", "file:///C:/a", "file://b/c"),
    *(
        "www.google.com",
        "Google.co.uk:443/x",
        "google.com\n",
        "a_b.example.org?x",
        "a..example.org",
    ),
    *("//news.google.de/", "//", "ǅ.example.org", "example.org it is", "1.5", "x.y"),
    *(
        "Android-App://Com.Slack",
        "android-app://ai.İx.y/z",
        "ios-app://284882215/",
        "app://",
        "tg://",
    ),
    *("whatsapp://send", "ms-app://x", "com.example.app://open", "chrome://newtab", "x.y:z"),
    *("https://docs.google.com", "https://images.google.com.tr./", "https://us.mail.yahoo.com"),
)

TIMES = (
    f"{DAY}T10:00:00Z",
    f"{DAY}T10:00:00.123456789Z",
    f"{DAY}T23:59:59.9999999+05:45",
    f"{DAY} 10:00:00-0330",
    f"{DAY}T10:00:00+15",
    f"{DAY}T10:00:00+16",
    f"{DAY} 10:00",
    f"{DAY} 10:00:00.",
    f"{DAY} 10:00:00.0000009",
    f"{DAY} 24:00:00",
    f"{DAY} 10:00:60",
    f"{DAY} 1:2:3",
    f"{DAY} 10",
    "2026-02-30 10:00:00",
    "2026-02-29T10:00:00Z",
    "0000-01-01 10:00:00",
    "0001-01-01 10:00:00",
    "9999-12-31 23:59:59",
    "1772445600",
    "1772445600.25",
    "1772445600000",
    "1772445600000000",
    "99999999999",
    "yesterday",
    "2026-03-02\n10:00:00",
)

EPOCHS = (
    1,
    -1,
    -99_999_999_999,
    -62_135_596_800,
    -62_135_596_801,
    99_999_999_999,
    100_000_000_000,
    -62_135_596_800_000,
    -99_999_999_999_999,
    99_999_999_999_999,
    1_772_445_600_123_457,
    99_999_999_999_999_999,
    100_000_000_000_000_000,
    -(2**63),
    2**63 - 1,
)

JSON_LISTS = (
    '[ "A" , "B\\u00fc" ,"C\\/D" ]',
    '["\\u0041\\t\\u001f\\"\\\\", "\\\\u001b", "\\\\\\u001b\\u000b"]',
    "[1, 1.50, 1e5, -0.0, 1E-7, 0.000001, 12345678901234567890, 1e400, 1e22, 1234567890123456.5]",
    '[null, true, false, {"x": 1.0, "a": [1, 2], "x": null}, [ "n" , 2.50 ], {}]',
    '" bare \\ud83d\\ude00"',
    "[]",
    '["Zebra", "apfel", "Ärger", "apfel", " apfel ", "", "\\u2028"]',
)

EXTRA_DATA = (
    '{"is_employee": true}',
    '{"is_employee" : "YES", "is_employee": false}',
    '{"is_employee": false, "is_employee": true}',
    '{"is\\u005femployee": 1}',
    '{"a": {"is_employee": true}}',
    '["is_employee"]',
    '"is_employee"',
    "7",
    '{"staff": 1.0, "internal": "\\u0031"}',
    '{"staff": null, "a\\u0031": "is_employee"}',
)


def awkward_events() -> list[dict[str, Any]]:
    """Return pageviews, a few heartbeats and conversions, each by one visitor, in fixed order."""
    found: list[dict[str, Any]] = []

    def add(**fields: Any) -> None:  # noqa: ANN401
        number = len(found)
        at = f"{DAY} {8 + number % 12:02}:{number % 60:02}:00"
        visitor = fields.pop("visitor", f"reader {number % 17}")
        path = fields.pop("path", f"/{number % 9}")
        found.append(event(visitor, at, path=path, name=str(number), **fields))

    for url in URLS:
        add(url=url)
        add(referrer=url)
        add(metadata_canonical_url=url, metadata_title=f"Told by {url}")
    for referrer in REFERRERS:
        add(referrer=referrer)
        add(session_initial_referrer=referrer, ref_domain="recorded.example")
    for query in CAMPAIGNS:
        add(path=f"/c?{query}")
        add(session_initial_url=f"https://cases.example.com/?{query}")
    for text in TIMES:
        add(ts_action=text)
    for number in EPOCHS:
        add(session_timestamp=number)
        add(metadata_pub_date_tmsp=number, metadata_save_date_tmsp=number, metadata_title="Timed")
        add(ts_action="", timestamp_info_override_ms=number)
    for number, title in enumerate(
        (
            *("a\x0b\x1f\x7fb", "\\u000b", 'q"<>&/\u2028', "ß\U0001f600", "\n"),
            *("Manutenc\u0327a\u0303o Łódź", "東京都iPhone ｶﾞｽ", "नई शिक्षा ΟΔΟΣ", "서울은 ไทย"),
        )
    ):
        add(path=f"/t{number}", metadata_title=title, metadata_section=title)
    for number in range(9):
        add(path="/turns", metadata_title="Title " + "AB"[number % 2])
    for ident in ("x" * 256, "x" * 257, "ü" * 256, "a\x7fb", "a\x85b", "a\nb", "\u3000"):
        add(visitor=ident)
    # Ids that many visitors share, and ids that only look like them.
    for ident in ("OptOut", "0" * 9, "-" * 8, "ß" * 8, "0000-0000-0", "İptOut", "OPTOUT\u2003"):
        add(visitor=ident, user_agent="One")
        add(visitor=ident, user_agent="Two", session_timestamp=1772445600123.5)
        found.append(without_session(event(ident, f"{DAY} 16:00:00", user_agent="One")))
    for browser in ("GoogleBOT", "a\nbot", "Ro\nbots", "İBot"):
        add(ua_browser=browser)
    # Halves that must be rounded alike: engaged minutes per visitor.
    for seconds, visitors in ((30, 4), (3, 40), (63, 8), (57, 16)):
        for number in range(visitors):
            reader = f"half {seconds} {number}"
            add(visitor=reader, path=f"/half{seconds}")
            if number == 0:
                found.append(heartbeat(reader, f"{DAY} 20:00:00", seconds, path=f"/half{seconds}"))
    # Copies of one event that differ only in a coordinate.
    for latitude in (45, 45.5, -0.0, 1e-05, 45.50000000000001):
        found.append(event("copied", f"{DAY} 12:00:00", ip_lat=latitude, ip_city=f"C {latitude}"))
    found += [
        without_session(event("Ann", f"{DAY} {hour:02}:{minute:02}:00.5", path=f"/{minute}"))
        for hour, minute in ((9, 0), (9, 29), (9, 59), (10, 28), (11, 0))
    ]
    found += [
        event("Zoe", f"{DAY} 13:00:00", "conversion", extra_data={"_conversion_type": kind})
        for kind in ("purchase", "Purchase", None, 1.50, "lead_capture")
    ]
    return found


def awkward_lines(events: list[dict[str, Any]]) -> list[dict[str, Any] | str]:
    """Return the events, and lines of JSON in forms that Python's encoder never writes."""
    lines: list[dict[str, Any] | str] = list(events)
    for number, text in enumerate(JSON_LISTS):
        record = event(
            f"list {number}", f"{DAY} 14:{number:02}:00", path=f"/list{number}",
            metadata_title=f"List {number}",
        )  # fmt: skip
        whole = json.dumps(record)[:-1]
        lines.append(f'{whole}, "metadata_authors": {text}, "metadata_tags": {text}}}')
    for number, text in enumerate(EXTRA_DATA):
        whole = json.dumps(event(f"extra {number}", f"{DAY} 15:{number:02}:00"))[:-1]
        lines.append(f'{whole}, "extra_data": {text}}}')
    return lines
