"""Rounds: load new files, build what they change, publish the result.

`readership run` is one round, for a schedule. `readership follow` makes one after another in a
process that keeps dbt's parsed project and the statements of its builds. `readership erase` takes
visitors out.

- `round` does one round and says what it did.
- `erasing` takes visitors out of the warehouse and of what was published.
- `command_line` has the commands, and the line that is printed for each round.

Nothing is decided here about data: the rooms `loaders`, `builder` and `service` do the work.
"""

from readership.rounds.round import Round, Rounds

__all__ = ["Round", "Rounds"]
