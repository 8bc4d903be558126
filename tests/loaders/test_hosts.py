"""Hosts, their domains and the search engines among them."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.hosts import describe, hosts_in

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("tried to reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.Example.com/a?b#c", "news.example.com"),
        ("HTTP://example.com:8080/", "example.com"),
        ("https://user:pass@example.com", "example.com"),
        ("https://example.com?x=@y", "example.com"),
        ("http://10.0.0.1:3000/", "10.0.0.1"),
        ("http://[2001:db8::1]:80/", "[2001:db8::1]"),
        ("android-app://com.google.android.gm/x", "com.google.android.gm"),
        ("https://bücher.example/", "bücher.example"),
        ("ftp://Example.com/", "example.com"),
        ("view-source+x://example.com", "example.com"),
    ],
)
def test_the_host_of_a_url_is_lower_case_and_alone(url: str, host: str) -> None:
    assert hosts_in([url]) == {host}


@pytest.mark.parametrize(
    "url", [None, "", "/path", "example.com/x", "//example.com/x", "https://", "http:///x"]
)
def test_other_texts_have_no_host(url: str | None) -> None:
    assert hosts_in([url]) == set()


PLACES = st.text("aB.:@/?#[]- ü\n", max_size=12)


@given(st.lists(st.builds("{}{}".format, st.sampled_from(["https://", "X-y+z.1://", ""]), PLACES)))
def test_the_models_look_for_no_host_that_is_not_described(urls: list[str]) -> None:
    sql = (ROOT / "macros/engine/urls.sql").read_text()
    pattern = re.search(r"part == 'host' -%\}\s+lower\(.*first_match\(column, '(.*)'\)", sql)
    assert pattern is not None
    with duckdb.connect() as connection:
        found = connection.execute(
            "select nullif(lower(regexp_extract(url, ?, 1)), '') from (select unnest(?) as url)",
            [pattern[1], urls],
        ).fetchall()
    assert hosts_in(urls) == {host for (host,) in found} - {None}


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.bbc.co.uk", "bbc.co.uk"),
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("someone.github.io", "someone.github.io"),
        ("bücher.example.de", "example.de"),
        ("co.uk", None),
        ("10.0.0.1", None),
        ("[2001:db8::1]", None),
        ("localhost", None),
        ("intranet.corp", None),
        ("bad..com", None),
        ("sp%20ace.com", None),
        ("x" * 300 + ".com", None),
    ],
)
def test_the_registrable_domain_follows_the_public_suffix_list(
    host: str, domain: str | None
) -> None:
    assert describe(host).registrable_domain == domain


@pytest.mark.parametrize(
    ("host", "engine"),
    [
        ("www.google.com", "google"),
        ("google.co.uk", "google"),
        ("duckduckgo.com", "duckduckgo"),
        ("html.duckduckgo.com", "duckduckgo"),
        ("www.bing.com", "bing"),
        ("uk.search.yahoo.com", "yahoo"),
        ("yandex.ru", "yandex"),
        ("www.ecosia.org", "ecosia"),
        ("mail.google.com", None),
        ("news.google.com", None),
        ("docs.google.com", None),
        ("gemini.google.com", None),
        ("translate.google.com", None),
        ("mail.yahoo.com", None),
        ("www.facebook.com", None),
        ("m.facebook.com", None),
        ("example.com", None),
        ("10.0.0.1", None),
        ("[2001:db8::1]", None),
    ],
)
def test_only_a_search_engines_own_host_is_one(host: str, engine: str | None) -> None:
    assert describe(host).search_engine == engine


def test_an_android_app_has_no_domain_but_may_be_a_search_engine() -> None:
    package = "com.google.android.googlequicksearchbox"
    assert describe(package) == (package, None, "google")
    assert describe("com.example.app").registrable_domain is None


def test_what_is_said_of_a_host_does_not_depend_on_the_scheme_it_was_met_under() -> None:
    assert hosts_in(["android-app://news.partner.com/x", "https://news.partner.com/x"]) == {
        "news.partner.com"
    }
    assert describe("news.partner.com").registrable_domain == "partner.com"
