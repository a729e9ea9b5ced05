"""The series of the sensor: all of them there at 0 before the first event, Argo Events' own names among them."""

import pytest
from prometheus_client import generate_latest

from common.metrics import REGISTRY
from sensor.metrics import OUTCOMES, TriggerMetrics
from sensor.settle import REASONS

LABELS = 'namespace="metrics-ns",sensor_name="s",trigger_name="t"'


@pytest.mark.promise("H2")
def test_every_series_of_a_trigger_is_there_at_zero() -> None:
    """A dashboard that opens before the first message shows zeros, not gaps; alerts on increase() work from the start."""
    made = TriggerMetrics("metrics-ns", "s", "t", REASONS)
    made.consumer("stream", "group-1")
    lines = generate_latest(REGISTRY).decode().splitlines()
    ours = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if "metrics-ns" in line}
    assert set(ours.values()) == {0.0}
    for name in (
        "argo_events_action_triggered_total",
        "argo_events_action_failed_total",
        "argo_events_action_retries_failed_total",
        "argo_events_action_duration_milliseconds_sum",
        "argo_events_action_duration_milliseconds_count",
        "argosy_sensor_messages_received_total",
        "argosy_sensor_redeliveries_total",
        "argosy_sensor_end_to_end_latency_seconds_count",
        "argosy_sensor_bus_latency_seconds_count",
        "argosy_sensor_last_trigger_timestamp_seconds",
        "argosy_sensor_trigger_stopped",
    ):
        assert f"{name}{{{LABELS}}}" in ours
    outcomes = [name for name in ours if name.startswith("argosy_sensor_outcomes_total")]
    assert len(outcomes) == len(OUTCOMES)
    letters = [name for name in ours if name.startswith("argosy_sensor_dead_letters_total")]
    assert len(letters) == len(REASONS) + 1
