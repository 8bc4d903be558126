{# on-run-start: every variable set is a known one, with the type and range that the models
   expect. #}
{% macro check_variables() -%}
    {%- if execute -%}
        {%- set problems = readership.unknown_variables() -%}

        {%- set positive_numbers = [
            'engaged_time_inc_max_seconds', 'session_gap_minutes', 'overlong_session_hours',
            'returning_visitor_days', 'skim_max_seconds', 'read_max_seconds',
            'trending_window_hours', 'video_skim_max_seconds', 'video_watch_max_seconds',
            'attribution_window_days', 'trending_baseline_hours', 'trending_minimum_views',
            'trending_score_threshold', 'response_limit', 'loyal_lifetime_pageviews',
            'loyal_rolling_pageviews', 'loyal_rolling_days', 'tier_window_days',
            'trending_history_weeks', 'evergreen_candidate_days', 'evergreen_days',
            'evergreen_recent_days', 'evergreen_green_days', 'evergreen_minimum_views',
            'metadata_settling_days', 'headline_test_hours',
            'bot_burst_minutes', 'completeness_silence_hours', 'completeness_weeks',
            'completeness_hour_events', 'completeness_missing_hours', 'warn_days',
            'warn_minimum_events', 'history_days', 'related_weeks', 'related_basket_posts',
            'related_shrinkage', 'related_newest_posts', 'related_half_life_days',
            'related_posts', 'page_naming_records', 'event_ahead_max_minutes', 'usual_weeks',
        ] -%}
        {%- for name in positive_numbers -%}
            {%- set value = var(name) -%}
            {%- if value is not number or value is boolean or value <= 0 -%}
                {%- do problems.append(name ~ " must be a number above 0, not " ~ tojson(value)) -%}
            {%- endif -%}
        {%- endfor -%}

        {%- for name in [
            'response_limit', 'loyal_rolling_days', 'tier_window_days', 'trending_window_hours',
            'trending_baseline_hours', 'trending_history_weeks', 'evergreen_candidate_days',
            'evergreen_days', 'evergreen_recent_days', 'evergreen_green_days',
            'completeness_weeks', 'warn_days', 'history_days', 'related_weeks',
            'related_basket_posts', 'related_newest_posts', 'related_posts', 'page_naming_records',
            'event_ahead_max_minutes', 'usual_weeks',
        ] -%}
            {%- if var(name) is number and var(name) is not integer -%}
                {%- do problems.append(name ~ " must be a whole number") -%}
            {%- endif -%}
        {%- endfor -%}

        {%- set grace = var('completeness_grace_hours') -%}
        {%- if grace is not number or grace is boolean or grace < 0 -%}
            {%- do problems.append(
                "completeness_grace_hours must be a number of at least 0, not " ~ tojson(grace)
            ) -%}
        {%- endif -%}

        {%- set shares = [
            'completeness_minimum_share', 'warn_refused_share', 'warn_duplicate_share',
            'warn_late_share', 'warn_bot_share', 'related_content_share',
        ] -%}
        {%- for name in shares -%}
            {%- set value = var(name) -%}
            {%- if value is not number or value is boolean or value < 0 or value > 1 -%}
                {%- do problems.append(
                    name ~ " must be a fraction from 0 to 1, not " ~ tojson(value)
                ) -%}
            {%- endif -%}
        {%- endfor -%}

        {%- for name in ['bot_burst_events', 'bot_fingerprint_visitors'] -%}
            {%- set value = var(name) -%}
            {%- if value is boolean or value is not integer or value < 2 -%}
                {%- do problems.append(
                    name ~ " must be a whole number of at least 2, not " ~ tojson(value)
                ) -%}
            {%- endif -%}
        {%- endfor -%}

        {%- if var('bot_burst_minutes') is number and var('bot_burst_minutes') > 1440 -%}
            {%- do problems.append("bot_burst_minutes must not be above 1440, a day") -%}
        {%- endif -%}

        {%- if var('bot_rules') is sequence and var('bot_rules') is not string -%}
            {%- for rule in var('bot_rules') -%}
                {%- if rule not in bot_rule_names() -%}
                    {%- do problems.append(
                        "bot_rules may hold " ~ bot_rule_names() | join(", ") ~ ", not "
                        ~ tojson(rule)
                    ) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}

        {%- set limit = var('events_per_run') -%}
        {%- if limit is boolean or limit is not integer or limit < 0 -%}
            {%- do problems.append(
                "events_per_run must be a whole number, 0 for no limit, not " ~ tojson(limit)
            ) -%}
        {%- endif -%}

        {%- set minutes = var('claim_expires_minutes') -%}
        {%- if minutes is boolean or minutes is not integer or minutes < 0 -%}
            {%- do problems.append(
                "claim_expires_minutes must be a whole number of at least 0, not " ~ tojson(minutes)
            ) -%}
        {%- endif -%}

        {%- if var('metadata_rule') not in ['latest', 'five_days'] -%}
            {%- do problems.append(
                "metadata_rule must be latest or five_days, not " ~ tojson(var('metadata_rule') | string)
            ) -%}
        {%- endif -%}

        {%- set prefixes = var('machine_tag_prefixes') -%}
        {%- if prefixes is string or prefixes is mapping or prefixes is not iterable -%}
            {%- do problems.append("machine_tag_prefixes must be a list of texts, not " ~ tojson(prefixes)) -%}
        {%- else -%}
            {%- for item in prefixes -%}
                {%- if item is not string or not modules.re.fullmatch('[A-Za-z0-9_.:-]+', item) -%}
                    {%- do problems.append(
                        "machine_tag_prefixes may hold texts of letters, digits, _, ., : and -, not "
                        ~ tojson(item)
                    ) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}

        {%- do problems.extend(readership.problems_of_source()) -%}

        {%- for name in ['admit_unknown_sites', 'count_bots', 'count_staff', 'source_described'] -%}
            {%- if var(name) is not boolean -%}
                {%- do problems.append(name ~ " must be true or false, not " ~ tojson(var(name))) -%}
            {%- endif -%}
        {%- endfor -%}

        {%- for name in [
            'staff_keys', 'segment_keys', 'conversion_types', 'high_value_conversion_types',
            'low_value_conversion_types', 'bot_rules', 'page_query_parameters',
        ] -%}
            {%- set value = var(name) -%}
            {%- if value is string or value is mapping or value is not iterable -%}
                {%- do problems.append(name ~ " must be a list of names, not " ~ tojson(value)) -%}
            {%- else -%}
                {%- for item in value -%}
                    {%- if item is not string or not modules.re.fullmatch('[A-Za-z0-9_.-]+', item) -%}
                        {%- do problems.append(
                            name ~ " may hold names of letters, digits, _, . and -, not " ~ tojson(item)
                        ) -%}
                    {%- endif -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}

        {%- for name in ['people_user_agents', 'shared_visitor_ids'] -%}
            {%- set value = var(name) -%}
            {%- if value is string or value is mapping or value is not iterable -%}
                {%- do problems.append(name ~ " must be a list of texts, not " ~ tojson(value)) -%}
            {%- else -%}
                {%- for item in value -%}
                    {%- if item is not string or not item.strip() -%}
                        {%- do problems.append(
                            name ~ " may hold texts in quotes that are not blank, not " ~ tojson(item)
                        ) -%}
                    {%- endif -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}

        {%- set dates = var('rebuild_dates') -%}
        {%- if dates is string or dates is mapping or dates is not iterable -%}
            {%- do problems.append("rebuild_dates must be a list of dates, not " ~ tojson(dates)) -%}
        {%- else -%}
            {%- for date in dates -%}
                {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', date | string) -%}
                    {%- do problems.append(
                        "rebuild_dates may hold dates YYYY-MM-DD, not " ~ tojson(date | string)
                    ) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}

        {%- if var('video_duration_unit') not in ['seconds', 'milliseconds'] -%}
            {%- do problems.append("video_duration_unit must be seconds or milliseconds, not " ~ tojson(var('video_duration_unit'))) -%}
        {%- endif -%}

        {%- set keys = var('custom_event_keys') -%}
        {%- if keys is string or keys is mapping or keys is not iterable -%}
            {%- do problems.append("custom_event_keys must be a list of {key, type}, not " ~ tojson(keys)) -%}
        {%- else -%}
            {%- for item in keys -%}
                {%- if item is not mapping or item.keys() | sort != ['key', 'type'] -%}
                    {%- do problems.append("custom_event_keys may hold {key, type}, not " ~ tojson(item)) -%}
                {%- elif item['key'] is not string or not modules.re.fullmatch('[A-Za-z0-9_.-]+', item['key']) -%}
                    {%- do problems.append("custom_event_keys may hold keys of letters, digits, _, . and -, not " ~ tojson(item['key'])) -%}
                {%- elif item['type'] not in ['text', 'number', 'boolean', 'timestamp'] -%}
                    {%- do problems.append("custom_event_keys may hold the types text, number, boolean and timestamp, not " ~ tojson(item['type'])) -%}
                {%- endif -%}
            {%- endfor -%}
            {%- set names = keys | select('mapping') | map(attribute='key') | list -%}
            {%- if names | length != names | unique(case_sensitive=true) | list | length -%}
                {%- do problems.append("custom_event_keys names a key twice") -%}
            {%- endif -%}
        {%- endif -%}

        {%- for name in ['extra_columns', 'metadata_columns'] -%}
            {%- do problems.extend(
                readership.problems_of_own_columns(name) or readership.clashes_of_own_columns(name)
            ) -%}
        {%- endfor -%}

        {%- for name in ['earliest_event_date', 'latest_event_date'] -%}
            {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', var(name) | string) -%}
                {%- do problems.append(name ~ " must be a date YYYY-MM-DD, not " ~ tojson(var(name) | string)) -%}
            {%- endif -%}
        {%- endfor -%}

        {%- if var('as_of') and not modules.re.fullmatch(
            '[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?', var('as_of') | string
        ) -%}
            {%- do problems.append("as_of must be empty or UTC `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS`, not " ~ tojson(var('as_of') | string)) -%}
        {%- endif -%}

        {%- if var('default_time_zone') | string not in modules.pytz.all_timezones -%}
            {%- do problems.append("default_time_zone must be an IANA time zone name, not " ~ tojson(var('default_time_zone') | string)) -%}
        {%- endif -%}

        {%- if not problems and var('earliest_event_date') >= var('latest_event_date') -%}
            {%- do problems.append("earliest_event_date must be before latest_event_date") -%}
        {%- endif -%}

        {%- if not problems and var('evergreen_candidate_days') > var('evergreen_days') -%}
            {%- do problems.append("evergreen_candidate_days must not be above evergreen_days") -%}
        {%- endif -%}

        {%- if not problems and var('skim_max_seconds') >= var('read_max_seconds') -%}
            {%- do problems.append("skim_max_seconds must be below read_max_seconds") -%}
        {%- endif -%}

        {%- if not problems and var('video_skim_max_seconds') >= var('video_watch_max_seconds') -%}
            {%- do problems.append("video_skim_max_seconds must be below video_watch_max_seconds") -%}
        {%- endif -%}

        {%- if not problems -%}
            {%- for type in var('high_value_conversion_types') if type in var('low_value_conversion_types') -%}
                {%- do problems.append(type ~ " is in high_value_conversion_types and in low_value_conversion_types") -%}
            {%- endfor -%}
        {%- endif -%}

        {%- if problems -%}
            {{ exceptions.raise_compiler_error(
                "Invalid variables in dbt_project.yml or --vars: " ~ problems | join("; ")
                ~ ("" if problems[-1].endswith("?") else ".")
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
