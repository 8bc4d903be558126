"""A small warehouse with the tables and columns that an audience is read from."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from readership.command_line import main

# The newest event is of June 30, 12:00. Ann and Bob read Politics, Ann three times, Cyd Sports; Dee
# has no section. `ann` of the other site is another visitor. The last has an id that many share.
TABLES = """
create table dim_sites as select * from (values
    ('a.example', timestamp '2026-06-30 12:00:00'), ('b.example', timestamp '2026-06-01 00:00:00')
) as rows (site_id, as_of_at);
create table dim_visitors as select
    cast(key || '0000000-0000-0000-0000-000000000000' as uuid) as visitor_key,
    site_id, visitor_site_id, session_tier, rolling_session_tier, last_seen_at
from (values
    ('1', 'a.example', 'ann', '5+', '5+', timestamp '2026-06-30 12:00:00'),
    ('2', 'a.example', 'bob', '5+', '1', timestamp '2026-06-23 12:00:01'),
    ('3', 'a.example', 'cyd', '2-4', 'silent', timestamp '2026-06-23 12:00:00'),
    ('4', 'a.example', 'dee', '1', 'silent', timestamp '2026-03-01 00:00:00'),
    ('5', 'b.example', 'ann', '5+', '5+', timestamp '2026-06-01 00:00:00'),
    ('6', 'a.example', null, '5+', '5+', timestamp '2026-06-30 11:00:00')
) as rows (key, site_id, visitor_site_id, session_tier, rolling_session_tier, last_seen_at);
create table dim_posts as select * from (values
    (1, 'a.example', 'Politics'), (2, 'a.example', 'Sports'), (3, 'a.example', null),
    (4, 'b.example', 'Culture')
) as rows (post_key, site_id, section);
create table fct_pageviews as select
    cast(key || '0000000-0000-0000-0000-000000000000' as uuid) as visitor_key,
    post_key, views, extra_data, viewed_at
from (values
    ('1', 1, 1, '{"marketing": true}', timestamp '2026-06-01 00:00:00'),
    ('1', 1, 1, '{"marketing": false}', timestamp '2026-06-02 00:00:00'),
    ('1', 1, 1, '{}', timestamp '2026-06-03 00:00:00'),
    ('2', 1, 1, '{"marketing": true}', timestamp '2026-06-01 00:00:00'),
    ('2', 1, 0, 'no json', timestamp '2026-06-02 00:00:00'),
    ('3', 2, 1, '{"marketing": false}', timestamp '2026-06-01 00:00:00'),
    ('4', 3, 1, null, timestamp '2026-03-01 00:00:00'),
    ('5', 4, 1, '{"marketing": "true"}', timestamp '2026-06-01 00:00:00'),
    ('5', 4, 1, '{"marketing": "maybe"}', timestamp '2026-06-01 00:00:00')
) as rows (key, post_key, views, extra_data, viewed_at);
create table fct_custom_events as select
    cast('30000000-0000-0000-0000-000000000000' as uuid) as visitor_key,
    '{"marketing": "true"}' as extra_data, timestamp '2026-06-02 00:00:00' as occurred_at;
create table fct_sessions as select
    cast(key || '0000000-0000-0000-0000-000000000000' as uuid) as visitor_key,
    site_id, segment, session_in_visitor
from (values
    ('1', 'a.example', 'trial', 1), ('1', 'a.example', 'premium', 2),
    ('2', 'a.example', 'premium', 1), ('2', 'a.example', 'trial', 2),
    ('3', 'a.example', null, 1)
) as rows (key, site_id, segment, session_in_visitor);
"""


@dataclass(frozen=True)
class Run:
    """The exit code and output of a run of the command, and the rows of its file."""

    code: int
    out: str
    err: str
    rows: list[dict[str, str]]

    @property
    def visitors(self) -> list[str]:
        """Site (its first letter) and visitor of each row."""
        return [f"{row['site_id'][0]} {row['visitor_site_id']}" for row in self.rows]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of a warehouse with the rows above; read only."""
    path = tmp_path_factory.mktemp("audience") / "small.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
    return path


@pytest.fixture
def warehouse(made: Path, tmp_path: Path) -> Path:
    """The path of a copy, for one test."""
    return Path(shutil.copy(made, tmp_path))


@pytest.fixture
def run(warehouse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Run the command with rules, and options that begin with `--`; consent is not asked for."""

    def call(*arguments: str, out: str = "audience.csv") -> Run:
        rules = [a for a in arguments if not a.startswith("--")]
        options = [a for a in arguments if a.startswith("--")]
        if not any("consent" in option for option in options):
            options.append("--without-consent-list")
        named = [part for rule in rules for part in ("--rule", rule)]
        file = tmp_path / out
        capsys.readouterr()
        code = main(
            ["audience", "--warehouse", str(warehouse), "--out", str(file), *named, *options]
        )
        printed = capsys.readouterr()
        rows = []
        if file.suffix == ".csv" and file.exists():
            with file.open(newline="") as stream:
                rows = list(csv.DictReader(stream))
        return Run(code, printed.out, printed.err, rows)

    return call
