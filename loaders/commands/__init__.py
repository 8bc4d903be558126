"""The command line, `readership COMMAND`: options, what is printed, exit codes.

`command_line` parses the arguments, and turns what goes wrong into one line on stderr and an exit
code. The commands: `load` has `load`, `init` and `describe`, `inspect` has `status` and `rejected`;
`options` are those that all of them have. `progress` shows how far a load is, `summaries` say what
it did. No decision about data is taken here.

Whatever needs dlt, or rich, is imported when a command runs, so that `--help` and a wrong option
are answered at once.
"""

from loaders.commands.command_line import main

__all__ = ["main"]
