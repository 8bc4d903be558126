{# An update cannot read another table on Spark; a merge can. #}
{% macro spark__marking_of_replaced_rows(files) -%}
    merge into {{ this }} as stored
    using (
        select
            files._dlt_load_id as load_id,
            files.file as file_url,
            max(files.replaced_by) as replaced_by
        from {{ files }} as files
        where
            (files._dlt_load_id, files.file) in (
                select
                    replaced._dlt_load_id,
                    replaced.file
                from {{ files }} as replaced
                where replaced.replaced_by in {{ claimed_loads() }}
            )
        group by files._dlt_load_id, files.file
    ) as replaced_files
        on
            stored.load_id = replaced_files.load_id
            and stored.file_url = replaced_files.file_url
            and stored.replaced_by_load_id is null
    when matched then update set replaced_by_load_id = replaced_files.replaced_by
{%- endmacro %}


{# An update sets from other tables by a merge. #}
{% macro bigquery__marking_of_replaced_rows(files) -%}
    merge into {{ this }} as stored
    using (
        select
            files._dlt_load_id as load_id,
            files.file as file_url,
            max(files.replaced_by) as replaced_by,
            max(
                case when files.replaced_by in {{ claimed_loads() }} then 1 else 0 end
            ) as is_claimed
        from {{ files }} as files
        group by files._dlt_load_id, files.file
    ) as replaced_files
        on
            stored.load_id = replaced_files.load_id
            and stored.file_url = replaced_files.file_url
            and replaced_files.is_claimed = 1
            and stored.replaced_by_load_id is null
    when matched then update set replaced_by_load_id = replaced_files.replaced_by
{%- endmacro %}
