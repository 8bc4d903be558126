# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: ops_lateness {
  label: "Ops lateness"
  group_label: "readership"
  description: "Lateness of events. One row per site, event date and delay bucket, for two delays side by side. The receipt delay ends when the collecting server received the event; lateness there comes from the tracker. The load delay ends when the load finished; it adds file delivery and scheduling, and for a historical backfill it is the age of the event."
}
