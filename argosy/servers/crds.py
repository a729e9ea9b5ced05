"""The kinds of Argo Workflows, as far as an API server has to know them when nothing runs them.

Like the real ones they have no status subresource: the controller writes `status` with an ordinary update.
"""

from typing import Any

GROUP = "argoproj.io"
VERSION = "v1alpha1"

# kind: (plural, short name, whether it lives in a namespace)
KINDS = {
    "Workflow": ("workflows", "wf", True),
    "WorkflowTemplate": ("workflowtemplates", "wftmpl", True),
    "ClusterWorkflowTemplate": ("clusterworkflowtemplates", "cwft", False),
    "CronWorkflow": ("cronworkflows", "cwf", True),
}

_ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_SCHEMA = {
    "type": "object",
    "required": ["metadata", "spec"],
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": _ANYTHING,
        "status": _ANYTHING,
    },
}


def workflow_crds() -> list[dict[str, Any]]:
    """Give the CustomResourceDefinitions to apply."""
    return [_crd(kind, *names) for kind, names in KINDS.items()]


def _crd(kind: str, plural: str, short: str, namespaced: bool) -> dict[str, Any]:  # noqa: FBT001 - a row of the table
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced" if namespaced else "Cluster",
            "names": {
                "kind": kind,
                "listKind": f"{kind}List",
                "plural": plural,
                "singular": kind.lower(),
                "shortNames": [short],
            },
            "versions": [
                {"name": VERSION, "served": True, "storage": True, "schema": {"openAPIV3Schema": _SCHEMA}},
            ],
        },
    }
