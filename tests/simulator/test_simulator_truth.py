"""truth.json equals what an independent reader of the files counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.simulated import DAY, Reading, is_bot, recount


@pytest.fixture(params=["clean", "messy"])
def reading(request: pytest.FixtureRequest) -> Reading:
    return request.getfixturevalue(request.param)


def test_lines_are_the_sum_of_events_rejected_and_blank_lines(reading: Reading) -> None:
    totals = reading.truth["totals"]
    assert totals["lines"] == reading.lines
    assert totals["blank_lines"] == reading.blank
    assert totals["rejected_lines"] == len(reading.rejected)
    assert totals["events"] == len(reading.events)
    assert totals["lines"] == totals["events"] + totals["rejected_lines"] + totals["blank_lines"]


def test_refused_events_are_counted_by_rule(reading: Reading) -> None:
    assert reading.truth["totals"]["refused"] == dict(sorted(reading.refused().items()))


def test_copies_and_bots_are_counted(reading: Reading) -> None:
    totals, valid = reading.truth["totals"], reading.valid()
    unique = {(event["apikey"], event["event_id"]): event for event in valid}
    assert totals["duplicates"] == len(valid) - len(unique)
    assert totals["unique_events"] == len(unique)
    assert totals["bot_events"] == sum(is_bot(event) for event in unique.values())


def test_every_day_of_the_truth_can_be_recounted_from_the_files(reading: Reading) -> None:
    expected = []
    for day in reading.truth["days"]:
        number = int(datetime.fromisoformat(day.pop("date")).replace(tzinfo=UTC).timestamp())
        expected.append(day | {"day": number * 1000 // DAY})
        day["date"] = datetime.fromtimestamp(number, UTC).date().isoformat()
    assert expected == recount(reading.counted())


def test_the_number_of_events_is_the_requested_one(clean: Reading, messy: Reading) -> None:
    assert clean.truth["totals"]["events"] == 16_000
    assert messy.truth["totals"]["events"] == pytest.approx(20_000, rel=0.02)


def test_the_truth_lists_sites_with_their_time_zones(clean: Reading) -> None:
    assert clean.truth["sites"] == [
        {"site_id": "news.example.com", "timezone": "America/New_York"},
        {"site_id": "tribune.example.org", "timezone": "Europe/Berlin"},
    ]
