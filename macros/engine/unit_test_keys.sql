{#
    Keys in unit tests go by short names: `session_key: s1`. dbt casts each value of a fixture to the
    type of its column by these macros of its own; here a name becomes the key whose bytes spell
    it, so that names sort as their keys do; a name of more than 16 bytes becomes its md5. What is a
    key already stays what it is.
#}
{% macro duckdb__safe_cast(field, type) -%}
    {{ return(dbt.default__safe_cast(readership.named_key(field, type), type)) }}
{%- endmacro %}

{% macro postgres__safe_cast(field, type) -%}
    {{ return(dbt.default__safe_cast(readership.named_key(field, type), type)) }}
{%- endmacro %}


{# The literal of a fixture, or of the key that it names where the type is that of keys. #}
{% macro named_key(field, type) -%}
    {%- set name = (field | string | trim).strip("'") -%}
    {%- set is_key = modules.re.fullmatch('[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', name) -%}
    {%- if type | lower != 'uuid' or name == 'null' or is_key -%}
        {{ return(field) }}
    {%- endif -%}
    {%- set spelled = name.encode('utf-8').hex() -%}
    {{ return("'" ~ (spelled.ljust(32, '0') if spelled | length <= 32 else local_md5(name)) ~ "'") }}
{%- endmacro %}
