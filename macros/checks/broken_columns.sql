{# on-run-end: for each failed columns_hold test, prints one line per broken rule, such as
   `fct_pageviews.views: 3 rows are not at least 0`. dbt itself only reports the number of rules. #}
{% macro report_broken_columns(results) -%}
    {%- if execute and flags.WHICH in ('test', 'build') -%}
        {%- for result in results if readership.found_broken_columns(result) -%}
            {%- set node = result.node -%}
            {%- set relation = (
                node.sources[0] | join('.') if node.sources else graph.nodes[node.attached_node].name
            ) -%}
            {%- for column, rule, failures in run_query(node.compiled_code).rows -%}
                {%- set message = ('row is not ' if failures == 1 else 'rows are not ') ~ rule -%}
                {#- "not not null" is null. -#}
                {%- do print(
                    relation ~ '.' ~ column ~ ': ' ~ failures ~ ' '
                    ~ message | replace('not not ', '')
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{# Whether a result is a columns_hold test that found rows. #}
{% macro found_broken_columns(result) -%}
    {{ return(
        result.status in ('fail', 'warn')
        and result.node.test_metadata is defined
        and result.node.test_metadata is not none
        and result.node.test_metadata.name == 'columns_hold'
    ) }}
{%- endmacro %}
