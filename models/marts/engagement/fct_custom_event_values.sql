{{ config(materialized='view') }}

-- One row per custom event and configured key in it. A narrow table, because a contract has fixed
-- columns and every publisher has different keys. A view, because custom events are few and a
-- change of custom_event_keys should apply to all of them at once.
with fct_custom_events as (
    select * from {{ ref('fct_custom_events') }}
),

keys as (
    {{ custom_event_key_rows() }}
),

key_values as (
    select
        fct_custom_events.*,
        keys.key,
        keys.value_type,
        {{ custom_event_text('fct_custom_events.extra_data', 'keys.key') }} as text_value
    from fct_custom_events
    cross join keys
),

typed as (
    select
        *,
        case when value_type = 'number' then {{ text_to_number('text_value') }} end
            as number_value,
        case when value_type = 'boolean' then {{ text_to_boolean('text_value') }} end
            as boolean_value,
        case when value_type = 'timestamp' then {{ text_to_timestamp('text_value') }} end
            as timestamp_value
    from key_values
    where text_value is not null
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['event_key', 'key']) }} as event_value_key,
        event_key,
        session_key,
        visitor_key,
        site_id,
        post_key,

        ---------- text
        action,
        key,
        value_type,
        text_value,

        ---------- numbers
        number_value,

        ---------- booleans
        boolean_value,
        value_type = 'text'
        or number_value is not null
        or boolean_value is not null
        or timestamp_value is not null as is_readable,

        ---------- times
        timestamp_value,
        occurred_at,
        occurred_local_hour,
        occurred_date
    from typed
)

select * from final
