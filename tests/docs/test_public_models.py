"""Every public model is on the pages: in the tables of names, and in a query with its result."""

from __future__ import annotations

import re

import pytest
from dbt.contracts.graph.manifest import Manifest

from tests.support.pages import PAGES, QUERY, named_in_tables


@pytest.fixture(scope="module")
def public(manifest: Manifest) -> dict[str, str]:
    """The layer of each public model, by the name of the model."""
    return {
        node.name: node.fqn[1]
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.access == "public"
    }


def test_a_query_of_the_pages_reads_every_public_model(public: dict[str, str]) -> None:
    queries = [sql for text in PAGES.values() for sql, _ in QUERY.findall(text)]
    assert len(public) > 50
    missing = sorted(
        name for name in public if not any(re.search(rf"\b{name}\b", sql) for sql in queries)
    )
    assert not missing, (
        f"no query on a page reads: {', '.join(missing)}; show one with its result in docs/tables/ "
        "(a mart) or docs/exports.md (an export)"
    )


def test_the_readme_names_every_public_model(public: dict[str, str]) -> None:
    missing = sorted(public.keys() - named_in_tables(PAGES["README.md"]))
    assert not missing, f"no table of README.md names: {', '.join(missing)}; add a row for each"


def test_the_page_of_tables_names_every_mart(public: dict[str, str]) -> None:
    marts = {name for name, layer in public.items() if layer == "marts"}
    missing = sorted(marts - named_in_tables(PAGES["docs/tables/index.md"]))
    assert not missing, (
        f"the table of docs/tables/index.md does not name: {', '.join(missing)}; add it to its "
        "subject"
    )
