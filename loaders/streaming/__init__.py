"""Events as they arrive: what a stream has that the warehouse has not, and what a queue announces.

A stream is Kinesis: `kinesis://NAME` has shards, each a sequence of records. `KinesisStream.gather`
takes what comes after the `Positions` that the ledger gave and makes a `Piece` of each shard's
records; a piece has a name, a version and a size as a file has, and is loaded as one. It names the
first of its records, and its version is the last: so the ledger, which gets the account of a piece
in the commit that brings its rows, is also what says where the next one begins. Shards that were
split or merged are read to their end before those that continue them.

A queue is SQS: `sqs://NAME` has messages of a bucket that name new files. `S3Queue.receive` gives
them; they are deleted when the caller says that the files are in.

The modules: `addresses`, `aws` (clients, repeated requests, errors in one line), `positions` (what
the ledger says of a stream, and what is put into it), `kinesis`, `sqs`. Nothing here opens a
record, knows the warehouse or decides about data.
"""

from loaders.streaming.addresses import (
    KINESIS,
    SQS,
    StreamAddress,
    is_stream,
    stream_address,
)
from loaders.streaming.kinesis import Gathered, KinesisStream, Piece
from loaders.streaming.positions import BEGINNING, LATEST, Positions, Start, start_of
from loaders.streaming.sqs import Announced, S3Queue

__all__ = [
    "BEGINNING",
    "KINESIS",
    "LATEST",
    "SQS",
    "Announced",
    "Gathered",
    "KinesisStream",
    "Piece",
    "Positions",
    "S3Queue",
    "Start",
    "StreamAddress",
    "is_stream",
    "start_of",
    "stream_address",
]
