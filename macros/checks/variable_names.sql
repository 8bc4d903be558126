{# All variables of the project, with defaults in dbt_project.yml; a test compares the two. dbt
   itself accepts any name. #}
{% macro variable_names() -%}
    {{ return([
        'source_kind', 'source_database', 'source_schema', 'events_table', 'load_column',
        'source_described',
        'admit_unknown_sites', 'default_time_zone', 'earliest_event_date', 'latest_event_date',
        'event_ahead_max_minutes', 'engaged_time_inc_max_seconds', 'conversion_types', 'count_bots',
        'bot_rules', 'bot_burst_events', 'bot_burst_minutes', 'bot_fingerprint_visitors',
        'people_user_agents', 'shared_visitor_ids', 'count_staff',
        'staff_keys', 'session_gap_minutes', 'overlong_session_hours', 'returning_visitor_days',
        'segment_keys', 'skim_max_seconds', 'read_max_seconds', 'video_skim_max_seconds',
        'video_watch_max_seconds', 'video_duration_unit', 'attribution_window_days',
        'high_value_conversion_types', 'low_value_conversion_types', 'custom_event_keys',
        'extra_columns', 'metadata_columns', 'usual_weeks',
        'loyal_lifetime_pageviews', 'loyal_rolling_pageviews', 'loyal_rolling_days',
        'tier_window_days', 'page_query_parameters', 'page_naming_records', 'metadata_rule',
        'metadata_settling_days', 'headline_test_hours', 'machine_tag_prefixes',
        'as_of', 'events_per_run', 'rebuild_dates', 'claim_expires_minutes',
        'trending_window_hours', 'trending_baseline_hours', 'trending_history_weeks', 'trending_minimum_views',
        'trending_score_threshold', 'evergreen_candidate_days', 'evergreen_days',
        'evergreen_recent_days', 'evergreen_green_days', 'evergreen_minimum_views',
        'completeness_grace_hours', 'completeness_silence_hours', 'completeness_weeks',
        'completeness_hour_events', 'completeness_missing_hours', 'completeness_minimum_share',
        'warn_days', 'warn_minimum_events', 'warn_refused_share', 'warn_duplicate_share',
        'warn_late_share', 'warn_bot_share', 'response_limit', 'history_days',
        'related_weeks', 'related_basket_posts', 'related_shrinkage', 'related_newest_posts',
        'related_half_life_days', 'related_content_share', 'related_posts',
    ]) }}
{%- endmacro %}


{#
    Messages for names that are set but are not variables of this project.

    Under `vars: readership:` every name is reported. Names in --vars have no scope: those that a
    root project declares for itself are ignored, and of the others only likely typos of a variable
    are reported.
#}
{% macro unknown_variables() -%}
    {%- set known = readership.variable_names() -%}
    {%- set scopes = adapter.config.vars.to_dict() -%}
    {%- set messages = [] -%}
    {%- for name in scopes.get('readership') or {} if name not in known -%}
        {%- set nearest = readership.closest_name(name, known) -%}
        {%- do messages.append(
            "no variable `" ~ name ~ "`"
            ~ ("; did you mean `" ~ nearest.name ~ "`?" if nearest.distance <= name | length // 2 else "")
        ) -%}
    {%- endfor -%}
    {%- set of_others = [] -%}
    {%- for scope, value in scopes.items() if scope != 'readership' -%}
        {%- do of_others.append(scope) -%}
        {%- if value is mapping -%}{%- do of_others.extend(value) -%}{%- endif -%}
    {%- endfor -%}
    {%- if adapter.config.cli_vars.get('readership') is mapping -%}
        {%- do messages.append(
            "--vars knows no packages: write the names under `readership` without it, as in "
            ~ "--vars '{session_gap_minutes: 10}'"
        ) -%}
    {%- endif -%}
    {%- for name in adapter.config.cli_vars if name not in known and name not in of_others -%}
        {%- set nearest = readership.closest_name(name, known) -%}
        {%- if nearest.distance <= [name | length // 5, 1] | max -%}
            {%- do messages.append(
                "no variable `" ~ name ~ "`; did you mean `" ~ nearest.name ~ "`?"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(messages | unique | list) }}
{%- endmacro %}


{# The closest name by edit distance, and the distance. Case and the kind of dash are ignored. #}
{% macro closest_name(name, names) -%}
    {%- set found = namespace(name=none, distance=1000) -%}
    {%- set normalized = name | string | lower | replace('-', '_') -%}
    {%- for other in names -%}
        {#- The difference in length is a lower bound of the distance. -#}
        {%- if (other | length - normalized | length) | abs < found.distance -%}
            {%- set distance = readership.levenshtein_distance(normalized, other) -%}
            {%- if distance < found.distance -%}
                {%- set found.name, found.distance = other, distance -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# Levenshtein distance of two texts, row by row. #}
{% macro levenshtein_distance(left, right) -%}
    {%- set row = namespace(distances=range(right | length + 1) | list) -%}
    {%- for letter in left -%}
        {%- set above = row.distances -%}
        {%- set distances = [loop.index] -%}
        {%- for other in right -%}
            {%- do distances.append([
                above[loop.index] + 1,
                distances[-1] + 1,
                above[loop.index0] + (0 if letter == other else 1),
            ] | min) -%}
        {%- endfor -%}
        {%- set row.distances = distances -%}
    {%- endfor -%}
    {{ return(row.distances[-1]) }}
{%- endmacro %}
