"""Rounds of loading, building and publishing, by `readership run` and `readership follow`."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.contracts.graph.manifest import Manifest

import loaders
from readership.builder import Built, Dbt, Progress, ResidentProject
from readership.builder.command_line import main as build_command
from readership.builder.last_build import WholeBuild
from readership.errors import UserError
from readership.rounds import Rounds
from readership.rounds.command_line import main
from readership.service.snapshots import current_snapshot, snapshot_folder
from tests.support import warehouses
from tests.support.clocks import Clock, needs_clock
from tests.support.events import event, heartbeat, without_session
from tests.support.figures import Figure
from tests.support.killed_loads import die_at, points
from tests.support.quick_dbt import copied, quick_dbt
from tests.support.replacements import assert_equal_to_a_full_refresh
from tests.support.warehouses import ROOT, Warehouse

VIEW = event("ada", "2026-03-02 10:00:00", metadata_title="One")
BEAT = heartbeat("ada", "2026-03-02 10:00:20", 20)
BOB = without_session(event("bob", "2026-03-02 11:00:00"))
LATE = without_session(event("bob", "2026-03-01 23:00:00", path="/late"))
CLEO = event("cleo", "2026-03-02 12:00:00", path="/c", pageview_id="p2")
DORA = event("dora", "2026-03-03 12:00:00", path="/c", metadata_title="Two")

BREAK = "insert into processed_loads (model, load_id) values ('none', 'one'), ('none', 'one')"
MEND = "delete from processed_loads where model = 'none'"
RULE = "columns_hold_processed_loads"
# The command, with sleeps that libfaketime 0.9.10 does not spoil: it takes the steady clock of
# Python's own for the one that jumps, and lets them last for hours or fail.
WITH_WAITS = """
import sys, threading, time
time.sleep = lambda seconds: threading.Event().wait(seconds)
from readership.command_line import main
sys.exit(main(sys.argv[1:]))
"""


@dataclass
class Site:
    """A folder with event files, a warehouse and dbt's files.

    Attributes:
        folder: The folder.
        monkeypatch: Sets the environment of commands.

    """

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        """Let dbt and the commands use the folder."""
        self.inbox.mkdir(parents=True, exist_ok=True)
        for name, place in (
            ("READERSHIP_WAREHOUSE", self.warehouse),
            ("DBT_TARGET_PATH", self.folder / "target"),
            ("DBT_LOG_PATH", self.folder / "target"),
        ):
            self.monkeypatch.setenv(name, str(place))
        self.monkeypatch.chdir(ROOT)

    @property
    def inbox(self) -> Path:
        """The folder of the event files."""
        return self.folder / "inbox"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.folder / "warehouse.duckdb"

    def add(self, name: str, events: Iterable[dict[str, Any]]) -> None:
        """Let an event file appear, or replace one, at once."""
        hidden = self.folder / "part"
        hidden.write_text("".join(f"{json.dumps(record)}\n" for record in events))
        hidden.rename(self.inbox / name)

    def rounds(self, *, publishes: bool = True) -> Rounds:
        """Return the rounds of a new process."""
        return Rounds(
            loaders.LoadRequest((str(self.inbox),)),
            loaders.DuckDbFile(self.warehouse),
            self.warehouse,
            ResidentProject(Progress(sys.stderr), self.warehouse),
            hours=24,
            publishes=publishes,
            progress=loaders.Progress,
        )

    @property
    def record(self) -> Path:
        """The file that tells of the last build of everything."""
        return self.folder / "target" / "last_build.json"

    def execute(self, statement: str) -> None:
        """Execute a statement in the warehouse."""
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute(statement)

    def build(self, *options: str) -> int:
        """Run `readership build` in this process, and return its exit code."""
        try:
            return build_command(list(options))
        finally:
            # dbt keeps the file open for the life of the process.
            DuckDBConnectionManager.close_all_connections()

    @contextmanager
    def command(
        self, *arguments: str, program: tuple[str, ...] = ("-m", "readership")
    ) -> Iterator[subprocess.Popen[str]]:
        """Run a command, or a program that calls it; it is killed when the block ends."""
        with subprocess.Popen(
            [sys.executable, *program, *arguments],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                process.kill()


@contextmanager
def counted_dbt_runs() -> Iterator[list[str]]:
    """Note the commands that dbt has to run."""
    commands: list[str] = []
    original = Dbt.build

    def build(self: Dbt, *arguments: str, **options: Any) -> Built:  # noqa: ANN401
        commands.append(arguments[0])
        return original(self, *arguments, **options)

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Dbt, "build", build)
        yield commands


def without_dbt(monkeypatch: pytest.MonkeyPatch, manifest: Manifest, built: Built) -> None:
    """Let every build have this result at once."""

    def parse(self: Dbt) -> None:
        self.manifest = manifest

    monkeypatch.setattr(Dbt, "parse", parse)
    monkeypatch.setattr(Dbt, "build", lambda *_, **__: built)
    monkeypatch.setattr(Dbt, "__call__", lambda *_: None)


@pytest.fixture(scope="module", autouse=True)
def one_parse() -> Iterator[None]:
    """Parse the project once for the rounds in this process, and spare dbt what has no effect."""
    parsed: list[Manifest] = []
    original = Dbt.parse

    def parse(self: Dbt) -> None:
        if not parsed:
            original(self)
            assert self.manifest is not None
            # As `ResidentProject` does, which copies it, too.
            self.manifest.selectors, self.manifest.disabled = {}, {}
            parsed.append(self.manifest)
        self.manifest = copied(parsed[0])

    with pytest.MonkeyPatch.context() as monkeypatch, quick_dbt():
        monkeypatch.setattr(Dbt, "parse", parse)
        yield


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site after three rounds; read only."""
    with pytest.MonkeyPatch.context() as monkeypatch, counted_dbt_runs() as commands:
        site = Site(tmp_path_factory.mktemp("followed"), monkeypatch)
        rounds = site.rounds()
        site.add("1.jsonl", [VIEW, BOB])
        done = rounds.next()
        assert done.is_whole
        assert done.loaded is not None
        assert done.loaded.events == 2
        assert done.built is not None
        assert done.built.done["test"] > 100
        assert done.published is not None
        assert commands == ["build"]
        # The statements of what a new load changes are recorded now, and are replayed from here on.
        for name, expected in (("2.jsonl", ["build", "run"]), ("3.jsonl", ["build", "run"])):
            site.add(name, [event("eve", f"2026-03-03 1{name[0]}:00:00")])
            assert not rounds.next().is_whole
            assert commands == expected
    return site


