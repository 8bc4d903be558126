"""Each kind of mess occurs as often as truth.json says."""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loaders.fields import FIELDS
from simulator.mess import LINE_KINDS, OTHER_KINDS, SESSION_KINDS
from tests.support.simulated import Event, Reading, broken_rule, is_bot


def reported(messy: Reading, kind: str) -> int:
    return messy.truth["mess"][kind]["count"]


def raw(messy: Reading) -> list[tuple[Path, bytes]]:
    found = []
    for path in sorted(messy.out.rglob("*.jsonl.gz")):
        text = zlib.decompressobj(31).decompress(path.read_bytes())
        found += [(path, line) for line in text.split(b"\n")]
    return found


def day_of(file: str) -> int:
    year, month, day = file.split("/")[:3]
    return int(datetime(int(year), int(month), int(day), tzinfo=UTC).timestamp()) * 1000


def copies(messy: Reading) -> list[list[Event]]:
    found: defaultdict[tuple, list[Event]] = defaultdict(list)
    for event in messy.valid():
        found[event["apikey"], event["event_id"]].append(event)
    return [events for events in found.values() if len(events) > 1]


def test_every_kind_of_mess_occurs(messy: Reading) -> None:
    assert (
        messy.truth["mess"].keys() == LINE_KINDS.keys() | SESSION_KINDS.keys() | OTHER_KINDS.keys()
    )
    for kind, entry in messy.truth["mess"].items():
        assert entry["count"] > 0, kind


def test_a_clean_run_has_no_mess(clean: Reading) -> None:
    assert clean.truth["mess"] == {}
    assert clean.truth["totals"]["rejected_lines"] == 0
    assert not any(is_bot(event) for event in clean.events)


def test_copies_are_in_the_same_file_and_in_later_ones(messy: Reading) -> None:
    same, later, differ = 0, 0, 0
    for events in copies(messy):
        assert len(events) == 2
        one, two = ({k: v for k, v in e.items() if k[0] != "_"} for e in events)
        if one != two:
            differ += 1
            changed = {name for name in one if one[name] != two[name]}
            assert changed == {
                "ts_action", "timestamp_info_nginx_ms", "timestamp_info_pixel_ms",
            }  # fmt: skip
        elif events[0]["_file"] == events[1]["_file"]:
            same += 1
        else:
            later += 1
    assert same == reported(messy, "duplicate_same_file")
    # Some first copies are lost with the end of a truncated file.
    assert (
        reported(messy, "duplicate_later_file") - 15
        <= later
        <= reported(messy, "duplicate_later_file")
    )
    assert (
        reported(messy, "duplicate_differs") - 5 <= differ <= reported(messy, "duplicate_differs")
    )


