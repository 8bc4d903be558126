{# What is wrong with the variables that say where events are. Names are no SQL: what stands in them
   is quoted. #}
{% macro problems_of_source() -%}
    {%- set problems = [] -%}
    {%- set names = ['source_database', 'source_schema', 'events_table', 'load_column'] -%}
    {%- for name in names -%}
        {%- set value = var(name) -%}
        {%- if value is not string or not modules.re.fullmatch('[^\\s"\'`;\\\\.]*', value) -%}
            {%- do problems.append(
                name ~ " must be a name without spaces, quotes and dots, not " ~ tojson(value)
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if var('source_kind') not in ['loader', 'table'] -%}
        {%- do problems.append(
            "source_kind must be loader or table, not " ~ tojson(var('source_kind'))
        ) -%}
    {%- elif var('source_kind') == 'table' -%}
        {%- for name in ['source_schema', 'events_table'] if not var(name) -%}
            {%- do problems.append(
                name ~ " must name " ~ ("the schema of your table" if name == 'source_schema'
                else "your table of events") ~ ", because source_kind is table"
            ) -%}
        {%- endfor -%}
    {%- else -%}
        {%- for name in names + ['source_described'] if var(name) -%}
            {%- do problems.append(name ~ " is read only with source_kind: table") -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}


{# on-run-start, with source_kind `table`: stops without the table or what it needs. #}
{% macro check_table() -%}
    {%- set problem = readership.problem_of_table() -%}
    {%- if problem -%}
        {{ exceptions.raise_compiler_error(problem) }}
    {%- endif -%}
    {%- set events = source('publisher', 'events') -%}
    {%- if var('source_described') -%}
        {%- for name in ['hosts', 'user_agents', 'described_loads']
            if load_relation(source('raw', name)) is none -%}
            {{ exceptions.raise_compiler_error(
                "There is no " ~ source('raw', name).schema ~ "." ~ name ~ ", which source_described "
                ~ "says there is: run `readership enrich` first."
            ) }}
        {%- endfor -%}
    {%- endif -%}
    {%- if flags.WHICH in ('run', 'build') -%}
        {%- do readership.report_missing(events.schema ~ "." ~ events.identifier) -%}
    {%- endif -%}
{%- endmacro %}


{# What the table has not, and what that costs. #}
{% macro report_missing(table) -%}
    {%- set missing = (
        readership.event_fields() | reject('in', readership.columns_of_table()) | list
    ) -%}
    {%- if missing -%}
        {%- do print(
            table ~ " has no column for " ~ missing | length ~ " fields of events, which are read as "
            ~ "null: " ~ missing | join(", ") ~ "."
        ) -%}
    {%- endif -%}
    {%- if not var('source_described') -%}
        {%- do print(
            "Hosts and user agents of " ~ table ~ " are not described: the bot rule user_agent finds "
            ~ "no bot; browser, system and device, and referrers of class internal, search and social, "
            ~ "are those that trackers recorded; other classes, such as aggregator and ai, are known "
            ~ "by hosts that the lists name exactly. Run `readership enrich`, and set "
            ~ "source_described: true."
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# Why nothing can be read of the table; none if something can. #}
{% macro problem_of_table() -%}
    {%- if target.type not in ['duckdb', 'postgres'] -%}
        {{ return(
            "source_kind: table works on DuckDB and PostgreSQL, and not on " ~ target.type ~ " yet."
        ) }}
    {%- endif -%}
    {%- set events = source('publisher', 'events') -%}
    {%- set table = events.schema ~ "." ~ events.identifier -%}
    {%- if load_relation(events) is none -%}
        {{ return(
            "There is no " ~ table ~ " in this warehouse: source_schema and events_table name your "
            ~ "table of events."
        ) }}
    {%- endif -%}
    {%- set columns = readership.columns_of_table() -%}
    {%- set missing = readership.required_event_fields() | reject('in', columns) | list -%}
    {%- if missing -%}
        {{ return(
            table ~ " has no column " ~ missing | join(", ") ~ ", without which every event is "
            ~ "refused: add it, or name a view that has it in events_table."
        ) }}
    {%- endif -%}
    {%- if var('load_column') -%}
        {%- set column = columns.get(var('load_column') | lower) -%}
        {%- if not column -%}
            {{ return(table ~ " has no column " ~ var('load_column') ~ ", which load_column names.") }}
        {%- endif -%}
        {%- if readership.kind_of_column(column) in ('number', 'list', 'json', 'other') -%}
            {{ return(
                "load_column names " ~ var('load_column') ~ ", a column of type " ~ column.data_type
                ~ ": it must be a text, a whole number, a date or a time."
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}


{# on-run-end: loads whose hosts or user agents are not all described. #}
{% macro report_undescribed() -%}
    {%- if
        execute and flags.WHICH in ('run', 'build') and readership.reads_table()
        and var('source_described') and not flags.EMPTY
    -%}
        {%- set loads = own_relation_if_built('table_loads') -%}
        {%- if loads is not none -%}
            {%- set row = run_query(
                "select count(*), coalesce(sum(loads.events - loads.described_events), 0) from "
                ~ loads ~ " as loads inner join (select load_value, max(version) as version from "
                ~ loads ~ " group by load_value) as newest on loads.load_value = newest.load_value "
                ~ "and loads.version = newest.version where loads.events > loads.described_events"
            ).rows[0] -%}
            {%- if row[0] > 0 -%}
                {%- do print(
                    row[0] ~ " loads have " ~ row[1] ~ " events whose hosts and user agents may not "
                    ~ "be described yet: run `readership enrich`; the next build then processes these "
                    ~ "loads again."
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
