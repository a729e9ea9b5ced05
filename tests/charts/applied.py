"""Rendered objects on the real API server: applied as `helm` and `kubectl apply --server-side` do, unknown fields refused."""

from collections.abc import Iterable
from typing import Any

from argosy.servers.apiserver import ApiServer

MANAGER = "fieldManager=helm&force=true&fieldValidation=Strict"


class Applier:
    """Applies objects to one API server, whose kinds it looks up once."""

    def __init__(self, kube: ApiServer, namespace: str) -> None:
        """Take the server, and the namespace of objects that name none."""
        self._client = kube.client
        self._namespace = namespace
        self._plurals: dict[str, dict[str, str]] = {}

    def all(self, objects: Iterable[dict[str, Any]], *, dry: bool = False) -> None:
        """Apply them in the order in which helm would. Raises `KubeError` for the first that is refused."""
        for rendered in objects:
            self.one(rendered, dry=dry)

    def one(self, rendered: dict[str, Any], *, dry: bool = False) -> Any:  # noqa: ANN401 - JSON
        """Apply one, unless it is a hook."""
        if "helm.sh/hook" in rendered["metadata"].get("annotations", {}) and not dry:
            return None
        path = f"{self.path(rendered)}/{rendered['metadata']['name']}?{MANAGER}{'&dryRun=All' if dry else ''}"
        return self._client.call("PATCH", path, rendered, content_type="application/apply-patch+yaml")

    def path(self, rendered: dict[str, Any]) -> str:
        """Give the collection that an object belongs to."""
        version = rendered["apiVersion"]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if version not in self._plurals:
            listed = self._client.get(root)["resources"]
            self._plurals[version] = {r["kind"]: r["name"] for r in listed if "/" not in r["name"]}
        namespace = rendered["metadata"].get("namespace", self._namespace)
        return f"{root}/namespaces/{namespace}/{self._plurals[version][rendered['kind']]}"
