"""A summary of the warehouse on one screen: `readership report`, and `readership query`.

The package reads marts, exports and the loader's ledger. It writes nothing. `answers` queries the
numbers, `layout` arranges them in tables that fit the terminal, and `command_line` puts both
together and explains what is missing in a warehouse that is not built.
"""

from readership.report.command_line import main

__all__ = ["main"]
