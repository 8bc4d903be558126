{# One endpoint's rows as JSON, the first page for each of its sort metrics (CTE sorts):
   endpoint, site_id, period, sort, position, rows_total, row_json. Rows beyond the first page are
   dropped before any JSON is built. #}
{% macro response_rows(path, endpoint, relation) -%}
    select
        '{{ path }}' as endpoint,
        ranked.site_id,
        ranked.period,
        ranked.sort,
        ranked.position,
        ranked.rows_total,
        {{ readership.row_json(endpoint) }} as row_json
    from (
        select
            rows_of.*,
            sorts.sort,
            row_number() over (
                partition by rows_of.site_id, rows_of.period, sorts.sort
                order by
                    {{ readership.sort_value('sorts.sort') }} desc,
                    {{ endpoint['ties'] | join(', ') }}
            ) as position,
            count(*) over (
                partition by rows_of.site_id, rows_of.period, sorts.sort
            ) as rows_total
        from {{ relation }} as rows_of
        cross join sorts
    ) as ranked
    where ranked.position <= {{ var('response_limit') }}
{%- endmacro %}


{# A relation with one text column and a row for each of some texts. #}
{% macro rows_of_texts(column, texts) -%}
    {%- for text in texts %}
    select '{{ text }}' as {{ column }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
