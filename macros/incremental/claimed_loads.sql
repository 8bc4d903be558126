{#
    How an incremental model processes loads: claim, replace, confirm.

    Before it changes rows, a model claims the loads that all upstream models have processed and it
    has not. Its SQL and its deletes read what these loads affect. When its rows are replaced, it
    confirms: the claimed loads are processed. Where the engine has transactions, all of this is
    committed together. Where each statement commits by itself, a run may die between any two:

    - A claim that is not confirmed stays. The next run of the model claims its loads and newer ones.
    - What is replaced is found again, because it follows from the claimed loads and from tables
      that keep what these affect until every model has processed them; replacing it again gives
      the same rows. Where the change of a row is itself read later, one statement replaces it.
    - Models downstream claim nothing until the claim is confirmed.

    docs/decisions/ledger.md has the reasons.
#}

{# The table claimed_loads in the schema this run builds. #}
{% macro claimed_loads_table() -%}
    {%- do ref('claimed_loads') -%}
    {%- if execute -%}{{ readership.own_relation('claimed_loads') }}{%- endif -%}
{%- endmacro %}


{# Pre-hook of every incremental model, with confirm_loads() as its post-hook. `upstream` declares a
   dependency that the SQL of the model may only have in incremental runs; null for the first
   model. #}
{% macro claim_loads(upstream='affected_keys') -%}
    {%- do ref('processed_loads') -%}
    {%- do ref('claimed_loads') -%}
    {%- do readership.check_affected_key_of_model() -%}
    {%- do readership.check_confirmation() -%}
    {%- if upstream -%}
        {%- do ref(upstream) -%}
    {%- elif readership.reads_table() -%}
        {%- do ref('table_loads') -%}
        {%- do source('publisher', 'events') -%}
    {%- endif -%}
    {%- if execute -%}
        {%- set continues = has_prior_loads() -%}
        {%- do run_statement(lock_model()) -%}
        {%- if not continues -%}{%- do start_over() -%}{%- endif -%}
        {%- if not flags.EMPTY -%}
            {%- if not upstream -%}{%- do readership.record_loads_of_table(continues) -%}{%- endif -%}
            {%- do run_statement(claim_of_this()) -%}
            {%- do refuse_second_run() -%}
            {%- if is_incremental() and not continues -%}
                {%- do run_statement(deletion_before_first_loads()) -%}
            {%- endif -%}
            {%- do run_statement(planner_settings_for_reads()) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# A model that processes its first loads computes all rows anew, and so must the models downstream
   of it: it no longer knows which of their rows have to go. Processed loads are forgotten first, so
   that a run that dies here starts over again. #}
{% macro start_over() -%}
    {%- set models_starting_over = [this.identifier] + downstream_incrementals() -%}
    {%- for name in models_starting_over if name in readership.models_with_prior_loads() -%}
        {%- do readership.models_with_prior_loads().remove(name) -%}
    {%- endfor -%}
    {%- do readership.unsettle_loads(models_starting_over) -%}
    {%- for table in [processed_loads(), claimed_loads_table()] -%}
        {%- do run_statement(
            "delete from " ~ table ~ " where model in ('" ~ models_starting_over | join("', '") ~ "')"
        ) -%}
    {%- endfor -%}
{%- endmacro %}


{# Statement: claims what is available. Loads that a run that died has claimed are among it, but for
   the first model: there they may be days to rebuild, or above the limit of this run. #}
{% macro claim_of_this() -%}
    insert into {{ claimed_loads_table() }} (model, load_id, invocation_id, claimed_at)
    select
        '{{ this.identifier }}' as model,
        waiting.load_id,
        '{{ invocation_id }}' as invocation_id,
        {{ time_of_engine() }} as claimed_at
    from (
        {{ available_loads() }}
        {%- if not upstream_incrementals(model.unique_id) %}
        {{ union_distinct() }}
        select pending.load_id
        from {{ claimed_loads_table() }} as pending
        where pending.model = '{{ this.identifier }}'
        {%- endif %}
    ) as waiting
    where waiting.load_id not in {{ loads_processed_by_this() }}
{%- endmacro %}


{# Statement: a table that has rows of no confirmed load is emptied. #}
{% macro deletion_before_first_loads() -%}
    delete from {{ this }}
    where not exists (
        select 1
        from {{ processed_loads() }} as processed
        where processed.model = '{{ this.identifier }}'
    )
{%- endmacro %}


{# Subquery: the loads that this run of this model processes. #}
{% macro claimed_loads() -%}
    (
        select claimed.load_id
        from {{ claimed_loads_table() }} as claimed
        where
            claimed.model = '{{ this.identifier }}'
            and claimed.invocation_id = '{{ invocation_id }}'
    )
{%- endmacro %}


{# Condition: a row is of a load that this run of this model processes. #}
{% macro is_of_claimed_load(column='load_id') -%}
    {{ return(adapter.dispatch('is_of_claimed_load', 'readership')(column)) }}
{%- endmacro %}

{% macro default__is_of_claimed_load(column) -%}
    {{ column }} in {{ claimed_loads() }}
{%- endmacro %}

{#- PostgreSQL looks for a subquery among the rows of a view when the view has computed them all. The
    array is there before, and goes down to the rows that the view reads. -#}
{% macro postgres__is_of_claimed_load(column) -%}
    {{ column }} = any (array{{ claimed_loads() }})
{%- endmacro %}


{# Post-hook of every incremental model: its rows are those after the claimed loads. Loads that
   another run has claimed and this one has not stay claimed. #}
{% macro confirm_loads() -%}
    {%- do ref('processed_loads') -%}
    {%- do ref('claimed_loads') -%}
    {%- if execute and not flags.EMPTY -%}
        {%- do run_statement(confirmation_of_this()) -%}
        {%- do run_statement(
            "delete from " ~ claimed_loads_table() ~ " where model = '" ~ this.identifier
            ~ "' and load_id in " ~ loads_processed_by_this()
        ) -%}
    {%- endif -%}
{%- endmacro %}


{% macro confirmation_of_this() -%}
    insert into {{ processed_loads() }} (model, load_id, invocation_id, settings)
    select
        claimed.model,
        claimed.load_id,
        claimed.invocation_id,
        {{ new_settings() }} as settings
    from {{ claimed_loads_table() }} as claimed
    where
        claimed.model = '{{ this.identifier }}'
        and claimed.invocation_id = '{{ invocation_id }}'
{%- endmacro %}


{# Without the post-hook, a model would replace the same rows in every run. #}
{% macro check_confirmation() -%}
    {%- if execute and 'confirm_loads()' not in post_hooks | string -%}
        {{ exceptions.raise_compiler_error(
            "A model that claims loads must confirm them: post_hook=\"{{ confirm_loads() }}\""
        ) }}
    {%- endif -%}
{%- endmacro %}


{# Executes a statement of a hook, in the transaction of the model if there is one. Some engines
   execute one statement at a time. #}
{% macro run_statement(statement_text) -%}
    {%- if statement_text | trim -%}
        {%- call statement('step', auto_begin=true) -%}
            {{ statement_text }}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}


{# ---------- two runs at once #}

{# Two runs must not replace rows of one model at once: both would delete, then both insert. Where
   the engine does not keep them apart, the second one to claim a model ends with a message, by the
   claim of the first. A run that died cannot say so. Its claim therefore counts for a limited time
   only. Both may end so when they claim at the same moment; neither has changed a row then.

   With transactions, an open claim that is seen is of a run that died: the claims of another that
   lives are not seen, and lock_model() or the engine has waited for them. #}
{% macro refuse_second_run() -%}
    {%- if not has_transactions() -%}
        {%- set others = run_query(
            "select " ~ timestamp_to_text('max(claimed.claimed_at)') ~ " from "
            ~ claimed_loads_table() ~ " as claimed where claimed.model = '" ~ this.identifier
            ~ "' and claimed.invocation_id <> '" ~ invocation_id ~ "' and claimed.claimed_at > "
            ~ plus_seconds(time_of_engine(), (-60 * var('claim_expires_minutes')) | string)
        ).rows[0][0] -%}
        {%- if others is not none -%}
            {%- do run_statement(
                "delete from " ~ claimed_loads_table() ~ " where model = '" ~ this.identifier
                ~ "' and invocation_id = '" ~ invocation_id ~ "'"
            ) -%}
            {{ exceptions.raise_compiler_error(
                "another run has claimed loads for " ~ this.identifier ~ " at " ~ others ~ " UTC: wait "
                ~ "until it ends, or, if it has died, " ~ var('claim_expires_minutes')
                ~ " minutes from then (variable claim_expires_minutes; 0 takes its loads up now)"
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
