"""A few lines of Kubernetes client, synchronous, on the standard library: for what the demo and the tests set up."""

import contextlib
import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from argosy.servers import crds

WORKFLOWS = f"/apis/{crds.GROUP}/{crds.VERSION}"


class KubeError(Exception):
    """The API server said no: the HTTP status, the reason as Kubernetes names it, and the message."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        """Keep the three apart, so that a caller can look at them."""
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason


class KubeClient:
    """Calls of one user to one API server."""

    def __init__(self, url: str, ca_file: Path, token: str) -> None:
        """Take the server's address, the file that vouches for it, and the user's token."""
        self.url = url
        self._token = token
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(ca_file))),
        )

    def call(self, method: str, path: str, body: object = None, *, content_type: str = "application/json") -> Any:  # noqa: ANN401 - JSON
        """Make one call and give the answer's JSON; a refusal is a `KubeError`, no connection an `OSError`."""
        return json.loads(self._send(method, path, body, content_type))

    def ready(self) -> bool:
        """Tell whether the server says that it is ready."""
        try:
            return self._send("GET", "/readyz", None, "application/json") == b"ok"
        except (KubeError, OSError, http.client.HTTPException):
            return False

    def _send(self, method: str, path: str, body: object, content_type: str) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - always https://127.0.0.1
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": content_type},
        )
        try:
            with self._opener.open(request, timeout=30) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read()) from None

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Read an object or a list."""
        return self.call("GET", path)

    def create(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Create an object in the collection at this path."""
        return self.call("POST", path, body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Change an object by a merge patch."""
        return self.call("PATCH", path, body, content_type="application/merge-patch+json")

    def delete(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Delete an object, or everything in a collection."""
        return self.call("DELETE", path)

    def ensure(self, path: str, body: Mapping[str, Any]) -> None:
        """Create an object unless one of that name exists."""
        try:
            self.create(path, body)
        except KubeError as error:
            if error.reason != "AlreadyExists":
                raise

    def namespace(self, name: str) -> None:
        """Make sure that a namespace exists."""
        self.ensure("/api/v1/namespaces", {"metadata": {"name": name}})

    def workflow_crds(self) -> None:
        """Teach the server the kinds of Argo Workflows; returns when it serves them."""
        collection = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        for crd in crds.workflow_crds():
            self.ensure(collection, crd)
        for plural, _, _ in crds.KINDS.values():
            self._wait_until_served(f"{WORKFLOWS}/{plural}")

    def _wait_until_served(self, path: str, deadline: float = 30.0) -> None:
        end = time.monotonic() + deadline
        while True:
            with contextlib.suppress(KubeError):
                self.get(f"{path}?limit=1")
                return
            if time.monotonic() > end:
                raise KubeError(404, "NotFound", f"{path} is not served after {deadline:g} s")
            time.sleep(0.05)

    def grant(self, namespace: str, account: str, rules: Sequence[Mapping[str, Any]]) -> None:
        """Allow a ServiceAccount these rules of RBAC in its namespace, and nothing else."""
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
        self.ensure(f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": account}})
        self.ensure(f"{rbac}/roles", {"metadata": {"name": account}, "rules": list(rules)})
        binding = {
            "metadata": {"name": account},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": account},
            "subjects": [{"kind": "ServiceAccount", "namespace": namespace, "name": account}],
        }
        self.ensure(f"{rbac}/rolebindings", binding)

    def token_for(self, namespace: str, account: str, seconds: int = 3600) -> str:
        """Give a token of a ServiceAccount, which is made if need be (10 minutes are the shortest)."""
        accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
        self.ensure(accounts, {"metadata": {"name": account}})
        answer = self.create(f"{accounts}/{account}/token", {"spec": {"expirationSeconds": seconds}})
        return str(answer["status"]["token"])

    def workflows(self, namespace: str) -> list[dict[str, Any]]:
        """List the Workflows of a namespace."""
        items: list[dict[str, Any]] = self.get(f"{WORKFLOWS}/namespaces/{namespace}/workflows")["items"]
        return items


def _refusal(status: int, body: bytes) -> KubeError:
    """Read Kubernetes' own account of a refusal; whatever else answers gets its text quoted."""
    with contextlib.suppress(ValueError, AttributeError):
        told = json.loads(body)
        return KubeError(status, str(told.get("reason", "")), str(told.get("message", "")))
    return KubeError(status, "", body.decode(errors="replace"))
