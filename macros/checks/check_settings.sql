{#
    on-run-start: checks that stored rows were computed with the settings of this run.

    Variables and seeds that affect stored rows are recorded with every load a model processes. When
    a variable has changed, new rows would be inconsistent with stored ones, so the run stops and
    requires a full refresh. When a seed has changed, for example by adding a site, the run prints a
    notice and continues, because most additions affect no stored row.
#}
{% macro check_settings() -%}
    {%- if execute and flags.WHICH in ('run', 'build') and not flags.FULL_REFRESH -%}
        {%- set relation = own_relation_if_built('processed_loads') -%}
        {%- if relation is not none -%}
            {%- set current = stored_settings() -%}
            {%- set changed = [] -%}
            {%- set earlier = {} -%}
            {%- for row in run_query(
                'select distinct settings from ' ~ relation ~ ' where settings is not null and model in ('
                ~ "'" ~ incremental_models() | join("', '") ~ "')"
            ).rows -%}
                {%- set then = fromjson(row[0]) -%}
                {%- for name, value in current.items() -%}
                    {%- set before = then.get(name, readership.defaults_of_later_settings().get(name)) -%}
                    {%- if before != value -%}
                        {%- do changed.append(name) -%}
                        {%- do earlier.update({name: before}) -%}
                    {%- endif -%}
                {%- endfor -%}
            {%- endfor -%}
            {%- set lists = changed | unique | sort | select('in', seed_checksums()) | list -%}
            {%- set variables = changed | unique | sort | reject('in', lists) | list -%}
            {%- if lists -%}
                {%- do print(
                    lists | join(", ") ~ " changed since rows were stored; `dbt build "
                    ~ "--full-refresh` applies the change to them."
                ) -%}
            {%- endif -%}
            {%- if variables -%}
                {%- set differences = [] -%}
                {%- for name in variables -%}
                    {%- do differences.append(
                        name ~ readership.setting_difference(earlier[name], current[name])
                    ) -%}
                {%- endfor -%}
                {{ exceptions.raise_compiler_error(
                    differences | join("; ")
                    ~ ": recompute with `readership build --full-refresh` (or `dbt build "
                    ~ "--full-refresh`), or restore the "
                    ~ ("setting" if variables | length == 1 else "settings")
                ) }}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# How the value of a variable differs from the stored one, both as JSON. Long lists would hide what
   to do, and a variable that is new in this version has no stored value. #}
{% macro setting_difference(earlier, current) -%}
    {%- if earlier is not none and (earlier ~ current) | length <= 120 -%}
        {{ return(" was " ~ earlier ~ " when rows were stored and is " ~ current ~ " now") }}
    {%- endif -%}
    {{ return(" is not what it was when rows were stored") }}
{%- endmacro %}


{# The settings that affect stored rows: variables by value, seeds by the checksum of their
   file. #}
{% macro stored_settings() -%}
    {%- set settings = {} -%}
    {%- for name in [
        'admit_unknown_sites', 'default_time_zone', 'earliest_event_date', 'latest_event_date',
        'event_ahead_max_minutes', 'engaged_time_inc_max_seconds', 'conversion_types', 'count_bots',
        'bot_rules', 'page_query_parameters', 'page_naming_records',
        'bot_burst_events', 'bot_burst_minutes', 'bot_fingerprint_visitors', 'count_staff',
        'people_user_agents', 'shared_visitor_ids', 'staff_keys', 'session_gap_minutes', 'overlong_session_hours', 'returning_visitor_days',
        'segment_keys', 'skim_max_seconds', 'read_max_seconds', 'video_skim_max_seconds',
        'video_watch_max_seconds', 'video_duration_unit', 'attribution_window_days',
        'high_value_conversion_types', 'low_value_conversion_types', 'tier_window_days',
        'headline_test_hours', 'source_kind',
    ] -%}
        {%- do settings.update({name: tojson(var(name))}) -%}
    {%- endfor -%}
    {%- do settings.update({'extra_columns': tojson(var('extra_columns'), sort_keys=true)}) -%}
    {%- if readership.reads_table() -%}
        {%- for name in ['source_database', 'source_schema', 'events_table', 'load_column'] -%}
            {%- do settings.update({name: tojson(var(name))}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do settings.update(seed_checksums()) -%}
    {{ return(settings) }}
{%- endmacro %}


{# What settings were, as JSON, when rows were stored by a version that did not have them. #}
{% macro defaults_of_later_settings() -%}
    {{ return({'source_kind': '"loader"', 'extra_columns': '[]'}) }}
{%- endmacro %}


{# The checksum of each seed's file, by path. #}
{% macro seed_checksums() -%}
    {%- set checksums = {} -%}
    {%- for seed in seeds_of_project() -%}
        {%- do checksums.update({seed.original_file_path: seed.checksum.checksum}) -%}
    {%- endfor -%}
    {{ return(checksums) }}
{%- endmacro %}
