"""What the README and the pages show, run on the sample that `make run` makes."""

from __future__ import annotations

import json
import re

import pytest

from readership.command_line import main
from readership.service import SiteKeys, publish
from tests.support.pages import PAGES, QUERY
from tests.support.serving import running
from tests.support.warehouses import Warehouse

CALL = re.compile(
    r"^\$ curl -s 'http://127\.0\.0\.1:8000/v2(.*?)' \|\n"
    r"    jq -c '\.data\[\] \| \[(.*?)\]'\n(.*?)^```$",
    re.S | re.M,
)
QUERIES = [
    pytest.param(sql, printed, id=f"{name}:{number}")
    for name, text in PAGES.items()
    for number, (sql, printed) in enumerate(QUERY.findall(text), 1)
]


@pytest.fixture(scope="module")
def sample(module_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("sample")
    assert main(["simulate", "--mess", "--out", str(folder)]) == 0
    module_warehouse.load(folder)
    module_warehouse.build()
    return module_warehouse


def test_no_query_of_a_page_is_passed_over() -> None:
    written = sum(text.count("\n$ readership query") for text in PAGES.values())
    assert len(QUERIES) == written
    assert written >= 50


@pytest.mark.parametrize(("sql", "printed"), QUERIES)
def test_each_query_of_a_page_prints_what_the_page_shows(
    sample: Warehouse,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    sql: str,
    printed: str,
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["query", "--warehouse", str(sample.path), sql]) == 0
    assert capsys.readouterr().out == printed


def test_the_call_of_the_page_is_answered_with_what_it_shows(sample: Warehouse) -> None:
    ((call, fields, shown),) = CALL.findall(PAGES["docs/http.md"])
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


def test_the_least_event_of_the_page_is_valid(warehouse: Warehouse) -> None:
    (least,) = re.findall(r"^```json\n(.*?)\n```$", PAGES["docs/your_files.md"], re.S | re.M)
    warehouse.load_events([least])
    warehouse.build("--select", "+fct_pageviews")
    assert warehouse.one("select views, page_url from fct_pageviews") == (
        1,
        "https://my.example/a",
    )
