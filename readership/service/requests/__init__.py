"""What a request says about itself, and what follows from that alone.

`request_headers` reads the headers in one pass and `facts` collects what is learned while a request
is processed. `credentials` finds secrets, `conditional` compares tags, `compression` and
`cross_origin` answer what the headers ask, and `rates` limits how often a site may call. Nothing
here knows what a call is answered with.
"""

from readership.service.requests import cross_origin
from readership.service.requests.compression import compress
from readership.service.requests.conditional import (
    ASK_AGAIN,
    NO_STORE,
    cache_control,
    known_tag,
    not_modified,
    set_validators,
    tag_of,
)
from readership.service.requests.credentials import request_key, secret_of
from readership.service.requests.cross_origin import Preflight
from readership.service.requests.facts import Facts, facts_of, new_facts
from readership.service.requests.rates import Rates

__all__ = [
    "ASK_AGAIN",
    "NO_STORE",
    "Facts",
    "Preflight",
    "Rates",
    "cache_control",
    "compress",
    "cross_origin",
    "facts_of",
    "known_tag",
    "new_facts",
    "not_modified",
    "request_key",
    "secret_of",
    "set_validators",
    "tag_of",
]
