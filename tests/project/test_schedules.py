"""The schedules of examples/scheduling and the workflows: read by what reads such files."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from croniter import croniter

from readership.rounds import command_line

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples/scheduling"
DEPLOY = ROOT / "deploy"
UNITS = [
    DEPLOY / name
    for name in (
        "readership.service",
        "readership.timer",
        "readership-follow.service",
        "readership-serve.service",
    )
]
SERVICES = [file for file in UNITS if file.suffix == ".service"]
WORKFLOWS = [*sorted((ROOT / ".github/workflows").glob("*.yml")), EXAMPLES / "slim_ci.yml"]


def unit(file: Path) -> ConfigParser:
    """A systemd unit; a key that comes again keeps each value, in lines."""
    parser = ConfigParser(strict=True, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    sections: dict[str, dict[str, str]] = {}
    section = ""
    for line in filter(None, file.read_text().splitlines()):
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            section = heading[1]
            sections[section] = {}
        else:
            key, _, value = line.partition("=")
            before = sections[section].get(key)
            sections[section][key] = f"{before}\n{value}" if before else value
    parser.read_dict(sections)
    return parser


def jobs(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text())["jobs"]


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(file).values() for step in job["steps"]]


def test_the_crontab_has_one_line_that_cron_reads_every_ten_minutes() -> None:
    lines = (EXAMPLES / "readership.cron").read_text().splitlines()
    (line,) = [one for one in lines if not one.startswith("#") and not re.match(r"\w+=", one)]
    *schedule, command = line.split(maxsplit=5)
    times = croniter(" ".join(schedule), datetime(2026, 6, 14, 9, 45))
    assert [times.get_next(datetime).strftime("%H:%M") for _ in range(2)] == ["09:50", "10:00"]
    # cron makes a line's end of a percent sign.
    assert "%" not in command
    assert ' readership run "$EVENTS" ' in command.replace(".venv/bin/", "")


def test_the_units_run_or_follow() -> None:
    service, timer, follow, _ = map(unit, UNITS)
    assert service["Service"]["Type"] == "oneshot"
    assert service["Service"]["ExecStart"] == "/usr/bin/env readership run ${EVENTS}"
    assert timer["Timer"]["OnCalendar"] == "*-*-* *:00/10:00"
    assert timer["Install"]["WantedBy"] == "timers.target"
    started = follow["Service"]["ExecStart"]
    assert started == "/usr/bin/env readership follow ${EVENTS} --every 10s"
    assert follow["Service"]["Restart"] == "always"
    assert follow["Install"]["WantedBy"] == "multi-user.target"


@pytest.mark.parametrize(
    "file",
    [EXAMPLES / "readership.cron", UNITS[0], UNITS[2]],
    ids=lambda file: file.name,
)
def test_a_schedule_uses_options_that_the_command_has(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (command,) = re.findall(r"readership ((?:run|follow) .*?)(?: >>.*)?$", file.read_text(), re.M)
    arguments = shlex.split(command)
    with pytest.raises(SystemExit) as stopped:
        command_line.main([*arguments, "--help"])
    assert stopped.value.code == 0
    assert f"usage: readership {arguments[0]}" in capsys.readouterr().out


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_units_and_refuses_others(tmp_path: Path) -> None:
    def verify(*files: Path) -> str:
        verified = subprocess.run(
            ["systemd-analyze", "verify", *map(str, files)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        # What it says of other units of this machine is none of ours.
        return "\n".join(line for line in verified.stdout.splitlines() if "readership" in line)

    assert verify(*UNITS) == ""
    wrong = tmp_path / "readership.service"
    wrong.write_text(UNITS[0].read_text().replace("Type=oneshot", "Type=once"))
    assert "once" in verify(wrong)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_finds_the_units_well_shut_in(tmp_path: Path) -> None:
    def is_shut_in(file: Path) -> bool:
        command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(file)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    assert [file.name for file in SERVICES if not is_shut_in(file)] == []
    # Without its sandbox a unit is refused.
    bare = tmp_path / "readership.service"
    text = SERVICES[0].read_text()
    bare.write_text(text[: text.index("UMask=")])
    assert not is_shut_in(bare)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_says_why_is_bounded_and_may_do_little(file: Path) -> None:
    text = file.read_text()
    assert re.match(r"# What: .*\n# Why: .*\n(?:#  .*\n)*# When: ", text)
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    assert set(workflow) == {"name", True, "permissions", "concurrency", "jobs"}
    assert set(workflow["permissions"].values()) == {"read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 360
        assert re.fullmatch(r"ubuntu-\d\d\.\d\d", job["runs-on"])
    for step in steps(file):
        assert ("uses" in step) != ("run" in step)
        assert re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/none@v1"))


def test_ci_runs_all_tests_on_the_oldest_and_a_newer_python() -> None:
    file = ROOT / ".github/workflows/ci.yml"
    assert jobs(file)["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
    run = [step["run"] for step in steps(file) if "run" in step]
    assert ".ci/run" in run
    assert "make docs" in run
    assert (ROOT / ".ci/run").exists()
    cached = [step["with"]["key"] for step in steps(file) if "cache" in step.get("uses", "")]
    assert cached
    assert [key for key in cached if "hashFiles('requirements" not in key] == []


def test_slim_ci_builds_what_changed_and_defers_the_rest() -> None:
    run = "\n".join(step.get("run", "") for step in steps(EXAMPLES / "slim_ci.yml"))
    assert "dbt build -s state:modified --defer --state production --target ci" in run
    assert "--dir production" in run


@pytest.mark.parametrize("name", ["airflow_dag.py", "dagster_definitions.py"])
def test_what_is_not_run_can_be_read_and_says_so(name: str) -> None:
    module = ast.parse((EXAMPLES / name).read_text())
    assert "Not run by any test" in (ast.get_docstring(module) or "")


def test_the_page_shows_every_example_as_it_is() -> None:
    page = (ROOT / "docs/scheduling.md").read_text()
    files = [file for file in EXAMPLES.iterdir() if file.is_file()]
    assert len(files) == 4
    assert [file.name for file in files if f"\n{file.read_text()}```\n" not in page] == []


def test_the_page_of_deployment_shows_the_image_and_the_units_as_they_are() -> None:
    page = (ROOT / "docs/deployment.md").read_text()
    files = [DEPLOY / "Containerfile", *UNITS]
    assert [file.name for file in files if f"\n{file.read_text()}```\n" not in page] == []


@pytest.mark.parametrize("name", ["bug", "feature", "config"])
def test_a_template_for_issues_can_be_read(name: str) -> None:
    form = yaml.safe_load((ROOT / f".github/ISSUE_TEMPLATE/{name}.yml").read_text())
    if name == "config":
        assert form["blank_issues_enabled"] is False
        return
    assert {"name", "description", "body"} <= set(form)
    asked = [part for part in form["body"] if part["type"] != "markdown"]
    assert len({part["id"] for part in asked}) == len(asked) > 1
    assert all(part["attributes"]["label"] for part in asked)
    assert any(part.get("validations", {}).get("required") for part in asked)


def test_the_template_for_pull_requests_names_tasks_that_there_are() -> None:
    template = (ROOT / ".github/PULL_REQUEST_TEMPLATE.md").read_text()
    named = re.findall(r"`make ([a-z-]+)`", template)
    makefile = (ROOT / "Makefile").read_text()
    assert named
    assert [task for task in named if not re.search(rf"^{task}:", makefile, re.M)] == []
