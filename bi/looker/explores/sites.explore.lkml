# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: sites {
  label: "Sites"
  group_label: "readership"
  description: "One row per site with at least one event."
}
