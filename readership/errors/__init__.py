"""What a person sees when the work stops: one line that says what is wrong, where, and what helps.

Every command raises `UserError` for what its user can put right and prints it with `print_error`;
anything else is a fault of the program and keeps its traceback. `CommandParser` parses the options
of the commands. No text that goes to a person or into a table holds a secret: `redacted` takes out
what the environment and addresses give away, and `UserError` does so by itself. `exhausted`
explains the errors of many libraries that say the same: memory or a disk is used up, and
`interruptible` those by which DuckDB says that a signal asks to stop, which `stopped_by_signals`
brings to its queries. Where nobody reads the output any more, `until_reader_stops` ends it
quietly.

The package needs nothing but the standard library, so every other one may import it.
"""

from readership.errors.commands import CommandParser, print_error
from readership.errors.dbt_frame import without_callers, without_frame
from readership.errors.exhaustion import (
    BUILD_MEMORY,
    causes,
    exhausted,
    exhausted_by,
    without_hints,
)
from readership.errors.interruption import interruptible, is_interruption, stopped_by_signals
from readership.errors.readers import READER_GONE, until_reader_stops
from readership.errors.redaction import redacted
from readership.errors.user_error import UserError, first_paragraph, message_of, one_line

__all__ = [
    "BUILD_MEMORY",
    "READER_GONE",
    "CommandParser",
    "UserError",
    "causes",
    "exhausted",
    "exhausted_by",
    "first_paragraph",
    "interruptible",
    "is_interruption",
    "message_of",
    "one_line",
    "print_error",
    "redacted",
    "stopped_by_signals",
    "until_reader_stops",
    "without_callers",
    "without_frame",
    "without_hints",
]
