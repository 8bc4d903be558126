{# The type of a 64-bit floating-point number. #}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'readership')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
    double precision
{%- endmacro %}

{% macro duckdb__type_double() -%}
    double
{%- endmacro %}


{# The type of surrogate keys: 128 bits, in the engine's most compact type. #}
{% macro type_key() -%}
    {{ return(adapter.dispatch('type_key', 'readership')()) }}
{%- endmacro %}

{% macro default__type_key() -%}
    {{ dbt.type_string() }}
{%- endmacro %}

{% macro duckdb__type_key() -%}
    uuid
{%- endmacro %}

{% macro postgres__type_key() -%}
    uuid
{%- endmacro %}


{# A key from a hash in 32 hexadecimal digits. Hashed again, as part of another key, its text is that
   of a UUID on every engine. #}
{% macro key_of_hash(hash) -%}
    {{ return(adapter.dispatch('key_of_hash', 'readership')(hash)) }}
{%- endmacro %}

{% macro default__key_of_hash(hash) -%}
    cast({{ hash }} as {{ readership.type_key() }})
{%- endmacro %}

{#- Half the time of a cast from text, and the same key. -#}
{% macro duckdb__key_of_hash(hash) -%}
    cast(unhex({{ hash }}) as {{ readership.type_key() }})
{%- endmacro %}


{# The MD5 hash of a text, in 32 hexadecimal digits. #}
{% macro md5_text(expression) -%}
    {{ return(adapter.dispatch('md5_text', 'readership')(expression)) }}
{%- endmacro %}

{% macro default__md5_text(expression) -%}
    md5({{ expression }})
{%- endmacro %}


{# The type of a timestamp without a time zone, to the microsecond. #}
{% macro type_timestamp() -%}
    {{ return(adapter.dispatch('type_timestamp', 'readership')()) }}
{%- endmacro %}

{% macro default__type_timestamp() -%}
    timestamp
{%- endmacro %}


{# A value as such a timestamp. #}
{% macro as_timestamp(expression) -%}
    cast({{ expression }} as {{ readership.type_timestamp() }})
{%- endmacro %}
