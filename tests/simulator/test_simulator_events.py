"""Each event has the form of a real one, and all events together resemble real readers."""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from statistics import mean
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import crawleruseragents

from loaders.fields import FIELDS
from simulator.devices import CRAWLER_AGENTS, USER_AGENTS
from tests.support.simulated import Event, Reading, _typed

ZONES = {"news.example.com": "America/New_York", "tribune.example.org": "Europe/Berlin"}
BEATS = ("heartbeat", "vheartbeat")


def views(reading: Reading) -> Iterator[Event]:
    return (event for event in reading.events if event["action"] == "pageview")


def sessions(reading: Reading) -> dict[tuple, list[Event]]:
    found: defaultdict[tuple, list[Event]] = defaultdict(list)
    for event in reading.events:
        if event["session"]:
            found[event["apikey"], event["visitor_site_id"], event["session_id"]].append(event)
    return found


def local(event: Event) -> datetime:
    moment = datetime.fromtimestamp(event["timestamp_info_nginx_ms"] / 1000, UTC)
    return moment.astimezone(ZoneInfo(ZONES[event["apikey"]]))


def test_every_line_has_exactly_the_122_fields_with_their_types(clean: Reading) -> None:
    assert not clean.rejected
    for event in clean.events:
        assert event.keys() - {"_file", "_line"} == FIELDS.keys()
        for name, kind in FIELDS.items():
            value = event[name]
            if value is not None and kind == "json":
                assert isinstance(value, dict if name == "extra_data" else list)
            elif kind == "bigint":
                assert value is None or isinstance(value, int)
            else:
                _typed(name, value)


def test_no_field_occurs_twice_in_a_line(clean: Reading) -> None:
    def once(pairs: list[tuple]) -> int:
        assert len({name for name, _ in pairs}) == len(pairs)
        return len(pairs)

    path = next(iter(sorted(clean.out.rglob("*.gz"))))
    lines = zlib.decompress(path.read_bytes(), 31).splitlines()
    for line in lines[:50]:
        assert json.loads(line, object_pairs_hook=once)


def test_required_fields_are_present(clean: Reading) -> None:
    for event in clean.events:
        for name in ("apikey", "event_id", "visitor_site_id", "timestamp_info_nginx_ms", "action"):
            assert event[name] is not None
        assert (event["engaged_time_inc"] is not None) == (event["action"] in BEATS)
        assert event["engaged_time_inc"] is None or 1 <= event["engaged_time_inc"] <= 150


