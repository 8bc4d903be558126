"""Metrics of a period, counted from pageviews in memory: what most calls ask for.

The exports define the metrics; a query of them takes a database some fifteen milliseconds to plan,
however little it reads. `counting` gives the same rows, byte for byte, and leaves to a query what
it does not know. `blocks` are the pageviews of some hours, kept while their parts of the snapshot
stay the same; `posts` are names and dates; `subjects` says what the rows of a call are; `metrics`
adds up.
"""

from readership.service.counting.counting import Counter

__all__ = ["Counter"]
