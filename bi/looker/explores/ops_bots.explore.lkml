# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: ops_bots {
  label: "Ops bots"
  group_label: "readership"
  description: "Events flagged as bots. One row per site, date, rule and evidence. The events are in stg_events; other marts include them only when count_bots is true."
}
