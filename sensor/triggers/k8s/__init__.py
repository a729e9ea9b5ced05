"""The `k8s` trigger: create, update, patch or delete an object of any kind.

`object` is the document's object with the parameters of a firing set in it. `create` and `delete` are what they say; `change`
is common to `update` (with `merge`) and `patch`; `live` is the update of `liveObject`. `marks` tells whose an object is,
`policy` waits for labels, `access` asks the cluster.
Creating is done once for a firing, whatever happens; the other operations are at least once and rely on the ledger.
"""

from common.errors import ConfigurationError
from sensor.ports import Trigger
from sensor.spec import TriggerPolicy, TriggerTemplate
from sensor.triggers import sources
from sensor.triggers.entries import prepared
from sensor.triggers.k8s.access import Access
from sensor.triggers.k8s.change import Changing
from sensor.triggers.k8s.create import Creating
from sensor.triggers.k8s.delete import Deleting
from sensor.triggers.k8s.live import Live
from sensor.triggers.k8s.object import Source
from sensor.triggers.k8s.patch import Patch, strategy
from sensor.triggers.k8s.policy import Policy
from sensor.triggers.k8s.update import Update
from sensor.triggers.surroundings import Surroundings

CREATE, UPDATE, PATCH, DELETE = "create", "update", "patch", "delete"
VERBS = {
    CREATE: ("create", "get"),
    UPDATE: ("create", "get", "update"),
    PATCH: ("create", "get", "patch"),
    DELETE: ("delete",),
}
"""What each operation takes; updating and patching create what is not there."""


def construct(template: TriggerTemplate, policy: TriggerPolicy | None, around: Surroundings, place: str) -> Trigger:
    """Make the trigger of its template. Raises `ConfigurationError`."""
    here, spec = f"{place}.k8s", template.k8s
    if spec is None or spec.source is None:
        raise ConfigurationError(f"{here}.source: required, but missing")
    operation = spec.operation or CREATE
    if operation not in VERBS:
        raise ConfigurationError(f"{here}.operation: unknown operation type {operation}")
    resource = sources.load(spec.source, around.folders, f"{here}.source")
    source = Source(resource, prepared(spec.parameters, f"{here}.parameters"), around.namespace, f"{here}.source")
    source.require_kind()
    source.require_name("name", *(("generateName",) if operation == CREATE else ()))
    is_live = operation == UPDATE and spec.live_object
    verbs = ("get", "update") if is_live else VERBS[operation]
    access = Access(around.cluster, source.reach(*verbs), around.namespace)
    until = Policy(policy, access, around, here)
    if operation == CREATE:
        return Creating(source, access, until, sensor=around.sensor, trigger=template.name)
    if operation == DELETE:
        return Deleting(source, access)
    if is_live:
        return Live(source, access, until)
    way = Update() if operation == UPDATE else Patch(strategy(spec.patch_strategy, f"{here}.patchStrategy"))
    return Changing(source, access, until, way)


__all__ = ["construct"]
