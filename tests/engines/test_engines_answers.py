"""The service answers from PostgreSQL in the same bytes as from DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from readership.service import publish
from readership.service.calls import ENDPOINTS
from readership.service.calls.parameters import METRICS
from readership.service.postgresql import Database
from tests.support.reader_role import address_of
from tests.support.serving import Service, keys_of, running
from tests.support.warehouses import PostgresWarehouse, Warehouse

pytestmark = pytest.mark.both_engines

POSTS = "/analytics/posts"
SITE = "news.example.com"


class Both(NamedTuple):
    """The service of each engine."""

    duckdb: Service
    postgres: Service

    def get(self, path: str, **parameters: Any) -> tuple[bytes, bytes]:  # noqa: ANN401
        """Make a call to both, and return the bodies."""
        return (
            self.duckdb.get(path, **parameters).content,
            self.postgres.get(path, **parameters).content,
        )


@pytest.fixture(scope="module")
def services(
    both: tuple[Warehouse, PostgresWarehouse], published: PostgresWarehouse
) -> Iterator[Both]:
    in_duckdb, _ = both
    in_duckdb.run_dbt("run-operation", "publish_answers")
    publish(in_duckdb.path)
    with pytest.MonkeyPatch.context() as patch:
        database = Database(address_of(published, patch), 10)
    sites = [site for (site,) in in_duckdb.rows("select site_id from dim_sites order by 1")]
    assert len(sites) > 2
    site_keys = keys_of(*sites)
    with (
        running(in_duckdb.path, "", site_keys, poll_seconds=3600) as from_duckdb,
        running(database, "", site_keys, poll_seconds=3600, cache_bytes=0) as from_postgres,
    ):
        yield Both(from_duckdb, from_postgres)


def values_of(warehouse: Warehouse, site: str) -> dict[str, list[str]]:
    """Return values of parameters that a site has, with the longest and the oddest of each."""
    columns = {
        "author": "author from bridge_post_authors", "tag": "tag from bridge_post_tags",
        "section": "section from dim_posts", "urls": "canonical_url from dim_posts",
        "segment": "segment from int_hourly_views", "campaign": "campaign from int_hourly_views",
        "uuid": "uuid from api_history", "domain": "referrer_name from int_hourly_views",
        "q": "title from dim_posts",
    }  # fmt: skip
    found = {}
    for name, column in columns.items():
        text = column.partition(" ")[0]
        rows = warehouse.rows(
            f"select distinct {column} where site_id = ? and {text} is not null order by 1",
            site,
        )
        # Those with the most letters beyond ASCII come first, then long ones.
        texts = sorted((row[0] for row in rows), key=lambda text: (text.isascii(), -len(text)))
        found[name] = [*texts[:3], *texts[-2:], "a' or \\1 %s $site é\u2028😀"]
    return found


def calls_of(site: str, values: dict[str, list[str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield calls of every endpoint, with as many different parameters as it takes."""
    sorts = cycle(METRICS)
    periods = cycle(PERIODS)
    filters = cycle(
        [
            {name: texts[number : number + 2]}
            for number in range(4)
            for name, texts in values.items()
            if name in ("author", "tag", "section", "segment")
        ]
        + [{"campaign": text} for text in values["campaign"]]
        + [{"pub_date_start": "5d"}, {"pub_date_end": "2026-03-02", "author": values["author"][0]}]
    )
    pages = cycle([{}, {"limit": 2, "page": 2}, {"limit": 1, "page": 900}, {"limit": 200}])
    for endpoint in ENDPOINTS:
        fields = endpoint.parameters.model_fields
        needed = {
            name: values[key][0]
            for name, key in (("q", "q"), ("uuid", "uuid"), ("url", "urls"))
            if name in fields and fields[name].is_required()
        }
        path = f"/{endpoint.path}"
        paths = [path]
        if endpoint.value_is is not None:
            kind = endpoint.value_is.removeprefix("requested_")[:-1]
            paths = [path.replace("{value}", quote(text, safe="")) for text in values[kind][:2]]
        for path in paths:
            yield path, {"apikey": site, **needed}
            for choice in range(1 if endpoint.path.startswith("referrers/") else 2):
                chosen: dict[str, Any] = {"apikey": site, **needed}
                if "limit" in fields:
                    chosen |= next(pages)
                if "sort" in fields and endpoint.sorts is None:
                    chosen["sort"] = next(sorts)
                if "period_start" in fields:
                    chosen |= next(periods)
                if "segment" in fields:
                    wanted = next(filters)
                    chosen |= {name: value for name, value in wanted.items() if name in fields}
                if choice and "itm_source" in fields:
                    chosen["itm_source"] = "a&b é#?\\1"
                if len(chosen) > 1 + len(needed):
                    yield path, chosen


# Clocks in New York go forward on 2026-03-08 and back on 2025-11-02, in Berlin on 2026-03-29 and
# 2025-10-26.
PERIODS: tuple[dict[str, Any], ...] = (
    {"period_start": "2026-03-08T02:30"},
    {"period_start": "2025-11-02T01:30", "period_end": "2026-06-03T01:30"},
    {"period_start": "2026-03-29T02:30", "period_end": "2026-06-04"},
    {"days": 2},
    {"period_start": "2025-10-26T02:30", "period_end": "2026-11-01T01:30"},
    {"time": "6h"},
    {"period_start": "2020-01-01", "period_end": "2020-01-02"},
)


