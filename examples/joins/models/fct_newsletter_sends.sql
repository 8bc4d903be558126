with newsletter_sends as (
    select * from {{ ref('newsletter_sends') }}
),

newsletter_sessions as (
    select * from {{ ref('fct_newsletter_sessions') }}
),

visited as (
    select
        send_id,
        count(*) as sessions,
        count(distinct visitor_key) as visitors,
        cast(sum(pageviews) as bigint) as pageviews,
        sum(engaged_seconds) / 60.0 as engaged_minutes,
        cast(sum(conversions) as bigint) as conversions
    from newsletter_sessions
    group by send_id
),

final as (
    select
        ---------- ids
        newsletter_sends.send_id,
        newsletter_sends.site_id,

        ---------- text
        newsletter_sends.newsletter,

        ---------- numbers
        newsletter_sends.recipients,
        coalesce(visited.sessions, 0) as sessions,
        coalesce(visited.visitors, 0) as visitors,
        coalesce(visited.pageviews, 0) as pageviews,
        coalesce(visited.engaged_minutes, 0) as engaged_minutes,
        coalesce(visited.conversions, 0) as conversions,
        1000.0 * coalesce(visited.sessions, 0) / nullif(newsletter_sends.recipients, 0)
            as sessions_per_thousand,

        ---------- times
        newsletter_sends.sent_at
    from newsletter_sends
    left join visited on newsletter_sends.send_id = visited.send_id
)

select * from final
