# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: ops_duplicates {
  label: "Ops duplicates"
  group_label: "readership"
  description: "Duplicate copies of events. One row per site and date with valid rows. A copy is counted on its own recorded date, and compared with the copy that was kept."
}
