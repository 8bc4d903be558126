"""Metrics for Prometheus: calls and their seconds, refusals, queues, the cache and the snapshot.

Labels have few values: routes and not paths, lanes, statuses and codes. None is a site, a visitor
or anything else that a caller chooses.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from readership.service.answering import Serving
from readership.service.monitoring.expiry import expiring
from readership.service.requests import Facts
from readership.service.server import ServerState

METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable with the folder in which several processes count together."""

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_NONE: Final = "none"


class Metrics:
    """The metrics of a process; what is counted is that of all processes of the service."""

    def __init__(self, serving: Serving, state: ServerState) -> None:
        self._registry = counted = CollectorRegistry(auto_describe=True)
        self._registry.register(_State(serving, state))
        if (folder := os.environ.get(METRICS_FOLDER)) is None:
            ProcessCollector(registry=self._registry)
        else:
            # Chosen when the library was imported, which was before the processes were started.
            values.ValueClass = values.MultiProcessValue()
            MultiProcessCollector(self._registry, folder)
            counted = CollectorRegistry()
        self._seconds = Histogram(
            "readership_request_seconds",
            "Seconds from a request to its response, by route and by the queue it was in.",
            ("route", "lane"),
            buckets=_BUCKETS,
            registry=counted,
        )
        self._requests = Counter(
            "readership_requests",
            "Requests, by route, HTTP status, and where the response came from.",
            ("route", "status", "cache"),
            registry=counted,
        )
        self._refusals = Counter(
            "readership_refusals",
            "Refused and failed calls, by the code in the response.",
            ("code",),
            registry=counted,
        )
        self._bytes = Counter(
            "readership_response_bytes", "Bytes of response bodies.", registry=counted
        )
        # Looking up labels takes longer than counting.
        self._known: dict[tuple[str, int, str | None, str | None], tuple[Histogram, Counter]] = {}

    def count(self, facts: Facts, route: str, status: int, size: int, seconds: float) -> None:
        """Count a request whose response was sent.

        Args:
            facts: The facts about it.
            route: Its route.
            status: The HTTP status.
            size: Bytes of the body.
            seconds: Time from the request to the response.

        """
        key = (route, status, facts.cache, facts.lane)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = (
                self._seconds.labels(route, facts.lane or _NONE),
                self._requests.labels(route, str(status), facts.cache or _NONE),
            )
        known[0].observe(seconds)
        known[1].inc()
        self._bytes.inc(size)
        if facts.code is not None:
            self._refusals.labels(str(facts.code)).inc()

    def page(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics, and their media type, in the form that `Accept` asks for."""
        encoder, media_type = choose_encoder(accept)
        return encoder(self._registry), media_type


class _State(Collector):
    """The metrics that are read when they are asked for."""

    def __init__(self, serving: Serving, state: ServerState) -> None:
        self._serving = serving
        self._state = state

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """Yield the metrics."""
        serving, health = self._serving, self._serving.health()
        waiting = GaugeMetricFamily(
            "readership_queue_calls", "Calls that wait in a queue.", labels=["lane"]
        )
        running = GaugeMetricFamily(
            "readership_queries_running", "Queries that run.", labels=["lane"]
        )
        for lane in serving.lanes:
            waiting.add_metric([lane.label], lane.waiting)
            running.add_metric([lane.label], lane.running)
        yield from (waiting, running)
        for name, about, value in (
            ("snapshot_age_seconds", "Seconds since rows were published or changed.",
             health["age_seconds"]),
            ("lag_seconds", "Seconds since the newest event.",
             health["lag_seconds"]),
            ("snapshot_bytes", "Size of the snapshot.", serving.source.info.bytes),
            ("snapshot_refused", "1 while newer data cannot be read.", health["refused"]),
            ("keys_refused", "1 while the site keys cannot be read.", health["keys_refused"]),
            ("counting_stopped", "1 after a counted answer was found wrong.",
             health["counting_stopped"]),
            ("keys_expiring", "Keys that expire within 14 days, or have expired.",
             len(expiring(serving.site_keys))),
            ("sites", "Sites.", len(serving.source.sites)),
            ("cache_bytes", "Size of the response cache.", serving.cache.bytes),
            ("cache_entries", "Entries of the response cache.", len(serving.cache)),
            ("draining", "1 from the signal to stop on.", self._state.is_draining),
        ):  # fmt: skip
            if value is not None:
                yield GaugeMetricFamily(f"readership_{name}", about, value=float(value))
        if (pool := self._state.connections) is not None:
            yield GaugeMetricFamily(
                "readership_connections", "Open connections.", value=pool.open_count
            )
            yield GaugeMetricFamily(
                "readership_connections_limit", "Maximum of open connections.", value=pool.max_open
            )
        yield CounterMetricFamily(
            "readership_snapshot_swaps", "Switches to newer data.", value=serving.swaps
        )
