"""A stand-in for the Kubernetes API, so that the demo needs no cluster: it keeps objects and forgets them when it ends.

Enough of the real API for the services, for `curl` and for `kubectl get`: discovery, namespaces, create, get, list,
watch and delete of any resource, generated names, AlreadyExists and NotFound. It checks no schema, knows no users and
allows everything. What is promised about Kubernetes is proved against the real API server, never against this one.
"""

import argparse
import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from argosy.demo.objects import JSON, Place, Refusal, Store, selected

# Group and version, and the resources in it that discovery tells of: plural, kind, short names.
KNOWN: Mapping[str, tuple[tuple[str, str, list[str]], ...]] = {
    "v1": (("namespaces", "Namespace", ["ns"]), ("serviceaccounts", "ServiceAccount", ["sa"])),
    "argoproj.io/v1alpha1": (("workflows", "Workflow", ["wf"]), ("workflowtemplates", "WorkflowTemplate", ["wftmpl"])),
}
MAX_OBJECT = 3 * 1024 * 1024
"""Bytes that a request may have, as in the real API server."""


def application() -> web.Application:
    """Make the API as an aiohttp application with an empty store."""
    store = Store()
    app = web.Application(client_max_size=MAX_OBJECT, middlewares=[_refusals])
    for path in ("/readyz", "/livez", "/healthz"):
        app.router.add_get(path, _well)
    app.router.add_get("/version", _version)
    app.router.add_get("/api", _core)
    app.router.add_get("/apis", _groups)
    for version in KNOWN:
        app.router.add_get(f"/api{'s' if '/' in version else ''}/{version}", _resources)
    api = _Api(store)
    app.router.add_post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", _allowed)
    app.router.add_get("/api{any:s?/.+}", api.read)
    app.router.add_post("/api{any:s?/.+}", api.create)
    app.router.add_delete("/api{any:s?/.+}", api.delete)
    return app


class _Api:
    """The verbs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self, request: web.Request) -> web.StreamResponse:
        place, selector = Place.of(request.path), request.query.get("labelSelector", "")
        if place.name:
            return web.json_response(self._store.get(place))
        if request.query.get("watch") in ("true", "1", "True"):
            return await self._watch(request, place, selector)
        items = self._store.list(place, selector)
        kind = next((kind for plural, kind, _ in KNOWN.get(place.version, ()) if plural == place.plural), "Object")
        head = {"kind": f"{kind}List", "apiVersion": place.version}
        return web.json_response({**head, "metadata": {"resourceVersion": str(self._store.revision)}, "items": items})

    async def create(self, request: web.Request) -> web.Response:
        place, document = Place.of(request.path), await _document(request)
        if place.part == "token":
            self._store.get(Place(*place.collection, place.name))
            return web.json_response(_token(document), status=201)
        keep = request.query.get("dryRun") != "All"
        return web.json_response(self._store.create(place, document, keep=keep), status=201)

    async def delete(self, request: web.Request) -> web.Response:
        return web.json_response(self._store.delete(Place.of(request.path)))

    async def _watch(self, request: web.Request, place: Place, selector: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        events: asyncio.Queue[JSON] = asyncio.Queue()
        await response.prepare(request)
        if not request.query.get("resourceVersion"):
            for stored in self._store.list(place, selector):
                events.put_nowait({"type": "ADDED", "object": stored})
        watcher = (place, events)
        self._store.watchers.append(watcher)
        try:
            async with asyncio.timeout(float(request.query.get("timeoutSeconds", "3600"))):
                while True:
                    event = await events.get()
                    namespace = event["object"]["metadata"].get("namespace", "")
                    if place.namespace in ("", namespace) and selected(event["object"], selector):
                        await response.write(json.dumps(event).encode() + b"\n")
        except (TimeoutError, ConnectionError):
            return response
        finally:
            self._store.watchers.remove(watcher)


@web.middleware
async def _refusals(request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401 - aiohttp's own type is private
    try:
        response: web.StreamResponse = await handler(request)
    except Refusal as no:
        return web.json_response(no.status, status=no.code)
    except web.HTTPException as no:
        return web.json_response(Refusal(no.status, no.reason.replace(" ", ""), no.reason).status, status=no.status)
    return response


async def _document(request: web.Request) -> JSON:
    try:
        document = json.loads(await request.read())
    except ValueError as error:
        raise Refusal(400, "BadRequest", f"the body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise Refusal(400, "BadRequest", "the body is no JSON object")
    return document


def _token(document: JSON) -> JSON:
    seconds = (document.get("spec") or {}).get("expirationSeconds", 3600)
    status = {"token": "stand-in", "expirationTimestamp": "2099-01-01T00:00:00Z"}
    head = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "metadata": {}}
    return {**head, "spec": {"audiences": [], "expirationSeconds": seconds}, "status": status}


async def _allowed(request: web.Request) -> web.Response:
    return web.json_response({**await _document(request), "status": {"allowed": True, "reason": "a stand-in"}}, status=201)


async def _well(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def _version(_: web.Request) -> web.Response:
    return web.json_response({"major": "1", "minor": "34", "gitVersion": "v1.34.0-argosy-stand-in"})


async def _core(_: web.Request) -> web.Response:
    return web.json_response({"kind": "APIVersions", "versions": ["v1"]})


async def _groups(_: web.Request) -> web.Response:
    groups = []
    for version in KNOWN:
        group, _slash, number = version.rpartition("/")
        if group:
            served = {"groupVersion": version, "version": number}
            groups.append({"name": group, "versions": [served], "preferredVersion": served})
    return web.json_response({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})


async def _resources(request: web.Request) -> web.Response:
    version = request.path.partition("/api")[2].removeprefix("s").strip("/")
    verbs = ["create", "delete", "get", "list", "watch"]
    resources = [
        {"name": plural, "kind": kind, "singularName": kind.lower(), "namespaced": plural != "namespaces"}
        | {"shortNames": short, "verbs": verbs}
        for plural, kind, short in KNOWN[version]
    ]
    return web.json_response({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources})


def main() -> None:
    """Serve on a loopback port until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    with contextlib.suppress(KeyboardInterrupt):
        web.run_app(
            application(), host="127.0.0.1", port=parser.parse_args().port, print=None, access_log=None, shutdown_timeout=1
        )


if __name__ == "__main__":
    main()
