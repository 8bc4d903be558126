"""The 122 fields of a raw traffic event and the type each is stored as.

The one list of field names in the project: the loader types its columns by it and the
tests hold the simulator and the dbt source to it.
"""

from __future__ import annotations

from typing import Final, Literal

FieldType = Literal["text", "bigint", "double", "bool", "json"]

_TEXT: Final = """
    action apikey campaign_id channel event_id ip_city ip_continent ip_country
    ip_postal ip_subdivision ip_timezone ip_market_name ip_market_nielsen
    ip_market_doubleclick metadata_canonical_url metadata_custom_metadata
    metadata_data_source metadata_image_url metadata_page_type metadata_post_id
    metadata_section metadata_thumb_url metadata_title pageload_id pageview_id
    ref_category ref_clean ref_domain ref_fragment ref_netloc ref_params ref_path
    ref_query ref_scheme referrer schema_version session_initial_referrer
    session_initial_url sref_category sref_clean sref_domain sref_fragment
    sref_netloc sref_params sref_path sref_query sref_scheme surl_utm_campaign
    surl_utm_medium surl_utm_source surl_utm_term surl_utm_content surl_clean
    surl_domain surl_fragment surl_netloc surl_params surl_path surl_query
    surl_scheme ts_action ts_session_current ts_session_last ua_browser
    ua_browserversion ua_device ua_devicebrand ua_devicemodel ua_devicetype ua_os
    ua_osversion url url_clean url_domain url_fragment url_netloc url_params url_path
    url_query url_scheme utm_campaign utm_medium utm_source utm_term utm_content
    user_agent videostart_id visitor_ip visitor_network_id visitor_site_id
"""

_BIGINT: Final = """
    display_avail_height display_avail_width display_pixel_depth display_total_height
    display_total_width engaged_time_inc metadata_duration
    metadata_full_content_word_count metadata_pub_date_tmsp metadata_save_date_tmsp
    session_id session_last_session_timestamp session_timestamp
    timestamp_info_nginx_ms timestamp_info_override_ms timestamp_info_pixel_ms
    version
"""

_DOUBLE: Final = """
    ip_lat ip_lon
"""

_BOOL: Final = """
    display flags_is_amp metadata session slot timestamp_info ua_devicetouchcapable
    visitor
"""

# Lists and objects travel as JSON text.
_JSON: Final = """
    metadata_authors metadata_share_urls metadata_tags metadata_urls extra_data
"""

FIELDS: Final[dict[str, FieldType]] = {
    **dict.fromkeys(_TEXT.split(), "text"),
    **dict.fromkeys(_BIGINT.split(), "bigint"),
    **dict.fromkeys(_DOUBLE.split(), "double"),
    **dict.fromkeys(_BOOL.split(), "bool"),
    **dict.fromkeys(_JSON.split(), "json"),
}

ADDRESS_FIELDS: Final = frozenset(
    {
        "metadata_canonical_url", "metadata_image_url", "metadata_thumb_url", "ref_clean",
        "referrer", "session_initial_referrer", "session_initial_url", "sref_clean", "surl_clean",
        "url", "url_clean",
    }
)  # fmt: skip
"""Texts that are addresses."""

NETLOC_FIELDS: Final = frozenset({"ref_netloc", "sref_netloc", "surl_netloc", "url_netloc"})
"""Texts that are a host, maybe with a user and a port."""

NAME_FIELDS: Final = frozenset({"metadata_section", "metadata_title"})
"""Texts that people read, and group by."""

ID_FIELDS: Final = frozenset(
    {
        "apikey", "event_id", "metadata_post_id", "pageload_id", "pageview_id", "videostart_id",
        "visitor_network_id", "visitor_site_id",
    }
)  # fmt: skip
"""Texts that are identifiers; trackers have sent some of them as numbers for years."""

TRIMMED_FIELDS: Final = frozenset({"user_agent"})
"""Texts that are looked up by, and are kept as they came but for white space around them."""

ADDRESS_LISTS: Final = frozenset({"metadata_share_urls", "metadata_urls"})
NAME_LISTS: Final = frozenset({"metadata_authors", "metadata_tags"})
