"""The same builds on DuckDB, PostgreSQL and Spark: `make bench-engines`.

Made-up events of two weeks are built in full, then those of one more day, on each engine of this
machine: DuckDB in its file, PostgreSQL in a server of its own that does not wait for the disk, and
Spark with Iceberg tables in one process. Every figure of a build is of the whole command, with the
start of Python, of dbt and, for Spark, of Java; the project is parsed before. The last figures say
how many of Spark's seconds go into plans (reading statements, finding names, rewriting, choosing),
and how many bytes its tasks hand to each other, of the models that move most.
They have no bars: they are there to be compared with each other.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import chdir
from pathlib import Path

import loaders
from bench.events import count, simulated
from bench.figures import DATA, ROOT, Figures, Run, run
from bench.options import Options
from bench.postgres import cpu_seconds_of
from bench.warehouse import BUILD, WHOLE, Warehouse
from loaders import LoadRequest, NamedDestination, Progress
from tests.support.postgres_server import PostgresServer, running_server

DAYS = 14
HERE = DATA / "engines"
LOADING = HERE / "loading"
SPARK = HERE / "spark"
SPARK_PYTHON = ROOT / ".venv-spark" / "bin" / "python"
ENGINES = ("duckdb", "postgres", "spark")
# Models whose bytes are figures.
MOVING_MOST = 8
STEPS = {"full": (1, DAYS, WHOLE), "day": (DAYS + 1, DAYS + 1, BUILD)}


def main() -> int:
    """Measure, print the figures and return the exit code."""
    parser = Options("engines", __doc__)
    parser.add_argument(
        "--events", type=int, nargs="+", default=[200_000, 1_000_000],
        help="sizes, in events of the fifteen days (default: 200000 1000000)",
    )  # fmt: skip
    parser.add_argument(
        "--engines", nargs="+", choices=ENGINES, default=ENGINES,
        help="which engines (default: all three); Spark reads the raw tables of the DuckDB file",
    )  # fmt: skip
    options = parser.parse_args()
    if "spark" in options.engines and (shutil.which("java") is None or not SPARK_PYTHON.exists()):
        print("bench-engines needs Java and .venv-spark: run `make setup-spark`", file=sys.stderr)
        return 1
    figures = Figures()
    print(f"{os.cpu_count()} cores", flush=True)
    for size in options.events:
        measure(figures, size, options.engines)
    return figures.exit_code()


def measure(figures: Figures, size: int, engines: Sequence[str]) -> None:
    """Measure the builds of one number of events."""
    events = simulated(f"engines/{size}", DAYS + 1, size)
    for folder in (LOADING, SPARK):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    warehouse = Warehouse("engines")
    with running_server() as server, server.database() as database:
        for name, value in server.parts(database).items():
            setting = "DATABASE" if name == "dbname" else name.upper()
            os.environ[f"READERSHIP_POSTGRES_{setting}"] = str(value)
        if "duckdb" in engines:
            warehouse.dbt("parse", *_places("duckdb"))
        if "postgres" in engines:
            _on_postgres("parse")
        if "spark" in engines:
            _on_spark("parse")
        for step, (first, last, command) in STEPS.items():
            days = events.days(first, last)
            figures.note(f"engines_{size}_{step}_events", count(*days), "events")
            name = f"engines_{size}_{step}"
            warehouse.load(*days)
            if "duckdb" in engines:
                _note(figures, f"{name}_duckdb", warehouse.dbt(*command, *_places("duckdb")))
            if "postgres" in engines:
                _load_postgres(*days)
                server.rows("vacuum analyze", database=database)
                _note_postgres(figures, f"{name}_postgres", server, command)
            if "spark" in engines:
                _note_spark(
                    figures, f"{name}_spark_register",
                    _on_spark("register", str(warehouse.path), str(SPARK / "raw")),
                )  # fmt: skip
                _note_spark(figures, f"{name}_spark", _on_spark(*command))
        for engine in engines:
            full, day = (figures.values[f"engines_{size}_{step}_{engine}_cpu"] for step in STEPS)
            figures.note(f"engines_{size}_{engine}_day_of_full", day / full, "ratio")
    warehouse.remove()
    for folder in (LOADING, SPARK):
        shutil.rmtree(folder, ignore_errors=True)


def _places(engine: str) -> list[str]:
    """Return the options by which each engine has a folder for what dbt keeps."""
    folder = str(HERE / "target" / engine)
    return ["--target-path", folder, "--log-path", folder]


def _on_postgres(*command: str) -> Run:
    return run(
        *("-m", "bench.dbt", *command, "--target", "postgres"),
        *("--profiles-dir", str(ROOT / "profiles"), *_places("postgres")),
    )


def _on_spark(*command: str) -> Run:
    places = [] if command[0] == "register" else _places("spark")
    return run(
        *("-m", "bench.spark_dbt", *command, *places),
        python=str(SPARK_PYTHON),
        READERSHIP_SPARK_FOLDER=str(SPARK),
        # Of all stages, which are counted at the end.
        PYSPARK_SUBMIT_ARGS="--conf spark.ui.retainedStages=1000000 pyspark-shell",
    )


def _load_postgres(*days: Path) -> None:
    # The loader keeps its state in the working directory.
    with chdir(LOADING):
        loaders.load(LoadRequest(tuple(map(str, days))), NamedDestination("postgres"), Progress())


def _note(figures: Figures, name: str, build: Run, others_cpu_seconds: float = 0) -> None:
    figures.note(f"{name}_seconds", build.seconds, "s")
    figures.note(f"{name}_cpu", build.cpu_seconds + others_cpu_seconds, "s")


def _note_postgres(figures: Figures, name: str, server: PostgresServer, command: list[str]) -> None:
    before = cpu_seconds_of(server)
    build = _on_postgres(*command)
    _note(figures, name, build, cpu_seconds_of(server) - before)


def _note_spark(figures: Figures, name: str, build: Run) -> None:
    spent = json.loads(build.output.splitlines()[-1])
    shuffled: dict[str, int] = spent.pop("shuffled")
    _note(figures, name, build, spent.pop("java_cpu"))
    figures.note(f"{name}_plans", sum(spent.values()), "s")
    for phase, seconds in spent.items():
        figures.note(f"{name}_plans_{phase}", seconds, "s")
    figures.note(f"{name}_shuffled", sum(shuffled.values()) / 1e6, "MB")
    for node in sorted(shuffled, key=shuffled.__getitem__, reverse=True)[:MOVING_MOST]:
        figures.note(f"{name}_shuffled_{node}", shuffled[node] / 1e6, "MB")


if __name__ == "__main__":
    sys.exit(main())
