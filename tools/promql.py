"""How the queries of the dashboards are put together."""

SOURCE = 'namespace=~"$namespace",eventsource_name=~"$eventsource"'
SENSOR = 'namespace=~"$namespace",sensor_name=~"$sensor"'
PODS = 'namespace=~"$namespace"'
RANGE = "[$__rate_interval]"
TRIGGER = "sensor_name, trigger_name"
NAMED = "{{sensor_name}} {{trigger_name}}"
"""How the series of one trigger are called."""
OURS = f"and on (namespace, pod) argosy_build_info{{{PODS}}}"
"""Only the pods of Argosy: other programs of the namespace have series of the same names."""
FIRE = "argosy_sensor_fire_duration_seconds"
OUTCOMES = "argosy_sensor_outcomes_total"
PUBLISH = "argosy_source_publish_duration_seconds"


def rate(series: str, selector: str, by: str = "") -> str:
    """Sum the rates of a counter."""
    return f"sum{_by(by)} (rate({series}{{{selector}}}{RANGE}))"


def quantile(share: float, histogram: str, selector: str, by: str = "") -> str:
    """Give a quantile of a histogram, named without its suffix."""
    labels = f"{by}, le" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket{{{selector}}}{RANGE})))"


def buckets(histogram: str, selector: str) -> str:
    """Give the counts of a histogram's buckets, for a heat map."""
    return f"sum by (le) (increase({histogram}_bucket{{{selector}}}{RANGE}))"


def queues(series: str, selector: str, further: str = "") -> str:
    """Take a gauge of a queue once: every replica sees the same."""
    labels = ", ".join(part for part in ("namespace, eventsource_name, queue", further) if part)
    return f"max by ({labels}) ({series}{{{selector}}})"


def consumers(series: str) -> str:
    """Take a gauge of a consumer once: every replica sees the same."""
    return triggers(series, "consumer")


def triggers(series: str, further: str = "") -> str:
    """Take a gauge of a trigger once: every replica sees the same."""
    labels = ", ".join(part for part in ("namespace, sensor_name, trigger_name", further) if part)
    return f"max by ({labels}) ({series}{{{SENSOR}}})"


def outcome(name: str, by: str = "") -> str:
    """Give the rate of one outcome of the sensors."""
    return rate(OUTCOMES, f'{SENSOR},outcome="{name}"', by)


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""
