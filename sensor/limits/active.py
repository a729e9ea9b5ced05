"""Which objects of a trigger are unfinished, as the API server tells it. Pure.

Argo's controller labels a Workflow when it is done (workflow/common/common.go of github.com/argoproj/argo-workflows), so those
that are finished are not even asked for; one that says so by its phase only is let go as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sensor import identity

COMPLETED = "workflows.argoproj.io/completed"
FINISHED = frozenset({"Succeeded", "Failed", "Error"})
_ID = 20


def selector(sensor: str, trigger: str) -> str:
    """Write which objects are asked for: those of a trigger that are not labelled as done."""
    return f"{identity.LABEL_SENSOR}={sensor},{identity.LABEL_TRIGGER}={trigger},{COMPLETED}!=true"


def slot(digest: str) -> str:
    """Name the slot of a firing."""
    return digest[:_ID]


def is_finished(found: Mapping[str, Any]) -> bool:
    """Say whether an object is done with its work."""
    labels = (found.get("metadata") or {}).get("labels") or {}
    return labels.get(COMPLETED) == "true" or (found.get("status") or {}).get("phase") in FINISHED


@dataclass(slots=True)
class Active:
    """The unfinished objects: uid → slot. An object that no sensor of ours made has its uid for a slot."""

    by_uid: dict[str, str] = field(default_factory=dict)

    @property
    def slots(self) -> set[str]:
        """The slots that they take."""
        return set(self.by_uid.values())

    def listed(self, objects: Iterable[Mapping[str, Any]]) -> set[str]:
        """Begin anew with what there is; gives the slots that nobody takes any more."""
        before = self.slots
        self.by_uid = {uid: name for found in objects if not is_finished(found) for uid, name in [_named(found)]}
        return before - self.slots

    def changed(self, found: Mapping[str, Any], *, is_gone: bool) -> set[str]:
        """Hear of an object; gives the slots that nobody takes any more."""
        uid, name = _named(found)
        if is_gone or is_finished(found):
            self.by_uid.pop(uid, None)
            return {name} - self.slots
        self.by_uid[uid] = name
        return set()


def _named(found: Mapping[str, Any]) -> tuple[str, str]:
    metadata = found.get("metadata") or {}
    uid = str(metadata.get("uid") or "")
    digest = (metadata.get("annotations") or {}).get(identity.FIRING)
    return uid, slot(str(digest)) if digest else uid
