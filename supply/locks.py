"""Writes the lock files: every package that is installed, with its version and hashes.

Run by `make locks`. Versions stay as they are where they fit; `--upgrade` takes the newest ones.
Nothing in a lock names a registry, so each machine installs from the one that it is set up for.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Lock:
    """A lock file.

    Attributes:
        name: The part of its name that tells it from the others; empty for what runs.
        extras: The extras of pyproject.toml that it pins.
        runs: Whether the project's own dependencies are among its requirements.
        base: The locks that are installed before it; it leaves out what they have.
        shared: The locks whose versions it keeps to.
        apart: The packages that need another version than those locks have.
        python: The oldest Python that its packages install on.

    """

    name: str = ""
    extras: tuple[str, ...] = ()
    runs: bool = False
    base: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    python: str = "3.11"

    @property
    def path(self) -> Path:
        """The file."""
        return path_of(self.name)


LOCKS: Final = (
    Lock(runs=True),
    Lock("postgres", ("postgres",), runs=True, base=("",)),
    Lock("gcs", ("gcs",), runs=True, base=("",), shared=("postgres",)),
    Lock("azure", ("azure",), runs=True, base=("",), shared=("postgres",)),
    Lock("kafka", ("kafka",), runs=True, base=("",), shared=("postgres",)),
    Lock("nats", ("nats",), runs=True, base=("",), shared=("postgres",)),
    Lock("test", ("postgres", "dev"), runs=True, base=("", "postgres")),
    Lock("docs", ("docs",), shared=("", "postgres", "test"), apart=("sqlglot",), python="3.11.5"),
    Lock("spark", ("spark",), shared=("", "postgres", "test")),
    Lock(
        "clouds",
        ("snowflake", "bigquery", "redshift", "trino", "athena"),
        shared=("", "postgres", "test"),
        apart=("certifi", "filelock", "tenacity"),
        python="3.11.5",
    ),
    # Its adapter wants older parts than the others.
    Lock("databricks", ("databricks",)),
    Lock("sail", ("sail",), shared=("", "postgres", "test"), apart=("pandas",)),
    Lock("supply", ("supply",), shared=("", "postgres", "test")),
    Lock("build", ("build",), shared=("", "postgres", "test")),
)
"""All lock files, in the order in which they build on each other."""

PLATFORMS: Final = (
    "x86_64-manylinux_2_28",
    "aarch64-manylinux_2_28",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
)
"""Where what runs installs without a compiler."""

PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
"""The versions of Python of which that holds."""

FROM_WHEELS: Final = {
    "": PLATFORMS,
    "postgres": PLATFORMS,
    # cryptography has no wheels for macOS on Intel any more.
    "gcs": tuple(platform for platform in PLATFORMS if platform != "x86_64-apple-darwin"),
    "azure": tuple(platform for platform in PLATFORMS if platform != "x86_64-apple-darwin"),
    "kafka": PLATFORMS,
    "nats": PLATFORMS,
}
"""The locks of which that holds, and where."""


def path_of(name: str) -> Path:
    """Give the file of a lock."""
    return ROOT / f"requirements{name and '-'}{name}.lock"


def pins(path: Path) -> list[tuple[Requirement, list[str]]]:
    """Give what a lock pins, with the hashes of the files of each."""
    found: list[tuple[Requirement, list[str]]] = []
    for line in path.read_text().splitlines():
        text = line.removesuffix("\\").strip()
        if text.startswith("--hash="):
            found[-1][1].append(text.removeprefix("--hash="))
        elif text and not text.startswith("#"):
            found.append((Requirement(text), []))
    return found


def names(locks: Iterable[str]) -> set[str]:
    """Give the names of the packages that some locks pin."""
    return {
        canonicalize_name(requirement.name)
        for lock in locks
        for requirement, _ in pins(path_of(lock))
    }


def write(lock: Lock, upgrade: bool) -> None:
    """Write a lock file.

    Args:
        lock: The lock.
        upgrade: Whether the newest versions are taken that fit.

    Raises:
        subprocess.CalledProcessError: The versions do not fit together, or no registry answers.

    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    wanted = [
        *(project["project"]["dependencies"] if lock.runs else []),
        *(text for extra in lock.extras for text in extras[extra]),
    ]
    kept = [
        f"{requirement.name}{requirement.specifier}"
        + (f" ; {requirement.marker}" if requirement.marker else "")
        for other in (*lock.base, *lock.shared)
        for requirement, _ in pins(path_of(other))
        if canonicalize_name(requirement.name) not in lock.apart
    ]
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder, "constraints.txt")
        constraints.write_text("\n".join(kept))
        written = Path(folder, lock.path.name)
        if lock.path.exists():
            # uv keeps to the versions that it finds there.
            written.write_bytes(lock.path.read_bytes())
        uv(
            *("-", "--constraint", str(constraints), "--output-file", str(written)),
            *("--universal", "--python-version", lock.python, "--generate-hashes"),
            *("--no-annotate", "--custom-compile-command", "make locks"),
            *(f"--no-emit-package={name}" for name in sorted(names(lock.base))),
            *(["--upgrade"] if upgrade else []),
            requirements=wanted,
        )
        # A lock that stays the same keeps its time, so that nothing is installed again.
        if not lock.path.exists() or lock.path.read_bytes() != written.read_bytes():
            lock.path.write_bytes(written.read_bytes())


def check_wheels() -> None:
    """Hold that what runs installs from wheels, on each platform and Python that is promised.

    Raises:
        subprocess.CalledProcessError: A package has no wheel for one of them.

    """
    for lock, platforms in FROM_WHEELS.items():
        wanted = [str(requirement) for requirement, _ in pins(path_of(lock))]
        for platform in platforms:
            for python in PYTHONS:
                uv(
                    *("-", "--no-deps", "--only-binary", ":all:"),
                    *("--python-platform", platform, "--python-version", python),
                    requirements=wanted,
                )


def uv(*arguments: str, requirements: Iterable[str]) -> None:
    """Resolve requirements."""
    subprocess.run(
        [Path(sys.executable).with_name("uv"), "pip", "compile", "--quiet", *arguments],
        input="\n".join(requirements),
        stdout=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        check=True,
    )


def main() -> int:
    """Write all lock files."""
    parser = argparse.ArgumentParser(prog="python -m supply.locks", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    upgrade = parser.parse_args().upgrade
    try:
        for lock in LOCKS:
            write(lock, upgrade)
            packages = pins(lock.path)
            files = sum(len(hashes) for _, hashes in packages)
            print(f"{lock.path.name:26} {len(packages):4} packages, {files:6,} files")
        check_wheels()
    except subprocess.CalledProcessError as error:
        print("supply.locks: not all locks were written: see uv's lines above", file=sys.stderr)
        return error.returncode
    for lock_name, platforms in FROM_WHEELS.items():
        print(f"{path_of(lock_name).name:26} has wheels for {', '.join(platforms)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
