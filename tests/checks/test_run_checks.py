"""The checks before a run, and the contracts of the tables."""

from __future__ import annotations

import re
from typing import Any

import pytest

from loaders.fields import FIELDS
from tests.support.events import event
from tests.support.warehouses import ROOT, Dbt, DbtFailedError, Warehouse


def own(key: object, **fields: object) -> list[dict[str, object]]:
    """Return a variable with one column of the publisher's own."""
    return [{"key": key, "type": "text"} | fields]


@pytest.fixture(scope="module")
def empty(module_warehouse: Warehouse) -> Warehouse:
    module_warehouse.init()
    return module_warehouse


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("session_gap_minutes", "thirty", "must be a number above 0"),
        ("session_gap_minutes", -1, "must be a number above 0"),
        ("session_gap_minutes", True, "must be a number above 0"),
        ("trending_score_threshold", float("inf"), "must be a number above 0"),
        ("count_bots", "no", "must be true or false"),
        ("staff_keys", "is_employee", "must be a list of names"),
        ("segment_keys", "plan", "must be a list of names"),
        ("overlong_session_hours", 0, "must be a number above 0"),
        ("staff_keys", ["x') or true --"], "may hold names of letters"),
        ("metadata_rule", "5_days", "must be latest or five_days"),
        ("metadata_settling_days", 0, "must be a number above 0"),
        ("headline_test_hours", "a day", "must be a number above 0"),
        ("machine_tag_prefixes", "parsely_", "must be a list of texts"),
        ("machine_tag_prefixes", ["x') or true --"], "may hold texts of letters"),
        ("people_user_agents", "okhttp", "must be a list of texts"),
        ("people_user_agents", [" "], "may hold texts in quotes that are not blank"),
        ("shared_visitor_ids", [0], "may hold texts in quotes that are not blank"),
        ("shared_visitor_ids", {"0": "0"}, "must be a list of texts"),
        ("earliest_event_date", "2000", "must be a date YYYY-MM-DD"),
        ("as_of", "yesterday", "must be empty or UTC"),
        ("default_time_zone", "Mars/Olympus", "must be an IANA time zone name"),
        ("skim_max_seconds", 60, "must be below read_max_seconds"),
        ("earliest_event_date", "2200-01-01", "must be before latest_event_date"),
        ("response_limit", 2.5, "must be a whole number"),
        ("attribution_window_days", 0, "must be a number above 0"),
        ("video_skim_max_seconds", 60, "must be below video_watch_max_seconds"),
        ("video_duration_unit", "minutes", "must be seconds or milliseconds"),
        ("low_value_conversion_types", ["lead_capture"], "is in high_value_conversion_types"),
        ("custom_event_keys", {"plan": "text"}, "must be a list of"),
        ("custom_event_keys", ["plan"], "may hold {key, type}"),
        ("custom_event_keys", [{"key": "a' or '", "type": "text"}], "may hold keys of letters"),
        ("custom_event_keys", [{"key": "plan", "type": "json"}], "may hold the types text"),
        ("custom_event_keys", [{"key": "a", "type": "text"}] * 2, "names a key twice"),
        ("extra_columns", "plan", "must be a list of"),
        (
            "metadata_columns",
            own("title"),
            'name a column "title", which trending_posts has',
        ),
        (
            "extra_columns",
            own("run_rank"),
            'a column "run_rank", which dim_posts_history has',
        ),
        ("tier_window_days", 30.5, "must be a whole number"),
        ("loyal_rolling_pageviews", 0, "must be a number above 0"),
        ("trending_window_hours", 1.5, "must be a whole number"),
        ("trending_history_weeks", 0, "must be a number above 0"),
        ("evergreen_candidate_days", 21, "must not be above evergreen_days"),
    ],
)
def test_an_invalid_variable_stops_the_run_with_its_name(
    empty: Warehouse, name: str, value: object, message: str
) -> None:
    with pytest.raises(DbtFailedError, match=f"{name}.*{message}|{message}.*{name}"):
        empty.build("--select", "sites", **{name: value})


