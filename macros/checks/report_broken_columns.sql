{# on-run-end: of each data test columns_hold that found something, a line for every rule that is
   broken. dbt itself tells how many rules those are. #}
{% macro report_broken_columns(results) -%}
    {%- if execute and flags.WHICH in ('test', 'build') -%}
        {%- for result in results -%}
            {%- set node = result.node -%}
            {%- if (
                node.resource_type == 'test' and node.test_metadata
                and node.test_metadata.name == 'columns_hold' and result.status in ('fail', 'warn')
            ) -%}
                {%- set relation = node.sources[0] | join('.') if node.sources else node.refs[0].name -%}
                {%- for column, rule, failures in run_query(node.compiled_code).rows -%}
                    {%- do print(
                        relation ~ '.' ~ column ~ ': ' ~ failures
                        ~ (' row is not ' if failures == 1 else ' rows are not ') ~ rule
                    ) -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
