"""Macros of what engines do differently give values written by hand here.

On DuckDB and PostgreSQL, and with `--long` on Spark. What other engines do is in docs/engines.md,
by the pages of their documentation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import product

import pytest

from tests.support.spark_warehouse import reason_not_to_run, running_spark

MOMENT = "cast('2026-03-02 10:00:00.5' as timestamp)"
ZURICH = "'Europe/Zurich'"
TWICE = "cast('2026-10-25 02:30:00' as timestamp)"
# Keys with a point, a list in an object, a null and a repeated key.
OBJECT = '\'{"a.b": 1, "a": {"x": [1, "y"]}, "n": null, "l": [1, 2], "r": "x", "r": "y"}\''
# PostgreSQL computes with constants before it looks at conditions.
NO_JSON = "(select max(v.t) from (values ('no JSON')) as v (t))"
TEXT = "{{ dbt.type_string() }}"

VALUES: dict[str, dict[str, object]] = {
    "least and greatest": {
        "{{ least_of(['cast(null as integer)', 3]) }}": 3,
        "{{ greatest_of([2, 'cast(null as integer)']) }}": 2,
        "{{ least_of([2, 3]) }}": 2,
        "{{ greatest_of([2, 3]) }}": 3,
    },
    "joined columns": {
        "{{ separated_texts(\"'-'\", [\"'a'\", 'null', \"''\", \"'b'\"]) }}": "a--b",
    },
    "count of distinct rows": {
        "(select {{ count_distinct_rows(['v.a', 'v.b']) }} "
        "from (values (1, null), (1, null), (1, 2)) as v (a, b))": 2,
    },
    "rounding": {
        "{{ rounded('0.5', 0) }}": 1.0,
        "{{ rounded('2.5', 0) }}": 3.0,
        "{{ rounded('-2.5', 0) }}": -3.0,
        # Below one half as a floating-point number, though not as a decimal one.
        "{{ rounded('0.285', 2) }}": 0.28,
        "{{ round_to_integer('2.5') }}": 3,
    },
    "division of integers": {
        "{{ quotient(7, 2) }}": 3.5,
        "{{ quotient(1, 0) }}": None,
        "{{ ratio(2, 3) }}": 0.667,
        "{{ ratio(1, 0) }}": 0.0,
    },
    "trim": {
        "{{ null_if_blank(\"'\u00a0 a b\u3000'\") }}": "a b",
        "{{ null_if_blank(\"chr(10) || 'a '\") }}": "\na",
        "{{ null_if_blank(\"' '\") }}": None,
        "{{ trimmed(\"'\u00a0'\") }}": "",
    },
    "parts of texts": {
        "{{ page_address(\"'https://www.news.example//a//b//'\") }}": "news.example//a//b",
        "{{ page_address(\"'https://news.example///?x#y'\") }}": "news.example",
        "{{ text_before(\"'ab.c.d'\", '.') }}": "ab",
        "{{ text_before(\"'ab'\", '.') }}": "ab",
        "{{ has_text(\"'abc'\", \"'bc'\") }}": True,
        "{{ has_text(\"'abc'\", \"'cb'\") }}": False,
        "'B' < 'a' and 'z' < 'ä'": True,
    },
    "regular expressions": {
        "{{ matches(\"'ab'\", 'a|b') }}": False,
        "{{ matches(\"'AB'\", '(?i)ab') }}": True,
        "{{ matches(\"'a' || chr(10)\", 'a') }}": False,
        "{{ matches(\"'a[b'\", '[a[]+b') }}": True,
        "{{ first_match(\"'xabab'\", '(?:a)(b)') }}": "b",
        "{{ first_match(\"'x'\", '(y)') }}": None,
        "{{ without_match(\"'aXbX'\", 'X') }}": "abX",
        "{{ replaced_matches(\"'a1b2'\", '([0-9])', '<\\\\1>') }}": "a<1>b<2>",
    },
    "backslashes": {
        '{{ text_literal("a\\\\b\'c") }}': "a\\b'c",
    },
    "JSON": {
        "{{ json_text(OBJECT, 'a.b') }}": "1",
        "{{ json_text(OBJECT, 'a') }}": '{"x":[1,"y"]}',
        "{{ json_text(OBJECT, 'n') }}": None,
        "{{ json_text(OBJECT, 'r') }}": "x",
        "{{ json_text(\"'[1]'\", 'a') }}": None,
        "{{ json_text(NO_JSON, 'a') }}": None,
        "{{ json_list_length(OBJECT, 'l') }}": 2,
        "{{ json_list_length(OBJECT, 'r') }}": None,
        "{{ json_object([('a', \"'x' || chr(34) || 'y'\"), ('b', '1.0'), "
        "('c', 'cast(null as integer)')]) }}": '{"a":"x\\"y","b":1.0,"c":null}',
        "(select string_of.t from (select {{ json_list_of('v.t', 'v.n') }} as t "
        "from (values (2, '20'), (1, '10')) as v (n, t)) as string_of)": "[10,20]",
    },
    "joined rows": {
        "(select {{ joined_texts('v.t', '-', 'v.n') }} from (values "
        "(2, 'b'), (3, cast(null as " + TEXT + ")), (1, 'a')) as v (n, t))": "a-b",
        "(select {{ joined_texts('v.t', '-', 'v.n') }} from (values "
        "(1, cast(null as " + TEXT + "))) as v (n, t))": None,
    },
    "percent codes": {
        "{{ percent_decoded(\"'caf%C3%A9+b%'\") }}": "café+b%",
        "{{ percent_decoded(\"'%ff'\") }}": "%ff",
        "{{ percent_decoded(\"'%00'\") }}": "%00",
    },
    "time zones": {
        "{{ timestamp_to_text(at_time_zone(\"cast('2026-07-01 12:00:00' as timestamp)\", "
        "ZURICH)) }}": "2026-07-01T14:00:00",
        "{{ timestamp_to_text(start_of_day(\"cast('2026-03-29' as date)\", ZURICH)) }}": (
            "2026-03-28T23:00:00"
        ),
        "{{ timestamp_to_text(instant_of(TWICE, ZURICH)) }}": "2026-10-25T00:30:00",
        "{{ timestamp_to_text(instant_of(TWICE, ZURICH, is_last=true)) }}": ("2026-10-25T01:30:00"),
    },
    "times": {
        "{{ timestamp_in_key(MOMENT) }}": "2026-03-02 10:00:00.5",
        "{{ timestamp_in_key(\"cast('2026-03-02' as timestamp)\") }}": "2026-03-02 00:00:00",
        "{{ timestamp_in_key(plus_microseconds(MOMENT, -1)) }}": "2026-03-02 10:00:00.499999",
        "{{ seconds_between(MOMENT, \"cast('2026-03-02 10:00:00' as timestamp)\") }}": -1,
        "{{ timestamp_to_text(plus_seconds(MOMENT, -1)) }}": "2026-03-02T09:59:59",
        "cast({{ day_of_year(\"cast('2024-12-31' as date)\") }} as integer)": 366,
        # A Sunday, whose week began on Monday.
        "{{ timestamp_to_text(dbt.date_trunc('week', \"cast('2026-03-01' as timestamp)\")) }}": (
            "2026-02-23T00:00:00"
        ),
    },
    "numbers": {
        "{{ double_to_text('cast(7 as ' ~ type_double() ~ ')') }}": "7.0",
        "{{ md5_text(\"'a'\") }}": "0cc175b9c0f1b6a831c399e269772661",
        "cast((select {{ median_of('v.x') }} from (values (1), (2), (4), (9)) as v (x)) "
        "as integer)": 3,
    },
}
NAMES = {"OBJECT": OBJECT, "NO_JSON": NO_JSON, "MOMENT": MOMENT, "TWICE": TWICE, "ZURICH": ZURICH}
SETS = "".join(f"{{% set {name} = {json.dumps(text)} %}}" for name, text in NAMES.items())
DATES = (
    "with bounds as (select cast('2024-02-28' as date) as a, cast('2024-03-01' as date) as b) "
    "select cast(dates.day as " + TEXT + ") as day "
    "from ({{ dates_between('a', 'b', 'day', 'bounds') }}) as dates order by 1"
)

URL_PARTS = ("scheme", "netloc", "host", "web_host", "path", "query", "fragment", "clean")
# What is no plain web address, and its parts.
ODD_URLS: dict[str, tuple[str | None, ...]] = {
    "example.com/a?b#c": (None, None, None, None, None, "b", "c", None),
    "//example.com/a": (None, None, None, None, None, None, None, None),
    "https:/a": (None, None, None, None, None, None, None, None),
    "https:///a": ("https", None, None, None, "/a", None, None, "https:///a"),
    "https://:80/a": ("https", ":80", None, None, "/a", None, None, "https://:80/a"),
    "https://a[b/c": ("https", "a[b", "a[b", "a[b", "/c", None, None, "https://a[b/c"),
    "https://[a/b": ("https", "[a", "[a", "[a", "/b", None, None, "https://[a/b"),
    "https://a/b\nc#d\ne": ("https", "a", "a", "a", "/b\nc", None, None, "https://a/b\nc"),
    "": (None, None, None, None, None, None, None, None),
}

Rows = Callable[[str], list[list[object]]]


@pytest.fixture(scope="module", params=["duckdb", "postgres", "spark"])
def rows(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, is_long: bool
) -> Iterator[Rows]:
    """What gives the rows of a query with macros, on one engine."""
    if request.param != "spark":
        warehouse = request.getfixturevalue(f"{request.param}_warehouse")

        def ask(text: str) -> list[list[object]]:
            (compiled,) = warehouse.run_dbt("compile", "--inline", text)
            return [list(row) for row in warehouse.rows(compiled.node.compiled_code)]

        yield ask
        return
    missing = reason_not_to_run() if is_long else "only with --long: Spark starts slowly"
    if missing:
        pytest.skip(f"no Spark here: {missing}")
    with running_spark(tmp_path_factory.mktemp("spark")) as spark:

        def ask_spark(text: str) -> list[list[object]]:
            spark.dbt("compile", "--inline", text)
            results = json.loads((spark.folder / "target" / "run_results.json").read_text())
            return spark.ask("sql", text=results["results"][0]["compiled_code"])

        yield ask_spark


@pytest.fixture(scope="module")
def found(rows: Rows) -> dict[str, object]:
    """The values of all expressions, by one query."""
    expressions = [text for values in VALUES.values() for text in values]
    columns = ", ".join(f"{text} as c{number}" for number, text in enumerate(expressions))
    return dict(zip(expressions, rows(f"{SETS}select {columns}")[0], strict=True))


@pytest.mark.parametrize("subject", VALUES)
def test_macros_give_what_they_say(found: dict[str, object], subject: str) -> None:
    here = {text: found[text] for text in VALUES[subject]}
    wrong = {
        text: (value, here[text])
        for text, value in VALUES[subject].items()
        if value != (float(here[text]) if isinstance(value, float) else here[text])
    }
    assert wrong == {}


def test_dates_between_has_both_ends_and_a_leap_day(rows: Rows) -> None:
    assert rows(DATES) == [["2024-02-28"], ["2024-02-29"], ["2024-03-01"]]


def test_parts_of_urls_are_those_they_are_made_of(rows: Rows) -> None:
    made = dict(ODD_URLS)
    for scheme, user, host, port, path, query, fragment in product(
        ("https", "http", "HTTPS", "ftp", "android-app"),
        ("", "me@"),
        ("example.com", "News.Example.com", "[::1]"),
        ("", ":8080"),
        ("", "/", "/a//b@c"),
        ("", "?", "?a=1?b=[/]", "?u=http://x/y"),
        ("", "#", "#f/?x#y"),
    ):
        netloc = user + host + port
        is_web = scheme.lower() in ("https", "http", "ftp")
        made[f"{scheme}://{netloc}{path}{query}{fragment}"] = (
            scheme.lower(),
            netloc,
            host.lower(),
            host.lower() if is_web else None,
            path or None,
            query[1:] or None,
            fragment[1:] or None,
            f"{scheme}://{netloc}{path}",
        )
    columns = ", ".join(f"{{{{ url_part('v.url', '{part}') }}}}" for part in URL_PARTS)
    urls = ", ".join(f"({number}, '{url}')" for number, url in enumerate(made))
    found = rows(f"select {columns} from (values {urls}) as v (number, url) order by v.number")
    wrong = {
        url: (parts, tuple(row))
        for (url, parts), row in zip(made.items(), found, strict=True)
        if parts != tuple(row)
    }
    assert wrong == {}
