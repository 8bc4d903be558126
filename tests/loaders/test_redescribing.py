"""User agents that an older version has described are described again."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from loaders.__main__ import main
from loaders.inspecting import RedescribeSummary, describe_again
from loaders.writing import DuckDbFile
from tests.support.loading import Load, Query, Write

PHONE = (
    "Mozilla/5.0 (Linux; Android 15; SM-A1; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/140.0.0.0 Mobile Safari/537.36 MetaIAB Facebook"
)
ROBOT = "Googlebot/2.1 (+http://www.google.com/bot.html)"
DESCRIBED = "select user_agent, os, device_type, is_bot, bot_kind from raw.user_agents order by 1"
RIGHT = [
    (ROBOT, None, "other", True, "Googlebot (search-engine)"),
    (PHONE, "Android", "mobile", False, None),
]


@pytest.fixture
def described_of_old(load: Load, write: Write, warehouse: Path) -> Path:
    """A warehouse in which an older version took a person for a robot."""
    events = [{"event_id": f"0x{n}", "user_agent": text} for n, text in enumerate((PHONE, ROBOT))]
    load(write("a.jsonl", *events))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "update raw.user_agents set device_type = 'other', is_bot = true, bot_kind = 'old' "
            "where user_agent = ?",
            [PHONE],
        )
    return warehouse


def test_user_agents_of_an_older_version_are_described_again(
    described_of_old: Path, query: Query
) -> None:
    assert query(DESCRIBED) != RIGHT
    loads = query("select * from raw._dlt_loads")
    assert describe_again(DuckDbFile(described_of_old)) == RedescribeSummary(2, 1, 1, 0)
    assert query(DESCRIBED) == RIGHT
    assert describe_again(DuckDbFile(described_of_old)) == RedescribeSummary(2, 0, 0, 0)
    assert query(DESCRIBED) == RIGHT
    assert query("select * from raw._dlt_loads") == loads


def test_the_command_says_what_changed_and_what_to_do(
    described_of_old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["describe", "--warehouse", str(described_of_old)]
    assert main(command) == 0
    assert capsys.readouterr().out == (
        "2 user agents are known; 1 are described otherwise now, 1 of them changed sides between "
        "people and robots\n`dbt build --full-refresh` applies it to the events that are stored\n"
    )
    assert main(command) == 0
    assert capsys.readouterr().out == (
        "2 user agents are known; 0 are described otherwise now, 0 of them changed sides between "
        "people and robots\n"
    )


def test_without_a_warehouse_there_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["describe", "--warehouse", str(tmp_path / "none.duckdb")]) == 1
    assert "there is no warehouse yet" in capsys.readouterr().err
