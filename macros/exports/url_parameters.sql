{#
    A row of an answer, as JSON text, with a parameter added to its URL: to the query, which may be
    there already, before a fragment. `parameter` is the text `name=value`, percent-encoded. Rows
    without a URL stay as they are. The URL comes after other texts in the row, and before any object
    or list. JSON escapes none of the signs that divide a URL.
#}
{% macro row_with_url_parameter(row_json, parameter) -%}
    {%- set escape = '\\\\(?:[^u]|u[0-9A-Fa-f]{4})' -%}
    {%- set text = '"(?:[^"\\\\]|' ~ escape ~ ')*"' -%}
    {%- set path = (
        '^([{](?:' ~ text ~ ':(?:' ~ text ~ '|null),)*"url":"(?:[^"?#\\\\]|' ~ escape ~ ')*'
    ) -%}
    {%- set query = '[?](?:[^"#\\\\]|' ~ escape ~ ')*' -%}
    case
        when {{ readership.first_match(row_json, path ~ '[?])') }} is not null
            then regexp_replace({{ row_json }}, '{{ path ~ query }})', '\1&' || {{ parameter }})
        else regexp_replace({{ row_json }}, '{{ path }})', '\1?' || {{ parameter }})
    end
{%- endmacro %}
