{# One endpoint's rows as JSON, ranked by each of its sort metrics (of the CTE sorts): endpoint,
   site_id, period, sort, position, row_json. `pairs` are the fields of a row before its metrics. #}
{% macro response_rows(endpoint, relation, pairs, tie_breaker, metrics) -%}
    select
        '{{ endpoint }}' as endpoint,
        rows_of.site_id,
        rows_of.period,
        sorts.sort,
        row_number() over (
            partition by rows_of.site_id, rows_of.period, sorts.sort
            order by
                case sorts.sort
                    {%- for metric in metrics %}
                    when '{{ metric }}' then rows_of.{{ metric }}
                    {%- endfor %}
                end desc,
                {{ tie_breaker }}
        ) as position,
        rows_of.row_json
    from (
        select
            *,
            {{ json_object(
                pairs
                + [('metrics', as_json(json_object(metrics_pairs(metrics)), is_ours=true))]
                + [('_hits', 'views')]
            ) }} as row_json
        from {{ relation }}
    ) as rows_of
    inner join sorts on sorts.sort in ('{{ metrics | join("', '") }}')
{%- endmacro %}


{% macro metrics_pairs(metrics) -%}
    {%- set pairs = [] -%}
    {%- for metric in metrics -%}
        {%- do pairs.append((metric, metric)) -%}
    {%- endfor -%}
    {{ return(pairs) }}
{%- endmacro %}


{# A relation of one text column with a row for each of some texts. #}
{% macro rows_of_texts(column, texts) -%}
    {%- for text in texts %}
    select '{{ text }}' as {{ column }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