@pytest.fixture
def site(followed: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A copy of the site, with an empty folder for files."""
    shutil.copytree(followed.folder, tmp_path / "site")
    copy = Site(tmp_path / "site", monkeypatch)
    # The ledger knows files by their paths.
    shutil.rmtree(copy.inbox)
    copy.inbox.mkdir()
    last = WholeBuild.read(copy.record)
    assert last is not None
    replace(last, warehouse=str(copy.warehouse)).write(copy.record)
    return copy


def test_rounds_end_in_the_rows_of_a_full_refresh_without_dbt(
    site: Site, dbt: warehouses.Dbt
) -> None:
    rounds = site.rounds()
    with counted_dbt_runs() as commands:
        for name, events in (
            ("2.jsonl", [BEAT, CLEO]),
            ("3.jsonl", [DORA]),
            ("4.jsonl", [LATE, CLEO]),
            ("3.jsonl", [DORA, event("finn", "2026-03-03 13:00:00")]),
        ):
            site.add(name, events)
            done = rounds.next()
            assert done.loaded is not None
            assert done.published is not None
            assert not done.is_whole
        assert not rounds.next().has_work
    assert commands == []
    warehouse = Warehouse(site.folder, dbt)
    assert warehouse.one("select count(*) from fct_pageviews") == 8
    # Two tables about posts are left to builds of everything.
    warehouse.build("--select", "int_post_words", "int_related_posts")
    assert_equal_to_a_full_refresh(warehouse)


def test_follow_killed_at_any_moment_ends_in_the_rows_of_a_full_refresh(
    site: Site, dbt: warehouses.Dbt
) -> None:
    """Takes over 20 s: several processes are started and killed."""
    moments = random.Random(3)
    for number, records in enumerate([[BEAT, CLEO], [DORA], [LATE, CLEO], [VIEW]]):
        site.add(f"{number}.jsonl", records)
        with site.command("follow", str(site.inbox), "--every", "0.2"):
            time.sleep(moments.uniform(2, 6))
    with site.command("run", str(site.inbox)) as process:
        output, _ = process.communicate()
    assert process.returncode == 0, output
    warehouse = Warehouse(site.folder, dbt)
    assert warehouse.one("select count(*) from fct_pageviews") == 7
    warehouse.build("--select", "int_post_words", "int_related_posts")
    assert_equal_to_a_full_refresh(warehouse)


def test_a_round_killed_at_any_call_is_completed_by_the_next(
    site: Site, dbt: warehouses.Dbt, is_long: bool, figure: Figure
) -> None:
    """Only with `--long`: each kill takes some ten seconds."""
    if not is_long:
        pytest.skip("only with --long: rounds are killed at 60 points")
    site.add("counted.jsonl", [event("count", "2026-03-02 14:00:00")])
    lived = die_at(0, ["run", str(site.inbox)])
    assert lived.returncode == 0, lived.stderr
    calls = int(lived.stderr.split()[-1])
    kills = list(points(60))
    for number, at in enumerate(kills):
        site.add(f"{number}.jsonl", [event(f"v{number}", f"2026-03-02 15:{number:02}:00")])
        follow = ["follow", str(site.inbox), "--every", "0.2"]
        assert die_at(int(at * calls), follow).returncode == -9
    with site.command("run", str(site.inbox)) as process:
        output, _ = process.communicate()
    assert process.returncode == 0, output
    warehouse = Warehouse(site.folder, dbt)
    assert warehouse.one("select count(distinct visitor_key) from fct_pageviews") >= len(kills)
    warehouse.build("--select", "int_post_words", "int_related_posts")
    assert_equal_to_a_full_refresh(warehouse)
    figure("kills_of_follow", len(kills), "kills", 60)


@needs_clock
def test_follow_goes_on_whatever_the_clock_does(
    site: Site, dbt: warehouses.Dbt, is_long: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only with `--long`: a day on, everything is built."""
    if not is_long:
        pytest.skip("only with --long: everything is built")
    clock = Clock(site.folder / "clock")
    clock.set("+0")
    with monkeypatch.context() as context:
        for name, value in clock.environment.items():
            context.setenv(name, value)
        arguments = ("follow", str(site.inbox), "--every", "0.2")
        with site.command(*arguments, program=("-c", WITH_WAITS)) as process:
            assert process.stdout is not None
            lines = []
            for number, offset in enumerate(("+0", "-2h", "+3d", "-400d", "+0")):
                clock.set(offset)
                time.sleep(1.5)
                site.add(f"{number}.jsonl", [event(f"v{number}", f"2026-03-02 1{number}:00:00")])
                while " loaded, " not in (line := process.stdout.readline()):
                    lines.append(line)
                lines.append(line)
                assert ", snapshot " in line, lines
            process.terminate()
            process.communicate()
    warehouse = Warehouse(site.folder, dbt)
    assert warehouse.one("select count(*) from fct_pageviews") == 9
    warehouse.build("--select", "int_post_words", "int_related_posts")
    assert_equal_to_a_full_refresh(warehouse)


def test_three_of_follow_at_once_load_and_build_nothing_twice(
    site: Site, dbt: warehouses.Dbt, is_long: bool
) -> None:
    """Only with `--long`: three processes share the cores."""
    if not is_long:
        pytest.skip("only with --long: three processes follow one folder")
    arguments = ("follow", str(site.inbox), "--every", "0.2")
    with (
        site.command(*arguments) as one,
        site.command(*arguments) as two,
        site.command(*arguments) as three,
    ):
        for number in range(6):
            time.sleep(3)
            site.add(f"{number}.jsonl", [event(f"v{number}", f"2026-03-02 1{number}:00:00")])
        time.sleep(3)
        for process in (one, two, three):
            process.terminate()
            output, _ = process.communicate()
            assert (process.returncode, "Traceback" in output) == (0, False), output
    with site.command("run", str(site.inbox)) as process:
        output, _ = process.communicate()
    assert process.returncode == 0, output
    warehouse = Warehouse(site.folder, dbt)
    assert warehouse.one("select count(*) from fct_pageviews") == 10
    warehouse.build("--select", "int_post_words", "int_related_posts")
    assert_equal_to_a_full_refresh(warehouse)


def test_follow_stops_on_sigterm_with_exit_code_0(site: Site) -> None:
    site.add("2.jsonl", [BEAT])
    with site.command("follow", str(site.inbox), "--every", "1s") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        while "building" in line:
            line = process.stdout.readline()
        assert "  1 file with 1 event loaded, changes built, snapshot " in line
        process.terminate()
        rest, _ = process.communicate()
    assert rest == "readership follow: stopped: the next one takes up what this one left\n"
    assert process.returncode == 0


def test_a_step_that_failed_is_repeated_and_the_steps_before_it_are_not(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = site.rounds()
    site.add("2.jsonl", [BEAT])

    def fails(_: Path) -> None:
        raise UserError("the snapshot cannot be written", "a disk", "free space on its disk")

    with monkeypatch.context() as context:
        context.setattr("readership.rounds.round.publish", fails)
        with pytest.raises(UserError, match="free space"):
            rounds.next()
    done = rounds.next()
    assert (done.loaded, done.built) == (None, None)
    assert done.published == current_snapshot(snapshot_folder(site.warehouse))


def test_a_build_that_failed_is_not_replayed(site: Site) -> None:
    rounds = site.rounds(publishes=False)
    site.add("2.jsonl", [CLEO])
    site.execute("alter table int_pageviews rename column views to looks")
    with pytest.raises(UserError, match=r"^1 node failed: "):
        rounds.next()
    assert list((site.folder / "target" / "recordings").iterdir()) == []
    site.execute("alter table int_pageviews rename column looks to views")
    rounds.next()
    with duckdb.connect(str(site.warehouse), read_only=True) as connection:
        # dbt had left out the sessions, which are built from pageviews.
        assert connection.execute("select count(*) from fct_sessions").fetchall() == [(4,)]


def test_what_readership_build_has_built_is_not_built_again(site: Site) -> None:
    """Takes over 20 s: everything is built."""
    site.record.unlink()
    assert ResidentProject(Progress(sys.stderr), site.warehouse).needs_whole_build(24)
    assert site.build() == 0
    site.add("2.jsonl", [BEAT])
    with counted_dbt_runs() as commands:
        done = site.rounds().next()
    assert (done.is_whole, commands) == (False, [])
    assert done.published is not None


@pytest.mark.parametrize(
    ("options", "built", "is_recorded"),
    [
        ([], Built(), True),
        (["--full-refresh"], Built(), True),
        ([], Built(broken=1), False),
        ([], Built(broken=1, failed_tests=["a_test"]), False),
        (["--select", "sites"], Built(), False),
        (["--vars", "{count_bots: true}"], Built(), False),
        (["--warehouse", "other.duckdb"], Built(), False),
    ],
)
def test_readership_build_records_only_what_a_round_would_have_built(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    manifest: Manifest,
    options: list[str],
    built: Built,
    is_recorded: bool,
) -> None:
    site.record.unlink()
    other = site.folder / "other.duckdb"
    other.touch()
    without_dbt(monkeypatch, manifest, built)
    site.build(*(str(other) if option == other.name else option for option in options))
    project = ResidentProject(Progress(sys.stderr), site.warehouse)
    assert project.needs_whole_build(24) is not is_recorded
    if other.name not in options:
        assert site.record.exists() is is_recorded


def test_a_data_test_that_fails_in_readership_build_keeps_rounds_from_publishing(
    site: Site, monkeypatch: pytest.MonkeyPatch, manifest: Manifest
) -> None:
    site.execute(BREAK)
    assert site.build("--select", RULE) == 1
    rounds = site.rounds()
    site.add("2.jsonl", [BEAT])
    done = rounds.next()
    assert (done.failed_tests, done.published) == ((RULE,), None)
    # Once it passes in a build of everything by hand, rounds that wait for it publish.
    site.execute(MEND)
    without_dbt(monkeypatch, manifest, Built())
    assert site.build() == 0
    done = rounds.next()
    assert (done.built, done.failed_tests) == (None, ())
    assert done.published is not None


def test_rounds_go_on_and_publish_nothing_until_a_failed_data_test_passes(
    site: Site, dbt: warehouses.Dbt
) -> None:
    """Takes over 20 s: everything is built."""
    rounds = site.rounds()
    site.execute(BREAK)
    site.add("2.jsonl", [BEAT, CLEO])
    done = rounds.next(is_whole=True)
    assert done.built is not None
    assert (done.built.broken, done.built.failed_tests, done.built.skipped) == (1, [RULE], [])
    assert (done.failed_tests, done.published) == ((RULE,), None)
    with counted_dbt_runs() as commands:
        assert not rounds.next().has_work
        site.add("3.jsonl", [DORA])
        done = rounds.next()
        assert (done.is_whole, done.failed_tests, done.published) == (False, (RULE,), None)
        # Nor does a new process.
        assert site.rounds().next().published is None
        site.execute(MEND)
        site.add("4.jsonl", [LATE])
        done = rounds.next()
        assert (done.is_whole, done.failed_tests) == (False, ())
        assert done.published is not None
    assert "build" not in commands
    warehouse = Warehouse(site.folder, dbt)
    assert warehouse.one("select count(*) from fct_pageviews") == 7
    warehouse.build("--select", "int_post_words", "int_related_posts")
    assert_equal_to_a_full_refresh(warehouse)


def test_a_load_by_another_process_is_built_too(site: Site) -> None:
    site.add("2.jsonl", [BEAT])
    rounds = site.rounds(publishes=False)
    rounds.next()
    assert not rounds.next().has_work
    other = site.folder / "other.jsonl"
    other.write_text(json.dumps(DORA))
    loaders.load(
        loaders.LoadRequest((str(other),)), loaders.DuckDbFile(site.warehouse), loaders.Progress()
    )
    done = rounds.next()
    assert (done.loaded, done.is_whole, done.published) == (None, False, None)
    assert done.built is not None


def test_erase_takes_visitors_out_of_all_tables_and_of_the_snapshot(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """Takes over 20 s: everything is built again."""
    before = current_snapshot(snapshot_folder(site.warehouse))
    with duckdb.connect(str(site.warehouse)) as connection:
        connection.execute("create schema privacy")
        connection.execute(
            "create table privacy.requests as "
            "select cast(null as varchar) as site_id, 'bob' as visitor_site_id"
        )
    assert main(["erase", "--requests", "privacy.requests"]) == 0
    after = current_snapshot(snapshot_folder(site.warehouse))
    assert after is not None
    assert after != before
    out = capsys.readouterr().out
    assert out == f"everything was built without the visitors; snapshot {after.id} published\n"
    for file in (site.warehouse, after.files[0].path):
        with duckdb.connect(str(file), read_only=True) as connection:
            found = connection.execute("select distinct visitor_site_id from dim_visitors")
            assert ("bob",) not in found.fetchall()
            assert connection.execute("select count(*) from int_session_spans").fetchall() == [(2,)]


def test_follow_waits_for_the_first_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path / "new", monkeypatch)
    with site.command("follow", str(site.inbox), "--every", "0.1") as process:
        assert process.stdout is not None
        assert process.stdout.readline().endswith(f"  waiting for event files in {site.inbox}\n")
        time.sleep(1)
        process.terminate()
        output, _ = process.communicate()
    assert output == "readership follow: stopped: the next one takes up what this one left\n"
    assert not site.warehouse.exists()


def test_recordings_of_a_changed_project_are_removed(site: Site) -> None:
    folder = site.folder / "target" / "recordings"
    (folder / "older").mkdir()
    site.add("2.jsonl", [BEAT])
    site.rounds(publishes=False).next()
    assert [len(found.name) for found in folder.iterdir()] == [64]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, False),
        ({"project": "another"}, True),
        ({"warehouse": "another"}, True),
        ({"finished_at": -25 * 3600.0}, True),
        # The clock was wrong then, or is now.
        ({"finished_at": 25 * 3600.0}, True),
        ({"finished_at": 1.0}, False),
    ],
)
def test_everything_is_built_when_the_project_or_the_day_has_changed(
    site: Site, change: dict[str, Any], expected: bool
) -> None:
    file = site.record
    values = json.loads(file.read_text())
    if "finished_at" in change:
        change = {"finished_at": values["finished_at"] + change["finished_at"]}
    file.write_text(json.dumps(values | change))
    project = ResidentProject(Progress(sys.stderr), site.warehouse)
    assert project.needs_whole_build(24) == expected
    assert project.needs_whole_build(0) == (expected and "finished_at" not in change)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"project": 1, "more": 2}'])
def test_everything_is_built_when_the_last_build_is_not_known(site: Site, content: str) -> None:
    site.record.write_text(content)
    assert ResidentProject(Progress(sys.stderr), site.warehouse).needs_whole_build(0)


def test_the_file_of_the_warehouse_keeps_its_storage_version(site: Site) -> None:
    def version() -> bytes:
        return site.warehouse.read_bytes()[:20]

    before = version()
    site.add("2.jsonl", [BEAT, CLEO])
    site.rounds(publishes=False).next()
    site.add("3.jsonl", [DORA])
    site.rounds(publishes=False).next()
    assert version() == before
