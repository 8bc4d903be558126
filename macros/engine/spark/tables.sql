{% macro spark__number_of_hash(hash) -%}
    cast(conv(substr({{ hash }}, 1, 15), 16, 10) as bigint)
{%- endmacro %}


{% macro spark__milliseconds_of(column) -%}
    unix_millis(cast({{ column }} as timestamp_ltz))
{%- endmacro %}


{% macro spark__from_utc(column) -%}
    {{ column }}
{%- endmacro %}


{% macro spark__is_json(column) -%}
    (json_array_length({{ column }}) is not null or json_object_keys({{ column }}) is not null)
{%- endmacro %}


{% macro spark__spaced_json_list(column) -%}
    case
        when json_array_length({{ column }}) is not null
            then
                '[' || array_join(
                    transform(
                        from_json({{ column }}, 'array<string>'), item -> substr(to_json(array(item)), 2, length(to_json(array(item))) - 2)
                    ),
                    ', '
                ) || ']'
    end
{%- endmacro %}


{% macro spark__json_of_list(column) -%}
    {{ readership.spark__spaced_json_list('to_json(' ~ column ~ ')') }}
{%- endmacro %}
