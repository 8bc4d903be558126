{{ config(
    enabled=var('source_kind') == 'table',
    access='protected',
) }}

-- One row per row of the publisher's own table of events that belongs to a recorded load, with the
-- columns of raw.events. Fields that the table has not are null; values of other types than the
-- loader's, as exports write them, are read as theirs.
{%- set columns = columns_of_table() %}

with source_events as (
    select * from {{ source('publisher', 'events') }}
),

loads as (
    select
        table_loads.load_id,
        table_loads.load_value
    from {{ ref('table_loads') }} as table_loads
    inner join {{ current_table_loads() }} as newest
        on
            table_loads.load_value = newest.load_value
            and table_loads.version = newest.version
    where {{ is_read_now('table_loads.load_id') }}
),

landed as (
    {{ rows_of_loads('source_events', 'loads') }}
),

typed as (
    select
        {%- for name, type in event_fields().items() %}
        {{ table_field(name, type, columns.get(name)) }} as {{ name }},
        {%- endfor %}
        landed.recorded_load_value as _file,
        landed.recorded_load_id as _dlt_load_id
    from landed
),

hashed as (
    select
        *,
        cast(null as {{ dbt.type_string() }}) as _unknown_fields,
        {{ row_hash(event_fields()) }} as _row_hash
    from typed
),

final as (
    select
        *,
        {{ number_of_hash('_row_hash') }} as _line
    from hashed
)

select * from final
