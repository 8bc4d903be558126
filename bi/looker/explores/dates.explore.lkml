# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: dates {
  label: "Dates"
  group_label: "readership"
  description: "Calendar. One row per date, in whole years from the first event to the newest event, or to the as-of time if that is later."
}
