{{ config(access='protected') }}

-- What exports need of sessions. A snapshot for the service has these columns, not those of
-- fct_sessions.
with fct_sessions as (
    select * from {{ ref('fct_sessions') }}
),

final as (
    select
        session_key,
        site_id,
        is_returning,
        started_at,
        ended_at
    from fct_sessions
)

select * from final
