"""Hosts, their domains and the search engines among them."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.enriching import describe_host, hosts_in

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
        ("https://bücher.example/", "bücher.example"),
        ("ftp://Example.com/", "example.com"),
    ],
)
def test_the_host_of_a_url_is_lower_case_and_alone(url: str, host: str) -> None:
    assert hosts_in([url]) == {host}


@pytest.mark.parametrize(
    "url",
    [
        *(None, "", "/path", "https://", "http:///x", "//", "///x", "null", "(direct)", "-", "1.5"),
        *("about:blank", "mailto:ana@example.com", "ana@example.com", "example.com is it"),
        *("android-app://com.google.android.gm/x", "app://example.com", "com.example.app://open"),
    ],
)
def test_other_texts_have_no_host(url: str | None) -> None:
    assert hosts_in([url]) == set()


PLACES = st.text("aB.:@/?#[]- ü\n", max_size=12)
SCHEMES = st.sampled_from(["https://", "FTP://", "X-y+z.1://", "//", ""])


@pytest.mark.slow
@given(st.lists(st.builds("{}{}".format, SCHEMES, PLACES)))
def test_the_models_look_for_no_host_that_is_not_described(urls: list[str]) -> None:
    """What a referrer is looked up by, as the models work it out in base_events."""
    sql = (ROOT / "macros/engine/shared/urls.sql").read_text()
    (host,) = re.findall(r"set host = '(.*)'", sql)
    of_web = sql.partition("part == 'web_host'")[2].partition("elif part")[0]
    (web,) = re.findall(r"first_match\(column, '(.*)' ~ host\)", of_web)
    with duckdb.connect() as connection:
        found = connection.execute(
            "select nullif(lower(regexp_extract(url, ?, 1)), '') from (select unnest(?) as url)",
            [web + host, urls],
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
    assert describe_host(host).registrable_domain == domain


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
        ("google.com.", "google"),
        ("qwant.com", "qwant"),
        ("mojeek.com", "mojeek"),
        ("yandex.com.tr", "yandex"),
        ("yandex.kz", "yandex"),
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
    assert describe_host(host).search_engine == engine
