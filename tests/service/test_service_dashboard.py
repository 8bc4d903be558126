"""What the dashboard is told: numbers of the API and of the marts, for those who may see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from readership.command_line import main
from readership.service import publish
from readership.service.keys import SiteKeys
from tests.support.newsrooms import NEWS, TRIBUNE
from tests.support.serving import SECRET, Service, running, wait_until
from tests.support.warehouses import Warehouse

A, B = f"https://{NEWS}/a", f"https://{NEWS}/b"
# The periods, and the parameters of the calls for the same time.
CALLS = {
    "1h": {"period_start": "1h"},
    "today": {"period_start": "2026-03-10", "period_end": "2026-03-10"},
    "7d": {"period_start": "7d"},
    "30d": {"period_start": "30d"},
}
# The day before, from midnight in New York to its noon, which was 16:00 UTC.
YESTERDAY = {"period_start": "2026-03-09T04:00:00Z", "period_end": "2026-03-09T15:59:59Z"}


def told(service: Service, path: str = "/dashboard", **parameters: str) -> dict[str, Any]:
    return service.get(path, **parameters).json()


@pytest.mark.parametrize("period", CALLS)
def test_its_numbers_are_those_of_calls(service: Service, period: str) -> None:
    found = told(service, period=period)
    (site,) = service.call("/analytics/site", **CALLS[period])["data"]
    assert found["periods"][period]["now"] == site["metrics"]
    posts = service.call("/analytics/posts", **CALLS[period])["data"]
    assert [(p["url"], p["metrics"]) for p in found["posts"]] == [
        (p["url"], p["metrics"]) for p in posts
    ]
    sources = service.call("/analytics/sources", **CALLS[period])["data"]
    assert [(s["source"], s["views"], s["visitors"]) for s in found["sources"]] == [
        (s["referrer_class"], s["metrics"]["views"], s["metrics"]["visitors"]) for s in sources
    ]
    assert sum(s["views"] for s in found["sources"]) == site["metrics"]["views"]


@pytest.mark.parametrize("site", [NEWS, TRIBUNE])
def test_its_numbers_are_those_of_the_marts(
    service: Service, newsrooms: Warehouse, site: str
) -> None:
    found = told(service, period="30d", apikey=site)
    counted = "sum(seen.views), count(distinct seen.visitor_key)"
    for period, one in found["periods"].items():
        for which, prefix in (("now", ""), ("before", "previous_")):
            ((views, visitors),) = newsrooms.rows(
                f"select {counted} from fct_pageviews as seen "
                "inner join dim_posts using (post_key) "
                "inner join fct_site_periods as p on p.site_id = seen.site_id "
                f"where is_post and p.site_id = '{site}' and p.period = '{period}' "
                f"and viewed_at > {prefix}starts_after_at and viewed_at <= {prefix}ends_at"
            )
            metrics = one[which] or {"views": None, "visitors": 0}
            assert (metrics["views"], metrics["visitors"]) == (views, visitors)
        (marts,) = newsrooms.rows(
            "select views, visitors, previous_views, previous_visitors, is_comparable "
            f"from fct_site_periods where site_id = '{site}' and period = '{period}'"
        )
        now, before = (one[which] or {"views": 0, "visitors": 0} for which in ("now", "before"))
        assert marts == (
            now["views"], now["visitors"], before["views"], before["visitors"],
            one["is_comparable"],
        )  # fmt: skip
    hours = newsrooms.rows(
        "select views, visitors, weeks, usual_views, usual_visitors from fct_site_hours "
        f"where site_id = '{site}' order by hours_before"
    )
    names = ("views", "visitors", "weeks", "usual_views", "usual_visitors")
    assert [tuple(hour[name] for name in names) for hour in found["hours"]] == hours
    assert len(hours) == 168


def test_a_newsroom_counted_by_hand(service: Service) -> None:
    found = told(service, period="today")
    # Ann read both posts, and Bob one, in the hour before noon; Dan came at midnight.
    assert (found["now"]["views"], found["now"]["visitors"]) == (3, 2)
    assert [hour["views"] for hour in found["hours"]] == [3, *[0] * 11, 2, *[0] * 10, 1]
    today = found["periods"]["today"]
    assert (today["now"]["views"], today["now"]["visitors"]) == (4, 3)
    # Fay was there at noon of the day before, Cat an hour later.
    assert today["before"]["views"] == 1
    assert [(p["url"], p["metrics"]["views"], p["previous_views"]) for p in found["posts"]] == [
        (A, 2, 0), (B, 2, 1),
    ]  # fmt: skip
    # By clock hour: of the last, only its first moment is there.
    assert found["posts"][0]["hours"] == [1, *[0] * 9, 1, *[0] * 11, 2, 0]
    assert {s["source"]: s["views"] for s in found["sources"]} == {
        "direct": 1, "email": 1, "internal": 1, "search": 1,
    }  # fmt: skip
    assert found["as_of"] == "2026-03-10T16:00:00Z"


def test_an_hour_of_a_quiet_site_has_zeros(service: Service) -> None:
    found = told(service, apikey=TRIBUNE)
    assert found["now"]["visitors"] == 1
    assert found["now"]["usual_visitors"] is None
    assert found["now"]["weeks"] == 0
    assert not found["periods"]["7d"]["is_comparable"]
    assert found["posts"][0]["previous_views"] is None


def test_the_life_of_a_post_adds_up(service: Service, newsrooms: Warehouse) -> None:
    found = told(service, "/dashboard/post", url=f"http://{NEWS}/a?page=1#top")
    assert found["post"]["url"] == A
    hours = newsrooms.rows(
        "select hour_at, sum(views) from fct_engaged_time inner join dim_posts using (post_key) "
        f"where canonical_url = '{A}' and views > 0 "
        "group by hour_at order by hour_at"
    )
    assert [(hour["at"], hour["views"]) for hour in found["hours"]] == [
        (f"{at:%Y-%m-%dT%H:%M:%SZ}", views) for at, views in hours
    ]
    assert sum(hour["views"] for hour in found["hours"]) == found["post"]["metrics"]["views"] == 4
    assert {one["name"]: one["views"] for one in found["referrers"]} == {"google": 1, "letter": 1}


def test_a_post_that_nobody_knows_is_none(service: Service) -> None:
    assert told(service, "/dashboard/post", url=f"https://{NEWS}/none")["post"] is None


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/post"])
def test_numbers_are_for_those_with_the_secret(service: Service, path: str) -> None:
    for wrong in ({"secret": ""}, {"secret": "another of sixteen letters"}, {"apikey": "nobody"}):
        refused = told(service, path, url=A, **wrong) if "post" in path else told(service, **wrong)
        assert (refused["success"], refused["code"]) == (False, 403)
    own = {"url": A} if "post" in path else {}
    headers = {"X-Readership-Secret": SECRET}
    answer = requests.get(
        f"{service.root}{path}", params={"apikey": NEWS, **own}, headers=headers, timeout=30
    )
    assert answer.json()["success"]
    assert answer.headers["cache-control"].startswith("private")


def test_names_of_sites_are_told_only_by_a_service_that_is_open(
    service: Service, newsrooms: Warehouse
) -> None:
    closed = requests.get(f"{service.root}/dashboard/sites", timeout=30).json()
    assert (closed["needs_secret"], closed["sites"]) == (True, [])
    with running(newsrooms.path, NEWS, SiteKeys(is_open=True)) as other:
        found = requests.get(f"{other.root}/dashboard/sites", timeout=30).json()
    assert (found["needs_secret"], found["sites"]) == (False, [NEWS, TRIBUNE])


def test_an_unchanged_dashboard_is_not_sent_again(service: Service) -> None:
    first = service.get("/dashboard", period="7d")
    headers = {"If-None-Match": first.headers["etag"], "X-Readership-Secret": SECRET}
    again = requests.get(
        f"{service.root}/dashboard",
        params={"apikey": NEWS, "period": "7d"},
        headers=headers,
        timeout=30,
    )
    assert (again.status_code, again.content) == (304, b"")
    assert service.get("/dashboard", period="today").headers["etag"] != first.headers["etag"]


def test_the_page_is_for_browsers_and_loads_nothing_from_elsewhere(service: Service) -> None:
    host = service.root.removesuffix("/v2")
    page = requests.get(f"{host}/", headers={"Accept": "text/html,*/*;q=0.8"}, timeout=30)
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "http" not in page.text
    # Other clients are told what any path is that is no call.
    other = requests.get(f"{host}/", timeout=30)
    assert (other.status_code, other.json()["message"]) == (404, "there is no such call")
    for name in ("dashboard.css", "main.js", "parts.js", "charts.js", "words.js"):
        found = requests.get(f"{host}/dashboard/{name}", timeout=30)
        assert found.ok
        assert (
            requests.get(
                f"{host}/dashboard/{name}",
                headers={"If-None-Match": found.headers["etag"]},
                timeout=30,
            ).status_code
            == 304
        )
    for name in ("index.html", "__init__.py", "..%2fassets.py"):
        assert requests.get(f"{host}/dashboard/{name}", timeout=30).status_code == 404


@pytest.mark.parametrize(
    ("parameters", "code"),
    [({"period": "90d"}, 422), ({"perod": "7d"}, 400)],
)
def test_a_wrong_parameter_is_refused(
    service: Service, parameters: dict[str, str], code: int
) -> None:
    assert told(service, **parameters)["code"] == code


def test_the_command_names_sites_that_there_are(
    newsrooms: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new" / "dashboard.html"
    file.parent.mkdir()
    arguments = ["dashboard", "--warehouse", str(newsrooms.path), "--out", str(file)]
    assert main([*arguments, "--site", "nobody"]) == 1
    assert capsys.readouterr().err == (
        f"readership dashboard: there is no such site: nobody: use one of {NEWS}, {TRIBUNE}\n"
    )
    assert main([*arguments, "--site", TRIBUNE]) == 0
    assert f"dashboard of {TRIBUNE} in {file}" in capsys.readouterr().out
    text = file.read_text()
    # Whoever gets the file gets no number of another site.
    assert TRIBUNE in text
    assert NEWS not in text
    assert [path.name for path in file.parent.iterdir()] == ["dashboard.html"]


def test_a_file_that_cannot_be_written_is_one_line(
    newsrooms: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    misspelt = tmp_path / "dashbaord" / "dashboard.html"
    assert main(["dashboard", "--warehouse", str(newsrooms.path), "--out", str(misspelt)]) == 1
    assert capsys.readouterr().err == (
        f"readership dashboard: there is no such folder: {misspelt.parent}: make it, or name "
        "another file with --out\n"
    )
    assert not misspelt.parent.exists()
    (tmp_path / "taken").write_text("")
    out = tmp_path / "taken" / "dashboard.html"
    assert main(["dashboard", "--warehouse", str(newsrooms.path), "--out", str(out)]) == 1
    assert capsys.readouterr().err.startswith(
        f"readership dashboard: the dashboard cannot be written: {out}: name another file"
    )


def test_a_new_snapshot_is_a_new_dashboard(own: Warehouse) -> None:
    with running(own.path, NEWS, SiteKeys(is_open=True)) as service:
        first = service.get("/dashboard")
        own.execute(
            "update int_hourly_views set engaged_seconds = engaged_seconds + 600 "
            f"where site_id = '{NEWS}'"
        )
        publish(own.path)
        etag = first.headers["etag"]
        wait_until(lambda: service.get("/dashboard").headers["etag"] != etag)
        second = service.get("/dashboard")
    now = [answer.json()["periods"]["today"]["now"] for answer in (first, second)]
    assert now[1]["engaged_minutes"] == now[0]["engaged_minutes"] + 40
