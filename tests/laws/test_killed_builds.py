"""Law 3: a build that dies after any statement is complete after the next, without transactions."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest

from readership.warehouse import RAW_SCHEMA
from tests.support.dying import deaths, steps_of_build
from tests.support.figures import Figure
from tests.support.histories import AFTER, BUILT, NEXT
from tests.support.replacements import everything, load_version
from tests.support.warehouses import Dbt, Warehouse

Rows = dict[str, list[tuple[Any, ...]]]

DATES = ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-06"]


@dataclass(frozen=True)
class History:
    """Copies of a warehouse between loads, and its rows after a full refresh.

    Attributes:
        dbt: Runs dbt.
        loaded: The first load, nothing built.
        built: The same, built.
        next: The next load as well, not built.
        after: The last load as well, not built.
        rows: The rows of the last two, fully refreshed.

    """

    dbt: Dbt
    loaded: Path
    built: Path
    next: Path
    after: Path
    rows: dict[Path, Rows]


@pytest.fixture(scope="module")
def history(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("history")
    warehouse = Warehouse(folder / "loads", dbt)
    kept: list[Path] = []
    for name, loads in {"loaded": BUILT, "built": {}, "next": NEXT, "after": AFTER}.items():
        if loads:
            load_version(warehouse, loads)
        else:
            warehouse.build()
        kept.append(copy_of(warehouse.path, folder / name, dbt).path)
    rows: dict[Path, Rows] = {}
    for file in kept[2:]:
        refreshed = copy_of(file, folder / f"{file.parent.name} refreshed", dbt)
        refreshed.build("--full-refresh")
        rows[file] = everything(refreshed)
    assert rows[kept[2]] != rows[kept[3]]
    return History(dbt, *kept, rows)


def copy_of(file: Path, folder: Path, dbt: Dbt) -> Warehouse:
    folder.mkdir(parents=True)
    shutil.copyfile(file, folder / file.name)
    return Warehouse(folder, dbt)


def bring_in_raw_rows(warehouse: Warehouse, of: Path) -> None:
    """Make the raw tables those of another warehouse, as if its loads had come."""
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute(f"attach '{of}' as other (read_only)")
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'other' "
            f"and schema_name = '{RAW_SCHEMA}'"
        ).fetchall():
            connection.execute(f"delete from {RAW_SCHEMA}.{name}")
            connection.execute(f"insert into {RAW_SCHEMA}.{name} from other.{RAW_SCHEMA}.{name}")


@dataclass(frozen=True)
class Killed:
    """A build that is killed, and what comes before the next one.

    Attributes:
        start: The warehouse before the build, by its name in the history.
        points: Names of the points that are tried without `--long`, as an expression.
        arguments: Options of `dbt build`, which the next build does not have.
        variables: Variables, which the next build does not have.
        later: Warehouses of the history whose loads come before the next build.

    """

    start: str
    points: str
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    later: tuple[str, ...] = ("next", "after")


BUILDS = {
    "a load": Killed(
        "next",
        r"base_event_rows: (update|insert into \S+base_event_rows)"
        r"|base_(page_posts|bot_visitors): (merge|delete from \S+base)"
        r"|affected_keys: insert into \S+affected_keys|int_sessions: delete from \S+int_sessions"
        r"|fct_engaged_time: insert into \S+fct_engaged_time",
    ),
    "the first load": Killed("loaded", r"int_sessions: create", later=("next",)),
    "a full refresh": Killed(
        "next",
        r"base_event_rows: delete from \S+processed_loads|int_pageviews: alter \S+ \S+pageviews\"",
        ("--full-refresh",),
    ),
    "days": Killed(
        "built",
        r"base_event_rows: merge|int_sessions: delete from \S+int_sessions",
        variables={"rebuild_dates": DATES},
    ),
}


@pytest.mark.apart
@pytest.mark.parametrize("build", BUILDS)
def test_a_build_killed_anywhere_is_complete_after_the_next(
    history: History, tmp_path: Path, is_long: bool, build: str, figure: Figure
) -> None:
    """Takes over 20 s, and over an hour with `--long`: a build for every point."""
    killed = BUILDS[build]
    start = copy_of(getattr(history, killed.start), tmp_path / "start", history.dbt)
    is_claimed = True
    if killed.variables:
        # Only the first claim tells the next build of the days; wrong rows tell whether it knows.
        is_claimed = False
        start.execute("update base_event_rows set device_class = 'tablet'")
        start.execute("update int_pageviews set engaged_seconds = 1")
    steps = steps_of_build(start, *killed.arguments, **killed.variables)
    tried = 0
    for number, (name, file) in enumerate(deaths(start.path, steps, tmp_path / "dying")):
        is_claimed = is_claimed or name.startswith("base_event_rows")
        if not is_claimed or not (is_long or re.match(killed.points, name, re.I)):
            continue
        for later in killed.later if is_long else [killed.later[tried % len(killed.later)]]:
            print(f"{build}: killed at point {number}, after {name}; then loads of {later}")
            loads = getattr(history, later)
            with TemporaryDirectory(dir=tmp_path) as folder:
                again = copy_of(file, Path(folder) / "again", history.dbt)
                bring_in_raw_rows(again, loads)
                again.build()
                assert_complete(again, history.rows[loads], with_views=tried % 10 == 0)
        tried += 1
    print(f"{build}: killed at {tried} of {number + 1} points")
    figure(f"kills_of_builds_of_{build.replace(' ', '_')}", tried, "kills", 1)


def assert_complete(warehouse: Warehouse, expected: Rows, *, with_views: bool) -> None:
    """Compare all rows with those of a full refresh, and look at the claims.

    Views but those on the tables for builds follow from the tables that are compared.
    """
    names = set(expected)
    if not with_views:
        views = "select view_name from duckdb_views() where not internal"
        names -= {name for (name,) in warehouse.rows(views) if not name.startswith("stg_")}
    for name, rows in warehouse.ordered(*sorted(names)).items():
        assert rows == expected[name], name
    assert warehouse.rows("select * from claimed_loads") == []
    assert (
        warehouse.one("select count(*) - count(distinct (model, load_id)) from processed_loads")
        == 0
    )
