{% macro snowflake__words_of(column, relation_alias, unspaced, parts, is_query) -%}
    lateral (
        select
            cast(pieces.value as varchar)
            || case
                when sizes.size = 2 then cast(get(pieces.this, pieces.index + 1) as varchar)
                else ''
            end as word
        from
            table(flatten(
                input => {{ readership.all_matches(readership.folded_text(column), parts) }}
            )) as parts
        cross join
            lateral flatten(input => {{ readership.all_matches(
                readership.folded_letters('cast(parts.value as varchar)'),
                '[' ~ unspaced ~ ']|[^' ~ unspaced ~ ']+'
            ) }}) as pieces
        cross join (select 1 as size union all select 2 as size) as sizes
        where
            get(pieces.this, pieces.index + sizes.size - 1) is not null
            {%- if is_query %}
            and sizes.size = least(2, array_size(pieces.this))
            {%- endif %}
    ) as {{ relation_alias }}
{%- endmacro %}


{% macro snowflake__all_matches(column, pattern) -%}
    regexp_substr_all({{ column }}, '{{ readership.snowflake__pattern(pattern).text }}')
{%- endmacro %}


{# Snowflake cannot compose letters and marks. The loader has stored texts composed; what folding the
   letters leaves to compose are the sound marks of half-width kana. #}
{% macro snowflake__nfc_normalized(column) -%}
    {{ readership.composed_kana(column) }}
{%- endmacro %}


{# The same marks as PostgreSQL's: composed letters lose theirs one by one, the others are taken
   out. #}
{% macro snowflake__without_marks(column) -%}
    regexp_replace(
        translate({{ column }}, '{{ readership.marked_letters() }}', '{{ readership.plain_letters() }}'),
        '[{{ readership.marks_to_remove() }}]',
        ''
    )
{%- endmacro %}
