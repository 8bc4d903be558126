{# The fields of a raw event by type, as in loaders/fields.py; a test compares the two. #}
{% macro event_fields() -%}
    {%- set fields = {} -%}
    {%- set by_type = {
        'text': '
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
        ',
        'bigint': '
            display_avail_height display_avail_width display_pixel_depth display_total_height
            display_total_width engaged_time_inc metadata_duration
            metadata_full_content_word_count metadata_pub_date_tmsp metadata_save_date_tmsp
            session_id session_last_session_timestamp session_timestamp
            timestamp_info_nginx_ms timestamp_info_override_ms timestamp_info_pixel_ms version
        ',
        'double': 'ip_lat ip_lon',
        'bool': '
            display flags_is_amp metadata session slot timestamp_info ua_devicetouchcapable visitor
        ',
        'json': '
            metadata_authors metadata_share_urls metadata_tags metadata_urls extra_data
        ',
    } -%}
    {%- for type, names in by_type.items() -%}
        {%- for name in names.split() -%}
            {%- do fields.update({name: type}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(fields) }}
{%- endmacro %}


{# Fields without which every event is refused. #}
{% macro required_event_fields() -%}
    {{ return([
        'apikey', 'event_id', 'visitor_site_id', 'action', 'url', 'timestamp_info_nginx_ms',
    ]) }}
{%- endmacro %}


{# Text fields that are identifiers, which data frames export as numbers with a decimal point. #}
{% macro id_fields() -%}
    {{ return([
        'apikey', 'event_id', 'metadata_post_id', 'pageload_id', 'pageview_id', 'videostart_id',
        'visitor_network_id', 'visitor_site_id',
    ]) }}
{%- endmacro %}


{# The field of an event as its type, from the column of a table; null where the table has none. #}
{% macro table_field(name, type, column) -%}
    {%- if column is none -%}
        cast(null as {{ readership.type_of_field(type) }})
    {%- else -%}
        {%- set value = 'landed.' ~ adapter.quote(column.name) -%}
        {%- set kind = readership.kind_of_column(column) -%}
        {%- if type == 'text' -%}
            {{ readership.table_text(value, kind, is_id=name in readership.id_fields()) }}
        {%- elif type == 'bigint' -%}
            {{ readership.table_integer(value, kind) }}
        {%- elif type == 'double' -%}
            {{ readership.table_double(value, kind) }}
        {%- elif type == 'bool' -%}
            {{ readership.table_boolean(value, kind) }}
        {%- else -%}
            {{ readership.table_json(value, kind, is_list=name != 'extra_data') }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{% macro type_of_field(type) -%}
    {{ return({
        'text': dbt.type_string(), 'json': dbt.type_string(), 'bool': 'boolean',
        'bigint': 'bigint', 'double': readership.type_double(),
    }[type]) }}
{%- endmacro %}


{# What a column holds, by the name of its type: text, whole, number, boolean, date, time,
   zoned_time, list, json or other. #}
{% macro kind_of_column(column) -%}
    {%- set type = column.data_type | lower -%}
    {%- if type.endswith('[]') or type.startswith(('array', 'struct', 'map', 'list', 'union')) -%}
        {{ return('list' if type.endswith('[]') or type.startswith(('array', 'list')) else 'other') }}
    {%- elif type.startswith(('varchar', 'character', 'text', 'string', 'char', 'bpchar')) -%}
        {{ return('text') }}
    {%- elif type in (
        'bigint', 'integer', 'int', 'smallint', 'tinyint', 'hugeint', 'ubigint', 'uinteger',
        'usmallint', 'utinyint', 'uhugeint', 'int64', 'int32', 'long',
    ) or modules.re.fullmatch('(decimal|numeric|number)[(][0-9]+, *0[)]', type) -%}
        {{ return('whole') }}
    {%- elif type.startswith(('double', 'float', 'real', 'decimal', 'numeric', 'number', 'bignumeric')) -%}
        {{ return('number') }}
    {%- elif type.startswith('bool') -%}
        {{ return('boolean') }}
    {%- elif type == 'date' -%}
        {{ return('date') }}
    {%- elif type.startswith('timestamp') and ('with time zone' in type or type in ('timestamptz', 'timestamp_tz', 'timestamp_ltz')) -%}
        {{ return('zoned_time') }}
    {%- elif type.startswith(('timestamp', 'datetime')) -%}
        {{ return('time') }}
    {%- endif -%}
    {{ return('json' if type.startswith('json') else 'other') }}
{%- endmacro %}


{# Identifiers and other texts. Whole numbers lose the decimal point of a floating-point column. #}
{% macro table_text(value, kind, is_id=false) -%}
    {%- set text = 'cast(' ~ value ~ ' as ' ~ dbt.type_string() ~ ')' -%}
    {%- if kind == 'text' and is_id -%}
        case
            when {{ readership.matches(value, '[+-]?[0-9]{1,19}[.]0+') }}
                then split_part({{ value }}, '.', 1)
            else {{ text }}
        end
    {%- elif kind == 'number' -%}
        case
            when {{ readership.is_whole(value) }}
                then cast(cast({{ value }} as bigint) as {{ dbt.type_string() }})
            else {{ text }}
        end
    {%- elif kind == 'zoned_time' -%}
        cast({{ readership.at_utc(value) }} as {{ dbt.type_string() }})
    {%- else -%}
        {{ text }}
    {%- endif -%}
{%- endmacro %}


{# Whole numbers, also written as text or with a decimal point. Times are milliseconds since 1970,
   as in the fields of events that are times. What is no whole number of 64 bits is null. #}
{% macro table_integer(value, kind) -%}
    {%- if kind == 'whole' -%}
        cast({{ value }} as bigint)
    {%- elif kind == 'number' -%}
        case when {{ readership.is_whole(value) }} then cast({{ value }} as bigint) end
    {%- elif kind == 'text' -%}
        {%- set text = 'trim(' ~ value ~ ')' -%}
        {%- set number = 'cast(' ~ text ~ ' as ' ~ readership.type_double() ~ ')' -%}
        case
            when {{ readership.matches(text, '[+-]?[0-9]{1,18}([.]0*)?') }}
                then cast(split_part({{ text }}, '.', 1) as bigint)
            when {{ readership.matches(text, '[+-]?[0-9]{1,18}([.][0-9]{1,18})?[eE][+]?[0-9]{1,2}') }}
                then case when {{ readership.is_whole(number) }} then cast({{ number }} as bigint) end
        end
    {%- elif kind in ('time', 'date') -%}
        {{ readership.milliseconds_of('cast(' ~ value ~ ' as timestamp)') }}
    {%- elif kind == 'zoned_time' -%}
        {{ readership.milliseconds_of(readership.at_utc(value)) }}
    {%- else -%}
        cast(null as bigint)
    {%- endif -%}
{%- endmacro %}


{# Condition: a number is whole and fits in 64 bits. False for infinity; NaN is above all. #}
{% macro is_whole(number) -%}
    {{ number }} between -9223372036854770000 and 9223372036854770000
    and {{ number }} = floor({{ number }})
{%- endmacro %}


{% macro table_double(value, kind) -%}
    {%- set type = readership.type_double() -%}
    {%- if kind in ('whole', 'number') -%}
        cast({{ value }} as {{ type }})
    {%- elif kind == 'text' -%}
        case
            when {{ readership.matches(
                'trim(' ~ value ~ ')', '[+-]?[0-9]{1,30}([.][0-9]{1,30})?([eE][+-]?[0-9]{1,2})?'
            ) }}
                then cast(trim({{ value }}) as {{ type }})
        end
    {%- else -%}
        cast(null as {{ type }})
    {%- endif -%}
{%- endmacro %}


{% macro table_boolean(value, kind) -%}
    {%- if kind == 'boolean' -%}
        {{ value }}
    {%- elif kind in ('whole', 'number') -%}
        case {{ value }} when 1 then true when 0 then false end
    {%- elif kind == 'text' -%}
        case
            when lower(trim({{ value }})) in ('true', 't', 'yes', 'y', '1', '1.0') then true
            when lower(trim({{ value }})) in ('false', 'f', 'no', 'n', '0', '0.0') then false
        end
    {%- else -%}
        cast(null as boolean)
    {%- endif -%}
{%- endmacro %}


{# JSON as text, lists in the form in which the loader keeps them. A text that is no JSON is a text
   in JSON, unless it says that there is none. #}
{% macro table_json(value, kind, is_list=false) -%}
    {%- set text = 'cast(' ~ value ~ ' as ' ~ dbt.type_string() ~ ')' -%}
    {%- if kind == 'text' -%}
        case
            {%- if is_list %}
            when {{ readership.spaced_json_list(value) }} is not null
                then {{ readership.spaced_json_list(value) }}
            {%- endif %}
            when {{ readership.is_json(value) }} then {{ text }}
            when
                lower(trim({{ value }}))
                not in ('', 'none', 'nan', 'na', 'n/a', '<na>', 'nat')
                then {{ readership.json_string(value) }}
        end
    {%- elif kind == 'list' -%}
        {{ readership.json_of_list(value) }}
    {%- elif kind == 'json' and is_list -%}
        coalesce({{ readership.spaced_json_list(text) }}, {{ text }})
    {%- elif kind == 'json' -%}
        {{ text }}
    {%- else -%}
        {{ readership.json_of_value(value) }}
    {%- endif -%}
{%- endmacro %}
