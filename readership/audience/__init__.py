"""Audiences for other systems: `readership audience` writes the visitors that rules describe.

The package reads marts and writes one file, CSV or Parquet, for a CRM or an ad server. `rules` is
the whole vocabulary: what a rule may say and the condition that it is, with values bound and never
part of the SQL. `consent` says who agreed to leave the house; without its word nobody does.
`selecting` finds the visitors, `writing` replaces the file at once, readable by its owner alone.
"""

from readership.audience.command_line import main

__all__ = ["main"]
