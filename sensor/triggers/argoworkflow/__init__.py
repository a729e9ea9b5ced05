"""The `argoWorkflow` trigger: what the `argo` command does with Workflows, over the API and without the command.

`submit` creates a Workflow, of the document or of a template (`options` are the flags that change it), once for each event;
`steer` suspends, resumes, stops and terminates one (`nodes` are those that wait); `remote` retries and resubmits one, by Argo
Server where one is configured. `flags` reads `args`.
"""

from common.errors import ConfigurationError
from sensor.ports import Trigger
from sensor.spec import ArgoWorkflowTrigger, TriggerPolicy, TriggerTemplate
from sensor.triggers import sources
from sensor.triggers.argoworkflow import options, remote, steer
from sensor.triggers.argoworkflow.submit import WORKFLOW, FromTemplate, Submitted
from sensor.triggers.entries import prepared
from sensor.triggers.k8s.access import Access
from sensor.triggers.k8s.create import Creating
from sensor.triggers.k8s.object import Source
from sensor.triggers.k8s.policy import Policy
from sensor.triggers.surroundings import Surroundings

SUBMIT, SUBMIT_FROM = "submit", "submit-from"


def construct(template: TriggerTemplate, policy: TriggerPolicy | None, around: Surroundings, place: str) -> Trigger:
    """Make the trigger of its template. Raises `ConfigurationError`."""
    here, spec = f"{place}.argoWorkflow", template.argo_workflow
    if spec is None or spec.source is None:
        raise ConfigurationError(f"{here}.source: required, but missing")
    operation = spec.operation or SUBMIT
    resource = sources.load(spec.source, around.folders, f"{here}.source")
    source = Source(resource, prepared(spec.parameters, f"{here}.parameters"), around.namespace, f"{here}.source")
    if operation in remote.FLAGS:
        return _remote(source, spec, policy, around, here)
    verbs = ("get", "patch") if operation in steer.FLAGS else ("create", "get")
    access = Access(around.cluster, source.reach(*verbs, target=WORKFLOW), around.namespace)
    until = Policy(policy, access, around, here)
    if operation in steer.FLAGS:
        return steer.Steered(source, access, until, steer.Steering.read(operation, spec.args, f"{here}.args"))
    if operation not in {SUBMIT, SUBMIT_FROM}:
        raise ConfigurationError(f"{here}.operation: unknown operation type {operation}")
    known = options.SUBMIT if operation == SUBMIT else options.SUBMIT_FROM
    changes = options.read(spec.args, known, f"{here}.args")
    workflow = Submitted(source, changes) if operation == SUBMIT else FromTemplate(source, changes, around)
    return Creating(workflow, access, until, sensor=around.sensor, trigger=template.name)


def _remote(
    source: Source, spec: ArgoWorkflowTrigger, policy: TriggerPolicy | None, around: Surroundings, here: str
) -> Trigger:
    if around.argo_server is None:
        what = "only Argo Server can do this, and none is configured: set ARGO_SERVER_URL (and ARGO_SERVER_TOKEN_FILE)"
        raise ConfigurationError(f"{here}.operation: {spec.operation}: {what}")
    request = remote.read(around.argo_server, spec.operation, spec.args, f"{here}.args")
    access = Access(around.cluster, source.reach("get", target=WORKFLOW), around.namespace)
    until = Policy(policy, access, around, here)
    return remote.Remote(source, until, request, namespace=around.namespace, shared=around.shared)


__all__ = ["construct"]