def test_late_events_are_in_later_files(messy: Reading) -> None:
    copied = {event["event_id"] for events in copies(messy) for event in events}
    days = Counter()
    for event in messy.events:
        if event["event_id"] not in copied:
            days[(day_of(event["_file"]) - event["timestamp_info_nginx_ms"]) // 86_400_000] += 1
    late = sum(number for day, number in days.items() if day >= 0)
    assert 0.3 * reported(messy, "late_event") < late <= 1.1 * reported(messy, "late_event")
    assert 7 < max(days) <= 60


def test_some_lines_are_out_of_order(messy: Reading) -> None:
    newest: dict[str, int] = {}
    behind = 0
    for event in messy.events:
        file, time = event["_file"], event["timestamp_info_nginx_ms"]
        behind += time < newest.get(file, 0)
        newest[file] = max(time, newest.get(file, 0))
    assert behind >= 0.8 * reported(messy, "out_of_order")


@pytest.mark.parametrize(
    "rule",
    [
        "missing_action", "missing_engaged_time", "engaged_time_out_of_bounds",
        "malformed_event_id", "unparsable_url", "reserved_conversion_key",
    ],
)  # fmt: skip
def test_events_that_break_a_rule_are_counted(messy: Reading, rule: str) -> None:
    assert reported(messy, rule) == messy.refused()[rule] == messy.truth["totals"]["refused"][rule]


def test_two_tabs_on_one_page_have_separate_ids_and_alternating_heartbeats(messy: Reading) -> None:
    shown: defaultdict[tuple, list[Event]] = defaultdict(list)
    for event in messy.counted():
        if event["pageview_id"] and event["action"] in ("pageview", "heartbeat"):
            key = (event["visitor_site_id"], event["session_id"], event["url"])
            shown[key].append(event)
    tabs = woven = 0
    for events in shown.values():
        opened = [e for e in events if e["action"] == "pageview" and e["referrer"] == e["url"]]
        if opened:
            tabs += 1
            spans = defaultdict(list)
            for event in events:
                spans[event["pageview_id"]].append(event["timestamp_info_nginx_ms"])
            (first, second), *_ = [sorted(spans.values(), key=min)[:2]]
            woven += min(second) < max(first)
    assert 0.8 * reported(messy, "two_tabs") <= tabs <= reported(messy, "two_tabs")
    assert woven > 0.7 * tabs


def test_some_heartbeats_have_no_pageview(messy: Reading) -> None:
    viewed = {e["pageview_id"] for e in messy.counted() if e["action"] == "pageview"}
    orphans = [
        event
        for event in messy.counted()
        if event["action"] == "heartbeat"
        and event["pageview_id"]
        and event["pageview_id"] not in viewed
    ]
    assert len(orphans) >= 0.9 * reported(messy, "heartbeat_without_pageview")


def test_pageviews_without_an_id_are_counted(messy: Reading) -> None:
    without = [
        event
        for event in messy.events
        if event["action"] == "pageview" and event["pageload_id"] and not event["pageview_id"]
    ]
    assert len(without) == reported(messy, "null_pageview_id")


def test_a_session_without_ids_shows_each_page_once(messy: Reading) -> None:
    shown: Counter[tuple] = Counter()
    for event in messy.counted():
        if event["action"] == "pageview" and not event["pageview_id"] and event["session"]:
            shown[event["visitor_site_id"], event["session_id"], event["url_clean"]] += 1
    assert max(shown.values()) == 1


def test_late_metadata_stays_once_it_has_arrived(messy: Reading) -> None:
    without = [event for event in messy.events if event["metadata"] is False]
    assert len(without) == reported(messy, "late_metadata")
    until: dict[str, int] = {}
    for event in without:
        assert event["metadata_title"] is event["metadata_canonical_url"] is None
        page, time = event["url_clean"], event["timestamp_info_nginx_ms"]
        until[page] = max(until.get(page, 0), time)
    for event in messy.valid():
        if event["metadata"] and event["action"] not in ("videostart", "vheartbeat"):
            time = event["timestamp_info_nginx_ms"]
            assert time > until.get(event["url_clean"], 0) - 300_000  # copies that differ


def test_some_clocks_are_wrong_but_receipt_is_right(messy: Reading) -> None:
    wrong = [
        event
        for event in messy.events
        if abs(event["timestamp_info_pixel_ms"] - event["timestamp_info_nginx_ms"]) > 60_000
    ]
    assert len(wrong) == reported(messy, "clock_skew")
    for event in wrong:
        seconds = datetime.fromisoformat(event["ts_action"]).replace(tzinfo=UTC).timestamp()
        assert int(seconds) == event["timestamp_info_nginx_ms"] // 1000


def test_bots_have_a_crawler_user_agent_and_separate_visitors(messy: Reading) -> None:
    bots = [event for event in messy.events if is_bot(event)]
    assert len(bots) == reported(messy, "bot")
    people = {e["visitor_site_id"] for e in messy.events if not is_bot(e)}
    assert not people & {event["visitor_site_id"] for event in bots}


def test_staff_visitors_are_marked(messy: Reading) -> None:
    staff = [e for e in messy.events if (e["extra_data"] or {}).get("is_employee") is True]
    assert len(staff) == reported(messy, "staff")


def test_broken_lines_are_counted_by_their_defect(messy: Reading) -> None:
    kinds = Counter()
    for line in messy.rejected:
        try:
            value = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError:
            kinds["invalid_utf8"] += 1
        except ValueError:
            kinds["broken_json"] += 1
        else:
            kinds["wrong_type" if isinstance(value, dict) else "not_an_object"] += 1
    cut = kinds.pop("broken_json") - reported(messy, "broken_json")
    assert 0 <= cut <= reported(messy, "truncated_gzip")
    assert kinds == {
        kind: reported(messy, kind) for kind in ("invalid_utf8", "wrong_type", "not_an_object")
    }


def test_blank_lines_and_truncated_files_are_counted(messy: Reading) -> None:
    assert messy.blank == reported(messy, "blank_line")
    assert len(messy.truncated) == reported(messy, "truncated_gzip")


def test_numbers_as_text_and_unknown_fields_remain_events(messy: Reading) -> None:
    text, unknown = 0, 0
    for _, line in raw(messy):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if not isinstance(event, dict) or event.get("session_id") == "six":
            continue
        text += any(isinstance(event[n], str) for n, kind in FIELDS.items() if kind == "bigint")
        unknown += bool(event.keys() - FIELDS.keys())
    assert text == reported(messy, "number_as_text")
    assert unknown == reported(messy, "unknown_field")


def test_events_that_break_no_rule_are_valid_in_a_messy_run(messy: Reading) -> None:
    refused = sum(broken_rule(event) is not None for event in messy.events)
    assert refused < 0.01 * len(messy.events)
