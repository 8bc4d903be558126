"""The service on PostgreSQL: its rights, the rows that a call sees, and a server that is gone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
import requests

from readership.command_line import main
from readership.service.answering import serving
from readership.service.postgresql import Database
from readership.service.sources import OutdatedError, QueryError
from readership.service.warehouses import PostgresAddress, chosen_warehouse
from tests.support.reader_role import READER, url_of
from tests.support.serving import SECRET, Service, command, keys_of, running, sent, wait_until
from tests.support.warehouses import PostgresWarehouse

pytestmark = pytest.mark.both_engines

POSTS = "/analytics/posts"
SITE = "news.example.com"


@pytest.fixture
def live(address: PostgresAddress) -> Iterator[Service]:
    """A service that looks for changes often."""
    with running(Database(address, 10), SITE, keys_of(SITE)) as service:
        yield service


def test_the_service_reads_only(
    address: PostgresAddress, published: PostgresWarehouse, live: Service
) -> None:
    with psycopg2.connect(**address.parameters) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from readership.dim_sites")
        for statement in (
            "insert into readership.dim_sites select * from readership.dim_sites",
            "update readership_answers.changes set changes = 0",
            "create table readership.other (x int)",
            "create function readership_answers.other() returns int language sql as 'select 1'",
            "select * from raw.events",
        ):
            connection.rollback()
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
    connection.close()
    # Its transactions refuse to write, whatever the role may do.
    owner = chosen_warehouse(published.server.url(published.database))
    assert isinstance(owner, PostgresAddress)
    source = Database(owner, 10).newest(None)
    with (
        pytest.raises(QueryError, match="read-only transaction"),
        source.reading() as cursor,
    ):
        cursor.execute("delete from readership.dim_sites")


def versions(warehouse: PostgresWarehouse, *statements: str) -> list[str]:
    """Return the version of the rows before and after each statement."""
    ask = 'select version from "readership_answers".version()'
    found = [str(warehouse.one(ask))]
    for statement in statements:
        warehouse.execute(statement)
        found.append(str(warehouse.one(ask)))
    return found


def changes(found: list[str]) -> list[bool]:
    """Return whether each version differs from the one before it."""
    return [one != other for one, other in pairwise(found)]


def test_every_change_of_rows_that_answers_read_changes_their_version(
    published: PostgresWarehouse,
) -> None:
    view = f"create or replace view dim_visitors as {definition(published, 'dim_visitors')}"
    expected = {
        "update dim_posts set title = title where is_post": True,
        "create table kept as select * from int_post_words": False,
        "delete from int_post_words where word < 'm'": True,
        "insert into int_post_words select * from kept where word < 'm'": True,
        "truncate int_post_words": True,
        "insert into int_post_words select * from kept": True,
        # As what is applied from another server.
        "set session_replication_role = replica; delete from int_post_words where false": True,
        view: False,
        f"{view} limit 9": True,
        f"{view} ": True,
        # Answers do not read these, and a change that is rolled back is none.
        "drop table kept": False,
        "begin; delete from dim_posts; rollback": False,
        "create table other (x int); insert into other values (1); drop table other": False,
    }
    found = versions(published, *expected)
    assert dict(zip(expected, changes(found), strict=True)) == expected
    assert found[-1] == found[8]


def definition(warehouse: PostgresWarehouse, view: str) -> str:
    return str(warehouse.one(f"select rtrim(pg_get_viewdef('{view}'::regclass), ';')"))


def test_a_table_created_anew_is_watched_until_answers_are_published(
    published: PostgresWarehouse,
) -> None:
    before = versions(
        published,
        "alter table int_post_addresses rename to was; "
        "create table int_post_addresses as select * from was; "
        f"grant select on int_post_addresses to {READER}; drop table was",
        "select 1",
        "create table other (x int)",
        "drop table other",
    )
    # Without its trigger, any transaction that writes may have changed it.
    assert changes(before) == [True, False, True, True]
    published.run_dbt("run-operation", "publish_answers")
    after = versions(
        published,
        "create table other (x int); drop table other",
        "delete from int_post_addresses where false",
    )
    assert changes(after) == [False, True]


def test_published_again_the_answers_are_of_the_same_version(published: PostgresWarehouse) -> None:
    before = versions(published)
    # Functions with other parameters, as of another version of the project.
    published.execute(
        "create function readership_answers.search(requested_site int) returns int "
        "language sql as 'select 1'"
    )
    published.run_dbt("run-operation", "publish_answers")
    assert versions(published) == before
    assert published.rows(
        "select count(*) from pg_proc where proname = 'search' "
        "and pronamespace = 'readership_answers'::regnamespace"
    ) == [(1,)]


def test_answers_are_kept_until_rows_change(live: Service, published: PostgresWarehouse) -> None:
    first = live.get(POSTS)
    assert first.ok
    again = live.client.get(first.url, headers={"If-None-Match": first.headers["etag"]}, timeout=30)
    assert again.status_code == 304
    source = live.serving.source
    published.execute("update dim_posts set title = title || '!'")
    try:
        # No poll is waited for: the next call finds out by itself.
        changed = live.get(POSTS, limit=11)
        assert all(row["title"].endswith("!") for row in changed.json()["data"])
        assert live.serving.source is not source
    finally:
        published.execute("update dim_posts set title = left(title, -1)")
    wait_until(lambda: live.get(POSTS).content == first.content)
    assert live.get(POSTS).headers["etag"] != first.headers["etag"]


def test_a_call_sees_the_rows_of_one_moment(
    address: PostgresAddress, published: PostgresWarehouse
) -> None:
    database = Database(address, 10)
    source = database.newest(None)
    count = "select count(*) from readership.int_post_words"
    with source.reading() as cursor:
        before = cursor.execute(count).fetchone()
        published.execute("create table kept as select * from int_post_words")
        published.execute("delete from int_post_words")
        assert cursor.execute(count).fetchone() == before != (0,)
    with pytest.raises(OutdatedError), source.reading():
        pass
    published.execute("insert into int_post_words select * from kept")
    source = database.newest(source)
    # A truncated table looks empty to a transaction that began before.
    reading = source.reading()
    cursor = reading.__enter__()
    published.execute("truncate int_post_words; insert into int_post_words select * from kept")
    assert cursor.execute(count).fetchone() == (0,)
    with pytest.raises(OutdatedError):
        reading.__exit__(None, None, None)
    published.execute("drop table kept")
    database.close()


def test_calls_while_a_table_is_filled_anew_have_the_same_answers(
    address: PostgresAddress, published: PostgresWarehouse
) -> None:
    words = {"q": "the", "limit": 20}
    stopped: list[bool] = []

    rounds: list[int] = []

    def refill() -> None:
        while not stopped:
            published.execute(
                "begin; create temporary table kept as select * from int_post_words; "
                "truncate int_post_words; insert into int_post_words select * from kept; commit"
            )
            rounds.append(1)
            time.sleep(0.1)

    with (
        running(Database(address, 10), SITE, keys_of(SITE), cache_bytes=0) as service,
        ThreadPoolExecutor(1) as thread,
    ):
        expected = service.get("/search", **words).content
        refilling = thread.submit(refill)
        found = []
        try:
            while len(found) < 40 or len(rounds) < 4:
                found.append(service.get("/search", **words))
        finally:
            stopped.append(True)
        refilling.result()
    answered = [one.content for one in found if one.json()["success"]]
    assert set(answered) == {expected}
    assert len(answered) > 30


def sleeping(warehouse: PostgresWarehouse) -> list[int]:
    """Return the process ids of sessions of the service that run the slow query."""
    return [
        pid
        for (pid,) in warehouse.rows(
            "select pid from pg_stat_activity where state = 'active' "
            "and application_name = 'readership serve' and query like '%pg_sleep%'"
        )
    ]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = serving.answer

    def sleep(source: Any, cursor: Any, query: Any, counter: Any) -> Any:  # noqa: ANN401
        if query.limit == 7:
            cursor.execute("select pg_sleep(60)")
        return answer(source, cursor, query, counter)

    monkeypatch.setattr(serving, "answer", sleep)


@pytest.mark.usefixtures("slow")
def test_a_query_ends_with_the_time_of_its_call_or_with_its_client(
    address: PostgresAddress, published: PostgresWarehouse
) -> None:
    with running(Database(address, 1), SITE, keys_of(SITE), seconds=1) as service:
        started = time.monotonic()
        assert service.get(POSTS, limit=7).json()["code"] == 504
        assert time.monotonic() - started < 4
        assert sleeping(published) == []
    with running(Database(address, 60), SITE, keys_of(SITE), seconds=60) as service:
        path = f"/v2{POSTS}?apikey={SITE}&secret={quote(SECRET)}&limit=7"
        gone = sent(service, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: sleeping(published))
        gone.close()
        wait_until(lambda: sleeping(published) == [])
        assert service.get(POSTS, limit=6).json()["success"]


@pytest.mark.usefixtures("slow")
def test_a_server_that_hangs_is_hung_up_on(
    address: PostgresAddress, published: PostgresWarehouse
) -> None:
    with (
        running(Database(address, 60), SITE, keys_of(SITE), seconds=1.5) as service,
        ThreadPoolExecutor(1) as thread,
    ):
        started = time.monotonic()
        call = thread.submit(service.get, POSTS, limit=7)
        wait_until(lambda: sleeping(published))
        (pid,) = sleeping(published)
        os.kill(pid, signal.SIGSTOP)
        try:
            assert call.result().json()["code"] == 504
            assert time.monotonic() - started < 6
            assert service.get(POSTS, limit=6).json()["success"]
        finally:
            os.kill(pid, signal.SIGCONT)


def test_lost_connections_are_replaced_without_a_refusal(
    live: Service, published: PostgresWarehouse
) -> None:
    assert live.get(POSTS, limit=3).json()["success"]
    (ended,) = published.rows(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity "
        "where application_name = 'readership serve'"
    )
    assert ended > (0,)
    assert live.get(POSTS, limit=4).json()["success"]


def test_the_service_outlives_a_restart_of_the_server(
    live: Service, published: PostgresWarehouse, caplog: pytest.LogCaptureFixture
) -> None:
    host = live.root.removesuffix("/v2")
    known = live.get(POSTS, limit=5)
    published.server.stop()
    try:
        refused = live.get(POSTS, limit=8)
        assert refused.json() == {
            "success": False,
            "code": 503,
            "message": "the database cannot be reached; ask again in 5 seconds",
        }
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        # By a date, too, which the database reads.
        assert live.get(POSTS, period_start="2026-03-08").status_code == 503
        wait_until(lambda: live.client.get(f"{host}/ready", timeout=30).status_code == 503)
        health = live.client.get(f"{host}/health", timeout=30).json()
        assert (health["status"], health["refused"]) == ("stale", True)
        assert live.get(POSTS, limit=5).content == known.content
        assert (
            "readership_snapshot_refused 1.0" in live.client.get(f"{host}/metrics", timeout=30).text
        )
    finally:
        published.server.start()
    wait_until(lambda: live.client.get(f"{host}/ready", timeout=30).status_code == 200)
    assert live.get(POSTS, limit=8).json()["success"]
    assert live.client.get(f"{host}/health", timeout=30).json()["status"] == "ok"


def test_health_and_metrics_describe_the_rows(live: Service) -> None:
    host = live.root.removesuffix("/v2")
    health = live.client.get(f"{host}/health", timeout=30).json()
    assert health["status"] == "ok"
    assert health["snapshot"] == live.serving.source.info.id
    assert 0 <= health["age_seconds"] < 24 * 3600
    metrics = live.client.get(f"{host}/metrics", timeout=30).text
    assert "readership_snapshot_bytes" not in metrics
    assert "readership_sites " in metrics


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that fails, and return its one line on standard error."""
    assert main(list(arguments)) == 1
    output = capsys.readouterr()
    assert (output.out, output.err.count("\n")) == ("", 1)
    return output.err


