{# The rules that flag bots: the first two by what an event says itself, the others by how a visitor
   behaved. #}
{% macro bot_rule_names() -%}
    {{ return(['user_agent', 'recorded_browser', 'burst', 'fingerprint']) }}
{%- endmacro %}


{# Whether a rule is switched on, as a condition. #}
{% macro has_bot_rule(rule) -%}
    {{ 'true' if rule in var('bot_rules') else 'false' }}
{%- endmacro %}


{# Condition: a user agent has one of the texts that the variable people_user_agents lists. #}
{% macro is_user_agent_of_people(user_agent) -%}
    {%- if var('people_user_agents') -%}
    (
        {%- for text in var('people_user_agents') %}
        {{ 'or ' if not loop.first }}strpos({{ user_agent }}, {{ text_literal(text) }}) > 0
        {%- endfor %}
    )
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}


{# What the devices behind one address have in common, as far as it is told; not the address itself. #}
{% macro fingerprint_key() -%}
    case
        when
            ({{ has_bot_rule('fingerprint') }} or {{ has_bot_rule('burst') }})
            and coalesce(visitor_ip, user_agent) is not null
            then {{ surrogate_key([
                'site_id', 'visitor_ip', 'user_agent', 'screen_width_pixels',
                'screen_height_pixels',
            ]) }}
    end
{%- endmacro %}


{# Whether the fingerprint tells of devices: address and user agent are known, and the visitor too. #}
{% macro has_fingerprint() -%}
    visitor_ip is not null and user_agent is not null and not has_shared_visitor_id
{%- endmacro %}


{# What each rule goes by, where nothing tells more. #}
{% macro bot_rule_in_words(bot_rule) -%}
    case {{ bot_rule }}
        when 'user_agent' then 'the user agent of a robot'
        when 'recorded_browser' then 'a browser that names itself bot, crawler or spider'
        when 'burst'
            then
                '{{ var("bot_burst_events") }} events on one page within '
                || '{{ var("bot_burst_minutes") }} minutes'
        when 'fingerprint'
            then
                '{{ var("bot_fingerprint_visitors") }} or more visitors alike on one day, '
                || 'each with one pageview and nothing else'
    end
{%- endmacro %}
