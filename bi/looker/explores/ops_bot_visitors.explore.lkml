# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: ops_bot_visitors {
  label: "Ops bot visitors"
  group_label: "readership"
  description: "Visitors flagged as bots. One row per visitor and rule, with the evidence. Each event counts under the first rule that flags it."
}
