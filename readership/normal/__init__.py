"""Normal forms of addresses and names, shared by the loader and the service.

The loader brings the addresses and names of events into these forms, and the service those of
requests. A request therefore finds a post or an author in whichever spelling it is named: both
sides must use the same functions, which are idempotent. `addresses` defines the normal form of an
address and of a host, `names` that of a name or title.
"""

from readership.normal.addresses import normal_address, normal_netloc
from readership.normal.names import normal_name

__all__ = ["normal_address", "normal_name", "normal_netloc"]
