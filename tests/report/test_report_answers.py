"""The numbers of the report are those of the tables."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
from rich.cells import cell_len

from readership.report import answers


def test_events_are_accounted_for(run: Callable, warehouse: Path) -> None:
    done = run("--warehouse", warehouse)
    assert done.code == 0
    assert done.err == ""
    assert done.line("2026-06-02 22:00") == [
        *("2026-06-02", "22:00"),
        *("2", "1,010", "1,000", "3", "2", "4"),
    ]
    assert "+ 1 blank" in done.out
    assert "all 1 loads" not in done.out
    assert done.line("missing_action") == ["missing_action", "3"]
    assert done.line("unparsable_url") == ["unparsable_url", "2"]
    assert done.line("broken_json") == ["broken_json", "3"]
    assert done.line("invalid_utf8") == ["invalid_utf8", "1"]
    assert "  1 file incomplete or unreadable" in done.out
    assert "  /events/2.jsonl.gz  partial: the stream breaks off" in done.out
    assert "/events/1.jsonl" not in done.out


def test_several_loads_have_a_total(run: Callable, warehouse: Path, change: Callable) -> None:
    more = ", ".join(f"('{n}', 1, 0, 10, 0, 0, 10, 0, 0, '2026-06-0{n} 00:00')" for n in (3, 4, 5))
    change(warehouse, f"insert into ops_loads values {more}")
    done = run("--warehouse", warehouse)
    assert done.line("all 4 loads")[3:] == ["5", "1,040", "1,030", "3", "2", "4"]
    assert done.line("2026-06-05 00:00")[2:4] == ["1", "10"]
    assert "2026-06-02 22:00" not in done.out


def test_unaccounted_lines_are_reported(run: Callable, warehouse: Path, change: Callable) -> None:
    change(warehouse, "update ops_loads set staged_events = 990")
    assert "does not add up: 1,010 lines, 1,000 in the counts" in run("--warehouse", warehouse).out


def test_a_long_list_of_rules_is_cut_with_a_count(
    run: Callable, warehouse: Path, change: Callable
) -> None:
    change(
        warehouse,
        "truncate stg_event_rejections",
        "insert into stg_event_rejections select 'rule_' || r from range(10) t(r), range(10 - r)",
    )
    done = run("--warehouse", warehouse)
    assert done.line("rule_0") == ["rule_0", "10"]
    assert done.line("rule_7") == ["rule_7", "3"]
    assert "rule_8" not in done.out
    assert "and 2 more, 3 events" in done.out


def test_top_posts_are_those_of_the_last_week(run: Callable, warehouse: Path) -> None:
    done = run("--warehouse", warehouse)
    assert "Site A  America/New_York, as of 2026-06-02 17:04" in done.out
    assert done.line("1  First post") == ["1", "First", "post", "12,345", "6,789", "1,011"]
    assert done.line("2  http") == ["2", "https://a.example/2", "7", "6", "5"]
    assert "Of another period" not in done.out


def test_days_count_sessions_visitors_views_and_hours(run: Callable, warehouse: Path) -> None:
    done = run("--warehouse", warehouse)
    assert done.line("date") == [
        *("date", "sessions", "begun", "by", "visitors", "engaged", "hours", "pageviews")
    ]
    assert done.line("2026-06-01")[:5] == ["2026-06-01", "3", "2", "1.5", "3"]
    assert done.line("2026-06-02  ")[:5] == ["2026-06-02", "1", "1", "0.2", "1"]
    first, second = (done.line(day)[5] for day in ("2026-06-01", "2026-06-02  "))
    assert cell_len(second) == -(-cell_len(first) // 3)


def test_only_the_newest_days_are_shown(run: Callable, warehouse: Path, change: Callable) -> None:
    change(
        warehouse,
        """
        insert into fct_sessions
        select 'a.example', 'cleo', date '2026-05-01' + cast(d as int), 'mobile', 0, false
        from range(20) t(d)
        """,
    )
    out = run("--warehouse", warehouse).out
    assert "2026-05-08" not in out
    assert "2026-05-09               1            1            0.0          0\n" in out


def test_trending_is_ordered_by_score(run: Callable, warehouse: Path) -> None:
    done = run("--warehouse", warehouse)
    assert done.line("Second post") == ["Second", "post", "rising", "1,234", "10.0", "+7.0"]
    assert done.line("First post") == ["First", "post", "steady", "5", "4.2", "+0.3"]
    assert done.out.index("Second post") < done.out.index("First post", done.out.index("Trending"))


def test_an_empty_trending_list_is_stated(run: Callable, warehouse: Path, change: Callable) -> None:
    change(warehouse, "truncate trending_posts")
    assert "nothing above the minimum volume" in run("--warehouse", warehouse).out


def test_two_sites_have_a_table_each(run: Callable, warehouse: Path, change: Callable) -> None:
    _add_sites(change, warehouse, 1)
    out = run("--warehouse", warehouse).out
    days = out[out.index("Sessions and reading") :]
    assert days.index("Site A") < days.index("Site 0")
    assert "together" not in out
    assert out.count("2026-06-01  ") == 2


def test_many_sites_are_summed_up(run: Callable, warehouse: Path, change: Callable) -> None:
    _add_sites(change, warehouse, 5)
    done = run("--warehouse", warehouse)
    assert "All 6 sites together" in done.out
    assert done.line("2026-06-01")[:5] == ["2026-06-01", "8", "3", "1.5", "8"]
    assert "and 2 sites with fewer views" in done.out
    assert "Site 2 " in done.out
    assert "Site 3 " not in done.out
    assert "Second post" in done.out


def test_the_suggested_queries_return_rows(run: Callable, warehouse: Path) -> None:
    done = run("--warehouse", warehouse)
    after = done.out[done.out.index("Try next") :]
    words = shlex.split(after.replace("JSON, ready", "JSON ready"))
    queries = [words[n + 3] for n, word in enumerate(words) if word == "query"]
    assert len(queries) == 3
    # As it is printed: the interpreter, the command, its option and the query.
    start = words.index("query") - 3
    printed = subprocess.run(words[start : start + 7], capture_output=True, check=False)
    assert (printed.returncode, printed.stderr) == (0, b"")
    for sql in queries:
        answer = run("query", sql, "--warehouse", warehouse)
        assert answer.code == 0
        assert "no rows" not in answer.out
    assert answer.out == '{"success":true,"data":[]}\n'


def test_a_site_id_with_special_characters_stays_out_of_the_commands(warehouse: Path) -> None:
    for site_id in ('a"; $(reboot) "', "it's", "a`b`", "x\ny"):
        queries = answers.next_queries(site_id)
        assert site_id not in str(queries)
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            for _, sql in queries:
                assert connection.execute(sql).fetchall()


def _add_sites(change: Callable, warehouse: Path, number: int) -> None:
    """Add sites with one view and one session each on June 1, all with the same visitor key."""
    for n in range(number):
        change(
            warehouse,
            f"insert into dim_sites values ('s{n}', 'Site {n}', 'UTC', '2026-06-01 10:00')",
            f"insert into dim_periods values ('s{n}', '7d', '2026-05-25', '2026-06-02')",
            f"insert into fct_pageviews values ('s{n}', 1, 0, '2026-06-01 09:00', '2026-06-01')",
            f"insert into fct_sessions values ('s{n}', 'x', '2026-06-01', 'mobile', 1, false)",
        )
