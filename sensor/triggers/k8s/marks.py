"""What an object carries of the firing that made it: name, labels, annotations; and whether it is this firing's."""

from collections.abc import Mapping
from typing import Any

from common.errors import Rejected
from sensor import identity
from sensor.ports import Firing
from sensor.triggers.k8s.object import Drawn


def name(drawn: Drawn, digest: str) -> str:
    """Name an object: as it says itself, or after the firing. Raises `Rejected`."""
    if drawn.metadata.get("name"):
        return drawn.name()
    prefix = drawn.metadata.get("generateName")
    if not prefix:
        raise Rejected("rejected", "the object has neither metadata.name nor metadata.generateName")
    return identity.object_name(str(prefix), digest)


def placed(drawn: Drawn, namespace: str) -> dict[str, Any]:
    """Give the metadata with the namespace, which is empty for kinds that have none."""
    metadata = {key: value for key, value in drawn.metadata.items() if key != "namespace"}
    if namespace:
        metadata["namespace"] = namespace
    return metadata


def annotated(metadata: Mapping[str, Any], firing: Firing) -> dict[str, Any]:
    """Add the annotations by which the object is known."""
    events = firing.events.values()
    messages = [message for event in events if (message := identity.message_id(event))]
    ours = {identity.FIRING: firing.digest, identity.EVENTS: ",".join(event.id for event in events)}
    if messages:
        ours[identity.MESSAGE] = ",".join(messages)
    return {**metadata, "annotations": {**texts(metadata, "annotations"), **ours}}


def labelled(metadata: Mapping[str, Any], labels: Mapping[str, str], now: float) -> dict[str, Any]:
    """Add the labels of Argo Events; `now` is in seconds since 1970."""
    stamp = {identity.LABEL_TIME: str(int(now * 1000))}
    return {**metadata, "labels": {**texts(metadata, "labels"), **labels, **stamp}}


def texts(metadata: Mapping[str, Any], field: str) -> dict[str, Any]:
    """Give the labels or annotations. Raises `Rejected` where they are no object."""
    values = metadata.get(field)
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise Rejected("rejected", f"metadata.{field}: an object is wanted")
    return values


def is_ours(found: Mapping[str, Any] | None, firing: Firing) -> bool:
    """Say whether an object was made by this very firing."""
    annotations = ((found or {}).get("metadata") or {}).get("annotations") or {}
    return bool(annotations.get(identity.FIRING) == firing.digest)
