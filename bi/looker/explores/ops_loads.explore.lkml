# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: ops_loads {
  label: "Ops loads"
  group_label: "readership"
  description: "One row per finished load, accounting for each of its lines and events."
}
