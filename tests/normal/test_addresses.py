"""The normal form of an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readership.normal.addresses import normal_address

PLAIN = "https://news.example/a/b"


@pytest.mark.parametrize(
    "written",
    [
        PLAIN,
        "HTTPS://NEWS.Example/a/b",
        "https://news.example./a/b",
        "https://news.example:443/a/b",
        "https://me:secret@news.example/a/b",
        "https://me@news.example/a/b",
        "https://news.example//a///b",
        "https://news.example/./a/b",
        "https://news.example/x/../a/b",
        "https://news.example/%2e/a/b",
        "https://news.example/%61/b",
        "https:\\\\news.example\\a\\b",
        "https:/news.example/a/b",
        "//news.example/a/b",
        "news.example/a/b",
        "News.Example:443/a/b",
        " \n\thttps://news.example/a/\tb\u00a0",
        "https://\uff4eews\u3002example/a/b",
    ],
)
def test_addresses_of_the_same_page_become_equal(written: str) -> None:
    assert normal_address(written) == PLAIN


@pytest.mark.parametrize("written", ["/caf%c3%a9", "/caf%C3%A9", "/caf\u00e9", "/c%61f%c3%A9"])
def test_escapes_in_a_path_are_normalized(written: str) -> None:
    assert normal_address(f"https://news.example{written}") == "https://news.example/caf%C3%A9"


@pytest.mark.parametrize(
    "host",
    ["b\u00fccher.example", "B\u00dcCHER.Example", "xn--bcher-kva.example", "bu\u0308cher.example"],
)
def test_a_host_in_any_script_becomes_ascii(host: str) -> None:
    assert normal_address(f"https://{host}/a") == "https://xn--bcher-kva.example/a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/a", "https://news.example/A"),
        ("https://news.example/a%2Fb", "https://news.example/a/b"),
        ("https://news.example/a%3Fb", "https://news.example/a?b"),
        ("https://news.example/a", "https://news.example:8443/a"),
        ("https://news.example/a;b", "https://news.example/a"),
    ],
)
def test_addresses_that_may_be_different_pages_stay_different(one: str, other: str) -> None:
    assert normal_address(one) != normal_address(other)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://news.example", "https://news.example/"),
        ("https://news.example?a=%c3%a9&b='c'", "https://news.example/?a=%C3%A9&b=%27c%27"),
        ("https://news.example/100%", "https://news.example/100%25"),
        ("https://news.example/a#Top%20%7e", "https://news.example/a#Top%20~"),
        ("android-app://com.Example.News/https/a", "android-app://com.Example.News/https/a"),
        ("about:blank", "about:blank"),
        ("-", "-"),
        ("", ""),
        ("news.example", "https://news.example/"),
        ("null", "null"),
        ("a/b.html", "a/b.html"),
        ("/a", "/a"),
        ("http://me:pw@not a host/a", "http://not a host/a"),
        ("http://[::1]:80/a", "http://[::1]/a"),
    ],
)
def test_addresses_with_other_schemes_are_normalized(written: str, normal: str) -> None:
    assert normal_address(written) == normal


ODD = st.text(alphabet=st.sampled_from("aZ.%/\\:@?#&=-_~ 2f\u00fc\u3042[]0\t"), max_size=30)


@given(ODD, st.sampled_from(["", "https://", "http://news.example/", "android-app://", "//"]))
def test_the_normal_form_is_idempotent(text: str, start: str) -> None:
    once = normal_address(start + text)
    assert normal_address(once) == once
