"""The queries of the README, run on the sample data of `make run`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from report.__main__ import main as report
from service.keys import SiteKeys
from service.snapshots import publish
from simulator.__main__ import main as simulate
from tests.service.running import running
from tests.warehouses import ROOT, Dbt, Warehouse

README = (ROOT / "README.md").read_text()
QUERY = re.compile(r'^```console\n\$ python -m report query "(.*?)"\n(.*?)^```$', re.S | re.M)
CALL = re.compile(
    r"^\$ curl -s 'http://127\.0\.0\.1:8000/v2(.*?)' \|\n"
    r"    jq -c '\.data\[\] \| \[(.*?)\]'\n(.*?)^```$",
    re.S | re.M,
)
QUERIES = QUERY.findall(README)


@pytest.fixture(scope="module")
def sample(module_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("sample")
    assert simulate(["--mess", "--out", str(folder)]) == 0
    module_warehouse.load(folder)
    module_warehouse.build()
    return module_warehouse


@pytest.mark.parametrize(("sql", "printed"), QUERIES, ids=range(1, len(QUERIES) + 1))
def test_each_query_of_the_readme_returns_the_result_shown(
    sample: Warehouse,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    sql: str,
    printed: str,
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert report(["query", "--warehouse", str(sample.path), sql]) == 0
    assert capsys.readouterr().out == printed


def test_the_call_of_the_readme_returns_the_response_shown(sample: Warehouse) -> None:
    ((call, fields, shown),) = CALL.findall(README)
    sample.run_dbt("run-operation", "publish_answers")
    publish(sample.path)
    with running(sample.path, "news.example.com", SiteKeys(is_open=True)) as service:
        rows = service.client.get(f"{service.root}{call}", timeout=30).json()["data"]
    lines = [
        json.dumps(
            [row[name] if not name.startswith("metrics.") else row["metrics"][name[8:]]
             for name in fields.replace(".", "", 1).split(", .")],
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for row in rows
    ]  # fmt: skip
    assert lines == shown.splitlines()


def test_the_readme_shows_every_public_table(dbt: Dbt, sample: Warehouse) -> None:
    public = {
        node.name
        for node in dbt.manifest.nodes.values()
        if node.resource_type == "model" and node.access == "public"
    }
    shown = {name for name in public if any(name in sql for sql, _ in QUERIES)}
    assert public - shown == set()


def test_the_readme_names_every_variable_with_its_default(dbt: Dbt) -> None:
    project = (ROOT / "dbt_project.yml").read_text()
    variables = re.search(r"^vars:\n(.*?)^\w", project, re.S | re.M)
    assert variables is not None
    names = re.findall(r"^    (\w+): (.*)$", variables[1], re.M)
    assert len(names) > 10
    table = README[README.index("| variable | default |") :].split("\n\n")[0]
    for name, default in names:
        (row,) = [line for line in table.splitlines() if f"`{name}`" in line.split("|")[1]]
        value = default.strip().strip('"')
        if value and not value.startswith("["):
            assert f"`{value}`" in row


def test_the_readme_names_every_rule_of_a_valid_event() -> None:
    rules = (ROOT / "macros/rules/broken_rules.sql").read_text()
    names = re.findall(r"^        \('(\w+)', ", rules, re.M)
    assert len(names) > 12
    assert [name for name in names if f"`{name}`" not in README] == []


def test_the_minimal_event_of_the_readme_is_valid(warehouse: Warehouse) -> None:
    (least,) = re.findall(r"^```json\n(.*?)\n```$", README, re.S | re.M)
    warehouse.load_events([least])
    warehouse.build("--select", "+fct_pageviews")
    assert warehouse.one("select views, page_url from fct_pageviews") == (
        1,
        "https://my.example/a",
    )


def test_every_path_that_the_readme_links_to_exists() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or Path(ROOT, target).exists(), target
