"""Simulated traffic: event files that look like a real publisher's, generated from a seed.

`simulate` writes the files of a run and `truth.json`, which holds the correct number of every
metric. The same `Arguments` give the same bytes. `run` is the loop over hours and sites; `content`,
`readers`, `devices`, `places`, `sources`, `words` and `rhythm` describe a site and its visitors;
`visits` makes the events of a visit; `mess` adds the defects of real deliveries; `truth` counts;
`writer` writes. `command_line` is `readership simulate`.

The package imports nothing of the project, and the loader imports nothing from this package.
"""

from simulator.run import Arguments, Summary, simulate

__all__ = ["Arguments", "Summary", "simulate"]
