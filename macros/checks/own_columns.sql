{# Messages for what is wrong with the items of extra_columns or metadata_columns by themselves. #}
{% macro problems_of_own_columns(variable) -%}
    {%- set items = var(variable) -%}
    {%- set problems = [] -%}
    {%- if items is string or items is mapping or items is not iterable -%}
        {{ return([
            variable ~ " must be a list of {key, type, name}, not " ~ readership.shown_value(items)
        ]) }}
    {%- endif -%}
    {%- set types = readership.own_column_types() -%}
    {%- set names = [] -%}
    {%- for item in items -%}
        {%- set fields = item.keys() | list if item is mapping else [] -%}
        {%- set name = item.get('name', item.get('key')) if item is mapping -%}
        {%- if
            'key' not in fields or 'type' not in fields
            or fields | reject('in', ['key', 'type', 'name']) | list
        -%}
            {%- do problems.append(
                variable ~ " may hold {key, type} or {key, type, name}, not "
                ~ readership.shown_value(item)
            ) -%}
        {%- elif
            item['key'] is not string
            or not modules.re.fullmatch('[A-Za-z0-9_.-]{1,200}', item['key'])
        -%}
            {%- do problems.append(
                variable ~ " may hold keys of up to 200 letters, digits, _, . and -, not "
                ~ readership.shown_value(item['key'])
            ) -%}
        {%- elif item['type'] is not string or item['type'] not in types -%}
            {%- do problems.append(
                variable ~ " may hold the types " ~ types | join(', ') ~ ", not "
                ~ readership.shown_value(item['type'])
            ) -%}
        {%- elif name is not string or not modules.re.fullmatch('[a-z][a-z0-9_]{0,49}', name) -%}
            {%- do problems.append(
                variable ~ " cannot name a column " ~ readership.shown_value(name)
                ~ ": give it a `name` of up to 50 small letters, digits and _, a letter first"
            ) -%}
        {%- elif name in readership.reserved_words() -%}
            {%- do problems.append(
                variable ~ " cannot name a column " ~ tojson(name)
                ~ ", a word of SQL: give it another `name`"
            ) -%}
        {%- elif name in names -%}
            {%- do problems.append(
                variable ~ " names two columns " ~ tojson(name) ~ ": give one another `name`"
            ) -%}
        {%- endif -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}


{# Messages for columns with the name of a column that a relation of this project has, or of an alias
   in its SQL: marts are read with all their columns by others. #}
{% macro clashes_of_own_columns(variable) -%}
    {%- set problems = [] -%}
    {%- for column in readership.own_columns(variable) -%}
        {%- set name = column['name'] -%}
        {%- set places = {'public': [], 'other': []} -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'model' and node.package_name == 'readership' -%}
            {%- if name in node.columns and node.access == 'public' -%}
                {%- do places['public'].append(node.name) -%}
            {%- elif
                name in node.columns
                or modules.re.search('(?i)\\bas\\s+' ~ name ~ '\\b', node.raw_code)
            -%}
                {%- do places['other'].append(node.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set found = places['public'] | sort(reverse=true) or places['other'] -%}
        {%- if found -%}
            {%- do problems.append(
                variable ~ " cannot name a column " ~ tojson(name) ~ ", which "
                ~ found[0] ~ " has already: give it another `name`"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}


{# on-run-end: one line for each column of the publisher's own with values that are none of its type,
   which are null there. #}
{% macro report_unreadable_values(results) -%}
    {%- if execute and flags.WHICH in ('test', 'build') -%}
        {%- for result in results
            if result.node.name == 'warn_unreadable_values' and result.status == 'warn' -%}
            {%- for site, variable, column, type, texts, unreadable
                in run_query(result.node.compiled_code).rows -%}
                {%- do print(
                    column ~ ' of ' ~ variable ~ ': ' ~ unreadable ~ ' of ' ~ texts ~ ' values at '
                    ~ site ~ ' are not of type ' ~ type ~ ' and null'
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{# A value for a message, of at most 80 characters. #}
{% macro shown_value(value) -%}
    {%- set text = tojson(value) or value | string -%}
    {{ return(text if text | length <= 80 else text[:77] ~ '...') }}
{%- endmacro %}


{# Names that no column can have without quotes on one of the engines: reserved words, and columns
   that every table of PostgreSQL or DuckDB has. #}
{% macro reserved_words() -%}
    {%- set words = '
        account all alter analyse analyze and anti any array as asc asof assert_rows_modified
        asymmetric at authorization auto between binary both by case cast check cmax cmin collate
        collation column columns concurrently connect connection constraint contains create cross
        ctid cube current database deallocate default deferrable define delete desc describe
        distinct do drop else end enum escape except exclude execute exists extract false fetch
        first following for foreign freeze from full generated glob grant graph_table group grouping
        groups gscluster hash having if ignore ilike in increment initially inner insert intersect
        interval into is isnull issue join json_array json_exists json_object json_query json_table
        json_value lambda last lateral leading left like limit listagg localtime localtimestamp
        lookup map mask merge minus natural new no normalize not notnull null nulls of offset oid on
        only or order organization outer over overlaps partition pivot pivot_longer pivot_wider
        placing positional preceding prepare primary proto qualify range recursive references regexp
        respect returning revoke right rlike rollup row rowid rows sample schema select semi
        session_user set show similar skip some start struct summarize symmetric system_user table
        tableoid tablesample then to trailing treat trigger trim true try_cast tuple uescape
        unbounded union unique unnest unpack unpivot update user using values variadic verbose view
        when whenever where window with within xmax xmin
    '.split() -%}
    {%- for word in 'catalog date path role schema time timestamp user'.split() -%}
        {%- do words.append('current_' ~ word) -%}
    {%- endfor -%}
    {{ return(words) }}
{%- endmacro %}
