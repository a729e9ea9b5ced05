"""`submit` and `submit-from`: what Workflow is created. It is created as the `k8s` trigger creates, once for each event.

Submitting from a template builds the Workflow as Argo's own command does (workflow/common/convert.go of
github.com/argoproj/argo-workflows): one of a WorkflowTemplate refers to it, one of a CronWorkflow holds its spec. Mended: the
sensor of Argo Events then looks for a Workflow named like the template, and counts a failure (its fault F6).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from common.errors import ConfigurationError, Failed, Rejected
from sensor.ports import Firing, Target
from sensor.triggers.argoworkflow.options import INSTANCE, SCHEDULED, Options
from sensor.triggers.k8s import marks
from sensor.triggers.k8s.access import Access
from sensor.triggers.k8s.object import Drawn, Source
from sensor.triggers.surroundings import Surroundings

VERSION = "argoproj.io/v1alpha1"
WORKFLOW, TEMPLATE, CRON = (Target(VERSION, kind) for kind in ("Workflow", "WorkflowTemplate", "CronWorkflow"))
_TEMPLATES = {target.kind.lower(): target for target in (TEMPLATE, CRON)}
_OF_TEMPLATE, _OF_CRON = "workflows.argoproj.io/workflow-template", "workflows.argoproj.io/cron-workflow"
_NEEDS = {
    TEMPLATE: "the WorkflowTemplate, which has to be there",
    CRON: "the CronWorkflow as it is then: its workflowSpec, its workflowMetadata and its uid are filled in",
}
_WANTED = "WorkflowTemplate or CronWorkflow is wanted"


class Submitted:
    """The document's own Workflow; see `sensor.triggers.k8s.create.Blueprint`."""

    needs = ""

    def __init__(self, source: Source, options: Options) -> None:
        source.require_name("name", "generateName")
        if source.is_settled and source.own.target != WORKFLOW:
            raise ConfigurationError(f"{source.place}: {VERSION} Workflow is wanted, not {_shown(source.own.target)}")
        self._source = source
        self._options = options

    def sketch(self, firing: Firing) -> Drawn:
        """Draw it, as the flags change it."""
        drawn = self._source.draw(firing.events)
        if drawn.target != WORKFLOW:
            raise Rejected("rejected", f"{VERSION} Workflow is wanted, not {_shown(drawn.target)}")
        marks.name(drawn, firing.digest)
        return self._options.apply(drawn)

    async def complete(self, drawn: Drawn, _: Firing) -> Drawn:
        """Give it as it is."""
        return drawn


class FromTemplate:
    """A Workflow of the WorkflowTemplate or CronWorkflow that the document names; see `Blueprint`."""

    def __init__(self, source: Source, options: Options, around: Surroundings) -> None:
        target = _TEMPLATES.get(source.own.target.kind.lower())
        if source.is_settled and target is None:
            raise ConfigurationError(f"{source.place}: invalid kind {source.own.target.kind}: {_WANTED}")
        source.require_name("name")
        self.needs = _NEEDS[TEMPLATE if target == TEMPLATE else CRON]
        self._source = source
        self._options = options
        self._access = Access(around.cluster, source.reach("get", target=target) if target else None, around.namespace)

    def sketch(self, firing: Firing) -> Drawn:
        """Draw the Workflow; one of a CronWorkflow has no spec yet."""
        given = self._source.draw(firing.events)
        target, name = _TEMPLATES.get(given.target.kind.lower()), given.name()
        if target is None:
            raise Rejected("rejected", f"invalid kind {given.target.kind}: {_WANTED}")
        metadata: dict[str, Any] = {"generateName": f"{name}-"}
        if given.metadata.get("namespace"):
            metadata["namespace"] = given.metadata["namespace"]
        if target == TEMPLATE:
            metadata["labels"] = {_OF_TEMPLATE: name}
            return self._options.apply(_drawn(given, metadata, {"workflowTemplateRef": {"name": name}}))
        metadata["labels"] = {_OF_CRON: name}
        metadata["annotations"] = {SCHEDULED: datetime.fromtimestamp(firing.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        return self._options.apply(_drawn(given, metadata, {}))

    async def complete(self, drawn: Drawn, firing: Firing) -> Drawn:
        """Look the template up. One that is not there is an attempt (`Failed`)."""
        given = self._source.draw(firing.events)
        target = _TEMPLATES[given.target.kind.lower()]
        address = await self._access.address(replace(given, target=target), given.name())
        found = await self._access.get(address)
        if found is None:
            raise Failed(f"{address} is not there")
        return drawn if target == TEMPLATE else self._options.apply(_of_cron(found, drawn))


def _of_cron(found: Mapping[str, Any], drawn: Drawn) -> Drawn:
    """Fill in what a CronWorkflow says of its Workflows, which belong to it."""
    spec, own = found.get("spec") or {}, found.get("metadata") or {}
    more = spec.get("workflowMetadata") or {}
    instance = (own.get("labels") or {}).get(INSTANCE)
    labels = {**({INSTANCE: instance} if instance else {}), **drawn.metadata["labels"], **(more.get("labels") or {})}
    metadata = {
        **drawn.metadata,
        "labels": labels,
        "annotations": {**drawn.metadata["annotations"], **(more.get("annotations") or {})},
        "ownerReferences": [
            {
                "apiVersion": CRON.api_version,
                "kind": CRON.kind,
                "name": own.get("name"),
                "uid": own.get("uid"),
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
    }
    if more.get("finalizers"):
        metadata["finalizers"] = more["finalizers"]
    return _drawn(drawn, metadata, spec.get("workflowSpec") or {})


def _drawn(given: Drawn, metadata: Mapping[str, Any], spec: Mapping[str, Any]) -> Drawn:
    rest = orjson.dumps({"apiVersion": WORKFLOW.api_version, "kind": WORKFLOW.kind, "spec": spec})
    return Drawn(WORKFLOW, metadata, rest, given.notes)


def _shown(target: Target) -> str:
    return f"{target.api_version} {target.kind}".strip() or "an object without a kind"
