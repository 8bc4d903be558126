"""Events as they arrive: what a stream has that the warehouse has not, and what a queue announces.

A stream has shards, each a sequence of records: `kinesis://NAME`, `kafka://TOPIC` (its shards are
partitions) and `nats://NAME` (with one). `Stream.gather` takes what comes after the `Positions`
that the ledger gave and makes a `Piece` of each shard's records; a piece has a name, a version and
a size as a file has, and is loaded as one. It names the first of its records, and its version is
the last: so the ledger, which gets the account of a piece in the commit that brings its rows, is
also what says where the next one begins.

A queue is SQS: `sqs://NAME` has messages of a bucket that name new files. `S3Queue.receive` gives
them; they are deleted when the caller says that the files are in.

The modules: `addresses`, `pieces`, `positions` (what the ledger says of a stream, and what is put
into it), a module for each kind, `aws` (clients, repeated requests, errors in one line), `opening`
(the stream of an address), `ahead` (a look beside other work). Nothing here opens a record, knows
the warehouse or decides about data.
"""

from loaders.streaming.addresses import (
    SQS,
    STREAMS,
    StreamAddress,
    is_stream,
    stream_address,
)
from loaders.streaming.ahead import Look
from loaders.streaming.kinesis import KinesisStream
from loaders.streaming.opening import stream_of
from loaders.streaming.pieces import Gathered, Piece, Stream
from loaders.streaming.positions import BEGINNING, LATEST, Positions, Start, start_of
from loaders.streaming.sqs import Announced, S3Queue

__all__ = [
    "BEGINNING",
    "LATEST",
    "SQS",
    "STREAMS",
    "Announced",
    "Gathered",
    "KinesisStream",
    "Look",
    "Piece",
    "Positions",
    "S3Queue",
    "Start",
    "Stream",
    "StreamAddress",
    "is_stream",
    "start_of",
    "stream_address",
    "stream_of",
]
