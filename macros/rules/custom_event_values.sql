{# Values of extra_data arrive as loosely typed text. These macros read them as a type, or null
   when they are not valid. #}

{% macro text_to_number(column) -%}
    case
        when {{ readership.matches(
            column, '[+-]?([0-9]{1,200}([.][0-9]{0,200})?|[.][0-9]{1,200})([eE][+-]?[0-9]{1,2})?'
        ) }}
            then cast({{ column }} as {{ readership.type_double() }})
    end
{%- endmacro %}


{# A whole number of up to 18 digits, also with a point and zeros, as some engines write one. #}
{% macro text_to_integer(column) -%}
    case
        when {{ readership.matches(column, '[+-]?[0-9]{1,18}([.]0*)?') }}
            then cast({{ readership.text_before(column, '.') }} as bigint)
    end
{%- endmacro %}


{% macro text_to_boolean(column) -%}
    case
        when lower({{ column }}) in ('true', 'yes', '1') then true
        when lower({{ column }}) in ('false', 'no', '0') then false
    end
{%- endmacro %}


{# Query: the configured keys of custom events with their types. #}
{% macro custom_event_key_rows() -%}
    {%- for item in var('custom_event_keys') %}
    select
        '{{ item["key"] }}' as key,
        '{{ item["type"] }}' as value_type
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as key,
        cast(null as {{ dbt.type_string() }}) as value_type
    {{ readership.from_nothing() }}
    where false
    {%- endfor %}
{%- endmacro %}


{# The text that a JSON object has under the key in a row of the configured keys. #}
{% macro custom_event_text(extra_data, key) -%}
    {%- if var('custom_event_keys') -%}
    case {{ key }}
        {%- for item in var('custom_event_keys') %}
        when '{{ item["key"] }}' then {{ readership.json_text(extra_data, item['key']) }}
        {%- endfor %}
    end
    {%- else -%}
    cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}
