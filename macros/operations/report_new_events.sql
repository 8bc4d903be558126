{#
    dbt run-operation report_new_events --args '{build: INVOCATION}'

    Says where the events of the loads that a build was the first to process went, and the rules that
    most of the refused ones broke: a build that refuses all events succeeds, too. `readership build`
    runs it at its end. It is no hook, because what a hook says differs from run to run, so that no run
    could be replayed.
#}
{% macro report_new_events(build) -%}
    {%- if execute -%}
        {%- set ops_loads = readership.own_relation_if_built('ops_loads') -%}
        {%- set rejections = readership.own_relation_if_built('stg_event_rejections') -%}
        {%- if ops_loads is not none and rejections is not none -%}
            {%- do readership.report_events_of_build(build, ops_loads, rejections) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{% macro report_events_of_build(build, ops_loads, rejections) -%}
    {%- set loads = (
        "(select load_id from " ~ readership.own_relation_if_built('processed_loads')
        ~ " where model = 'base_event_rows' and invocation_id = '" ~ build ~ "')"
    ) -%}
    {%- set counts = run_query(
        "select coalesce(sum(staged_events), 0), coalesce(sum(refused_events), 0), "
        ~ "coalesce(sum(duplicate_events), 0) from " ~ ops_loads ~ " where load_id in " ~ loads
    ).rows[0] -%}
    {%- set broken = run_query(
        "select broken_rules, count(*) as events from " ~ rejections ~ " where load_id in " ~ loads
        ~ " group by broken_rules order by events desc, broken_rules"
    ).rows -%}
    {%- set staged, refused, duplicates = counts[0] | int, counts[1] | int, counts[2] | int -%}
    {%- set all = staged + refused + duplicates -%}
    {%- if all -%}
        {%- set rules = {} -%}
        {%- for broken_rules, events in broken -%}
            {%- for rule in broken_rules.split(',') -%}
                {%- do rules.update({rule: rules.get(rule, 0) + events | int}) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- set named = [] -%}
        {%- for rule, events in rules.items() | sort(attribute='0') | sort(attribute='1', reverse=true) -%}
            {%- do named.append(rule ~ ' ' ~ '{:,}'.format(events)) -%}
        {%- endfor -%}
        {%- do print(
            'new events: ' ~ '{:,}'.format(staged) ~ ' staged, ' ~ '{:,}'.format(duplicates)
            ~ ' repeated, ' ~ '{:,}'.format(refused) ~ ' refused'
            ~ (' (' ~ named[:3] | join(', ') ~ (', ...' if named | length > 3 else '') ~ ')' if named else '')
        ) -%}
        {%- if refused > var('warn_refused_share') * all -%}
            {%- do print(
                ('all' if refused == all else 'more than ' ~ '{:g}'.format(100 * var('warn_refused_share')) ~ '%')
                ~ ' of the new events were refused: ops_rejections names the rules, with samples'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
