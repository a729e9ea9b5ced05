"""The registry, the buckets, and the series that both services have. Each service declares its own beside its code.

Rules: seconds, `_total` on counters only, every label set at 0 from the start, no label that grows with the messages.
"""

import platform
from importlib import metadata

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, ProcessCollector, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call] # the library leaves it so

REGISTRY = CollectorRegistry()
"""All series of the process."""

API = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds a request to SQS, NATS or Kubernetes takes; 30 covers a long poll."""
PIPELINE = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21600, 86400)
"""Seconds a message is under way; SQS keeps messages for days."""
BATCH = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
"""Messages in one receive."""
COMPAT_MS = (1, 5, 10, 25, 50, 100, 250, 500, 1000, 5000, 30000)
"""Milliseconds, for the two durations that Argo Events reports in them."""

ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

_connected = Gauge("argosy_nats_connected", "1 while the bus is connected and its streams are prepared.", registry=REGISTRY)
_reconnects = Counter("argosy_nats_reconnects", "Connections to the bus that were made anew.", registry=REGISTRY)
_failing = Gauge(
    "argosy_condition_failing", "1 while this condition of readiness does not hold.", ["condition"], registry=REGISTRY
)
_build = Gauge("argosy_build_info", "Always 1; what runs here.", ["version", "python"], registry=REGISTRY)


def version() -> str:
    """Give the version of the installed distribution."""
    try:
        return metadata.version("argosy")
    except metadata.PackageNotFoundError:
        return "0"


_build.labels(version(), platform.python_version()).set(1)


class BusMetrics:
    """What the connection to the bus counts."""

    connected = _connected
    reconnects = _reconnects


def condition_failing(name: str) -> Gauge:
    """Give the gauge of one condition of readiness."""
    return _failing.labels(name)
