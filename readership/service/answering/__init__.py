"""Answers to calls: queries of the current snapshot, run by a few threads and kept in a cache.

`answers` runs one query and renders the response body. `lanes` are the queues that keep long
periods and calls without a secret from delaying the others. `serving` joins both, keeps bodies and
whole responses while rows of their site stay, and switches to new snapshots.
"""

from readership.service.answering.answers import Answer, answer
from readership.service.answering.serving import (
    LOG,
    MAX_WAITING,
    CachedResponse,
    Question,
    Serving,
)

__all__ = [
    "LOG",
    "MAX_WAITING",
    "Answer",
    "CachedResponse",
    "Question",
    "Serving",
    "answer",
]
