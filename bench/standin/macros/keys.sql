{# An md5 of texts, as dbt packages make their keys. #}
{% macro key(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce(cast({{ column }} as text), '_null_'){{ " || '-' || " if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{# Only the last days of a relation, in a run that goes on. #}
{% macro where_recent(column) -%}
    {%- if is_incremental() -%}
    where {{ column }} >= (
        select max({{ column }}) - interval '{{ var("lookback_days") }} days' from {{ this }}
    )
    {%- endif -%}
{%- endmacro %}
