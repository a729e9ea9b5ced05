"""One event source and one sensor, and what may be said beside them."""

from typing import Any

from tests.charts.helm import Helm, Rendered

SOURCE = {"sqs": {"placed": {"region": "eu-west-1", "queue": "orders", "waitTimeSeconds": 20}}}
RESOURCE = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "x-"}, "spec": {}}
SENSOR = {
    "dependencies": [{"name": "placed", "eventSourceName": "orders", "eventName": "placed"}],
    "triggers": [{"template": {"name": "make", "k8s": {"operation": "create", "source": {"resource": RESOURCE}}}}],
}


def rendered(helm: Helm, *, source: Any = None, sensor: Any = None, **values: Any) -> Rendered:  # noqa: ANN401 - any values
    """Render one event source and one sensor with what is said beside their specs, and other values."""
    items = {
        "eventSources": {"orders": {"spec": SOURCE, **(source or {})}},
        "sensors": {"orders": {"spec": SENSOR, **(sensor or {})}},
    }
    return helm.template({**items, **values})