def test_the_text_time_is_the_time_of_receipt_to_the_second(clean: Reading) -> None:
    for event in clean.events:
        moment = datetime.fromtimestamp(event["timestamp_info_nginx_ms"] // 1000, UTC)
        assert event["ts_action"] == moment.strftime("%Y-%m-%d %H:%M:%S")


def test_lines_are_in_the_file_of_their_day_in_order_of_arrival(clean: Reading) -> None:
    before: dict[str, int] = {}
    for event in clean.events:
        file, time = event["_file"], event["timestamp_info_nginx_ms"]
        assert file.startswith(event["ts_action"][:10].replace("-", "/"))
        assert before.get(file, 0) <= time
        before[file] = time
    for file in before:
        assert {e["apikey"] for e in clean.events if e["_file"] == file} <= ZONES.keys()


def test_url_parts_are_parts_of_the_url(clean: Reading) -> None:
    for event in clean.events:
        for whole, prefix in (("url", "url"), ("referrer", "ref"), ("session_initial_url", "surl")):
            if event[whole] is None:
                assert event[f"{prefix}_path"] is None
                continue
            parts = urlsplit(event[whole])
            assert event[f"{prefix}_netloc"] == parts.netloc
            assert event[f"{prefix}_path"] == parts.path
            assert event[f"{prefix}_query"] == parts.query
            assert event[f"{prefix}_fragment"] == parts.fragment
        if not event["url_query"]:
            assert event["utm_source"] is None
            assert event["campaign_id"] is None


def test_session_fields_are_the_same_on_all_events_of_a_session(clean: Reading) -> None:
    names = [name for name in FIELDS if name.startswith(("session", "surl", "sref", "ts_session"))]
    for events in sessions(clean).values():
        for name in names:
            assert len({event[name] for event in events}) == 1
        first = min(events, key=lambda event: event["timestamp_info_nginx_ms"])
        assert first["session_timestamp"] <= first["timestamp_info_nginx_ms"]
        assert first["session_initial_url"] == first["url"]
        assert first["session_initial_referrer"] == first["referrer"]


def test_a_visitors_sessions_count_up_and_name_the_one_before(clean: Reading) -> None:
    starts: defaultdict[tuple, dict[int, Event]] = defaultdict(dict)
    for (site, visitor, number), events in sessions(clean).items():
        starts[site, visitor][number] = events[0]
    several = [found for found in starts.values() if len(found) > 1]
    assert several
    for found in several:
        numbers = sorted(found)
        for one, two in pairwise(numbers):
            assert two == one + 1
            before = found[two]["session_last_session_timestamp"]
            assert before == found[one]["session_timestamp"] < found[two]["session_timestamp"]
    fresh = [found[1] for found in starts.values() if 1 in found]
    assert all(event["session_last_session_timestamp"] == 0 for event in fresh)


def test_later_pages_of_a_session_refer_to_earlier_ones(clean: Reading) -> None:
    followed = 0
    for events in sessions(clean).values():
        urls: list[str] = []
        for event in sorted(events, key=lambda event: event["timestamp_info_nginx_ms"]):
            if event["action"] != "pageview":
                continue
            if urls:
                assert event["ref_category"] == "internal"
                assert event["referrer"] == urls[-1].split("#")[0]
                followed += 1
            urls.append(event["url"])
    assert followed > 500


def test_heartbeats_follow_their_pageview_before_the_next_view_of_the_page(clean: Reading) -> None:
    shown: dict[tuple, set[str]] = defaultdict(set)
    for event in clean.events:
        key = (event["apikey"], event["visitor_site_id"], event["session_id"])
        view = event["pageview_id"] or event["url"]
        if event["action"] == "pageview":
            shown[key].add(view)
        else:
            assert view in shown[key]


def test_an_old_tracker_sends_no_ids_and_no_session(clean: Reading) -> None:
    old = [e for e in clean.events if not e["session"] and not e["flags_is_amp"]]
    people = {e["visitor_site_id"] for e in clean.events}
    assert 0.05 < len({e["visitor_site_id"] for e in old}) / len(people) < 0.11
    for event in old:
        for name in ("session_id", "session_timestamp", "session_initial_url", "pageview_id"):
            assert event[name] is None


def test_sessions_of_an_old_tracker_are_half_an_hour_apart(clean: Reading) -> None:
    times: defaultdict[str, list[Event]] = defaultdict(list)
    for event in clean.events:
        if not event["session"]:
            times[event["visitor_site_id"]].append(event)
    gaps = 0
    for events in times.values():
        for one, two in pairwise(events):
            gap = two["timestamp_info_nginx_ms"] - one["timestamp_info_nginx_ms"]
            entry = two["action"] == "pageview" and two["ref_category"] != "internal"
            assert gap > 1_800_000 if entry else gap < 1_800_000
            gaps += entry
    assert gaps


def test_amp_pages_are_marked_and_carry_no_ids(clean: Reading) -> None:
    amp = [event for event in clean.events if event["flags_is_amp"]]
    assert amp
    for event in amp:
        assert event["channel"] == "amp"
        assert event["pageview_id"] is event["pageload_id"] is None


def test_video_events_describe_the_video_and_belong_to_a_start(clean: Reading) -> None:
    started = {e["videostart_id"] for e in clean.events if e["action"] == "videostart"}
    beats = [event for event in clean.events if event["action"] == "vheartbeat"]
    assert beats
    for event in beats:
        assert event["videostart_id"] in started
        assert event["metadata_page_type"] == "video"
        assert event["metadata_canonical_url"] != event["url_clean"]
        assert event["metadata_duration"] > 0


def test_conversions_have_a_type_and_label(clean: Reading) -> None:
    allowed = {
        "newsletter_signup",
        "lead_capture",
        "link_click",
        "subscription",
        "purchase",
        "custom",
    }
    found = [event["extra_data"] for event in clean.events if event["action"] == "conversion"]
    assert found
    for extra in found:
        assert extra["_conversion_type"] in allowed
        assert extra["_conversion_label"]


def test_sessions_have_sources_of_every_class(clean: Reading) -> None:
    classes = Counter(event["ref_category"] for event in views(clean))
    assert classes.keys() == {"internal", "direct", "search", "social", "other", "ai"}
    hosts = {event["ref_netloc"] for event in views(clean)}
    assert {"www.google.com", "t.co", "chatgpt.com", "news.google.com", "flipboard.com"} <= hosts
    mails = [event for event in views(clean) if event["utm_medium"] == "email"]
    assert mails
    assert Counter(event["ref_category"] for event in mails).most_common(1)[0][0] == "direct"
    assert any(event["url_query"].startswith("itm_") for event in views(clean))


def test_devices_vary_and_no_person_has_a_crawler_user_agent(clean: Reading) -> None:
    kinds = Counter(event["ua_devicetype"] for event in views(clean))
    assert kinds["mobile"] > kinds["desktop"] > kinds["tablet"] > 0
    assert not any(crawleruseragents.is_crawler(agent) for agent in USER_AGENTS)
    assert all(crawleruseragents.is_crawler(agent) for agent in CRAWLER_AGENTS)


def test_traffic_falls_at_night(clean: Reading) -> None:
    hours = Counter((event["apikey"], local(event).hour) for event in clean.events)
    for site in ZONES:
        assert sum(hours[site, hour] for hour in (1, 2, 3, 4)) * 4 < sum(
            hours[site, hour] for hour in (8, 12, 13, 20)
        )


def test_traffic_falls_on_weekends(clean: Reading) -> None:
    days = Counter(local(event).weekday() for event in clean.events)
    assert mean((days[5], days[6])) < 0.85 * mean(days[day] for day in range(5))


def test_few_posts_get_most_views(clean: Reading) -> None:
    posts = Counter(e["url_clean"] for e in views(clean) if e["metadata_page_type"] == "post")
    ranked = [number for _, number in posts.most_common()]
    assert sum(ranked[: len(ranked) // 10]) > 0.45 * sum(ranked)
    assert ranked[0] > 5 * ranked[20]
    assert ranked[-1] <= 3


def test_a_posts_traffic_rises_and_fades(clean: Reading) -> None:
    ages = Counter()
    for event in views(clean):
        if event["metadata_page_type"] == "post":
            age = event["timestamp_info_nginx_ms"] - event["metadata_pub_date_tmsp"]
            assert age >= 0
            ages[age // 86_400_000] += 1
    assert ages[0] > 1.5 * ages[1] > 2 * ages[3]


def test_most_visitors_come_once_and_few_very_often(clean: Reading) -> None:
    visits = Counter(visitor for _, visitor, _ in sessions(clean))
    often = sorted(visits.values())
    assert 0.45 < often.count(1) / len(often) < 0.8
    assert often[-1] >= 8


def test_reading_takes_longer_the_longer_the_text(clean: Reading) -> None:
    seconds: Counter[tuple] = Counter()
    words: dict[tuple, int] = {}
    for event in clean.events:
        if event["pageview_id"] is None or event["metadata_page_type"] != "post":
            continue
        view = (event["visitor_site_id"], event["pageview_id"])
        words[view] = event["metadata_full_content_word_count"]
        if event["action"] == "heartbeat":
            seconds[view] += event["engaged_time_inc"]
    assert all(150 <= count <= 3500 for count in words.values())
    short, middle, long = (
        mean(seconds[view] for view, count in words.items() if low <= count < high)
        for low, high in ((0, 400), (400, 900), (900, 9999))
    )
    assert 1.5 * short < middle
    assert 1.5 * middle < long
    assert sum(1 for view in words if not seconds[view]) > 0.08 * len(words)


def test_headlines_are_edited_now_and_then(clean: Reading) -> None:
    titles: defaultdict[str, set[tuple]] = defaultdict(set)
    for event in views(clean):
        if event["metadata_page_type"] == "post":
            saved = (event["metadata_title"], event["metadata_save_date_tmsp"])
            titles[event["metadata_canonical_url"]].add(saved)
    assert any(len(found) == 2 for found in titles.values())
