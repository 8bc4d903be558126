# Written by `make lookml` from dbt's manifest; refine it, or change models.

project_name: readership

constant: connection {
  value: "warehouse"
  export: override_required
}

constant: schema {
  value: "readership"
  export: override_optional
}
