"""A small warehouse with the tables and columns that the report reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from readership.command_line import main

TABLES = """
create schema raw;
create table raw.rejected_lines (reason varchar, _dlt_load_id varchar);
create table raw.files (
    file varchar, version varchar, status varchar, detail varchar, replaced_by varchar,
    _dlt_load_id varchar
);
create table ops_loads (
    load_id varchar, files bigint, broken_files bigint, lines bigint, blank_lines bigint,
    rejected_lines bigint, staged_events bigint, refused_events bigint, duplicate_events bigint,
    finished_at timestamp
);
create table stg_event_rejections (broken_rules varchar);
create table dim_sites (
    site_id varchar, site_name varchar, time_zone varchar, as_of_at timestamp
);
create table dim_periods (
    site_id varchar, period varchar, starts_after_at timestamp, ends_at timestamp
);
create table fct_pageviews (
    site_id varchar, views integer, engaged_seconds bigint, viewed_at timestamp, viewed_date date
);
create table fct_sessions (
    site_id varchar, visitor_key varchar, started_date date, device_class varchar,
    pageviews bigint, is_returning boolean
);
create table fct_engaged_time (referrer_class varchar, views bigint, engaged_seconds bigint);
create table api_top_posts (
    site_id varchar, period varchar, position integer, title varchar, url varchar,
    views bigint, visitors bigint, engaged_minutes bigint
);
create table trending_posts (
    site_id varchar, post_key varchar, canonical_url varchar, title varchar, state varchar,
    views bigint, expected_views double, score double
);
create table api_responses (
    endpoint varchar, site_id varchar, period varchar, sort varchar, response varchar
);
"""

# One load of one site, 1,010 lines: 1,000 loaded, 3 refused, 2 duplicates, 4 rejected, 1 blank.
# June 1: Ann in two sessions and Bob in one, 3 views, 5,400 s.
# June 2: Bob, 1 view of 600 s, and 300 s of engagement without a view.
ROWS = """
insert into ops_loads values ('1', 2, 1, 1010, 1, 4, 1000, 3, 2, '2026-06-02 22:00:30');
insert into stg_event_rejections values
    ('missing_action'), ('missing_action,unparsable_url'), ('unparsable_url,missing_action');
insert into raw.rejected_lines values
    ('broken_json', '1'), ('broken_json', '1'), ('broken_json', '1'), ('invalid_utf8', '1'),
    ('invalid_utf8', 'an unfinished load');
insert into raw.files values
    ('/events/1.jsonl', 'v', 'loaded', null, null, '1'),
    ('/events/1.jsonl', 'v', 'replayed', null, null, '1'),
    ('/events/2.jsonl.gz', 'v', 'partial', 'the stream breaks off', null, '1'),
    ('/events/3.jsonl.gz', 'v', 'partial', 'repaired since', '1', '1');
insert into dim_sites values ('a.example', 'Site A', 'America/New_York', '2026-06-02 21:04:59');
insert into dim_periods values
    ('a.example', '7d', '2026-05-26 21:04:59', '2026-06-02 21:04:59'),
    ('a.example', 'all', '2000-01-01', '2026-06-02 21:04:59');
insert into fct_pageviews values
    ('a.example', 1, 3600, '2026-06-01 12:00:00', '2026-06-01'),
    ('a.example', 1, 1800, '2026-06-01 12:10:00', '2026-06-01'),
    ('a.example', 1, 0, '2026-06-02 01:00:00', '2026-06-01'),
    ('a.example', 1, 600, '2026-06-02 20:00:00', '2026-06-02'),
    ('a.example', 0, 300, '2026-06-02 21:00:00', '2026-06-02');
insert into fct_sessions values
    ('a.example', 'ann', '2026-06-01', 'mobile', 1, false),
    ('a.example', 'ann', '2026-06-01', 'mobile', 1, true),
    ('a.example', 'bob', '2026-06-01', 'desktop', 1, false),
    ('a.example', 'bob', '2026-06-02', 'desktop', 1, true);
insert into fct_engaged_time values ('search', 3, 5400), ('direct', 1, 900);
insert into api_top_posts values
    ('a.example', '7d', 1, 'First post', 'https://a.example/1', 12345, 6789, 1011),
    ('a.example', '7d', 2, null, 'https://a.example/2', 7, 6, 5),
    ('a.example', '24h', 1, 'Of another period', 'https://a.example/3', 1, 1, 1);
insert into trending_posts values
    ('a.example', 'k1', 'https://a.example/1', 'First post', 'steady', 5, 4.25, 0.33),
    ('a.example', 'k2', 'https://a.example/2', 'Second post', 'rising', 1234, 10.0, 7.04);
insert into api_responses values
    ('analytics/posts', 'a.example', '7d', 'views', '{"success":true,"data":[]}');
"""


@dataclass(frozen=True)
class Run:
    """The exit code and output of a run of the command."""

    code: int
    out: str
    err: str

    def line(self, start: str) -> list[str]:
        """Return the words of the only line that starts with this text."""
        (line,) = [line for line in self.out.splitlines() if line.strip().startswith(start)]
        return line.split()


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """The path of a warehouse with the rows above."""
    path = tmp_path / "small.duckdb"
    change(path, TABLES, ROWS)
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Run the command, 80 columns wide, with its output piped."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("READERSHIP_WAREHOUSE", raising=False)

    def call(*arguments: str | Path) -> Run:
        capsys.readouterr()
        command = [] if arguments[:1] == ("query",) else ["report"]
        code = main([*command, *map(str, arguments)])
        printed = capsys.readouterr()
        return Run(code, printed.out, printed.err)

    return call


def change(path: Path, *scripts: str) -> None:
    """Run SQL scripts on a DuckDB file."""
    with duckdb.connect(str(path)) as connection:
        for script in scripts:
            connection.execute(script)


@pytest.fixture(name="change")
def change_fixture() -> Callable[..., None]:
    """`change` as a fixture."""
    return change
