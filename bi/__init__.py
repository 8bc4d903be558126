"""What BI tools are given: LookML, written from dbt's manifest into `looker/`."""
