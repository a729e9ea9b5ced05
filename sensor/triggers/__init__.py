"""The kinds of triggers, each behind one small interface (`sensor.ports.Trigger`), and how a document's becomes one.

A further kind is a file here and a row in `KINDS`, or a plug-in of the entry-point group `argosy.triggers` (`plugins`).
"""

from common.errors import ConfigurationError
from sensor.ports import Trigger
from sensor.spec import OTHER_KINDS, TriggerPolicy, TriggerTemplate
from sensor.triggers import argoworkflow, http, k8s, log, nats, plugins
from sensor.triggers.entries import prepared
from sensor.triggers.surroundings import Construct, Surroundings

KINDS: dict[str, Construct] = {
    "k8s": k8s.construct,
    "argo_workflow": argoworkflow.construct,
    "http": http.construct,
    "nats": nats.construct,
    "log": log.construct,
}
"""The kinds that are built in, by the field of the template."""


def construct(template: TriggerTemplate, policy: TriggerPolicy | None, around: Surroundings, place: str) -> Trigger:
    """Make the trigger that a template describes: of several kinds the first counts, in Argo Events' order.

    Raises `ConfigurationError`.
    """
    for name, field in TriggerTemplate.model_fields.items():
        spec, kind = getattr(template, name), field.alias or name
        if spec is None:
            continue
        if name in KINDS:
            return KINDS[name](template, policy, around, place)
        if kind in OTHER_KINDS:
            return plugins.construct(plugins.Given(kind, template.name, spec, f"{place}.{kind}", policy, around))
    if len(template.argosy) > 1:
        raise ConfigurationError(f"{place}.argosy: one kind of trigger is wanted, not {', '.join(template.argosy)}")
    for kind, spec in template.argosy.items():
        return plugins.construct(plugins.Given(kind, template.name, spec, f"{place}.argosy.{kind}", policy, around))
    raise ConfigurationError(f"{place}: invalid trigger {template.name}, could not find an implementation")


__all__ = ["KINDS", "Construct", "Surroundings", "construct", "prepared"]
