"""What both services share: the bus contract, events, lifecycle, health, logs, metrics and settings."""
