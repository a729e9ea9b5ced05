"""What the demo does with a Kubernetes API, be it real or the stand-in: a namespace, the seed's RBAC, a watch.

The sensor acts as its own ServiceAccount, with a token of it and the rights of `rbac.yaml` alone.
"""

import base64
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from kubernetes_asyncio import client, config, utils, watch
from kubernetes_asyncio.client import ApiException

from argosy.demo.failure import DemoError

GROUP, VERSION, PLURAL = "argoproj.io", "v1alpha1", "workflows"
TOKEN_SECONDS = 24 * 3600
_EXISTS, _NOT_FOUND = 409, 404

JSON = dict[str, Any]


class Cluster:
    """One namespace of one Kubernetes API, with the rights of whoever runs the demo."""

    def __init__(self, api: client.ApiClient, namespace: str) -> None:
        self.namespace = namespace
        self.url = str(api.configuration.host)
        self._api = api
        self._core = client.CoreV1Api(api)
        self._custom = client.CustomObjectsApi(api)
        self._made = False
        self._revision = ""

    async def prepare(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Make the namespace and what these documents say in it; what is there already stays."""
        try:
            await self._core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=self.namespace)))
            self._made = True
        except ApiException as error:
            if error.status != _EXISTS:
                raise
        for document in documents:
            try:
                await utils.create_from_dict(self._api, dict(document), namespace=self.namespace)
            except utils.FailToCreateError as error:
                for fault in error.api_exceptions:
                    if fault.status != _EXISTS:
                        raise fault from error
        self._revision = (await self._list())["metadata"].get("resourceVersion", "")

    async def kubeconfig_of(self, account: str, path: Path) -> None:
        """Write a kubeconfig with which one acts as this ServiceAccount."""
        spec = client.V1TokenRequestSpec(audiences=[], expiration_seconds=TOKEN_SECONDS)
        wanted = client.AuthenticationV1TokenRequest(spec=spec)
        answer = await self._core.create_namespaced_service_account_token(account, self.namespace, wanted)
        token = str(answer.status.token)
        write_secret(path, yaml.safe_dump(_kubeconfig(self._api.configuration, token, self.namespace)))

    async def watch(self, seen: Callable[[JSON], None]) -> None:
        """Tell of every Workflow that is created from now on, for ever."""
        async for event in watch.Watch().stream(
            self._custom.list_namespaced_custom_object,
            GROUP,
            VERSION,
            self.namespace,
            PLURAL,
            resource_version=self._revision,
        ):
            if event["type"] == "ADDED":
                seen(event["object"])

    async def workflows(self) -> list[JSON]:
        """Give all Workflows of the namespace."""
        items: list[JSON] = (await self._list())["items"]
        return items

    async def remove(self) -> None:
        """Delete the namespace, if it was made here."""
        if self._made:
            await self._core.delete_namespace(self.namespace)

    async def _list(self) -> JSON:
        try:
            answer: JSON = await self._custom.list_namespaced_custom_object(GROUP, VERSION, self.namespace, PLURAL)
        except ApiException as error:
            if error.status != _NOT_FOUND:
                raise
            raise DemoError(
                f"{self.url} knows no Workflows: install Argo Workflows there (its CRDs are enough), or leave --kubeconfig out"
            ) from error
        return answer


@asynccontextmanager
async def connected(kubeconfig: Path, namespace: str) -> AsyncIterator[Cluster]:
    """Connect with a kubeconfig; whatever the API refuses becomes a `DemoError`."""
    try:
        api = await config.new_client_from_config(str(kubeconfig), persist_config=False)
    except (config.ConfigException, OSError) as error:
        raise DemoError(f"{kubeconfig} is no kubeconfig to work with: {error}") from error
    async with api:
        try:
            yield Cluster(api, namespace)
        except ApiException as error:
            raise DemoError(
                f"Kubernetes at {api.configuration.host} said {error.status} {error.reason}: {error.body!r}"
            ) from error
        except aiohttp.ClientError as error:
            raise DemoError(f"Kubernetes at {api.configuration.host} cannot be reached: {error!r}") from error


def write_secret(path: Path, text: str) -> None:
    """Write a file that only we may read."""
    path.touch(mode=0o600)
    path.write_text(text)


def _kubeconfig(configuration: client.Configuration, token: str, namespace: str) -> JSON:
    cluster: JSON = {"server": configuration.host}
    if configuration.ssl_ca_cert:
        authority = Path(configuration.ssl_ca_cert).read_bytes()
        cluster["certificate-authority-data"] = base64.b64encode(authority).decode()
    if not configuration.verify_ssl:
        cluster["insecure-skip-tls-verify"] = True
    name = "argosy-demo"
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": namespace}}],
        "current-context": name,
    }
