{% macro trino__recount_of_files(files, counted) -%}
    merge into {{ files }} as stored
    using ({{ counted }}) as counted
        on
            stored._dlt_load_id = counted.load_id
            and stored.file = counted.file_url
            and stored.replaced_by is null
    when matched then update set
        lines = stored.lines - (stored.events - counted.remaining),
        events = counted.remaining
{%- endmacro %}


{% macro trino__erasure_of_rejected_lines(rejected, requests) -%}
    merge into {{ rejected }} as stored
    using (
        select distinct
            broken._dlt_load_id as load_id,
            broken._file as file_url,
            broken._line as line_number
        from {{ rejected }} as broken
        inner join {{ requests }} as requests
            on {{ bytes_contain('broken.line', 'requests.visitor_site_id') }}
    ) as named
        on
            stored._dlt_load_id = named.load_id
            and stored._file = named.file_url
            and stored._line = named.line_number
    when matched then update set line = {{ text_bytes("'(erased)'") }}
{%- endmacro %}