def test_all_columns_that_cannot_be_are_named_at_once(empty: Warehouse) -> None:
    key = "may hold keys of up to 200 letters, digits, _, . and -, not "
    small = ": give it a `name` of up to 50 small letters, digits and _, a letter first"
    columns: list[tuple[Any, str]] = [
        (["plan"], 'may hold {key, type} or {key, type, name}, not "plan"'),
        ([{"key": "plan", "sql": "1", "type": "text"}], 'not {"key": "plan", "sql": "1", "type":'),
        (own("plan'] or 1=1 --"), key + '"plan\'] or 1=1 --"'),
        (own('a"b'), key + r'"a\"b"'),
        (own("größe"), key + r'"gr\u00f6\u00dfe"'),
        (own("k" * 201), key + '"' + "k" * 76 + "...; "),
        (own(7), key + "7"),
        (own("plan", type="json"), "may hold the types text, number, integer, boolean, timestamp,"),
        (own("plan", type=["text"]), 'timestamp, not ["text"]'),
        (own("is-member"), 'cannot name a column "is-member"' + small),
        (own("Plan"), 'cannot name a column "Plan"' + small),
        (own("p" * 51), 'cannot name a column "' + "p" * 51 + '"' + small),
        (own("plan", name="a, b"), 'cannot name a column "a, b"' + small),
        (own("plan", name="order"), 'cannot name a column "order", a word of SQL: give it another'),
        (own("paid_plan") * 2, 'names two columns "paid_plan": give one another `name`'),
    ]
    with pytest.raises(DbtFailedError) as failure:
        empty.build(
            "--select", "sites", extra_columns=[one for items, _ in columns for one in items]
        )
    line = str(failure.value)
    assert [message for _, message in columns if message not in line] == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("sesion_gap_minutes", "session_gap_minutes"),
        ("session_gap_minute", "session_gap_minutes"),
        ("Response-Limit", "response_limit"),
        ("count_bot", "count_bots"),
        ("as_off", "as_of"),
    ],
)
def test_a_misspelt_variable_stops_the_run_with_a_suggestion(
    empty: Warehouse, name: str, meant: str
) -> None:
    with pytest.raises(DbtFailedError, match=f"no variable `{name}`; did you mean `{meant}`\\?"):
        empty.build("--select", "sites", **{name: 10})


def test_variables_under_the_name_of_the_package_stop_the_run(empty: Warehouse) -> None:
    # dbt takes them for one variable that nothing reads.
    with pytest.raises(DbtFailedError, match="--vars knows no packages: write the names under `re"):
        empty.build("--select", "sites", readership={"session_gap_minutes": 10})


def test_unrelated_variables_are_ignored(empty: Warehouse) -> None:
    empty.build("--select", "sites", newsroom_desk="Sports", limit=3, session=1, posts=2)


def test_missing_raw_tables_stop_the_run_with_the_remedy(warehouse: Warehouse) -> None:
    with pytest.raises(DbtFailedError, match=r"no raw\.events in this warehouse.*readership init"):
        warehouse.build()


def test_missing_seeds_stop_the_run_with_the_remedy(dbt: Dbt, warehouse: Warehouse) -> None:
    warehouse.init()
    with pytest.raises(DbtFailedError, match=r"in this warehouse.*`dbt seed`.*`dbt build`"):
        dbt(warehouse.path, "run")


def test_a_changed_setting_of_stored_rows_requires_a_full_refresh(warehouse: Warehouse) -> None:
    warehouse.load_events([event("ada", "2026-03-02 10:00:00")])
    warehouse.build()
    changed = (
        "count_bots was false when rows were stored and is true now; skim_max_seconds was 15 when "
        "rows were stored and is 5 now: recompute with `readership build --full-refresh` "
    )
    with pytest.raises(DbtFailedError, match=changed):
        warehouse.build(count_bots=True, skim_max_seconds=5)
    warehouse.build("--full-refresh", count_bots=True, skim_max_seconds=5)
    warehouse.build(count_bots=True, skim_max_seconds=5, response_limit=3)
    with pytest.raises(DbtFailedError, match="count_bots was true when rows were stored"):
        warehouse.build()
    ids = [f"visitor-{number}" for number in range(20)]
    with pytest.raises(DbtFailedError, match="shared_visitor_ids is not what it was when rows"):
        warehouse.build(count_bots=True, skim_max_seconds=5, shared_visitor_ids=ids)


