"""Search and filters find words of any script and names with any characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from readership.service.snapshots import publish
from tests.support.events import event
from tests.support.serving import Service, keys_of, running
from tests.support.warehouses import Dbt, Warehouse

SITE = "cases.example.com"
DAY = {"period_start": "24h"}
TITLES = {
    "/accent": "Manutenção na cidade",
    "/decomposed": unicodedata.normalize("NFD", "Manutenção outra vez"),
    "/japanese": "東京都の新しい政策",
    "/chinese": "猫的生活",
    "/korean": "서울은 지금",
    "/thai": "นโยบายใหม่ของกรุงเทพ",
    "/hindi": "नई शिक्षा नीति",
    "/greek": "ΟΔΟΣ ΠΑΤΗΣΙΩΝ",
    "/german": "Große Straße",
    "/turkish": "İstanbul'da IŞIK",
    "/apostrophe": "O\u2019Neill\u2019s win",
    "/arabic": "\u0623\u064e\u062e\u0652\u0628\u0627\u0631",
}
AUTHORS = {
    "/joint": ["Zoë Müller", "Ana Example"],
    "/band": ["AC/DC", "Müller, Jörg", "Bo & Co"],
    "/odd": ["C++ desk", "100% Ana", "Who? #1", "Łukasz Żak"],
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, dbt: Dbt) -> Iterator[Service]:
    """A newsroom with one post per title and per list of authors."""
    warehouse = Warehouse(tmp_path_factory.mktemp("names"), dbt)
    at = "2026-03-02 10:00:00"
    titled = [(path, {"metadata_title": title}) for path, title in TITLES.items()]
    signed = [
        (path, {"metadata_title": path, "metadata_authors": authors})
        for path, authors in AUTHORS.items()
    ]
    warehouse.load_events(
        event(path, at, path=path, metadata_canonical_url=f"https://{SITE}{path}", **metadata)
        for path, metadata in titled + signed
    )
    warehouse.build()
    warehouse.run_dbt("run-operation", "publish_answers")
    publish(warehouse.path)
    with running(warehouse.path, SITE, keys_of(SITE)) as running_service:
        yield running_service


def paths(rows: list[dict[str, str]]) -> set[str]:
    """Return the paths of the posts."""
    return {row["url"].removeprefix(f"https://{SITE}") for row in rows}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("manutencao", {"/accent", "/decomposed"}),
        ("MANUTENÇÃO", {"/accent", "/decomposed"}),
        (unicodedata.normalize("NFD", "manutenção"), {"/accent", "/decomposed"}),
        ("政策", {"/japanese"}),
        ("東京", {"/japanese"}),
        ("新しい", {"/japanese"}),
        ("猫", {"/chinese"}),
        ("生活", {"/chinese"}),
        ("서울", {"/korean"}),
        ("กรุงเทพ", {"/thai"}),
        ("शिक्षा", {"/hindi"}),
        ("शक्षा", set()),
        ("οδός", {"/greek"}),
        ("Πατησίων", {"/greek"}),
        ("strasse", {"/german"}),
        ("GROẞE", {"/german"}),
        ("istanbul isik", {"/turkish"}),
        ("\u0131ş\u0131k", {"/turkish"}),
        ("O'Neill", {"/apostrophe"}),
        ("\u0627\u062e\u0628\u0627\u0631", {"/arabic"}),
        ("zoe", {"/joint"}),
        ("lukasz", {"/odd"}),
        ("harbour", set()),
        ("?!", set()),
    ],
)
def test_words_are_found_in_any_spelling(service: Service, words: str, expected: set[str]) -> None:
    assert paths(service.call("/search", q=words)["data"]) == expected


@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for path, names in AUTHORS.items() for name in names]
)
def test_each_of_several_authors_is_found_by_name(service: Service, name: str, path: str) -> None:
    detail = f"/author/{quote(name, safe='')}/detail"
    assert paths(service.call(f"/analytics{detail}", **DAY)["data"]) == {path}
    assert paths(service.call("/analytics/posts", author=name, **DAY)["data"]) == {path}
    assert paths(service.call("/search", q="joint band odd", author=name)["data"]) == {path}
    assert service.views("/analytics/authors", "author", author=name, limit=100, **DAY) == [
        (author, 1) for author in sorted(AUTHORS[path])
    ]


@pytest.mark.parametrize(
    "form",
    [
        "Zo\u00eb M\u00fcller",
        "Zoe\u0308 Mu\u0308ller",
        "  Zo\u00eb \u00a0M\u00fcller ",
        "Zo\u00eb Mu\u0308ller and Ana Example",
    ],
)
def test_a_name_is_found_in_any_unicode_form(service: Service, form: str) -> None:
    detail = f"/analytics/author/{quote(form, safe='')}/detail"
    assert paths(service.call(detail, **DAY)["data"]) == {"/joint"}
    assert paths(service.call("/analytics/posts", author=form, **DAY)["data"]) == {"/joint"}
    assert "/joint" not in paths(
        service.call("/search", q="joint band", exclude=f"author:{form}")["data"]
    )


def test_a_name_with_an_unescaped_slash_is_found(service: Service) -> None:
    assert paths(service.call("/analytics/author/AC/DC/detail", **DAY)["data"]) == {"/band"}


def test_names_are_case_sensitive(service: Service) -> None:
    assert service.call("/analytics/author/ana%20example/detail", **DAY)["data"] == []
