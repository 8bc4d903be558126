# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: ops_rejections {
  label: "Ops rejections"
  group_label: "readership"
  description: "Refused events. One row per site, receipt date, rule and action, each with the raw line received last as an example. Lines that did not parse are not events; they are in raw.rejected_lines."
}
