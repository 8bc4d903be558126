-- Law 2: of all versions of a file, the lines of one count, each in one account: its own, or that
-- of the load which took it again from quarantine.
with files as (
    select * from {{ source('raw', 'files') }}
),

loads as (
    select * from {{ ref('stg_loads') }}
),

in_force as (
    select files.*
    from files
    inner join loads on files._dlt_load_id = loads.load_id
    where files.replaced_by is null and files.lines > 0
)

select
    file,
    count(distinct version) as versions,
    count(case when status <> 'replayed' then 1 end) as accounts
from in_force
group by file
having count(distinct version) > 1 or count(case when status <> 'replayed' then 1 end) > 1
