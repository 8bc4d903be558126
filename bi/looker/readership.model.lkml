# Written by `make lookml` from dbt's manifest; refine it, or change models.

connection: "@{connection}"
label: "Readership"
week_start_day: monday
include: "/views/*.view"
include: "/explores/*.explore"
include: "/dashboards/*.dashboard"
