"""Who is in an audience: by rules, by consent, and without those who are to be erased."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest


@pytest.mark.parametrize(
    ("rules", "visitors"),
    [
        (["tier=5+"], ["a ann", "a bob", "b ann"]),
        (["tier=1", "tier=2-4"], ["a cyd", "a dee"]),
        (["rolling-tier=silent"], ["a cyd", "a dee"]),
        (["section=Politics"], ["a ann", "a bob"]),
        (["section=Politics:3"], ["a ann"]),
        (["section=Politics:3", "section=Sports"], ["a ann", "a cyd"]),
        (["segment=premium"], ["a ann"]),
        # From 12:00 on June 30 of site a, and midnight of June 1 of site b.
        (["seen-within=7d"], ["a ann", "a bob", "b ann"]),
        (["not-seen-within=7d"], ["a cyd", "a dee"]),
        (["seen-within=168h", "not-seen-within=1h"], ["a bob"]),
        (["tier=5+", "section=Politics", "seen-within=24h"], ["a ann"]),
        (["tier=1", "section=Politics"], []),
    ],
    ids=str,
)
def test_rules_of_different_kinds_all_hold_and_one_of_each_kind(
    run: Callable, rules: list[str], visitors: list[str]
) -> None:
    done = run(*rules)
    assert (done.code, done.err) == (0, "")
    assert done.visitors == visitors


def test_a_row_says_which_rules_hold(run: Callable) -> None:
    done = run("section=Sports", "section=Politics:2", "tier=5+", "--site=a.example")
    assert done.rows == [
        {
            "site_id": "a.example",
            "visitor_site_id": "ann",
            "visitor_key": "10000000-0000-0000-0000-000000000000",
            "last_seen_at": "2026-06-30 12:00:00",
            "why": "section=Politics:2; tier=5+",
        }
    ]
    assert done.out.startswith(
        "audience as of 2026-06-30 12:00 UTC: 1 matched, none left out, 1 written to "
    )


def test_an_id_that_many_people_share_is_counted_and_not_handed_out(run: Callable) -> None:
    done = run("tier=5+", "--site=a.example")
    assert done.visitors == ["a ann", "a bob"]
    assert "3 matched, 1 under a shared id left out, 2 written" in done.out


def test_only_visitors_of_the_consent_list_are_written(run: Callable, tmp_path: Path) -> None:
    listed = tmp_path / "agreed.csv"
    listed.write_text("\ufeffvisitor_site_id, site_id\r\nann,b.example\r\n\r\nbob,a.example\r\n")
    done = run("tier=5+", f"--consent={listed}")
    assert done.visitors == ["a bob", "b ann"]
    assert "1 without consent, 1 under a shared id left out, 2 written" in done.out
    listed.write_text("visitor_site_id\nann\n")
    done = run("tier=5+", f"--consent={listed}", "--site=a.example")
    assert done.visitors == ["a ann"]


def test_a_file_without_visitors_is_written_and_says_why(run: Callable) -> None:
    done = run("tier=1", "seen-within=1h")
    assert (done.code, done.rows, done.err) == (0, [], "")
    assert done.out.splitlines()[1:] == ["the file has no visitor: nobody matches the rules"]
    done = run("tier=5+", "--consent-key=marketing=certainly")
    assert (done.code, done.rows, done.err) == (0, [], "")
    assert done.out.splitlines()[1:] == ["the file has no visitor: all who match are left out"]
    assert run("tier=5+").out.count("\n") == 1


def test_the_newest_word_under_the_consent_key_counts(run: Callable) -> None:
    """Ann withdrew hers, Cyd agreed in a custom event, and ann of b said two things at once."""
    done = run("tier=5+", "tier=2-4", "tier=1", "--consent-key=marketing=true")
    assert done.visitors == ["a bob", "a cyd"]
    assert "6 matched, 3 without consent, 1 under a shared id left out, 2 written" in done.out


def test_a_project_without_custom_events_has_the_key_of_its_pageviews(
    run: Callable, warehouse: Path
) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop table fct_custom_events")
    assert run("tier=2-4", "tier=5+", "--consent-key=marketing=true").visitors == ["a bob"]


def test_who_is_listed_to_be_erased_is_left_out(run: Callable, warehouse: Path) -> None:
    """On every site where the list names none."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create schema lists; create table lists.visitors_to_erase as "
            "select 'b.example' as site_id, 'ann' as visitor_site_id union all select null, 'bob'"
        )
    done = run("tier=5+")
    assert done.visitors == ["a ann"]
    assert "4 matched, 2 to be erased, 1 under a shared id left out, 1 written" in done.out


def test_marts_may_be_in_another_schema(run: Callable, warehouse: Path) -> None:
    names = ("dim_sites", "dim_visitors", "dim_posts", "fct_pageviews", "fct_custom_events")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute('create schema "the marts"')
        for name in (*names, "fct_sessions"):
            connection.execute(f'create table "the marts".{name} as from {name}; drop table {name}')
    done = run("section=Sports", "--schema=the marts", "--consent-key=marketing=true")
    assert done.visitors == ["a cyd"]


def test_parquet_has_the_same_rows_in_types(run: Callable, tmp_path: Path) -> None:
    assert run("tier=2-4", out="audience.parquet").code == 0
    rows = duckdb.sql(f"from '{tmp_path}/audience.parquet'")
    assert [*map(str, rows.types)] == ["VARCHAR", "VARCHAR", "VARCHAR", "TIMESTAMP", "VARCHAR"]
    ((site, visitor, _, _, why),) = rows.fetchall()
    assert (site, visitor, why) == ("a.example", "cyd", "tier=2-4")


def test_the_file_is_replaced_and_only_its_owner_may_read_it(run: Callable, tmp_path: Path) -> None:
    file = tmp_path / "audience.csv"
    file.write_text("of yesterday")
    file.chmod(0o644)
    assert run("tier=2-4").visitors == ["a cyd"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["audience.csv", "small.duckdb"]


def test_nobody_is_a_file_with_a_header_alone(run: Callable, tmp_path: Path) -> None:
    done = run("tier=1", "seen-within=1h")
    assert done.code == 0
    assert (tmp_path / "audience.csv").read_text().splitlines() == [
        "site_id,visitor_site_id,visitor_key,last_seen_at,why"
    ]
    assert "0 matched, none left out, 0 written" in done.out
