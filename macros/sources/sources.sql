{#
    Where raw events come from: the one place that decides.

    With the variable source_kind `loader` (the default), events, loads and files are the tables
    that the loader writes. With `table` they are derived from a table of events that the publisher
    has already. The columns are the same, so nothing above knows the difference.
#}

{# Whether events are read from the publisher's own table. #}
{% macro reads_table() -%}
    {{ return(var('source_kind') == 'table') }}
{%- endmacro %}


{# Relation: raw events, with the columns of raw.events. #}
{% macro events_source() -%}
    {%- if readership.reads_table() -%}
    {{ ref('base_table_events') }}
    {%- else -%}
    {{ source('raw', 'events') }}
    {%- endif -%}
{%- endmacro %}


{# Query: loads, with the columns of raw._dlt_loads that are read. #}
{% macro loads_source() -%}
    {%- if readership.reads_table() -%}
    select
        load_id,
        0 as status,
        {{ readership.from_utc('recorded_at') }} as inserted_at
    from {{ ref('table_loads') }}
    {%- else -%}
    select * from {{ source('raw', '_dlt_loads') }}
    {%- endif -%}
{%- endmacro %}


{# Relation or subquery: files, with the columns of raw.files. Of a table, what a load brought is its
   file. A load that has grown is another version of it, which replaces the one before. #}
{% macro files_source() -%}
    {%- if readership.reads_table() -%}
    (
        select
            loads.load_id as _dlt_load_id,
            loads.load_value as file,
            cast(loads.version as {{ dbt.type_string() }}) as version,
            cast(null as bigint) as size_bytes,
            loads.events as lines,
            loads.events,
            0 as rejected,
            0 as blank,
            'loaded' as status,
            newer.load_id as replaced_by
        from {{ ref('table_loads') }} as loads
        inner join {{ readership.current_table_loads() }} as newest
            on loads.load_value = newest.load_value
        left join {{ ref('table_loads') }} as newer
            on
                loads.load_value = newer.load_value
                and newest.version = newer.version
                and loads.version < newer.version
    )
    {%- else -%}
    {{ source('raw', 'files') }}
    {%- endif -%}
{%- endmacro %}


{# Query: hosts, with the columns of raw.hosts; none where nobody describes those of the table. #}
{% macro hosts_source() -%}
    {{ readership.described_source('hosts', ['host', 'registrable_domain', 'search_engine']) }}
{%- endmacro %}


{# Query: user agents, with the columns of raw.user_agents; none where nobody describes those of the
   table. #}
{% macro user_agents_source() -%}
    {{ readership.described_source(
        'user_agents',
        [
            'user_agent', 'browser', 'browser_version', 'os', 'os_version', 'device_brand',
            'device_model', 'device_type', 'bot_kind',
        ],
        ['is_bot'],
    ) }}
{%- endmacro %}


{% macro described_source(name, texts, booleans=[]) -%}
    {%- if not readership.reads_table() or var('source_described') -%}
    select * from {{ source('raw', name) }}
    {%- else -%}
    select
        {%- for column in texts %}
        cast(null as {{ dbt.type_string() }}) as {{ column }}{{ ',' if booleans or not loop.last }}
        {%- endfor %}
        {%- for column in booleans %}
        cast(null as boolean) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endif -%}
{%- endmacro %}




{# Query: when the newest event was received, UTC, for `dbt source freshness`. #}
{% macro newest_receipt(events) -%}
    {%- set received = 'landed.timestamp_info_nginx_ms' -%}
    {%- if readership.reads_table() -%}
        {%- set received = readership.table_field(
            'timestamp_info_nginx_ms', 'bigint',
            readership.columns_of_table().get('timestamp_info_nginx_ms'),
        ) -%}
    {%- endif -%}
    select max({{ readership.epoch_to_timestamp(received) }})
    from {{ events }} as landed
{%- endmacro %}
