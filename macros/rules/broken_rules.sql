{# The named validation rules for events, defined once. #}
{% macro event_rules(events, sites) -%}
    {%- set conversion_types = "'" ~ var('conversion_types') | join("', '") ~ "'" -%}
    {%- set conversion_type = json_text(events ~ '.extra_data', '_conversion_type') -%}
    {%- set conversion_label = json_text(events ~ '.extra_data', '_conversion_label') -%}
    {{ return([
        ('missing_site_id', events ~ '.site_id is null'),
        ('malformed_site_id', malformed_id(events ~ '.site_id')),
        ('unknown_site', (
            ('false' if var('admit_unknown_sites') else 'true')
            ~ ' and ' ~ events ~ '.site_id is not null and ' ~ sites ~ '.site_id is null'
        )),
        ('missing_event_id', events ~ '.event_id is null'),
        ('malformed_event_id', 'not ' ~ matches(events ~ '.event_id', '0x[0-9a-fA-F]{32}')),
        ('missing_visitor_id', events ~ '.visitor_site_id is null'),
        ('malformed_visitor_id', malformed_id(events ~ '.visitor_site_id')),
        ('missing_received_time', events ~ '.received_at is null'),
        ('malformed_event_time', (
            events ~ '.event_at_text is not null and ' ~ events ~ '.action_at is null'
        )),
        ('implausible_event_time', (
            events ~ '.event_at not between '
            ~ readership.as_timestamp("'" ~ var('earliest_event_date') ~ "'") ~ ' and '
            ~ readership.as_timestamp("'" ~ var('latest_event_date') ~ "'")
        )),
        ('missing_action', events ~ '.action is null'),
        ('unparsable_url', (
            events ~ '.page_host is null or not '
            ~ matches(events ~ '.page_url', '(?i)https?://[^[:space:]/?#]+([/?#][^\\n]*)?')
        )),
        ('missing_engaged_time', (
            events ~ ".action in ('heartbeat', 'vheartbeat') and "
            ~ events ~ '.engaged_time_inc_seconds is null'
        )),
        ('engaged_time_out_of_bounds', (
            events ~ ".action in ('heartbeat', 'vheartbeat') and "
            ~ events ~ '.engaged_time_inc_seconds not between 1 and '
            ~ var('engaged_time_inc_max_seconds')
        )),
        ('engaged_time_on_other_action', (
            events ~ ".action not in ('heartbeat', 'vheartbeat') and "
            ~ events ~ '.engaged_time_inc_seconds <> 0'
        )),
        ('unknown_conversion_type', (
            events ~ ".action = 'conversion' and " ~ conversion_type
            ~ ' not in (' ~ conversion_types ~ ')'
        )),
        ('reserved_conversion_key', (
            events ~ ".action != 'conversion' and coalesce(" ~ conversion_type ~ ', '
            ~ conversion_label ~ ') is not null'
        )),
    ]) }}
{%- endmacro %}


{# Condition: the id is too long or contains control characters. #}
{% macro malformed_id(column) -%}
    length({{ column }}) > 256 or not {{ matches(column, '[^[:cntrl:]]+') }}
{%- endmacro %}


{# The rules that an event breaks, as comma-separated text in the order of event_rules(); null
   when it breaks none. A rule whose condition is unknown (null) is not broken. #}
{% macro broken_rules(events, sites) -%}
    {%- set broken = [] -%}
    {%- for rule, condition in event_rules(events, sites) -%}
        {%- do broken.append('case when ' ~ condition ~ " then '" ~ rule ~ "' end") -%}
    {%- endfor -%}
    nullif({{ readership.separated_texts("','", broken) }}, '')
{%- endmacro %}
