"""The loader compared with DuckDB's own reader: `make bench-load`.

The reference is one statement, `create table ... as select * from read_json(...)` with all types
given, on the same files and with as many threads. It keeps no ledger and no line numbers, and fails
at the first line that does not parse. The time of the loader is that of the whole command, from the
start of the interpreter to the commit.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.figures import DATA, GIB, Figures, Run, median_runs, run
from bench.options import Options

EVENTS = 1_000_000
SMALL_FILES = 500
LARGER = 10
KNOWN_FILES = 10_000
STOCK_EVENTS = 20_000
STOCK_DEFAULT_EVENTS = 2_000
REPEATS = 3

WAREHOUSE = DATA / "warehouse.duckdb"

_REFERENCE = """
import sys, duckdb
from loaders.fields import FIELDS
types = {"text": "varchar", "bigint": "bigint", "double": "double", "bool": "boolean",
         "json": "json"}
columns = {name: types[kind] for name, kind in FIELDS.items()}
with duckdb.connect(sys.argv[2], config={"storage_compatibility_version": "v1.2.0"}) as connection:
    connection.execute("set threads = 2")
    connection.execute(
        f"create table events as select * from read_json('{sys.argv[1]}/**/*.gz', "
        f"columns = {columns}, format = 'newline_delimited')"
    )
"""

_STOCK = """
import os, sys, dlt
from dlt.sources.filesystem import filesystem, read_jsonl
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
pipeline = dlt.pipeline("stock", pipelines_dir=sys.argv[2] + ".dlt", dataset_name="raw",
                        destination=dlt.destinations.duckdb(sys.argv[2]))
