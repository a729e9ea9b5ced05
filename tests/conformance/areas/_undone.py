"""Undo in an object what is ours on purpose: its name after the firing, our annotations, and the time."""

from typing import Any

from sensor import identity

TIMESTAMP = "events.argoproj.io/action-timestamp"
OURS = {identity.FIRING, identity.EVENTS, identity.MESSAGE}


def undone(made: dict[str, Any], digest: str) -> dict[str, Any]:
    """Undo our name and annotations."""
    metadata = dict(made["metadata"])
    prefix = metadata.get("generateName")
    if prefix and metadata.get("name") == identity.object_name(prefix, digest):
        del metadata["name"]
    annotations = {key: value for key, value in (metadata.get("annotations") or {}).items() if key not in OURS}
    metadata["annotations"] = annotations
    if not annotations:
        del metadata["annotations"]
    if str((metadata.get("labels") or {}).get(TIMESTAMP, "")).isdecimal():
        metadata["labels"] = {**metadata["labels"], TIMESTAMP: "<epoch-ms>"}
    return {**made, "metadata": metadata}
