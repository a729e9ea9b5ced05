"""Sensor documents for tests, as YAML gives them."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

from typing import Any

RESOURCE = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "x-"}}


def sensor(**trigger: Any) -> dict[str, Any]:
    """Write a good document, changed in one place of its trigger."""
    template = {"name": "t", "k8s": {"source": {"resource": RESOURCE}}} | trigger.pop("template", {})
    dependency = {"name": "d", "eventSourceName": "e", "eventName": "f"}
    return {
        "kind": "Sensor",
        "metadata": {"name": "s"},
        "spec": {"dependencies": [dependency], "triggers": [{"template": template} | trigger]},
    }


def patch(strategy: str) -> dict[str, Any]:
    """Write a `k8s` block that patches."""
    return {"operation": "patch", "patchStrategy": strategy, "source": {"resource": RESOURCE}}


def dlq(**changes: Any) -> dict[str, Any]:
    """Write a good trigger for dead letters."""
    return {"template": {"name": "dlq", "log": {}}, "atLeastOnce": True} | changes
