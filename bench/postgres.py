"""Cost of the models on PostgreSQL, compared with a stand-in of equal work: `make bench-postgres`.

The stand-in in bench/standin/ is a dbt project of 23 models, built like common packages for page
view events. Every column passes through every layer, texts are parsed by SQL expressions, and keys
are MD5 hashes. The table of all events gets the rows of new loads; every later table is recomputed
from all events, and deleted and inserted by key. The stand-in refuses and tests nothing, so its
totals differ from those of the models.

Both projects read the same raw events on the same new server, which does not wait for the disk and
vacuums and analyzes no tables by itself, only all of them before each step. The figures are the CPU
seconds of the server and of the dbt command, with the project parsed before.
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
from bench.options import Options
from bench.warehouse import BUILD, WHOLE
from loaders import LoadRequest, NamedDestination, Progress
from tests.support.postgres_server import PostgresServer, running_server

DAYS = 14
EVENTS = 197_500
HERE = DATA / "postgres"
# The loader keeps its state in the working directory.
LOADING = HERE / "loading"
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Project:
    """A dbt project to measure.

    Attributes:
        name: Its schema, also part of the names of figures.
        folder: Its folder.
        full: dbt command of a full build.
        day: dbt command of one more day.

    """

    name: str
    folder: Path
    full: list[str]
    day: list[str]

    def dbt(self, *arguments: str) -> Run:
        """Run a dbt command of the project."""
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
    """Measure, print the figures and return the exit code."""
    Options("postgres", __doc__).parse_args()
    figures = Figures()
    print(f"{os.cpu_count()} cores, dbt with 2 threads", flush=True)
    events = simulated("postgres", DAYS + 1, EVENTS)
    shutil.rmtree(LOADING, ignore_errors=True)
    LOADING.mkdir(parents=True)
    with running_server() as server, server.database() as database:
        # Otherwise the server would vacuum and analyze, while it builds one project, what the other
        # has left; nothing of it is counted for either.
        server.rows("alter system set autovacuum = off")
        server.rows("select pg_reload_conf()")
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
                result = project.dbt(*(project.full if step == "full_build" else project.day))
                server_seconds = cpu_seconds_of(server) - before
                spent[project.name] = server_seconds + result.cpu_seconds
                for part, value in (
                    ("cpu", spent[project.name]), ("cpu_server", server_seconds),
                    ("cpu_dbt", result.cpu_seconds), ("seconds", result.seconds),
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
    """Load the events of some days."""
    with chdir(LOADING):
        loaders.load(LoadRequest(tuple(map(str, days))), NamedDestination("postgres"), Progress())


def cpu_seconds_of(server: PostgresServer) -> float:
    """Return the CPU seconds of all processes of a server, including ended ones."""
    first = server.process.pid
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    ticks = 0
    for pid in (first, *children):
        try:
            # Fields 14 to 17 of proc(5): utime, stime, cutime, cstime. The program name, in
            # parentheses, may contain spaces.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / _TICK


if __name__ == "__main__":
    sys.exit(main())
