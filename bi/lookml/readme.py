"""The README of the LookML project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bi.lookml.marts import Mart
from bi.lookml.words import one_line

_HEAD: Final = """\
# LookML for readership

Views on the public marts, an explore for each mart with measures, and two dashboards. `make lookml`
writes this folder from dbt's manifest, so a description or a metric is changed in `models/`.

## Use it

1. Copy the folder into a LookML project, or import it as a
   [local or remote project](https://cloud.google.com/looker/docs/importing-projects).
2. Set the constants of `manifest.lkml`: `connection`, the name of the connection in Looker, and
   `schema`, where dbt builds the marts (`readership` on PostgreSQL; with a database before it where
   the connection's default is another).
3. Let Looker validate the project.

## Change it

Leave these files as they are and refine them in your own, so that the next version can replace
them:

```lkml
include: "/views/pageviews.view"

view: +pageviews {
  dimension: read_category { label: "Depth" }
  measure: views_of_subscribers {
    type: sum
    sql: ${TABLE}.views ;;
    filters: [segment: "subscriber"]
  }
}
```

## Read it

* A date is the site's own; `viewed_date` is the day there. Times are UTC and say so,
  `viewed_utc_hour`.
* Joins lead from many rows to one, so they add no rows. Authors and tags of a post are several; ask
  the facts by author and by tag for them.
* Visitors are distinct and do not add up: not over days, not over posts.
* Cumulative metrics of the semantic layer are left out. Looker adds up over time by itself.
* Nothing here has run in Looker. Each field and each join has been asked of DuckDB, and the files
  have been read by a parser of LookML.

## Views

| view | table | measures | a row is |
|---|---|---|---|
"""


def readme(marts: Mapping[str, Mart]) -> str:
    """Write the README, with a table of the views."""
    rows = [
        f"| `{mart.view}` | `{mart.table}` | {len(mart.measures) or 'none'} | "
        f"{_first_sentence(mart.description)} |"
        for mart in marts.values()
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _first_sentence(text: str) -> str:
    return one_line(text).partition(". ")[0].rstrip(".") + "."
