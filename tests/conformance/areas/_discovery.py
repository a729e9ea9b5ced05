"""An API server that knows the standard kinds, those of Argo and those of the gateway API, and tells of nothing else."""

from collections.abc import Mapping
from typing import Any

from sensor.cluster import KubernetesCluster

KINDS: Mapping[str, Mapping[str, str]] = {
    "v1": {
        "ConfigMap": "configmaps", "Endpoints": "endpoints", "Event": "events", "LimitRange": "limitranges",
        "Namespace": "namespaces", "Node": "nodes", "PersistentVolume": "persistentvolumes",
        "PersistentVolumeClaim": "persistentvolumeclaims", "Pod": "pods", "PodTemplate": "podtemplates",
        "ReplicationController": "replicationcontrollers", "ResourceQuota": "resourcequotas", "Secret": "secrets",
        "Service": "services", "ServiceAccount": "serviceaccounts",
    },
    "apps/v1": {
        "ControllerRevision": "controllerrevisions", "DaemonSet": "daemonsets", "Deployment": "deployments",
        "ReplicaSet": "replicasets", "StatefulSet": "statefulsets",
    },
    "batch/v1": {"CronJob": "cronjobs", "Job": "jobs"},
    "autoscaling/v2": {"HorizontalPodAutoscaler": "horizontalpodautoscalers"},
    "policy/v1": {"PodDisruptionBudget": "poddisruptionbudgets"},
    "networking.k8s.io/v1": {
        "Ingress": "ingresses", "IngressClass": "ingressclasses", "NetworkPolicy": "networkpolicies",
    },
    "storage.k8s.io/v1": {
        "CSIDriver": "csidrivers", "CSINode": "csinodes", "StorageClass": "storageclasses",
        "VolumeAttachment": "volumeattachments",
    },
    "rbac.authorization.k8s.io/v1": {
        "ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings", "Role": "roles",
        "RoleBinding": "rolebindings",
    },
    "apiextensions.k8s.io/v1": {"CustomResourceDefinition": "customresourcedefinitions"},
    "scheduling.k8s.io/v1": {"PriorityClass": "priorityclasses"},
    "coordination.k8s.io/v1": {"Lease": "leases"},
    "discovery.k8s.io/v1": {"EndpointSlice": "endpointslices"},
    "gateway.networking.k8s.io/v1": {"Gateway": "gateways", "GatewayClass": "gatewayclasses", "HTTPRoute": "httproutes"},
    "argoproj.io/v1alpha1": {
        "Application": "applications", "AppProject": "appprojects", "ClusterWorkflowTemplate": "clusterworkflowtemplates",
        "CronWorkflow": "cronworkflows", "EventBus": "eventbus", "EventSource": "eventsources", "Rollout": "rollouts",
        "Sensor": "sensors", "Workflow": "workflows", "WorkflowTemplate": "workflowtemplates",
    },
}  # fmt: skip
"""By API version and kind, the plural under which the kind is served."""
CLUSTER_WIDE = frozenset(
    {
        "ClusterRole", "ClusterRoleBinding", "ClusterWorkflowTemplate", "CSIDriver", "CSINode", "CustomResourceDefinition",
        "GatewayClass", "IngressClass", "Namespace", "Node", "PersistentVolume", "PriorityClass", "StorageClass",
        "VolumeAttachment",
    }
)  # fmt: skip


class Discovery(KubernetesCluster):
    """Our own client of the API server; only the connection is a double."""

    def __init__(self) -> None:
        super().__init__(None, in_flight=1)

    async def _call(self, method: str, path: str, body: object, resource: str, **_: Any) -> Any:  # noqa: ANN401
        assert (method, body, resource) == ("GET", None, "discovery")
        version = path.removeprefix("/apis/").removeprefix("/api/")
        resources = [
            {"kind": kind, "name": plural, "namespaced": kind not in CLUSTER_WIDE}
            for kind, plural in KINDS.get(version, {}).items()
        ]
        return {"resources": resources} if resources else None


def plural(api_version: str, kind: str) -> str | None:
    """Give the plural of a kind that the server knows."""
    return KINDS.get(api_version, {}).get(kind)