files = filesystem(bucket_url=sys.argv[1], file_glob="**/*.gz") | read_jsonl()
pipeline.run(files.with_name("events"), loader_file_format=sys.argv[3] or None)
"""


def main() -> int:
    """Measure, print the figures and return the exit code."""
    Options("load", __doc__).parse_args()
    figures = Figures()
    print(f"{os.cpu_count()} cores, DuckDB with 2 threads; {EVENTS:,} events", flush=True)
    large, small = _sample(), _small_files()

    load, reference = median_runs(REPEATS, lambda: _load(large), lambda: _reference(large))
    speed = EVENTS / load.seconds
    figures.note("load", speed, "events/s")
    figures.note("reference", EVENTS / reference.seconds, "events/s")
    figures.note("load_of_reference", reference.seconds / load.seconds, "ratio", 0.70)

    many, many_reference = median_runs(REPEATS, lambda: _load(small), lambda: _reference(small))
    figures.note("small_files_of_reference", many_reference.seconds / many.seconds, "ratio", 0.50)

    # By default, dlt writes rows as SQL inserts; Parquet is an option.
    for name, events, file_format, bar in (
        ("stock_dlt", STOCK_DEFAULT_EVENTS, "", 100),
        ("stock_dlt_with_parquet", STOCK_EVENTS, "parquet", 10),
    ):
        peer = events / _stock(_stock_files(events), file_format).seconds
        figures.note(name, peer, "events/s")
        figures.note(f"load_of_{name}", speed / peer, "times", bar)

    single = _load(_one_file(large))
    figures.note("one_file_stored_as_text", _raw_bytes(large) / GIB, "GiB")
    figures.note("one_file_peak", single.peak_bytes / GIB, "GiB", 2, "at most")

    larger = _load(_linked(large))
    figures.note("larger_set", LARGER * EVENTS, "events")
    figures.note("larger_set_peak", larger.peak_bytes / GIB, "GiB", 2, "at most")
    figures.note(
        "larger_set_speed_of_smaller", LARGER * EVENTS / larger.seconds / speed, "ratio", 0.90
    )

    known = _known_files()
    _load(known)
    poll = _load(known, fresh=False)
    assert f"0 loaded, {KNOWN_FILES:,} skipped" in poll.output, poll.output
    figures.note("poll_of_known_files", _reported_seconds(poll), "s", 3, "at most")
    shutil.rmtree(DATA / "run", ignore_errors=True)
    return figures.exit_code()


def _load(events: Path, *, fresh: bool = True) -> Run:
    if fresh:
        _new_warehouse()
    return run("-m", "loaders", "load", str(events), "--warehouse", str(WAREHOUSE))


def _reference(events: Path) -> Run:
    _new_warehouse()
    return run("-c", _REFERENCE, str(events), str(WAREHOUSE))


def _stock(events: Path, file_format: str) -> Run:
    _new_warehouse()
    result = run("-c", _STOCK, str(events), str(WAREHOUSE), file_format)
    shutil.rmtree(f"{WAREHOUSE}.dlt", ignore_errors=True)
    return result


def _new_warehouse() -> None:
    for file in DATA.glob(f"{WAREHOUSE.name}*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()


def _reported_seconds(result: Run) -> float:
    """Return the seconds that the command reports, which exclude the start of the interpreter."""
    return float(result.output.split("seconds", 1)[1].split()[0])


def _data_folder(name: str) -> tuple[Path, bool]:
    """Return a folder of generated data, and whether it is complete."""
    folder = DATA / name
    return folder, (folder / "done").exists()


def _sample() -> Path:
    folder, done = _data_folder("large")
    if not done:
        print("simulating the sample ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        run("-m", "simulator", "--events", str(EVENTS), "--out", str(folder))
        (folder / "done").touch()
    return folder


def _lines() -> Iterator[bytes]:
    for file in sorted(_sample().rglob("*.gz")):
        with gzip.open(file) as stream:
            yield from stream


def _small_files() -> Path:
    """Split a fifth of the sample into 500 files."""
    folder, done = _data_folder("small")
    if not done:
        lines = _lines()
        each = EVENTS // 5 // SMALL_FILES
        for at in range(SMALL_FILES):
            _write(folder / f"{at:04}.jsonl.gz", (next(lines) for _ in range(each)))
        (folder / "done").touch()
    return folder


def _stock_files(events: int) -> Path:
    folder, done = _data_folder(f"stock-{events}")
    if not done:
        lines = _lines()
        for at in range(4):
            part = (next(lines) for _ in range(events // 4))
            _write(folder / f"{at}.jsonl.gz", part)
        (folder / "done").touch()
    return folder


def _known_files() -> Path:
    folder, done = _data_folder("known")
    if not done:
        for at in range(KNOWN_FILES):
            day = f"2026/{at % 12 + 1:02}/{at % 28 + 1:02}"
            _write(folder / day / f"{at:05}.jsonl.gz", [b'{"event_id": "0x%x"}\n' % at])
        (folder / "done").touch()
    return folder


def _write(file: Path, lines: Iterator[bytes] | list[bytes]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wb", compresslevel=6) as stream:
        stream.writelines(lines)


def _one_file(events: Path) -> Path:
    """Concatenate the sample to one file: concatenated gzip members are a gzip file."""
    folder = DATA / "run" / "one"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with (folder / "all.jsonl.gz").open("wb") as whole:
        for file in sorted(events.rglob("*.gz")):
            with file.open("rb") as part:
                shutil.copyfileobj(part, whole)
    return folder


def _linked(events: Path) -> Path:
    """Return a folder with ten hard links to each file of the sample."""
    folder = DATA / "run" / "larger"
    shutil.rmtree(folder, ignore_errors=True)
    for copy in range(LARGER):
        for file in events.rglob("*.gz"):
            link = folder / str(copy) / file.relative_to(events)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.hardlink_to(file)
    return folder


def _raw_bytes(events: Path) -> int:
    # The last four bytes of a gzip member are its uncompressed size. Each file has one member.
    return sum(int.from_bytes(file.read_bytes()[-4:], "little") for file in events.rglob("*.gz"))


if __name__ == "__main__":
    sys.exit(main())
