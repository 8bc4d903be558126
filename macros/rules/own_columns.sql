{#
    The publisher's own keys as typed columns: keys of extra_data (variable extra_columns, on
    pageviews, sessions and conversions) and of custom metadata (metadata_columns, on posts).

    Intermediate models carry those of extra_data as `extra__<name>`, so that no name can be that of
    a column or alias there; marts give them their own names.
#}

{# The columns of one of the two variables: name, key, type, data_type, description. None while the
   variable is not valid, since dbt reads models before check_variables() stops the run. #}
{% macro own_columns(variable) -%}
    {%- set columns = [] -%}
    {%- if not readership.problems_of_own_columns(variable) -%}
        {%- set where = 'extra_data' if variable == 'extra_columns' else 'custom metadata' -%}
        {%- for item in var(variable) -%}
            {%- do columns.append({
                'name': item.get('name', item['key']),
                'key': item['key'],
                'type': item['type'],
                'data_type': readership.own_column_types()[item['type']],
                'description':
                    'Value of ' ~ item['key'] ~ ' in ' ~ where ~ ', as ' ~ item['type']
                    ~ '. Null where there is none, or none of this type.',
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(columns) }}
{%- endmacro %}


{# The types that a column of one's own may have, with the type of a contract for each. #}
{% macro own_column_types() -%}
    {{ return({
        'text': 'varchar',
        'number': 'double',
        'integer': 'bigint',
        'boolean': 'boolean',
        'timestamp': 'timestamp',
    }) }}
{%- endmacro %}


{# The meta of a mart that has these columns: dbt's manifest names them there, since dbt renders no
   loops in YAML. #}
{% macro meta_of_own_columns(variable) -%}
    {%- set columns = readership.own_columns(variable) -%}
    {{ return({'own_columns': columns} if columns else {}) }}
{%- endmacro %}


{# Pre-hook: adds the columns to the contract of the model. dbt compares the query with them, creates
   the table with them and stores their descriptions. #}
{% macro add_own_columns(variable) -%}
    {%- for column in readership.own_columns(variable) -%}
        {%- do model['columns'].update({column['name']: {
            'name': column['name'],
            'description': column['description'],
            'data_type': column['data_type'],
            'constraints': [],
            'meta': {},
            'tags': [],
        }}) -%}
    {%- endfor -%}
{%- endmacro %}


{# The texts of the columns in extra_data, of pageviews and conversions; for the end of a select. #}
{% macro own_texts_of_event(action, extra_data) -%}
    {%- for column in readership.own_columns('extra_columns') %},
        case
            when {{ action }} in ('pageview', 'conversion')
                then {{ readership.own_text(extra_data, column) }}
        end as extra__{{ column['name'] }}
    {%- endfor %}
{%- endmacro %}


{# Those texts as values of their types; for the end of a select. #}
{% macro own_values_of_event() -%}
    {%- for column in readership.own_columns('extra_columns') %},
        {{ readership.own_value('extra__' ~ column['name'], column) }} as extra__{{ column['name'] }}
    {%- endfor %}
{%- endmacro %}


{# The columns as a relation carries them, for the end of a select; with their own names in marts. #}
{% macro own_columns_of(relation, is_mart=false) -%}
    {%- for column in readership.own_columns('extra_columns') %},
        {{ relation }}.extra__{{ column['name'] }}{{ ' as ' ~ column['name'] if is_mart }}
    {%- endfor %}
{%- endmacro %}


{# The texts of the columns in custom metadata, and those texts as values of their types; for the
   end of a select. #}
{% macro own_texts_of_metadata(custom_metadata) -%}
    {%- for column in readership.own_columns('metadata_columns') %},
        {{ readership.own_text(custom_metadata, column) }} as custom__{{ column['name'] }}
    {%- endfor %}
{%- endmacro %}

{% macro own_values_of_metadata() -%}
    {%- for column in readership.own_columns('metadata_columns') %},
        {{ readership.own_value('custom__' ~ column['name'], column) }} as {{ column['name'] }}
    {%- endfor %}
{%- endmacro %}


{# The text that a JSON object has under the key of a column; null when it is blank. #}
{% macro own_text(json, column) -%}
    {{ readership.null_if_blank(readership.json_text(json, column['key'])) }}
{%- endmacro %}


{# A text as a value of the type of a column; null when it is none. #}
{% macro own_value(text, column) -%}
    {%- if column['type'] == 'number' -%}
    {{ readership.text_to_number(text) }}
    {%- elif column['type'] == 'integer' -%}
    {{ readership.text_to_integer(text) }}
    {%- elif column['type'] == 'boolean' -%}
    {{ readership.text_to_boolean(text) }}
    {%- elif column['type'] == 'timestamp' -%}
    {{ readership.text_to_timestamp(text) }}
    {%- else -%}
    {{ text }}
    {%- endif -%}
{%- endmacro %}


{# The engine's type of a column. #}
{% macro type_of_own_column(column) -%}
    {%- if column['type'] == 'text' -%}
    {{ dbt.type_string() }}
    {%- elif column['type'] == 'number' -%}
    {{ readership.type_double() }}
    {%- elif column['type'] == 'timestamp' -%}
    {{ readership.type_timestamp() }}
    {%- else -%}
    {{ column['data_type'] }}
    {%- endif -%}
{%- endmacro %}


{# The one value of a column in a group, whose other rows have null. #}
{% macro own_value_of_group(expression, column) -%}
    {%- if column['type'] == 'boolean' -%}
    {{ dbt.bool_or(expression) }}
    {%- else -%}
    max({{ expression }})
    {%- endif -%}
{%- endmacro %}


{# Query: for each site and column of another type than text, the number of texts in a relation and
   of those among them that are no value of the type. #}
{% macro counts_of_own_values(variable, json, relation) -%}
    {%- for column in readership.own_columns(variable) if column['type'] != 'text' %}
    select
        site_id,
        '{{ variable }}' as variable_name,
        '{{ column["name"] }}' as column_name,
        '{{ column["type"] }}' as value_type,
        count(text_value) as texts,
        count(text_value) - count({{ readership.own_value('text_value', column) }}) as unreadable
    from (
        select
            site_id,
            {{ readership.own_text(json, column) }} as text_value
        from {{ relation }}
    ) as texts_of_column
    group by site_id
    union all
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as site_id,
        cast(null as {{ dbt.type_string() }}) as variable_name,
        cast(null as {{ dbt.type_string() }}) as column_name,
        cast(null as {{ dbt.type_string() }}) as value_type,
        cast(0 as bigint) as texts,
        cast(0 as bigint) as unreadable
    from {{ relation }}
    where false
{%- endmacro %}
