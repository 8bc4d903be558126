"""Several processes on one port: started, restarted and stopped together."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from readership.service.keys import KEYS_FILE, key_line
from readership.service.snapshots import CURRENT, publish, snapshot_folder
from tests.support.figures import Figure
from tests.support.newsrooms import NEWS
from tests.support.serving import SECRET, SLOW, Command, command, sent, wait_until
from tests.support.warehouses import ROOT, Warehouse

TWO = ("--open", "--processes", "2")
# The command with a file of keys.
WITH_KEYS = """
import os, sys
from readership.command_line import main
os.environ["{name}"] = "{file}"
sys.exit(main(["serve", *sys.argv[1:]]))
"""
PROC = Path("/proc/self/task")
pytestmark = pytest.mark.skipif(not PROC.exists(), reason="processes are found in /proc")


def children(run: Command) -> list[int]:
    """Return the processes that serve."""
    task = Path(f"/proc/{run.process.pid}/task/{run.process.pid}/children")
    return [int(pid) for pid in task.read_text().split()]


def call(run: Command, limit: int = 3) -> requests.Response:
    """Make a call over a connection of its own."""
    parameters: dict[str, str | int] = {"apikey": NEWS, "limit": limit}
    return requests.get(f"{run.root}/analytics/posts", params=parameters, timeout=30)


def is_running(pid: int) -> bool:
    with suppress(ProcessLookupError, FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    return False


def counted(run: Command) -> tuple[float, float]:
    """Return how many calls all processes have counted, by both metrics of calls."""
    text = requests.get(f"{run.root.removesuffix('/v2')}/metrics", timeout=30).text
    found = {
        name: sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == f"readership_{name}"
            and sample.labels.get("route") == "/v2/analytics/posts"
        )
        for name in ("requests_total", "request_seconds_count")
    }
    assert "readership_queue_calls" in text
    return found["requests_total"], found["request_seconds_count"]


def test_three_services_at_once_answer_alike_and_take_up_what_is_published(
    newsrooms: Warehouse, tmp_path: Path
) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copy(newsrooms.path, warehouse)
    first = publish(warehouse)
    with (
        command("--open", warehouse=warehouse) as one,
        command("--open", warehouse=warehouse) as two,
        command("--open", warehouse=warehouse) as three,
    ):
        runs = (one, two, three)
        assert len({call(run).content for run in runs}) == 1
        old = call(one).headers["etag"]
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("update int_hourly_views set views = views + 1")
        assert publish(warehouse) != first
        wait_until(lambda: old not in {call(run).headers["etag"] for run in runs})
        assert len({call(run).content for run in runs}) == 1


def test_processes_answer_on_one_port_and_count_together(newsrooms: Warehouse) -> None:
    with command(*TWO, warehouse=newsrooms.path) as run:
        pids = children(run)
        assert len(pids) == 2
        # A number of connections at once reaches both.
        answers = [call(run) for _ in range(30)]
        assert all(answer.json()["success"] for answer in answers)
        assert len({answer.content for answer in answers}) == 1
        assert len({answer.headers["etag"] for answer in answers}) == 1
        assert len({answer.headers["x-request-id"] for answer in answers}) == 30
        assert counted(run) == (30, 30)
        assert run.stop() == 0
        assert not any(map(is_running, pids))
    assert not any("Traceback" in line for line in run.log)


def test_a_process_that_dies_is_replaced(newsrooms: Warehouse) -> None:
    with command(*TWO, warehouse=newsrooms.path) as run:
        before = children(run)
        assert call(run).ok
        # A call is counted after its response.
        wait_until(lambda: counted(run)[0] == 1)
        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda: len(children(run)) == 2 and before[0] not in children(run))
        assert before[1] in children(run)
        assert any(f"process {before[0]} ended with -9: starting another" in one for one in run.log)
        # What the dead one has counted is not lost.
        assert counted(run)[0] == 1
        # The new one answers alone too.
        os.kill(before[1], signal.SIGSTOP)
        new = next(pid for pid in children(run) if pid not in before)
        try:
            wait_until(lambda: answers_soon(run))
        finally:
            os.kill(before[1], signal.SIGCONT)
        assert is_running(new)


def test_no_call_is_wrong_while_processes_are_killed(
    newsrooms: Warehouse, is_long: bool, figure: Figure
) -> None:
    moments = random.Random(7)
    wrong: list[str] = []
    answered = refused = 0
    with command(*TWO, warehouse=newsrooms.path) as run:
        expected = call(run).content
        ended = threading.Event()

        def calling() -> None:
            nonlocal answered, refused
            while not ended.is_set():
                try:
                    answer = call(run)
                except requests.RequestException:
                    # The process died with the call in hand.
                    refused += 1
                    continue
                answered += 1
                if (answer.status_code, answer.content) != (200, expected):
                    wrong.append(f"{answer.status_code} {answer.text}")

        callers = [threading.Thread(target=calling) for _ in range(2)]
        for caller in callers:
            caller.start()
        kills = 60 if is_long else 3
        for _ in range(kills):
            time.sleep(moments.uniform(0, 0.3))
            victim = moments.choice(children(run))
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: len(children(run)) == 2 and victim not in children(run))  # noqa: B023
        ended.set()
        for caller in callers:
            caller.join()
        assert wrong == []
        assert answered > refused
        assert call(run).content == expected
    figure("kills_of_the_service", kills, "kills", 60)
    figure("calls_answered_meanwhile", answered, "calls", 60)


def answers_soon(run: Command) -> bool:
    try:
        return requests.get(f"{run.root.removesuffix('/v2')}/ready", timeout=1).ok
    except requests.RequestException:
        return False


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_parent_drains_every_process(
    newsrooms: Warehouse, sign: signal.Signals
) -> None:
    with command(*TWO, warehouse=newsrooms.path, program=("-c", SLOW)) as run:
        pids = children(run)
        request = f"GET /v2/analytics/posts?apikey={NEWS}&limit=%d HTTP/1.1\r\nHost: x\r\n\r\n"
        in_progress = [sent(run, (request % limit).encode()) for limit in (1, 2, 3, 4)]
        wait_until(lambda: run.log.count("running\n") >= 2)
        started = time.monotonic()
        assert run.stop(sign) == 0
        assert time.monotonic() - started < 15
        for connection in in_progress:
            connection.settimeout(10)
            assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
        assert not any(map(is_running, pids))
    assert not any("Traceback" in line for line in run.log)


def test_processes_stop_when_their_parent_is_killed(newsrooms: Warehouse) -> None:
    with command(*TWO, warehouse=newsrooms.path) as run:
        pids = children(run)
        run.process.kill()
        run.process.wait(20)
        wait_until(lambda: not any(map(is_running, pids)))


def test_every_process_switches_to_a_new_snapshot(newsrooms: Warehouse, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(newsrooms.folder, own)
    warehouse = own / newsrooms.path.name
    with command(*TWO, warehouse=warehouse) as run:
        info = publish(warehouse)
        host = run.root.removesuffix("/v2")

        def snapshots() -> set[str]:
            return {
                requests.get(f"{host}/health", timeout=30).json()["snapshot"] for _ in range(10)
            }

        wait_until(lambda: snapshots() == {info.id})


def test_a_process_that_is_started_later_has_the_keys_of_now(
    newsrooms: Warehouse, tmp_path: Path
) -> None:
    file = tmp_path / "keys"
    file.write_text(key_line(NEWS, SECRET))
    # The variable is set there alone: services in this process read a changed file too.
    program = WITH_KEYS.format(name=KEYS_FILE, file=file)
    with command("--processes", "2", warehouse=newsrooms.path, program=("-c", program)) as run:
        file.write_text(key_line(NEWS, "another secret of the site"))
        before = children(run)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: len(set(children(run)) - set(before)) == 2)
        for _ in range(10):
            refused = requests.get(
                f"{run.root}/analytics/posts", timeout=30,
                params={"apikey": NEWS, "secret": SECRET},
            )  # fmt: skip
            assert refused.json()["code"] == 403


def test_processes_that_cannot_start_end_the_command(newsrooms: Warehouse, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(newsrooms.folder, own)
    warehouse = own / newsrooms.path.name
    current = snapshot_folder(warehouse) / CURRENT
    values = json.loads(current.read_text())
    values["files"][0]["sha256"] = "0" * 64
    current.write_text(json.dumps(values))
    arguments = ["serve", *TWO, "--port", "0", "--warehouse", str(warehouse)]
    ended = subprocess.run(
        [sys.executable, "-m", "readership", *arguments], cwd=ROOT, text=True, capture_output=True,
        timeout=60,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "its checksum differs from the published one" in ended.stderr
    assert "Traceback" not in ended.stderr
