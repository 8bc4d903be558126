"""What dbt would send to cloud warehouses: each statement parses, and calls what is there.

Nothing runs: dbt's own adapters work against a connection that answers nothing and records, so
hooks, materializations and tests are sent as users send them. Needs `make setup-clouds` and, for
Databricks, `make setup-databricks`. The small case is the second run of all models on Snowflake and
BigQuery; `--long` (`make test-engines`) has every command and every engine.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.cloud_statements import (
    Statement,
    called_functions,
    driven,
    is_of_dbt,
    listed_functions,
    problems,
    reason_not_to_run,
    sent,
)

ENGINES = ("snowflake", "bigquery", "trino", "athena", "databricks")
ON_EVERY_CHANGE = ("snowflake", "bigquery")
DAYS = ("--vars", "{rebuild_dates: ['2026-03-01']}")
BUILD = ("build", "--exclude-resource-type", "unit_test")
SMALL = {"second run": ("built", "run")}
LONG = {
    "first build": ("empty", *BUILD),
    "second build": ("built", *BUILD),
    "full refresh": ("built", "run", "--full-refresh"),
    "rebuilt days": ("built", "run", *DAYS),
    "erasure": ("built", "run-operation", "erase_visitors"),
}
# How each replaces the rows of a key: most models by these statements, one by a merge.
REPLACING = {"databricks": {"merge into", "insert into"}}


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, is_long: bool) -> str:
    """The name of an engine, of its target and of its dialect."""
    name = str(request.param)
    missing = reason_not_to_run(name)
    if missing:
        pytest.skip(f"no adapter of {name} here: {missing}")
    if name not in ON_EVERY_CHANGE and not is_long:
        pytest.skip("only with --long: each engine takes most of a minute")
    return name


@pytest.fixture(scope="module")
def statements(
    engine: str, tmp_path_factory: pytest.TempPathFactory, is_long: bool
) -> list[Statement]:
    """What dbt sends to the engine. Takes over 20 s."""
    found: dict[str, Statement] = {}
    for name, (state, *command) in (LONG if is_long else SMALL).items():
        folder = tmp_path_factory.mktemp(f"{engine} {name}".replace(" ", "_"))
        found |= {one.text: one for one in sent(engine, state, folder, *command)}
    return list(found.values())


def test_every_statement_parses_and_has_nothing_that_the_engine_lacks(
    engine: str, statements: list[Statement]
) -> None:
    found = {
        (statement.node, problem)
        for statement in statements
        for problem in problems(engine, statement)
    }
    assert found == set()
    assert len([one for one in statements if not is_of_dbt(one)]) > 300


def test_every_function_that_is_called_is_one_of_the_engine(
    engine: str, statements: list[Statement], is_long: bool
) -> None:
    listed = listed_functions(engine)
    called = {
        (name, statement.node)
        for statement in statements
        for name in called_functions(engine, statement)
    }
    assert {one for one in called if one[0] not in listed} == set()
    if is_long:
        # Each is looked up when it is first used, so none is there without.
        assert listed - {name for name, _ in called} == set()


def test_incremental_models_replace_what_loads_affect(
    engine: str, statements: list[Statement]
) -> None:
    sent_by = {
        (one.node.rpartition(".")[2], word)
        for one in statements
        for word in ("merge into", "delete from", "insert into")
        if word in " ".join(one.text.lower().split())
    }
    assert ("base_page_posts", "merge into") in sent_by
    replacing = REPLACING.get(engine, {"delete from", "insert into"})
    assert {("int_sessions", word) for word in replacing} <= sent_by


def test_an_erasure_reaches_every_table_and_leaves_no_list(
    engine: str, statements: list[Statement], is_long: bool
) -> None:
    if not is_long:
        pytest.skip("only with --long: it has the erasure")
    sent = [" ".join(one.text.split()) for one in statements if "erase_visitors" in one.node]
    changed = [_table(one) for one in sent if one.startswith(("delete", "update", "merge"))]
    assert {"events", "unknown_fields", "files", "rejected_lines", "fct_sessions"} <= {*changed}
    # While a visitor's events are there, an erasure that died finds the visitor again.
    assert changed.index("int_event_attribution") < changed.index("events")
    assert changed.index("int_sessions") < changed.index("int_event_attribution")
    listed = [_table(one) for one in sent if " as select " in one and one.startswith("create")]
    assert len(listed) == 6
    dropped = [_table(one) for one in sent if one.startswith("drop table")]
    stored = any(one.startswith("create temporary") for one in sent)
    assert {*dropped} == (set() if stored else {*listed})


def _table(statement: str) -> str:
    """Return the name of the table that a statement is about."""
    found = re.search(r"\b(?:from|into|update|table)(?: if exists)? (\S+)", statement)
    assert found, statement
    return found[1].rpartition(".")[2].strip('"`').lower()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select a from t where", "does not parse"),
        ("select cast(a as timestamp) at time zone 'UTC' from t", "at time zone"),
        ("select trim(trailing '/' from a) from t", "does not parse"),
        ("with recursive r as (select 1 as a union select a from r) select a from r", "without"),
        ("select regexp_substr(a, '(?:b)+') from t", "not of POSIX"),
        ("select a as rows from t", "reserved word"),
        ('select "a" from t', "another case"),
        ("vacuum full of things", "is not read"),
    ],
)
def test_a_statement_that_snowflake_would_refuse_is_found(text: str, problem: str) -> None:
    found = list(problems("snowflake", Statement("a test", text)))
    assert any(problem in one for one in found), found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select a from t union select b from t", "does not parse"),
        ("select 1 as a where false", "`where` without `from`"),
        ("select cast(a as varchar) from t", "the type varchar"),
        ("select a from t where (a, b) in (select a, b from u)", "several columns"),
        ("select regexp_extract(a, r'(b)(c)') from t", "several groups"),
        ("select percentile_cont(0.5) within group (order by a) from t", "within group"),
        ("select a.b from t cross join lateral (select 1 as b) as a", "lateral"),
        ("select a as hash from t", "reserved word"),
        ("delete from t", "without `where`"),
        ("update t set a = 1", "without `where`"),
        (
            "update t set a = 1 where exists (select 1 from u where strpos(t.b, u.b) > 0)",
            "equality",
        ),
    ],
)
def test_a_statement_that_bigquery_would_refuse_is_found(text: str, problem: str) -> None:
    found = list(problems("bigquery", Statement("a test", text)))
    assert any(problem in one for one in found), found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select a from t where", "does not parse"),
        ("delete from t where a in (select b from u where c in (select d from v))", "a subquery"),
        ("select cast(a as timestamp) from t", "the type timestamp"),
        ("drop table t purge", "purge"),
        ("select l.a from t as left join u as l on t.a = l.a", "reserved word"),
    ],
)
def test_a_statement_that_databricks_would_refuse_is_found(text: str, problem: str) -> None:
    found = list(problems("databricks", Statement("a test", text)))
    assert any(problem in one for one in found), found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select a from t where", "does not parse"),
        ("select cast(a as timestamp) from t", "the type timestamp"),
        ("select percentile_cont(0.5) within group (order by a) from t", "within group"),
        ("select a from t where a is true", "is true"),
        ("select a + interval '1 day' from t", "an interval"),
        ("select lower(a) as b, count(*) from t group by b", "by an alias"),
        ("select a as skip from t", "reserved word"),
    ],
)
def test_a_statement_that_trino_would_refuse_is_found(text: str, problem: str) -> None:
    found = list(problems("trino", Statement("a test", text)))
    assert any(problem in one for one in found), found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select a from t where", "does not parse"),
        ("select cast(a as timestamp) from t", "the type timestamp"),
        ("select a as last from t", "reserved word"),
        ("select '" + "ä" * 131_072 + "' as a from t", "is longer than 262,144 bytes"),
    ],
)
def test_a_statement_that_athena_would_refuse_is_found(text: str, problem: str) -> None:
    found = list(problems("athena", Statement("a test", text)))
    assert any(problem in one for one in found), found


def test_redshift_is_refused_in_one_line_before_anything_is_built(
    tmp_path: Path, is_long: bool
) -> None:
    if not is_long or reason_not_to_run("redshift"):
        pytest.skip("only with --long, and with .venv-clouds")
    (tmp_path / "profiles.yml").write_text(
        "readership:\n  target: redshift\n  outputs:\n    redshift:\n"
        "      {type: redshift, host: nowhere, port: 5439, user: nobody, password: none,\n"
        "       dbname: readership, schema: readership}\n"
    )
    done, file = driven("redshift", "empty", tmp_path, "run", profiles=tmp_path)
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if "does not build on Redshift" in line]
    assert len(said) == 1
    assert "docs/engines.md" in said[0]
    sent = [json.loads(line)[1] for line in file.read_text().splitlines()]
    assert [text for text in sent if "create table" in text or "create view" in text] == []


def test_a_call_is_told_from_other_words_before_a_bracket() -> None:
    text = (
        "with q (a, b) as (select f(x), y from (select x, y from s.t) as u (x, y) where x in (1)) "
        "insert into r (a) values (1)"
    )
    assert called_functions("snowflake", Statement("a test", text)) == {"f"}


@pytest.mark.parametrize("folder", ["functions", "reserved"])
def test_the_lists_name_their_source(folder: str) -> None:
    files = list((Path(__file__).parent / folder).glob("*.txt"))
    for file in files:
        lines = file.read_text().splitlines()
        assert any("https://" in line for line in lines if line.startswith("#")), file
        names = [line for line in lines if line and not line.startswith("#")]
        assert names == sorted(set(names)), file
    assert {file.stem for file in files} == set(ENGINES)
