"""What the models cost on PostgreSQL, beside a stand-in of equal work: `make bench-postgres`.

The stand-in is a dbt project of 23 models with the shape that such packages for page view events
usually have, in bench/standin/: every column is carried through every level, texts are taken apart
by expressions, keys are md5, the table of all events takes the rows of new loads, and what comes
after it is worked out anew from all of them and deleted and inserted by key. It refuses nothing and
tests nothing, so its totals are not those of the models. Both read the same raw events on the same
server, which is new and does not wait for the disk. Counted are the seconds of the cores that the
server and dbt's command take, the project parsed before.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import loaders
from bench.events import count, simulated
from bench.figures import DATA, ROOT, Figures, Run, run
from bench.warehouse import BUILD, WHOLE
from loaders import LoadRequest, NamedDestination, Progress
from tests.postgres_server import PostgresServer, running_server

DAYS = 14
EVENTS = 197_500
HERE = DATA / "postgres"
# The loader works in the folder that it is started in.
LOADING = HERE / "loading"
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Project:
    """A dbt project of which runs are measured.

    Attributes:
        name: Its schema, and what the figures call it.
        folder: Where it is.
        full: The command of a full build.
        day: The command of a day more.

    """

    name: str
    folder: Path
    full: list[str]
    day: list[str]

    def dbt(self, *arguments: str) -> Run:
        """Run a command of it."""
        return run(
            *("-m", "bench.dbt", *arguments, "--target", "postgres"),
            *("--project-dir", str(self.folder), "--profiles-dir", str(ROOT / "profiles")),
            *("--target-path", str(HERE / self.name), "--log-path", str(HERE / self.name)),
            READERSHIP_POSTGRES_SCHEMA=self.name,
        )


PROJECTS = (
    Project("standin", ROOT / "bench" / "standin", ["run"], ["run"]),
    Project("readership", ROOT, WHOLE, BUILD),
)


def main() -> int:
    """Measure, print the figures, and give the exit code."""
    figures = Figures()
    print(f"{os.cpu_count()} cores, dbt with 2 threads", flush=True)
    events = simulated("postgres", DAYS + 1, EVENTS)
    shutil.rmtree(LOADING, ignore_errors=True)
    LOADING.mkdir(parents=True)
    with running_server() as server, server.database() as database:
        for name, value in server.parts(database).items():
            setting = "DATABASE" if name == "dbname" else name.upper()
            os.environ[f"READERSHIP_POSTGRES_{setting}"] = str(value)
        for project in PROJECTS:
            project.dbt("parse")
        for step, days in (
            ("full_build", events.days(1, DAYS)),
            ("day", events.days(DAYS + 1, DAYS + 1)),
        ):
            load(*days)
            server.rows("vacuum analyze", database=database)
            figures.note(f"postgres_{step}_events", count(*days), "events")
            spent = {}
            for project in PROJECTS:
                before = cpu_seconds_of(server)
                done = project.dbt(*(project.full if step == "full_build" else project.day))
                of_server = cpu_seconds_of(server) - before
                spent[project.name] = of_server + done.cpu_seconds
                for part, value in (
                    ("cpu", spent[project.name]), ("cpu_server", of_server),
                    ("cpu_dbt", done.cpu_seconds), ("seconds", done.seconds),
                ):  # fmt: skip
                    figures.note(f"postgres_{step}_{part}_{project.name}", value, "s")
            figures.note(
                f"postgres_{step}_cpu_of_standin",
                spent["readership"] / spent["standin"],
                "ratio",
                1.5 if step == "full_build" else 1.0,
                "at most",
            )
    return figures.exit_code()


def load(*days: Path) -> None:
    """Load the events of days."""
    with chdir(LOADING):
        loaders.load(LoadRequest(tuple(map(str, days))), NamedDestination("postgres"), Progress())


def cpu_seconds_of(server: PostgresServer) -> float:
    """Tell what a server's processes have had of the cores, those that have ended among them."""
    first = server.process.pid
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    ticks = 0
    for pid in (first, *children):
        try:
            # After the name of the program, which is in brackets: utime, stime, cutime, cstime.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / _TICK


if __name__ == "__main__":
    sys.exit(main())
