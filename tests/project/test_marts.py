"""What BI tools find in every public mart without help: keys, joins, local time, plain names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.contracts.graph.manifest import Manifest

from tests.support.postgres_server import PostgresServer
from tests.support.warehouses import ROOT

# The table in which each key is looked up, by the name of the column.
LEADS = {
    r"(\w+_)?post_key": "dim_posts",
    r"visitor_key": "dim_visitors",
    r"campaign_key": "dim_campaigns",
    r"session_key": "fct_sessions",
    r"pageview_key": "fct_pageviews",
    r"conversion_key": "fct_conversions",
    r"event_key": "fct_custom_events",
    r"site_id": "dim_sites",
}
# Bounds of a row, or of what is known: nobody counts by their hour.
BOUNDS = {
    "ended_at", "first_touched_at", "last_touched_at", "first_viewed_before_at", "first_seen_at",
    "last_seen_at", "first_event_at", "last_event_at", "newest_event_at", "as_of_at",
    "starts_after_at", "ends_at", "first_viewed_at", "published_or_first_viewed_at",
    "live_since_at", "previous_starts_after_at", "previous_ends_at",
}  # fmt: skip
# A rollup has hours; its own name says no more.
ROLLUP = {"hour_at": {"local_hour", "local_date"}}

# Spark refuses these as names where it follows ANSI:
# https://spark.apache.org/docs/latest/sql-ref-ansi-compliance.html#sql-keywords
SPARK = """
    all and any as authorization both case cast check collate collation column
    constraint create cross current_date current_time current_timestamp current_user
    distinct else end escape except execute false fetch filter for foreign from full
    grant group having in inner intersect into is join lateral leading left natural not
    null offset on only or order outer overlaps primary references right select
    session_user some sql table then time to trailing union unique unknown user using
    values when where with within
"""


@pytest.fixture(scope="module")
def marts(manifest: Manifest) -> dict[str, Any]:
    """The public marts by name."""
    found = {
        node.name: node
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.access == "public" and node.fqn[1] == "marts"
    }
    assert len(found) > 25
    return found


def data_tests_of(manifest: Manifest, model: Any, name: str) -> list[Any]:  # noqa: ANN401
    return [
        node
        for node in manifest.nodes.values()
        if node.resource_type == "test"
        and getattr(node, "attached_node", None) == model.unique_id
        and node.test_metadata
        and node.test_metadata.name == name
    ]


def test_every_mart_has_one_column_as_its_primary_key(
    manifest: Manifest, marts: dict[str, Any]
) -> None:
    # The entity-relationship diagram takes the first unique key for the primary one.
    wrong = []
    for name, model in marts.items():
        rules = [
            test.test_metadata.kwargs for test in data_tests_of(manifest, model, "columns_hold")
        ]
        unique = [key for rule in rules for key in rule.get("unique") or []]
        not_null = {column for rule in rules for column in rule.get("not_null") or []}
        if not (unique and isinstance(unique[0], str) and unique[0] in not_null):
            wrong.append(name)
    assert wrong == [], f"no single column first in `unique`, and in `not_null`: {wrong}"


def test_every_key_of_a_mart_is_looked_up_in_its_table(
    manifest: Manifest, marts: dict[str, Any]
) -> None:
    found, missing = 0, []
    for name, model in marts.items():
        # Accounts of what was refused or flagged name sites and visitors that count nowhere.
        if name.startswith("ops_"):
            continue
        led = {
            (test.column_name, manifest.nodes[parent].name)
            for test in data_tests_of(manifest, model, "relationships")
            for parent in test.depends_on.nodes
            if test.config.where is None
        }
        for column in model.columns:
            tables = [to for pattern, to in LEADS.items() if re.fullmatch(pattern, column)]
            if tables and tables != [name]:
                found += 1
                if (column, *tables) not in led:
                    missing.append(f"{name}.{column} to {tables[0]}")
    assert found > 50
    assert missing == [], f"no test `relationships`: {missing}"


def test_every_time_of_a_mart_has_its_hour_and_date_on_the_sites_clock(
    marts: dict[str, Any],
) -> None:
    times, missing = 0, []
    for name, model in marts.items():
        if name.startswith("ops_"):
            continue
        for column in model.columns:
            if not column.endswith("_at") or column in BOUNDS:
                continue
            if name == "dim_posts_history":
                # A version has the time of publication as its metadata gave it.
                continue
            times += 1
            stem = column.removesuffix("_at")
            needed = ROLLUP.get(column, {f"{stem}_local_hour", f"{stem}_date"})
            missing += [f"{name}.{one}" for one in sorted(needed - set(model.columns))]
    assert times >= 9
    assert missing == [], f"no hour or date on the site's clock: {missing}"


def reserved(engine: str, request: pytest.FixtureRequest) -> set[str]:
    """Return the words that name no column of an engine unless they are quoted."""
    if engine == "duckdb":
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select keyword_name from duckdb_keywords() "
                "where keyword_category in ('reserved', 'type_function')"
            ).fetchall()
        return {word for (word,) in rows}
    if engine == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        return {
            word
            for (word,) in server.rows(
                "select word from pg_get_keywords() where catcode in ('R', 'T')",
                database="postgres",
            )
        }
    if engine == "spark":
        return set(SPARK.split())
    lines = Path(ROOT / f"tests/engines/reserved/{engine}.txt").read_text().splitlines()
    listed = {line for line in lines if line and not line.startswith("#")}
    # Databricks refuses few words, and advises against those of Spark's ANSI mode.
    return listed | set(SPARK.split()) if engine == "databricks" else listed


@pytest.mark.parametrize(
    "engine",
    [
        "duckdb",
        "postgresql",
        "spark",
        *sorted(file.stem for file in (ROOT / "tests/engines/reserved").glob("*.txt")),
    ],
)
def test_no_column_needs_quotes_on_any_engine(
    manifest: Manifest, engine: str, request: pytest.FixtureRequest
) -> None:
    words = reserved(engine, request)
    assert {"select", "from"} <= words
    assert len(words) > 50
    wrong = sorted(
        f"{node.name}.{column}"
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.access == "public"
        for column in node.columns
        if column in words or not re.fullmatch("[a-z][a-z0-9_]*", column)
    )
    assert wrong == [], f"names that {engine} takes only in quotes: {wrong}"
