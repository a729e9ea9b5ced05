"""EventSource and Sensor → an entry of `eventSources` or `sensors`: the spec as it is, less what the chart would refuse."""

from collections.abc import Iterator, Mapping
from typing import Any

from eventsource.spec import EventSourceSpec

Item = dict[str, Any]

_TEMPLATE = {
    "metadata", "serviceAccountName", "container", "volumes", "securityContext", "affinity", "tolerations", "nodeSelector",
    "imagePullSecrets", "priorityClassName",
}  # fmt: skip
_CONTAINER = {"resources", "env", "envFrom", "volumeMounts", "securityContext", "imagePullPolicy", "name"}
"""What the chart takes over of `spec.template`; Argo Events takes no more of it, `priority` aside."""
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def other_kinds(document: Mapping[str, Any]) -> list[str]:
    """Name the parts of an EventSource that are no SQS, if it has SQS as well: they have to stay with Argo Events."""
    spec = document.get("spec")
    if not isinstance(spec, Mapping) or not spec.get("sqs"):
        return []
    ours = {"sqs", "eventBusName", "replicas", "template", "service", "argosy"}
    known = {field.alias or name for name, field in EventSourceSpec.model_fields.items()}
    return [key for key, value in spec.items() if key in known - ours and value]


def item(document: Mapping[str, Any], left_out: list[str]) -> Item:
    """Give the entry; what is not carried over is added to `left_out`, path first."""
    spec = dict(document["spec"])
    left_out += _metadata(document.get("metadata") or {})
    if spec.pop("service", None):
        left_out.append("spec.service: an event source of SQS serves nothing")
    entry: Item = {}
    if document.get("kind") == "Sensor" and spec.pop("revisionHistoryLimit", None) is not None:
        entry["revisionHistoryLimit"] = document["spec"]["revisionHistoryLimit"]
    if spec.get("template"):
        spec["template"] = _template(spec["template"], left_out)
    return {"spec": {key: value for key, value in spec.items() if value is not None}, **entry}


def _metadata(metadata: Mapping[str, Any]) -> Iterator[str]:
    for kind, ours in (("labels", "podLabels and commonLabels"), ("annotations", "podAnnotations and commonAnnotations")):
        given = metadata.get(kind)
        named = [str(key) for key in given if key != _LAST_APPLIED] if isinstance(given, Mapping) else []
        if named:
            yield f"metadata.{kind}: {', '.join(named)}: the chart has its own; {ours} add some"


def _template(template: Any, left_out: list[str]) -> Any:  # noqa: ANN401 - any YAML
    if not isinstance(template, Mapping):
        return template
    kept = {}
    for key, value in template.items():
        if key in _TEMPLATE:
            kept[key] = value
        elif key == "priority":
            left_out.append(f"spec.template.priority: {value}: give a priorityClassName")
        else:
            left_out.append(f"spec.template.{key}: Argo Events does not know it either")
    container = kept.get("container")
    if isinstance(container, Mapping):
        kept["container"] = {key: value for key, value in container.items() if key in _CONTAINER}
        left_out += [
            f"spec.template.container.{key}: Argo Events does not use it either" for key in container if key not in _CONTAINER
        ]
    return kept
