{# The rules that flag bots: the first two by what an event says itself, the others by how a visitor
   behaved. #}
{% macro bot_rule_names() -%}
    {{ return(['user_agent', 'recorded_browser', 'burst', 'fingerprint']) }}
{%- endmacro %}


{# Whether a rule is switched on, as a condition. #}
{% macro has_bot_rule(rule) -%}
    {{ 'true' if rule in var('bot_rules') else 'false' }}
{%- endmacro %}


{# What the devices behind one address have in common; not the address itself. #}
{% macro fingerprint_key() -%}
    case
        when
            {{ has_bot_rule('fingerprint') }}
            and visitor_ip is not null
            and user_agent is not null
            then {{ surrogate_key([
                'site_id', 'visitor_ip', 'user_agent', 'screen_width_pixels',
                'screen_height_pixels',
            ]) }}
    end
{%- endmacro %}
