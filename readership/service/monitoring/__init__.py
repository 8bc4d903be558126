"""What an operator sees of a running service: access log, metrics, warnings.

`access` writes a line per request and names requests, `logs` says where lines go and in which form,
`metrics` counts for Prometheus, and `expiry` warns of keys that expire soon. No line and no label
has a secret or the parameters of a URL in it.
"""

from readership.service.monitoring.access import request_id, write_access
from readership.service.monitoring.expiry import expiring, warn_of_expiring_keys
from readership.service.monitoring.logs import FORMS, log_to_stderr
from readership.service.monitoring.metrics import METRICS_FOLDER, Metrics

__all__ = [
    "FORMS",
    "METRICS_FOLDER",
    "Metrics",
    "expiring",
    "log_to_stderr",
    "request_id",
    "warn_of_expiring_keys",
    "write_access",
]
