{# The bot rules. The first two look at a single event, the others at the behavior of a visitor. #}
{% macro bot_rule_names() -%}
    {{ return(['user_agent', 'recorded_browser', 'burst', 'fingerprint']) }}
{%- endmacro %}


{# Condition: the rule is enabled. #}
{% macro has_bot_rule(rule) -%}
    {{ 'true' if rule in var('bot_rules') else 'false' }}
{%- endmacro %}


{# Condition: the user agent contains one of the texts in the variable people_user_agents. #}
{% macro is_user_agent_of_people(user_agent) -%}
    {%- if var('people_user_agents') -%}
    (
        {%- for text in var('people_user_agents') %}
        {{ 'or ' if not loop.first }}{{ readership.has_text(user_agent, text_literal(text)) }}
        {%- endfor %}
    )
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}


{# Hash of what the devices behind one address have in common, as far as it is recorded. Hashed
   so that the address itself is not stored. #}
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


{# Condition: the fingerprint identifies devices, that is, address, user agent and visitor are
   known. #}
{% macro has_fingerprint() -%}
    visitor_ip is not null and user_agent is not null and not has_shared_visitor_id
{%- endmacro %}


{# Description of each rule, used when there is no more specific evidence. #}
{% macro bot_rule_description(bot_rule) -%}
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
