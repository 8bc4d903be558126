"""The options of `readership serve`."""

from __future__ import annotations

import argparse
from dataclasses import fields

from readership.service import option_types
from readership.service.answering import MAX_WAITING
from readership.service.keys import KEYS, KEYS_FILE
from readership.service.monitoring import FORMS
from readership.service.options import MAX_AGE_SECONDS, Options
from readership.service.server import MAX_CONNECTIONS, REQUEST_SECONDS


def chosen_options(arguments: argparse.Namespace) -> Options:
    """Return the operator's choices about responses."""
    return Options(**{field.name: getattr(arguments, field.name) for field in fields(Options)})


def add_serve_options(serving: argparse.ArgumentParser) -> None:
    """Add the options to the parser of the command, but for the warehouse."""
    serving.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serving.add_argument(
        "--port", type=option_types.port, default=8000, help="port to listen on (%(default)s)"
    )
    serving.add_argument(
        "--open",
        action="store_true",
        help="require no secrets; only on a loopback address. Without it, site keys are read "
        f"from ${KEYS_FILE} or ${KEYS}",
    )
    serving.add_argument(
        "--seconds", type=option_types.seconds, default=10.0,
        help="time limit of a response; at most half of it is spent in the queue (%(default)s)",
    )  # fmt: skip
    serving.add_argument(
        "--queue", type=option_types.count, metavar="CALLS", default=MAX_WAITING,
        help="length of each queue of waiting requests: without a secret, for a day or less, and "
        "for longer periods (%(default)s)",
    )  # fmt: skip
    serving.add_argument(
        "--connections", type=option_types.count, metavar="NUMBER", default=MAX_CONNECTIONS,
        help="maximum of open connections; file descriptors may limit it further (%(default)s)",
    )  # fmt: skip
    serving.add_argument(
        "--arrival", type=option_types.seconds, metavar="SECONDS", default=REQUEST_SECONDS,
        help="time in which a request must arrive completely (%(default)s)",
    )  # fmt: skip
    serving.add_argument(
        "--cache", type=option_types.megabytes, metavar="MB", default=64,
        help="size of the response cache in megabytes (%(default)s)",
    )  # fmt: skip
    serving.add_argument(
        "--max-age", type=option_types.whole_seconds, metavar="SECONDS", default=MAX_AGE_SECONDS,
        help="time for which browsers and proxies may repeat an answer without asking, and so show "
        "an older snapshot; 0 to 3600 (%(default)s)",
    )  # fmt: skip
    serving.add_argument(
        "--processes", type=option_types.processes, metavar="NUMBER", default=1,
        help="processes that share the port, and the limits given here (%(default)s)",
    )  # fmt: skip
    serving.add_argument(
        "--rate-limit", type=option_types.count, metavar="CALLS", default=None,
        help="calls a second that a site may make with its secret, and as many without; twice as "
        "many at once after a pause, then 429 with Retry-After (no limit)",
    )  # fmt: skip
    serving.add_argument(
        "--no-history", action="store_false", dest="has_history",
        help="switch /history off: it tells whoever knows the id of a visitor what they read",
    )  # fmt: skip
    serving.add_argument(
        "--http-statuses", action="store_true",
        help="give refusals and failures their code as HTTP status (403, 422, 501, 504 ...) and "
        "not 200; scripts (JSONP) keep 200",
    )  # fmt: skip
    serving.add_argument(
        "--log", choices=FORMS, default=FORMS[0],
        help="form of the log on standard error: lines of text, or one JSON object a line "
        "(%(default)s)",
    )  # fmt: skip
    serving.add_argument(
        "--drain", type=option_types.whole_seconds, metavar="SECONDS", default=0,
        help="time after SIGTERM for which requests are still answered while /ready says 503, so "
        "that a balancer sends no more; then new connections are refused (%(default)s)",
    )  # fmt: skip
