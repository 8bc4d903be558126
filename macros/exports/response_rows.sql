{# One endpoint's rows as JSON, ranked by each of its sort metrics (of the CTE sorts): endpoint,
   site_id, period, sort, position, rows_total, row_json. #}
{% macro response_rows(path, endpoint, relation) -%}
    select
        '{{ path }}' as endpoint,
        rows_of.site_id,
        rows_of.period,
        sorts.sort,
        row_number() over (
            partition by rows_of.site_id, rows_of.period, sorts.sort
            order by
                {{ readership.sort_value('sorts.sort') }} desc,
                {{ endpoint['ties'] | join(', ') }}
        ) as position,
        count(*) over (partition by rows_of.site_id, rows_of.period, sorts.sort) as rows_total,
        rows_of.row_json
    from (
        select
            *,
            {{ readership.row_json(endpoint) }} as row_json
        from {{ relation }}
    ) as rows_of
    cross join sorts
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
