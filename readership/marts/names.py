"""The public marts. They are listed, since an installed package has no dbt project at hand."""

from __future__ import annotations

from typing import Final, NamedTuple


class Mart(NamedTuple):
    """What divides the rows of a mart into Parquet files.

    Attributes:
        has_site: Whether each row is of a site.
        date: The date of what a row tells of, on the site's clock; None if a row is no event or
            day of its own, such as a post or a visitor.

    """

    has_site: bool = True
    date: str | None = None


MARTS: Final = {
    "bridge_post_authors": Mart(),
    "bridge_post_tags": Mart(),
    "dim_campaigns": Mart(),
    "dim_dates": Mart(has_site=False),
    "dim_hours": Mart(has_site=False),
    "dim_periods": Mart(),
    "dim_posts": Mart(),
    "dim_posts_history": Mart(),
    "dim_sites": Mart(),
    "dim_visitors": Mart(),
    "evergreen_posts": Mart(),
    "fct_conversion_touchpoints": Mart(date="converted_date"),
    "fct_conversions": Mart(date="converted_date"),
    "fct_custom_event_values": Mart(date="occurred_date"),
    "fct_custom_events": Mart(date="occurred_date"),
    "fct_engaged_time": Mart(date="local_date"),
    "fct_pageviews": Mart(date="viewed_date"),
    "fct_post_author_days": Mart(date="viewed_date"),
    "fct_post_tag_days": Mart(date="viewed_date"),
    "fct_sessions": Mart(date="started_date"),
    "fct_site_hours": Mart(),
    "fct_site_periods": Mart(),
    "fct_video_plays": Mart(date="started_date"),
    "fct_visitor_tier_transitions": Mart(),
    "fct_visitor_tiers": Mart(),
    "ops_bot_visitors": Mart(),
    "ops_bots": Mart(date="event_date"),
    "ops_completeness": Mart(date="event_date"),
    "ops_duplicates": Mart(date="event_date"),
    "ops_lateness": Mart(date="event_date"),
    "ops_loads": Mart(has_site=False),
    "ops_rejections": Mart(date="received_date"),
    "trending_posts": Mart(),
}
