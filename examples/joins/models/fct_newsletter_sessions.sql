with newsletter_sends as (
    select
        *,
        {{ dbt.dateadd('day', var('newsletter_days'), 'sent_at') }} as credited_until_at
    from {{ ref('newsletter_sends') }}
),

sessions as (
    select * from {{ ref('readership', 'fct_sessions') }} where acquisition_channel = 'email'
),

-- Content and term differ between the links of one issue, so the campaign's key would not match. An
-- issue that was sent twice has one campaign: the newest sending before the session counts.
sends_before as (
    select
        sessions.session_key,
        newsletter_sends.send_id,
        row_number() over (
            partition by sessions.session_key
            order by newsletter_sends.sent_at desc, newsletter_sends.send_id
        ) as send_rank
    from sessions
    inner join newsletter_sends
        on
            sessions.site_id = newsletter_sends.site_id
            and lower(sessions.campaign) = lower(newsletter_sends.campaign)
            and lower(sessions.campaign_medium) = lower(newsletter_sends.campaign_medium)
            and sessions.started_at >= newsletter_sends.sent_at
            and sessions.started_at < newsletter_sends.credited_until_at
),

final as (
    select
        ---------- ids
        sessions.session_key,
        sends_before.send_id,
        sessions.visitor_key,
        sessions.site_id,
        sessions.entry_post_key,

        ---------- numbers
        sessions.pageviews,
        sessions.engaged_seconds,
        sessions.conversions,

        ---------- times
        sessions.started_at
    from sends_before
    inner join sessions on sends_before.session_key = sessions.session_key
    where sends_before.send_rank = 1
)

select * from final