def others_of(site: str, values: dict[str, list[str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield calls with parameters that only some endpoints take."""
    for text in values["q"]:
        words = " ".join(text.split()[:2])
        yield "/search", {"apikey": site, "q": words, "itm_source": "s"}
        yield "/search", {"apikey": site, "q": words, "sort": "pub_date", "limit": 50}
    author, tag, section = (values[name] for name in ("author", "tag", "section"))
    excluded = [f"author:{author[0]}", f"tag:{tag[0]}", f"section:{section[0]}"]
    for exclude in (*excluded, excluded):
        yield "/search", {"apikey": site, "q": "the a of", "exclude": exclude, "limit": 50}
        yield "/related", {"apikey": site, "url": values["urls"][0], "exclude": exclude}
    for number, url in enumerate(values["urls"]):
        form = {"respect_empty_results": "true"} if number % 2 else {"limit": 50}
        yield "/related", {"apikey": site, "url": url, **form}
        yield "/analytics/post/detail", {"apikey": site, "url": f"{url}?utm_source=x#y"}
        if number % 2:
            yield "/referrers/post/detail", {"apikey": site, "url": url, "days": 90}
            yield POSTS, {"apikey": site, "urls": values["urls"][number:], "days": 200}
            yield "/conversions/url", {"apikey": site, "urls": values["urls"][: number + 1]}
    for uuid in values["uuid"]:
        yield "/history", {"apikey": site, "uuid": uuid}
        yield "/related", {"apikey": site, "uuid": uuid, "itm_source": "r"}
    for name in ("author", "segment", "campaign", "urls"):
        yield POSTS, {"apikey": site, name: "\0none"}
    for domain in values["domain"]:
        yield "/referrers/social", {"apikey": site, "domain": domain, "days": 90}
    for attribution in ("first_touch", "linear", "last_touch", "last_post_touched"):
        for page_type in ("post", "index"):
            yield "/conversions/url", {
                "apikey": site, "attribution_type": attribution, "page_type": page_type, "days": 90,
            }  # fmt: skip


def test_every_endpoint_answers_in_the_same_bytes(
    services: Both, both: tuple[Warehouse, PostgresWarehouse]
) -> None:
    in_duckdb, _ = both
    sites = [site for (site,) in in_duckdb.rows("select site_id from dim_sites order by events")]
    calls = []
    for number, site in enumerate(reversed(sites[-3:])):
        values = values_of(in_duckdb, site)
        made = [*calls_of(site, values), *others_of(site, values)]
        calls += made if number == 0 else made[number::9]
        # Several posts of a site are called Timed, and not all of them have a date.
        calls.append(("/search", {"apikey": site, "q": "Timed", "sort": "pub_date"}))
    with ThreadPoolExecutor(4) as threads:
        answered = list(threads.map(lambda call: services.get(call[0], **call[1]), calls))
    different = [
        (call, one, other)
        for call, (one, other) in zip(calls, answered, strict=True)
        if one != other
    ]
    assert different[:3] == []
    succeeded = [one for one, _ in answered if one.startswith(b'{"success":true')]
    assert len(succeeded) > 250
    assert len({one for one in succeeded if b'"data":[{' in one}) > 100


def test_a_page_after_the_last_row_knows_how_many_there_are(services: Both) -> None:
    for page in (1, 2, 900):
        one, other = services.get("/search", apikey=SITE, q="the", limit=2, page=page)
        assert one == other
        assert b'"status":"ok"' in one


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            '{"url":"http://a/b","link":"http://a/b"}',
            '{"url":"http://a/b?x=1","link":"http://a/b"}',
        ),
        ('{"title":"T","url":"http://a/?p=2"}', '{"title":"T","url":"http://a/?p=2&x=1"}'),
        ('{"title":null,"url":"http://a/?p#q?r"}', '{"title":null,"url":"http://a/?p&x=1#q?r"}'),
        ('{"title":"T","url":"http://a/#q?r"}', '{"title":"T","url":"http://a/?x=1#q?r"}'),
        (r'{"title":"a\\","url":"\u00e9\"\\?"}', r'{"title":"a\\","url":"\u00e9\"\\?&x=1"}'),
        (r'{"title":"\",\"url\":\"u","url":"v"}', r'{"title":"\",\"url\":\"u","url":"v?x=1"}'),
        ('{"title":"T","url":null,"link":"u"}', '{"title":"T","url":null,"link":"u"}'),
        ('{"name":"n","metrics":{"url":"u"}}', '{"name":"n","metrics":{"url":"u"}}'),
    ],
)
def test_a_parameter_is_added_to_the_url_of_a_row_where_it_stands(
    services: Both, both: tuple[Warehouse, PostgresWarehouse], row: str, expected: str
) -> None:
    in_duckdb, in_postgres = both
    assert in_duckdb.one("select answers.with_itm_source(?, 'x=1')", row) == expected
    assert in_postgres.one("select readership_answers.with_itm_source(%s, 'x=1')", row) == expected


def test_the_dashboard_is_the_same(
    services: Both, both: tuple[Warehouse, PostgresWarehouse]
) -> None:
    in_duckdb, _ = both
    sites = [site for (site,) in in_duckdb.rows("select site_id from dim_sites order by 1")]
    posts = 0
    for site in sites:
        for period in ("1h", "today", "7d", "30d"):
            from_duckdb, from_postgres = services.get("/dashboard", apikey=site, period=period)
            assert from_duckdb == from_postgres
            found = json.loads(from_duckdb)
            assert found["success"]
            for post in found["posts"][:2]:
                lives = services.get("/dashboard/post", apikey=site, url=post["url"])
                assert lives[0] == lives[1]
                posts += 1
    assert posts > 10
