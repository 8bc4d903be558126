{# The words of a text, as a list of each part's single pieces and pairs of adjacent ones. #}
{% macro spark__words_of(column, relation_alias, unspaced, parts, is_query) -%}
    lateral explode(flatten(transform(
        {{ readership.all_matches(readership.folded_text(column), parts) }},
        part -> transform(
            array({{ readership.all_matches(
                readership.folded_letters('part'), '[' ~ unspaced ~ ']|[^' ~ unspaced ~ ']+'
            ) }}),
            pieces -> concat(
                {%- if is_query %}
                case when size(pieces) = 1 then pieces else array() end,
                {%- else %}
                pieces,
                {%- endif %}
                transform(
                    slice(pieces, 1, greatest(size(pieces) - 1, 0)),
                    (piece, place) -> piece || pieces[place + 1]
                )
            )
        )[0]
    ))) as {{ relation_alias }} (word)
{%- endmacro %}


{% macro spark__all_matches(column, pattern) -%}
    regexp_extract_all({{ column }}, r'{{ readership.spark__pattern(pattern) }}', 0)
{%- endmacro %}


{# Spark cannot compose letters and marks. The loader has stored texts composed; what folding the
   letters leaves to compose are the sound marks of half-width kana. #}
{% macro spark__nfc_normalized(column) -%}
    case
        when {{ column }} rlike '[\u3099\u309a]' then {{ readership.composed_kana(column) }}
        else {{ column }}
    end
{%- endmacro %}


{# The same marks as PostgreSQL's: composed letters lose theirs one by one, the others are taken
   out. #}
{% macro spark__without_marks(column) -%}
    regexp_replace(
        translate({{ column }}, '{{ readership.marked_letters() }}', '{{ readership.plain_letters() }}'),
        '[{{ readership.marks_to_remove() }}]',
        ''
    )
{%- endmacro %}
