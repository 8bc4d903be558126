{# The words of a text, as a list of each part's single pieces and pairs of adjacent ones. Of one
   piece, ngrams() gives that piece instead of pairs. #}
{% macro trino__words_of(column, relation_alias, unspaced, parts, is_query) -%}
    unnest(flatten(transform(
        {{ readership.all_matches(readership.folded_text(column), parts) }},
        part -> element_at(transform(
            array[{{ readership.all_matches(
                readership.folded_letters('part'), '[' ~ unspaced ~ ']|[^' ~ unspaced ~ ']+'
            ) }}],
            pieces -> {% if not is_query %}case when cardinality(pieces) > 1 then pieces else array[] end || {% endif %}transform(
                ngrams(pieces, 2), pair -> array_join(pair, '')
            )
        ), 1)
    ))) as {{ relation_alias }} (word)
{%- endmacro %}


{% macro trino__all_matches(column, pattern) -%}
    regexp_extract_all({{ column }}, '{{ readership.spark__pattern(pattern) }}')
{%- endmacro %}


{% macro trino__nfc_normalized(column) -%}
    normalize({{ column }}, nfc)
{%- endmacro %}


{% macro trino__without_marks(column) -%}
    normalize(
        regexp_replace(normalize({{ column }}, nfd), '[{{ readership.marks_to_remove() }}]', ''), nfc
    )
{%- endmacro %}