def test_an_address_without_answers_is_one_line(
    capsys: pytest.CaptureFixture[str],
    published: PostgresWarehouse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = published.server
    wrong = server.url(published.database, password="a wrong password")
    output = error_of(capsys, "serve", "--open", "--port", "0", "--warehouse", wrong)
    assert "the database cannot be reached" in output
    assert "password authentication failed" in output
    assert "wrong" not in output
    port = str(server.port)
    monkeypatch.setenv("READERSHIP_TARGET", "postgres")
    monkeypatch.setenv("READERSHIP_POSTGRES_PORT", port)
    monkeypatch.setenv("READERSHIP_POSTGRES_HOST", "127.0.0.1")
    monkeypatch.setenv("READERSHIP_POSTGRES_USER", server.user)
    monkeypatch.setenv("READERSHIP_POSTGRES_PASSWORD", server.password)
    monkeypatch.setenv("READERSHIP_POSTGRES_DATABASE", "postgres")
    output = error_of(capsys, "serve", "--open", "--port", "0")
    assert f"postgresql://{server.user}@127.0.0.1:{port}/postgres" in output
    assert "the answers are missing" in output
    assert "dbt run-operation publish_answers" in output
    monkeypatch.setenv("READERSHIP_POSTGRES_PORT", "1")
    assert "the database cannot be reached" in error_of(capsys, "serve", "--open", "--port", "0")
    assert main(["publish"]) == 0
    output = capsys.readouterr().out
    assert "nothing to publish" in output
    assert server.password not in output


def test_a_role_that_may_not_read_is_told_at_the_start(
    capsys: pytest.CaptureFixture[str], published: PostgresWarehouse, address: PostgresAddress
) -> None:
    published.execute(f"revoke select on int_post_words from {READER}")
    try:
        output = error_of(
            capsys, "serve", "--open", "--port", "0", "--warehouse", url_of(published)
        )
    finally:
        published.execute(f"grant select on int_post_words to {READER}")
    assert "permission denied for table int_post_words" in output


def test_several_processes_answer_and_log_no_password(
    published: PostgresWarehouse, address: PostgresAddress
) -> None:
    with command("--open", "--processes", "2", warehouse=url_of(published)) as run:  # type: ignore[arg-type]
        for number in range(6):
            found = requests.get(
                f"{run.root}{POSTS}", params={"apikey": SITE, "limit": number + 1}, timeout=30
            )
            assert found.json()["success"]
        published.server.rows(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity "
            "where application_name = 'readership serve'"
        )
        assert requests.get(f"{run.root}/top", params={"apikey": SITE}, timeout=30).ok
    assert not any("Traceback" in line or "pass:word" in line for line in run.log)
    assert (
        published.server.rows(
            "select 1 from pg_stat_activity where application_name = 'readership serve'"
        )
        == []
    )
