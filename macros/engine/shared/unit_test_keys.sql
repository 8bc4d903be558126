{#
    Unit tests use short names for keys: `session_key: s1`. dbt casts each fixture value to the type
    of its column with this macro, which is overridden here: a name becomes the key whose bytes
    spell it, so that names sort like their keys. A name longer than 16 bytes becomes its md5. A
    value that is already a key is unchanged.
#}
{% macro duckdb__safe_cast(field, type) -%}
    {{ return(dbt.default__safe_cast(readership.fixture_key(field, type), type)) }}
{%- endmacro %}

{% macro postgres__safe_cast(field, type) -%}
    {{ return(dbt.default__safe_cast(readership.fixture_key(field, type), type)) }}
{%- endmacro %}


{# The literal of a fixture value, or the key for a name when the column has the key type. #}
{% macro fixture_key(field, type) -%}
    {%- set name = (field | string | trim).strip("'") -%}
    {%- set is_key = modules.re.fullmatch('[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', name) -%}
    {%- if type | lower != 'uuid' or name == 'null' or is_key -%}
        {{ return(field) }}
    {%- endif -%}
    {%- set spelled = name.encode('utf-8').hex() -%}
    {{ return("'" ~ (spelled.ljust(32, '0') if spelled | length <= 32 else local_md5(name)) ~ "'") }}
{%- endmacro %}
