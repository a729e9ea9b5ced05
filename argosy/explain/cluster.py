"""An API server that is not there: it knows which kinds live in a namespace, and nothing else."""

from collections.abc import Mapping
from typing import Any, NoReturn

from sensor.ports import Target

NAMESPACED = {
    "v1": "ConfigMap Event PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service "
    "ServiceAccount LimitRange Endpoints",
    "apps": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "argoproj.io": "AnalysisRun AnalysisTemplate AppProject Application ApplicationSet CronWorkflow EventBus EventSource "
    "Experiment Rollout Sensor Workflow WorkflowArtifactGCTask WorkflowEventBinding WorkflowTaskResult WorkflowTaskSet "
    "WorkflowTemplate",
    "autoscaling": "HorizontalPodAutoscaler",
    "batch": "CronJob Job",
    "coordination.k8s.io": "Lease",
    "discovery.k8s.io": "EndpointSlice",
    "events.k8s.io": "Event",
    "gateway.networking.k8s.io": "GRPCRoute Gateway HTTPRoute ReferenceGrant",
    "networking.k8s.io": "Ingress NetworkPolicy",
    "policy": "PodDisruptionBudget",
    "rbac.authorization.k8s.io": "Role RoleBinding",
}
"""Kinds that live in a namespace, by group, `v1` being the core."""
CLUSTER_WIDE = {
    "v1": "Namespace Node PersistentVolume",
    "admissionregistration.k8s.io": "MutatingWebhookConfiguration ValidatingAdmissionPolicy "
    "ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration",
    "apiextensions.k8s.io": "CustomResourceDefinition",
    "apiregistration.k8s.io": "APIService",
    "argoproj.io": "ClusterAnalysisTemplate ClusterWorkflowTemplate",
    "certificates.k8s.io": "CertificateSigningRequest",
    "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
    "gateway.networking.k8s.io": "GatewayClass",
    "networking.k8s.io": "IngressClass",
    "node.k8s.io": "RuntimeClass",
    "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
    "scheduling.k8s.io": "PriorityClass",
    "storage.k8s.io": "CSIDriver CSINode StorageClass VolumeAttachment",
}
"""Those that do not. Source: https://kubernetes.io/docs/reference/kubernetes-api/, and the CRDs of Argo's projects."""


class OfflineCluster:
    """Answers what a preview asks (`sensor.ports.Cluster`), and notes what it could only suppose."""

    def __init__(self) -> None:
        self._notes: list[str] = []

    def notes(self) -> tuple[str, ...]:
        """Give what was noted since the last time, each once."""
        notes, self._notes = tuple(dict.fromkeys(self._notes)), []
        return notes

    async def namespaced(self, target: Target) -> bool:
        """Say whether the kind lives in a namespace; an unknown one is supposed to."""
        group = target.api_version.rpartition("/")[0] or target.api_version
        if target.kind in CLUSTER_WIDE.get(group, "").split():
            return False
        if target.kind not in NAMESPACED.get(group, "").split():
            self._notes.append(f"{target.api_version} {target.kind} is supposed to live in a namespace: the cluster knows")
        return True

    async def get(self, target: Target, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Find nothing, and say that nobody looked."""
        place = f"{namespace}/{name}" if namespace else name
        self._notes.append(f"{target.kind} {place} is supposed not to be there: the cluster knows")
        return None

    async def allowed(self, target: Target, namespace: str, verb: str) -> bool:  # noqa: ARG002 - the port's signature
        """Suppose that everything is allowed."""
        return True

    async def create(self, target: Target, namespace: str, body: bytes) -> None:  # noqa: ARG002 - the port's signature
        """Refuse."""
        _offline()

    async def update(self, target: Target, namespace: str, name: str, body: bytes) -> None:  # noqa: ARG002
        """Refuse."""
        _offline()

    async def patch(self, target: Target, namespace: str, name: str, body: bytes, strategy: str) -> None:  # noqa: ARG002
        """Refuse."""
        _offline()

    async def delete(self, target: Target, namespace: str, name: str) -> bool:  # noqa: ARG002 - the port's signature
        """Refuse."""
        _offline()


def _offline() -> NoReturn:
    raise RuntimeError("a preview sends nothing")
