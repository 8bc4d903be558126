"""The image of deploy/: its file is linted and read, and its steps run where no daemon is needed.

The image itself is built by no test.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from readership.service.keys import KEYS, key_line
from tests.support.serving import SECRET

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy/Containerfile"
HADOLINT = ROOT / ".venv-supply/bin/hadolint"
FOLDER = "/srv/readership"


def instructions() -> list[tuple[str, str]]:
    """Give the instructions of the file with their arguments."""
    lines = [line for line in FILE.read_text().splitlines() if not line.startswith("#")]
    whole = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    parts = [line.split(maxsplit=1) for line in filter(None, whole.splitlines())]
    return [(name, arguments) for name, arguments in parts]


def stages() -> list[list[tuple[str, str]]]:
    """Give the instructions of each stage."""
    found: list[list[tuple[str, str]]] = []
    for name, arguments in instructions():
        if name == "FROM":
            found.append([])
        if found:
            found[-1].append((name, arguments))
    return found


def of(stage: list[tuple[str, str]], name: str) -> list[str]:
    return [arguments for other, arguments in stage if other == name]


def copied(into: Path) -> Path:
    """Copy what the first stage copies."""
    build, _ = stages()
    for arguments in of(build, "COPY"):
        *sources, _ = arguments.split()
        for source in sources:
            target = into / source
            if (ROOT / source).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / source, target, ignore=ignored)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / source, target)
    return into


def environment(folder: Path, data: Path) -> dict[str, str]:
    """Give the variables of the last stage, for other folders, and nothing of this process."""
    found = {"HOME": str(data / "none")}
    for arguments in of(stages()[-1], "ENV"):
        found |= dict(pair.split("=", 1) for pair in shlex.split(arguments))
    # The environment of the tests stands for that of the image.
    found["PATH"] = found["PATH"].replace("$PATH", os.environ["PATH"])
    return {
        name: value.replace(FOLDER, str(folder)).replace("/data", str(data), 1)
        for name, value in found.items()
    }


def files_of(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if ".venv" not in path.parts}


@pytest.mark.skipif(not HADOLINT.exists(), reason="`make pytest` installs hadolint")
def test_hadolint_finds_nothing_and_would_find_a_fault(tmp_path: Path) -> None:
    def found(file: Path) -> str:
        return subprocess.run([HADOLINT, file], capture_output=True, text=True, check=False).stdout

    assert found(FILE) == ""
    wrong = tmp_path / "Containerfile"
    wrong.write_text(FILE.read_text().replace(":3.13-slim-bookworm", ":latest"))
    wrong.write_text(wrong.read_text().replace("FROM ${BASE} AS", "FROM python:latest AS"))
    assert "DL3007" in found(wrong)


def test_the_image_has_two_stages_a_user_and_no_secret() -> None:
    base = dict(instructions())["ARG"]
    assert re.fullmatch(r"BASE=python:3\.\d+-slim-\w+", base)
    build, last = stages()
    assert [of(build, "FROM"), of(last, "FROM")] == [["${BASE} AS build"], ["${BASE}"]]
    assert of(last, "COPY") == [f"--from=build {FOLDER} {FOLDER}"]
    assert of(last, "USER") == ["10001"]
    assert "--uid 10001" in of(last, "RUN")[0]
    assert not re.search(r"(?i)password|secret|credential|_key", FILE.read_text())
    assert json.loads(of(last, "ENTRYPOINT")[0]) == ["readership"]
    assert len(of(last, "HEALTHCHECK")) == 1


def test_nothing_but_what_is_copied_reaches_the_build() -> None:
    allowed = (ROOT / "deploy/Containerfile.dockerignore").read_text().splitlines()
    sources = [one for line in of(stages()[0], "COPY") for one in line.split()[:-1]]
    assert allowed[1] == "*"
    let_in = {line.removeprefix("!") for line in allowed if line.startswith("!")}
    locks = {one for one in sources if one.endswith(".lock")}
    assert {one for one in sources if one not in locks} | {"*.lock"} == let_in


def test_what_is_copied_is_enough_and_nothing_is_written_beside_the_data(tmp_path: Path) -> None:
    folder, data = copied(tmp_path / "project"), tmp_path / "data"
    data.mkdir()
    project = yaml.safe_load((folder / "dbt_project.yml").read_text())
    named = [one for kind in ("model", "macro", "seed", "test") for one in project[f"{kind}-paths"]]
    # Of a name that depends on the target, what does not.
    fixed = [path.partition("{{")[0] for path in named]
    assert [path for path in fixed if not (folder / path).is_dir()] == []
    before = files_of(folder)
    variables = environment(folder, data)
    for command in (
        ["-m", "readership", "init"],
        ["-m", "readership", "simulate", "--events", "200", "--out", str(data / "events")],
        ["-m", "readership", "load", str(data / "events")],
    ):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=folder, env=variables, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    assert (data / "readership.duckdb").exists()
    assert files_of(folder) == before


def test_the_steps_of_the_image_run_and_its_service_is_found_healthy(
    tmp_path: Path, *, is_long: bool
) -> None:
    """The steps install from the registry, and the warehouse is built by dbt: minutes."""
    if not is_long:
        pytest.skip("`make test-long` installs and builds what the image has")
    folder, data = copied(tmp_path / "project"), tmp_path / "data"
    data.mkdir()
    build, last = stages()
    places = {"/tmp/build": str(tmp_path / "build"), "python -m venv": f"{sys.executable} -m venv"}
    for step in of(build, "RUN"):
        for place, here in places.items():
            step = step.replace(place, here)
        subprocess.run(step, shell=True, cwd=folder, check=True)
    before = files_of(folder)
    variables = environment(folder, data)
    entry = [str(folder / ".venv/bin/readership")]
    for command in (
        ["simulate", "--events", "2000", "--out", str(data / "events")],
        ["run", str(data / "events")],
    ):
        subprocess.run([*entry, *command], cwd=folder, env=variables, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    arguments = json.loads(of(last, "CMD")[0])
    options, check = of(last, "HEALTHCHECK")[0].split(" CMD ")
    assert options.startswith("--interval=")
    health = [part.replace("8000", port) for part in json.loads(check)]
    variables[KEYS] = key_line("any.example", SECRET)
    with subprocess.Popen(
        [*entry, *arguments, "--port", port], cwd=folder, env=variables, stderr=subprocess.DEVNULL
    ) as service:
        try:
            answers = []
            for _ in range(60):
                done = subprocess.run(health, env=variables, stderr=subprocess.DEVNULL, check=False)
                answers.append(done.returncode)
                if answers[-1] == 0:
                    break
                time.sleep(0.5)
            assert answers[-1] == 0
        finally:
            service.terminate()
        assert service.wait(30) == 0
    assert subprocess.run(health, env=variables, capture_output=True, check=False).returncode == 1
    assert files_of(folder) == before
