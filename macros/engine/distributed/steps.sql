{#
    Spark works a CTE into every query that reads it, so a plan doubles with each CTE that is read
    twice: base_bot_evidence had 15,295 lines of it. Before a model's query runs here, its CTEs that
    are read more than once and that do more than choose rows and columns are stored, each in a table
    of its own (`<model>__<cte>`), dropped when the model is done. So is a view that is read more
    than twice. A recursive CTE, which Spark 3.5 does not have, is a table that grows until nothing
    is added.

    A CTE that unites more than a dozen relations (api_responses) is stored branch by branch, because
    Spark would plan all of them before the first.

    This works by the form that all models have: CTEs begin with `name as (` and end with `)`, both at
    the start of a line.
#}

{# The query with its stored CTEs replaced, and the tables that have been created. #}
{% macro spark__stored_steps(sql) -%}
    {%- set relations = [] -%}
    {%- set found = modules.re.findall(
        '(?ms)^(?:with\\s+(?:recursive\\s+)?)?([a-z_0-9]+) as\\s+\\(\n(.*?)\n\\)', sql
    ) -%}
    {%- set rest = modules.re.split('(?m)^\\)', sql)[-1] -%}
    {%- set between = modules.re.sub(
        '(?ms)^(?:with\\s+(?:recursive\\s+)?)?([a-z_0-9]+) as\\s+\\(\n(.*?)\n\\),?', '',
        modules.re.sub('(?m)^\\s*--.*$', '', sql)
    ) | trim -%}
    {%- if found | length == 0 or between != (modules.re.sub('(?m)^\\s*--.*$', '', rest) | trim) -%}
        {{ return({'query': sql, 'relations': relations}) }}
    {%- endif -%}
    {%- set found = readership.spark__with_stored_views(found, relations) -%}
    {%- set queries = {} -%}
    {%- for name, body in found -%}
        {%- do queries.update({name: body}) -%}
    {%- endfor -%}
    {%- for name, body in found -%}
        {%- set readers = namespace(count=0) -%}
        {%- for other, text in found if other != name -%}
            {%- set readers.count = readers.count + (
                modules.re.findall('(?:from|join)\\s+' ~ name ~ '\\b', text) | length
            ) -%}
        {%- endfor -%}
        {%- set is_recursive = modules.re.search('(?:from|join)\\s+' ~ name ~ '\\b', body) is not none -%}
        {%- set branches = readership.spark__branches(body) -%}
        {%- if
            is_recursive or branches | length > 1
            or (readers.count > 1 and readership.spark__is_a_step(body))
        -%}
            {%- set step = readership.spark__step(name) -%}
            {%- do relations.append(step) -%}
            {%- if is_recursive -%}
                {%- do readership.spark__grow_step(step, name, queries) -%}
            {%- elif branches | length > 1 -%}
                {%- do readership.spark__fill_step(step, branches, queries) -%}
            {%- else -%}
                {%- do readership.create_step(
                    step, readership.spark__query_with_ctes(queries, body)
                ) -%}
            {%- endif -%}
            {%- do queries.update({name: '    select * from ' ~ step}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return({
        'query': readership.spark__query_with_ctes(queries, rest),
        'relations': relations,
    }) }}
{%- endmacro %}


{# Whether a CTE does more than choose rows and columns of a relation. #}
{% macro spark__is_a_step(body) -%}
    {{ return(
        modules.re.search('\\b(join|union|distinct|group by)\\b', body) is not none
        or '(' in modules.re.split('\n *from\\b', body)[0]
    ) }}
{%- endmacro %}


{# The CTEs, pairs of name and query, with those views stored that they read more than twice. #}
{% macro spark__with_stored_views(ctes, relations) -%}
    {%- set texts = ctes | map('last') | join('\n') -%}
    {%- set stored = {} -%}
    {%- for id in model.depends_on.nodes if graph.nodes.get(id, {}).get('config', {}).get('materialized') == 'view' -%}
        {%- set node = graph.nodes[id] -%}
        {%- set view = api.Relation.create(
            database=node.database, schema=node.schema, identifier=node.alias
        ) | string -%}
        {%- set is_read = '(?<![\\w.`])' ~ modules.re.escape(view) ~ '(?![\\w`])' -%}
        {%- set reads = namespace(count=0) -%}
        {%- for name, body in ctes if modules.re.search(is_read, body) -%}
            {%- set reads.count = reads.count + [
                modules.re.findall('(?:from|join)\\s+' ~ name ~ '\\b', texts) | length, 1
            ] | max -%}
        {%- endfor -%}
        {%- if reads.count > 2 -%}
            {%- set step = readership.spark__step(node.alias ~ '__rows') -%}
            {%- do relations.append(step) -%}
            {%- do readership.create_step(step, 'select * from ' ~ view) -%}
            {%- do stored.update({is_read: step | string}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set rewritten = [] -%}
    {%- for name, body in ctes -%}
        {%- set text = namespace(sql=body) -%}
        {%- for is_read, step in stored.items() -%}
            {%- set text.sql = modules.re.sub(is_read, step, text.sql) -%}
        {%- endfor -%}
        {%- do rewritten.append((name, text.sql)) -%}
    {%- endfor -%}
    {{ return(rewritten) }}
{%- endmacro %}


{# The branches of a CTE that unites more relations than one plan should have; else none. #}
{% macro spark__branches(body) -%}
    {%- set branches = body.split('\n    union all\n') -%}
    {%- set reading = modules.re.findall('(?m)^    from\\b', body) | length -%}
    {{ return(branches if branches | length > 12 and reading == branches | length else []) }}
{%- endmacro %}


{# A query after those CTEs that it reads, directly or through others. #}
{% macro spark__query_with_ctes(queries, query) -%}
    {%- set needed = [] -%}
    {%- set texts = [query] -%}
    {%- for text in texts -%}
        {%- for name, body in queries.items() if name not in needed -%}
            {%- if modules.re.search('(?:from|join)\\s+' ~ name ~ '\\b', text) -%}
                {%- do needed.append(name) -%}
                {%- do texts.append(body) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set ctes = [] -%}
    {%- for name, body in queries.items() if name in needed -%}
        {%- do ctes.append(name ~ ' as (\n' ~ body ~ '\n)') -%}
    {%- endfor -%}
    {{ return((('with ' ~ ctes | join(',\n\n') ~ '\n\n') if ctes else '') ~ query) }}
{%- endmacro %}


{# The table of a step of this model. #}
{% macro spark__step(name) -%}
    {{ return(api.Relation.create(
        database=this.database,
        schema=this.schema,
        identifier=this.identifier ~ '__' ~ name,
        type='table'
    )) }}
{%- endmacro %}


{% macro spark__drop_step(step) -%}
    drop table if exists {{ step }} purge
{%- endmacro %}


{# One statement for each branch: the plan of each is made when those before are done. #}
{% macro spark__fill_step(step, branches, queries) -%}
    {%- do readership.create_step(
        step, readership.spark__query_with_ctes(queries, branches[0])
    ) -%}
    {%- for branch in branches[1:] -%}
        {%- call statement('fill') -%}
        insert into {{ step }}
        {{ readership.spark__query_with_ctes(queries, branch) }}
        {%- endcall -%}
    {%- endfor -%}
{%- endmacro %}


{# `union` removes repetitions, so what is added ends, whatever circles there are. Spark cannot write
   to a table that it reads in the same query, so each round is a table of its own until the end. #}
{% macro spark__grow_step(step, name, queries) -%}
    {%- set parts = modules.re.split('\n    union\n', queries[name]) -%}
    {%- set first, next = parts[0], parts[1] -%}
    {%- do readership.create_step(
        step, readership.spark__query_with_ctes(queries, 'select distinct * from (\n' ~ first ~ '\n)')
    ) -%}
    {%- set state = namespace(last=step, is_growing=true) -%}
    {%- for round in range(100000) if state.is_growing -%}
        {%- set read = {} -%}
        {%- do read.update(queries) -%}
        {%- do read.update({name: '    select * from ' ~ state.last}) -%}
        {%- set round_step = readership.spark__step(name ~ '__round_' ~ round) -%}
        {%- do readership.create_step(
            round_step,
            readership.spark__query_with_ctes(
                read, 'select * from (\n' ~ next ~ '\n) except select * from ' ~ step
            )
        ) -%}
        {%- if round > 0 -%}
            {%- do readership.drop_steps([state.last]) -%}
        {%- endif -%}
        {%- set state.last = round_step -%}
        {%- set state.is_growing = (
            run_query('select 1 from ' ~ round_step ~ ' limit 1').rows | length > 0
        ) -%}
        {%- if state.is_growing -%}
            {%- call statement('grow') -%}
            insert into {{ step }} select * from {{ round_step }}
            {%- endcall -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do readership.drop_steps([state.last]) -%}
{%- endmacro %}