def test_a_column_that_is_no_affected_key_stops_the_run_with_the_keys(
    dbt: Dbt, empty: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = "event_key, visitor_key, session_scope_key, page_key, page_day_key, event_hour_at, event"
    message = f"`viewed_date` is not a key that loads affect: name one with `key=`: {keys}"
    with pytest.raises(DbtFailedError):
        dbt(empty.path, "compile", "--inline", "select {{ is_affected('viewed_date') }}")
    assert message in capsys.readouterr().out

    def compile_model(unique_key: str, **meta: str) -> None:
        strategy = "materialized='incremental', incremental_strategy='replace_affected'"
        config = f"config({strategy}, unique_key='{unique_key}', meta={meta})"
        sql = f"{{{{ {config} }}}} select 1 {{% do check_affected_key_of_model() %}}"
        dbt(empty.path, "compile", "--inline", sql)

    with pytest.raises(DbtFailedError, match=r"`viewed_date` is not a key .* as unique_key, or"):
        compile_model("viewed_date")
    compile_model("visitor_key")
    compile_model("hour_at", affected_key="event_hour_at")


def test_the_affected_keys_are_columns_of_their_model(dbt: Dbt) -> None:
    columns = set(dbt.manifest.nodes["model.readership.affected_keys"].columns)
    sql = (ROOT / "macros/incremental/affected_keys.sql").read_text()
    listed = re.search(r"macro affected_key_names\(\).*?return\(\[(.*?)\]\)", sql, re.S)
    assert listed
    keys = set(re.findall(r"'(\w+)'", listed[1]))
    assert keys == columns - {"load_id", "is_direct"}
    page = (ROOT / "docs/adding_a_model.md").read_text()
    assert [key for key in keys if f"`{key}`" not in page] == []


def test_a_changed_seed_is_reported_and_does_not_stop_the_run(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse.load_events([event("ada", "2026-03-02 10:00:00")])
    warehouse.build()
    message = "seeds/sites.csv changed since rows were stored"
    assert message not in capsys.readouterr().out
    warehouse.execute(
        "update processed_loads set settings = "
        "regexp_replace(settings, '(sites.csv\": \")[0-9a-f]', '\\1x')"
    )
    warehouse.build()
    assert message in capsys.readouterr().out


def test_as_of_may_be_before_the_newest_event(warehouse: Warehouse) -> None:
    warehouse.load_events(
        [
            event("ada", "2026-03-02 10:00:00"),
            event("ada", "2026-03-03 10:00:00", session=2),
        ]
    )
    warehouse.build(as_of="2026-03-02 12:00:00")
    warehouse.test(as_of="2026-03-02 12:00:00")
    assert warehouse.rows("select period, views from api_analytics_posts order by all") == [
        ("24h", 1),
        ("30d", 1),
        ("3d", 1),
        ("4h", 1),
        ("7d", 1),
        ("90d", 1),
        ("all", 1),
        ("today", 1),
    ]


def promised(dbt: Dbt) -> list[Any]:
    return [
        node
        for node in dbt.manifest.nodes.values()
        if node.resource_type == "model" and node.access == "public"
    ]


def test_every_mart_and_export_has_a_contract_and_describes_every_column(dbt: Dbt) -> None:
    models = promised(dbt)
    assert len(models) > 15
    for node in models:
        assert node.contract.enforced, node.name
        assert node.group, node.name
        assert node.description, node.name
        for column in node.columns.values():
            assert column.description, f"{node.name}.{column.name}"


def test_every_mart_and_export_has_a_test_of_its_key(dbt: Dbt) -> None:
    models = promised(dbt)
    keyed = {
        parent
        for node in dbt.manifest.nodes.values()
        if node.resource_type == "test"
        and node.name.startswith("columns_hold_")
        and node.test_metadata.kwargs.get("unique")
        for parent in node.depends_on.nodes
    }
    assert {node.name for node in models if node.unique_id not in keyed} == set()


def test_staging_reads_only_columns_that_the_loader_writes() -> None:
    sql = (ROOT / "models/staging/base/base_events.sql").read_text()
    read = set(re.findall(r"\b(?:landed|source_events)\.(\w+)", sql))
    assert len(read) > 80
    # What the first two steps add to the columns of the loader.
    steps = sql.partition("with_texts as (")[2].partition("renamed as (")[0]
    read -= set(re.findall(r"\bas (\w+)", steps))
    of_loader = {"_unknown_fields", "_file", "_line", "_dlt_load_id"}
    # The last is what tells the rows of a table of the publisher's own apart.
    assert read - set(FIELDS) == of_loader | {"_row_hash"}


def test_no_model_reads_the_clock() -> None:
    clock = re.compile(r"\b(now\(\)|current_date|current_timestamp|run_started_at|getdate)", re.I)
    told = set(ROOT.glob("macros/engine/**/time_of_engine.sql"))
    # Claims of loads expire, and an operator is told when rows changed or loads were seen.
    asking = {
        ROOT / "macros" / "sources" / "table_loads.sql",
        ROOT / "macros" / "incremental" / "claimed_loads.sql",
        ROOT / "macros" / "operations" / "answer_versions.sql",
    }
    for path in {*ROOT.glob("models/**/*.sql"), *ROOT.glob("macros/**/*.sql")} - told:
        text = path.read_text()
        assert not clock.search(text), path
        assert "time_of_engine" not in text or path in asking, path


def test_models_contain_no_engine_specific_syntax() -> None:
    engine = re.compile(
        r"target\.type|::|json_extract|unnest\(|\blist_\w+\(|strptime|qualify |regexp_|epoch\(",
        re.I,
    )
    for path in ROOT.glob("models/**/*.sql"):
        without_macros = re.sub(r"\{\{.*?\}\}", "", path.read_text(), flags=re.S)
        assert not engine.search(without_macros), path
