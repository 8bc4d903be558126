"""How the sequence numbers of a stream stand in the ledger.

A piece of a stream has its first one at the end of `raw.files.file`, and its last one as
`raw.files.version`, both with leading zeros, so that their text orders as the numbers do.
"""

from __future__ import annotations

from typing import Final

SEQUENCE_DIGITS: Final = 56
"""The digits of the largest number of 186 bits, as which AWS describes sequence numbers."""
