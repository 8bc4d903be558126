{{ config(materialized='view') }}

with row_counts as (
    select
        *,
        cast(local_hour_at as date) as event_date
    from {{ ref('int_event_row_counts') }}
),

summed as (
    select
        site_id,
        event_date,
        sum(event_rows) as valid_rows,
        sum(case when copy_kind <> 'counts' then event_rows else 0 end) as copies,
        sum(case when copy_kind = 'same_file' then event_rows else 0 end) as same_file_copies,
        sum(case when copy_kind = 'same_load' then event_rows else 0 end) as same_load_copies,
        sum(case when copy_kind = 'other_load' then event_rows else 0 end) as other_load_copies,
        sum(case when copy_kind <> 'counts' and is_exact then event_rows else 0 end)
            as exact_copies,
        sum(case when copy_kind <> 'counts' and not is_exact then event_rows else 0 end)
            as differing_copies
    from row_counts
    group by site_id, event_date
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['site_id', 'event_date']) }} as duplicates_key,
        site_id,

        ---------- numbers
        cast(valid_rows as bigint) as valid_rows,
        cast(copies as bigint) as copies,
        cast(same_file_copies as bigint) as same_file_copies,
        cast(same_load_copies as bigint) as same_load_copies,
        cast(other_load_copies as bigint) as other_load_copies,
        cast(exact_copies as bigint) as exact_copies,
        cast(differing_copies as bigint) as differing_copies,
        {{ ratio('copies', 'valid_rows') }} as copy_share,

        ---------- times
        event_date
    from summed
)

select * from final
