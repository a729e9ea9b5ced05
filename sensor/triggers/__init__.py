"""The kinds of triggers, each behind one small interface (`sensor.ports.Trigger`), and how a document's becomes one.

A further kind is a file here and a row in `KINDS`, or a plug-in of the entry-point group `argosy.triggers`.
"""

from common.errors import ConfigurationError
from sensor.ports import Trigger
from sensor.spec import TriggerPolicy, TriggerTemplate
from sensor.triggers import k8s, log
from sensor.triggers.entries import prepared
from sensor.triggers.surroundings import Construct, Surroundings

KINDS: dict[str, Construct] = {"k8s": k8s.construct, "log": log.construct}
"""By the field of the template, in Argo Events' order: of several kinds in one template, the first counts."""


def construct(template: TriggerTemplate, policy: TriggerPolicy | None, around: Surroundings, place: str) -> Trigger:
    """Make the trigger that a template describes. Raises `ConfigurationError`."""
    for kind, make in KINDS.items():
        if getattr(template, kind) is not None:
            return make(template, policy, around, place)
    raise ConfigurationError(f"{place}: invalid trigger {template.name}, could not find an implementation")


__all__ = ["KINDS", "Construct", "Surroundings", "construct", "prepared"]
