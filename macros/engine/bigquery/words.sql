{% macro bigquery__words_of(column, relation_alias, unspaced, parts, is_query) -%}
    unnest(array(
        select as struct
            pieces.list[safe_offset(place)]
            || case when size = 2 then pieces.list[safe_offset(place + 1)] else '' end as word
        from unnest({{ readership.all_matches(readership.folded_text(column), parts) }}) as part
        cross join
            unnest([struct({{ readership.all_matches(
                readership.folded_letters('part'), '[' ~ unspaced ~ ']|[^' ~ unspaced ~ ']+'
            ) }} as list)]) as pieces
        cross join unnest(generate_array(0, array_length(pieces.list) - 1)) as place
        cross join unnest([1, 2]) as size
        where
            place + size <= array_length(pieces.list)
            {%- if is_query %}
            and size = least(2, array_length(pieces.list))
            {%- endif %}
    )) as {{ relation_alias }}
{%- endmacro %}


{% macro bigquery__all_matches(column, pattern) -%}
    regexp_extract_all({{ column }}, r'{{ readership.bigquery__pattern(pattern) }}')
{%- endmacro %}


{% macro bigquery__nfc_normalized(column) -%}
    normalize({{ column }}, nfc)
{%- endmacro %}


{% macro bigquery__without_marks(column) -%}
    normalize(
        regexp_replace(normalize({{ column }}, nfd), r'[{{ readership.marks_to_remove() }}]', ''), nfc
    )
{%- endmacro %}
