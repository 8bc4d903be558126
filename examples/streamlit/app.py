"""Views, visitors and posts of a site, from the copy of the marts.

    readership marts
    streamlit run examples/streamlit/app.py

Each rerun opens the file anew, and so sees the newest copy.
"""

from __future__ import annotations

import os

import duckdb
import streamlit as st

FILE = os.environ.get("READERSHIP_MARTS", "data/marts.duckdb")

with duckdb.connect(FILE, read_only=True) as marts:
    sites = [
        site for (site,) in marts.execute("select site_id from dim_sites order by 1").fetchall()
    ]
    site = st.selectbox("Site", sites)
    views, visitors, minutes = marts.execute(
        "select sum(views), count(distinct visitor_key) filter (where views > 0), "
        "sum(engaged_seconds) / 60 from fct_pageviews where site_id = ?",
        [site],
    ).fetchone()
    days = marts.execute(
        "select viewed_date, cast(sum(views) as bigint) as views from fct_pageviews "
        "where site_id = ? group by all order by all",
        [site],
    ).df()
    posts = marts.execute(
        "select coalesce(title, canonical_url) as post, cast(sum(views) as bigint) as views "
        "from fct_pageviews inner join dim_posts using (post_key) "
        "where fct_pageviews.site_id = ? group by post_key, post order by views desc limit 10",
        [site],
    ).df()

for tile, name, value in zip(
    st.columns(3), ("Views", "Visitors", "Engaged minutes"), (views, visitors, minutes), strict=True
):
    tile.metric(name, f"{value or 0:,.0f}")
st.line_chart(days, x="viewed_date", y="views")
st.dataframe(posts, hide_index=True)
