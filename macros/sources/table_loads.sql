{#
    The loads of the publisher's own table.

    A load is a value of the variable load_column or, without one, a day (UTC) on which events were
    received. How many events it has is recorded in table_loads when a build begins. A value with
    another number than before, or whose hosts and user agents have been described since, is another
    version: a load of its own, which replaces the rows of the one before, as another version of a
    file does. So a day that grows, a batch that arrives in parts and rows that were deleted end in
    the rows of a full refresh. Everything in a build reads the recorded loads. Rows that arrive
    while it runs make another number, which the next build finds.
#}

{# The columns of the table by name in lower case. Cached, because several nodes of a run ask. #}
{% macro columns_of_table() -%}
    {%- if not execute -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set cached = graph.get('columns_of_table', {}) -%}
    {%- if cached.get('invocation_id') != invocation_id -%}
        {%- set columns = {} -%}
        {%- set relation = load_relation(source('publisher', 'events')) -%}
        {%- if relation is not none -%}
            {%- for column in adapter.get_columns_in_relation(relation) -%}
                {%- do columns.update({column.name | lower: column}) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- do cached.update({'invocation_id': invocation_id, 'columns': columns}) -%}
        {%- do graph.update({'columns_of_table': cached}) -%}
    {%- endif -%}
    {{ return(cached['columns']) }}
{%- endmacro %}


{# The text that names the load of a row of the table. #}
{% macro load_value() -%}
    {%- set columns = readership.columns_of_table() -%}
    {%- if var('load_column') -%}
        {%- set column = columns.get(var('load_column') | lower) -%}
        {%- set text = readership.table_text(
            'landed.' ~ adapter.quote(column.name), readership.kind_of_column(column)
        ) if column else 'null' -%}
    {%- else -%}
        {%- set text = (
            'cast(cast(' ~ readership.epoch_to_timestamp(readership.table_field(
                'timestamp_info_nginx_ms', 'bigint', columns.get('timestamp_info_nginx_ms')
            )) ~ ' as date) as ' ~ dbt.type_string() ~ ')'
        ) -%}
    {%- endif -%}
    coalesce({{ text }}, '(none)')
{%- endmacro %}


{# Query: the rows of the table that belong to loads, each with its load. Compared by the load column
   itself, so that an engine reads only what it must of a table in the order of loads. #}
{% macro rows_of_loads(events, loads) -%}
    {%- set column = readership.columns_of_table().get(var('load_column') | lower) -%}
    {%- if not column -%}
    select
        landed.*,
        loads.load_value as recorded_load_value,
        loads.load_id as recorded_load_id
    from {{ events }} as landed
    inner join {{ loads }} as loads on {{ readership.load_value() }} = loads.load_value
    {%- else -%}
    {%- set value = 'landed.' ~ adapter.quote(column.name) -%}
    {%- set kind = readership.kind_of_column(column) -%}
    {%- set written = "nullif(loads.load_value, '(none)')" -%}
    select
        landed.*,
        loads.load_value as recorded_load_value,
        loads.load_id as recorded_load_id
    from {{ events }} as landed
    inner join {{ loads }} as loads
        on {{ value }} = {{
            readership.from_utc('cast(' ~ written ~ ' as timestamp)') if kind == 'zoned_time'
            else 'cast(' ~ written ~ ' as ' ~ column.data_type ~ ')'
        }}
    union all
    select
        landed.*,
        loads.load_value as recorded_load_value,
        loads.load_id as recorded_load_id
    from {{ events }} as landed
    inner join {{ loads }} as loads on loads.load_value = '(none)'
    where {{ value }} is null{{ " or " ~ value ~ " = '(none)'" if kind == 'text' }}
    {%- endif -%}
{%- endmacro %}


{# Condition: rows of a load are read. While the models that read raw rows process loads, which only
   their own transaction sees, these are the claimed loads: the work of parsing then follows what is
   new. Days to rebuild are of any load. #}
{% macro is_read_now(load_id) -%}
    {%- if has_transactions() -%}
    {%- set claims -%}
        select claimed.load_id
        from {{ ref('claimed_loads') }} as claimed
        where claimed.model in ('base_event_rows', 'base_alias_lists')
    {%- endset -%}
    (
        {{ load_id }} in ({{ claims }})
        or not exists ({{ claims }})
        or exists ({{ claims }} and claimed.load_id like 'rebuild %')
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}


{# Subquery: the newest version of each load. #}
{% macro current_table_loads() -%}
    (
        select
            recorded.load_value,
            max(recorded.version) as version
        from {{ ref('table_loads') }} as recorded
        group by recorded.load_value
    )
{%- endmacro %}


{# Query: the number of events that each load has in the table now, and of how many of them hosts
   and user agents are described. #}
{% macro loads_in_table() -%}
    {%- if var('source_described') -%}
    select
        counted.load_value,
        counted.events,
        coalesce(described.events, 0) as described_events
    from (
        select
            {{ readership.load_value() }} as load_value,
            count(*) as events
        from {{ source('publisher', 'events') }} as landed
        group by 1
    ) as counted
    left join (
        select
            load_value,
            max(events) as events
        from {{ source('raw', 'described_loads') }}
        group by load_value
    ) as described on counted.load_value = described.load_value
    {%- else -%}
    select
        {{ readership.load_value() }} as load_value,
        count(*) as events,
        0 as described_events
    from {{ source('publisher', 'events') }} as landed
    group by 1
    {%- endif -%}
{%- endmacro %}


{# Part of the pre-hook of the first model, before it claims loads: records those that are new or
   have another number of events. A model that starts over knows none of before, of which some may be
   in the table no more. A run that defers to another environment reads what is recorded there. #}
{% macro record_loads_of_table(continues) -%}
    {%- if readership.reads_table() and not readership.is_deferred(
        graph.nodes['model.readership.table_loads']
    ) -%}
        {%- if not continues -%}
            {%- do run_statement("delete from " ~ ref('table_loads')) -%}
        {%- endif -%}
        {%- do run_statement(readership.recording_of_loads(ref('table_loads'))) -%}
    {%- endif -%}
{%- endmacro %}


{% macro recording_of_loads(recorded) -%}
    insert into {{ recorded }}
        (load_id, load_value, version, events, described_events, recorded_at)
    select
        'load ' || found.load_value || ' (' || cast(found.version as {{ dbt.type_string() }}) || ')',
        found.load_value,
        found.version,
        found.events,
        found.described_events,
        {{ time_of_engine() }}
    from (
        select
            in_table.load_value,
            in_table.events,
            in_table.described_events,
            coalesce(newest.version, 0) + 1 as version
        from ({{ readership.loads_in_table() }}) as in_table
        left join {{ readership.current_table_loads() }} as newest
            on in_table.load_value = newest.load_value
        left join {{ recorded }} as loads
            on newest.load_value = loads.load_value and newest.version = loads.version
        where
            loads.load_value is null
            or loads.events <> in_table.events
            or loads.described_events <> in_table.described_events
    ) as found
{%- endmacro %}


{# ---------- identity of rows #}

{# A row of a table has no address. It is known by a hash of its content; equal rows of a load, of
   which any may be kept, by their number among these. #}
{% macro number_among_equal_rows() -%}
    {%- if readership.reads_table() %},
        row_number() over (partition by load_id, row_hash order by line_number)
            as number_among_equal_rows
    {%- endif -%}
{%- endmacro %}


{# The line number of a raw row. #}
{% macro line_number(relation=none) -%}
    {%- set of = relation ~ '.' if relation else '' -%}
    {%- if readership.reads_table() -%}
    case
        when {{ of }}number_among_equal_rows = 1 then {{ of }}line_number
        else {{ readership.number_of_hash(readership.md5_text(
            of ~ "row_hash || ' ' || cast(" ~ of ~ 'number_among_equal_rows as '
            ~ dbt.type_string() ~ ')'
        )) }}
    end as line_number
    {%- else -%}
    {{ of }}line_number
    {%- endif -%}
{%- endmacro %}


{# A hash of columns. PostgreSQL limits the number of arguments of a function. #}
{% macro row_hash(columns) -%}
    {%- set texts = [] -%}
    {%- for some in columns | batch(40) -%}
        {%- set filled = [] -%}
        {%- for column in some -%}
            {%- do filled.append(
                "coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), chr(30))"
            ) -%}
        {%- endfor -%}
        {%- do texts.append(readership.separated_texts('chr(31)', filled)) -%}
    {%- endfor -%}
    {{ readership.md5_text(texts | join(' || chr(31) || ')) }}
{%- endmacro %}


{# The number of raw events that a load without any has been read with. Of a table, loads may be
   deleted, as old partitions are; what is stored of them stays until a full refresh. #}
{% macro events_of_a_load_that_left(loads) -%}
    {{ loads ~ '.events' if readership.reads_table() else '0' }}
{%- endmacro %}


{# The queries of `readership enrich`, as JSON: loads with their numbers of events, and the distinct
   texts of some loads, which the command puts in place of the null. Texts are those that the models
   look up. #}
{% macro queries_of_table() -%}
    {%- if execute -%}
        {%- if not readership.reads_table() -%}
            {{ return(tojson({'problem': "source_kind is not table: the loader describes hosts and "
                ~ "user agents while it loads files"})) }}
        {%- endif -%}
        {%- do readership.check_variables() -%}
        {%- set problem = readership.problem_of_table() -%}
        {%- if problem -%}
            {{ return(tojson({'problem': problem})) }}
        {%- endif -%}
        {%- set table = source('publisher', 'events') -%}
        {%- set hosts = [] -%}
        {%- for name in ['url', 'referrer', 'session_initial_url', 'session_initial_referrer']
            if name in readership.columns_of_table() -%}
            {%- do hosts.append(readership.texts_of_table(table, readership.url_part(
                readership.null_if_blank(readership.text_of_table(name)), 'web_host'
            ))) -%}
        {%- endfor -%}
        {{ return(tojson({
            'loads': "select " ~ readership.load_value() ~ ", count(*) from " ~ table
                ~ " as landed group by 1",
            'user_agents': readership.texts_of_table(
                table, readership.null_if_blank(readership.text_of_table('user_agent'))
            ),
            'hosts': hosts | join(" union "),
        })) }}
    {%- endif -%}
{%- endmacro %}


{% macro text_of_table(name) -%}
    {{ readership.table_field(name, 'text', readership.columns_of_table().get(name)) }}
{%- endmacro %}


{% macro texts_of_table(table, text) -%}
    select distinct {{ text }} from {{ table }} as landed where {{ readership.load_value() }} in (null)
{%- endmacro %}
