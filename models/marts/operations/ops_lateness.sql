{{ config(materialized='view') }}

with row_counts as (
    select
        *,
        cast(local_hour_at as date) as event_date
    from {{ ref('int_event_row_counts') }}
    where copy_kind = 'counts'
),

delays as (
    select
        site_id,
        event_date,
        receipt_delay as delay_bucket,
        event_rows as received_events,
        0 as loaded_events
    from row_counts
    union all
    select
        site_id,
        event_date,
        load_delay as delay_bucket,
        0 as received_events,
        event_rows as loaded_events
    from row_counts
),

summed as (
    select
        site_id,
        event_date,
        delay_bucket,
        cast(sum(received_events) as bigint) as received_events,
        cast(sum(loaded_events) as bigint) as loaded_events
    from delays
    group by site_id, event_date, delay_bucket
),

days as (
    select
        site_id,
        event_date,
        sum(received_events) as events
    from summed
    group by site_id, event_date
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['summed.site_id', 'summed.event_date', 'summed.delay_bucket']) }}
            as lateness_key,
        summed.site_id,

        ---------- text
        summed.delay_bucket,

        ---------- numbers
        {{ delay_bucket_order('summed.delay_bucket') }} as delay_bucket_order,
        summed.received_events,
        summed.loaded_events,
        {{ ratio('summed.received_events', 'days.events') }} as received_share,
        {{ ratio('summed.loaded_events', 'days.events') }} as loaded_share,

        ---------- times
        summed.event_date
    from summed
    inner join days
        on summed.site_id = days.site_id and summed.event_date = days.event_date
)

select * from final
