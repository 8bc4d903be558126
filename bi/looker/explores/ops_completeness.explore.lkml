# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: ops_completeness {
  label: "Ops completeness"
  group_label: "readership"
  description: "Whether a day's events have arrived. One row per site and date in its time zone, from its first event on, including days without events. Each day is compared with the same weekday in up to completeness_weeks weeks before. Bots and staff are counted, because the table describes what arrived."
}
