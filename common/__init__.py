"""What both services share: the bus contract, events, lifecycle, health, logs, metrics and settings."""

import sys

if "structlog" not in sys.modules and "rich" not in sys.modules:
    # Where structlog finds rich it loads all of it, for tracebacks on a terminal: 3 MiB that a pod never uses.
    sys.modules["rich"] = None  # type: ignore[assignment]
    import structlog  # noqa: F401

    del sys.modules["rich"]
