"""The stand-in for the Kubernetes API answers the services as the real one would, as far as it goes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from argosy.demo import standin

WORKFLOWS = "/apis/argoproj.io/v1alpha1/namespaces/demo/workflows"


@asynccontextmanager
async def _api() -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(standin.application())) as client:
        await client.post("/api/v1/namespaces", json={"metadata": {"name": "demo"}})
        yield client


async def _call(client: TestClient[Any, Any], method: str, path: str, body: object = None) -> tuple[int, Any]:
    async with client.request(method, path, json=body) as answer:
        return answer.status, await answer.json()


async def test_a_workflow_is_created_got_listed_and_deleted() -> None:
    """The four verbs agree about what there is."""
    async with _api() as client:
        code, made = await _call(client, "POST", WORKFLOWS, {"kind": "Workflow", "metadata": {"generateName": "a-"}})
        name = made["metadata"]["name"]
        assert code == 201
        assert name.startswith("a-")
        assert len(name) == 7
        assert made["metadata"]["namespace"] == "demo"
        assert await _call(client, "GET", f"{WORKFLOWS}/{name}") == (200, made)
        for path in (WORKFLOWS, "/apis/argoproj.io/v1alpha1/workflows"):
            _, listed = await _call(client, "GET", path)
            assert (listed["kind"], listed["items"]) == ("WorkflowList", [made])
        assert (await _call(client, "DELETE", f"{WORKFLOWS}/{name}"))[0] == 200
        code, status = await _call(client, "GET", f"{WORKFLOWS}/{name}")
        assert (code, status["kind"], status["reason"]) == (404, "Status", "NotFound")


async def test_a_name_that_is_taken_already_exists() -> None:
    """The sensor knows by this answer that its Workflow is there."""
    async with _api() as client:
        workflow = {"metadata": {"name": "a"}, "spec": {"first": True}}
        await _call(client, "POST", WORKFLOWS, workflow)
        code, status = await _call(client, "POST", WORKFLOWS, {"metadata": {"name": "a"}})
        assert (code, status["reason"]) == (409, "AlreadyExists")
        assert status["message"] == 'workflows.argoproj.io "a" already exists'
        assert (await _call(client, "GET", f"{WORKFLOWS}/a"))[1]["spec"] == {"first": True}


async def test_refusals_are_told_as_kubernetes_tells_them() -> None:
    """A client that reads Status understands every no."""
    async with _api() as client:
        elsewhere = WORKFLOWS.replace("demo", "absent")
        for path, body, code, reason in (
            (elsewhere, {"metadata": {"name": "a"}}, 404, "NotFound"),
            (WORKFLOWS, {"metadata": {}}, 422, "Invalid"),
            (WORKFLOWS, ["no object"], 400, "BadRequest"),
            ("/apis", {}, 405, "MethodNotAllowed"),
        ):
            answer, status = await _call(client, "POST", path, body)
            assert (answer, status["kind"], status["code"], status["reason"]) == (code, "Status", code, reason)


async def test_a_dry_run_keeps_nothing() -> None:
    """Asked what would happen, it only tells."""
    async with _api() as client:
        assert (await _call(client, "POST", f"{WORKFLOWS}?dryRun=All", {"metadata": {"name": "a"}}))[0] == 201
        assert (await _call(client, "GET", WORKFLOWS))[1]["items"] == []


async def test_a_watch_tells_what_is_there_and_what_comes() -> None:
    """The demo measures by this when a Workflow exists."""
    async with _api() as client:
        labelled = {"labels": {"a": "1"}}
        await _call(client, "POST", WORKFLOWS, {"metadata": {"name": "first", **labelled}})
        async with client.get(f"{WORKFLOWS}?watch=true&labelSelector=a%3D1&timeoutSeconds=1") as answer:
            first = json.loads(await answer.content.readline())
            await _call(client, "POST", WORKFLOWS, {"metadata": {"name": "unlabelled"}})
            await _call(client, "POST", WORKFLOWS, {"metadata": {"name": "second", **labelled}})
            async with asyncio.timeout(1):
                second = json.loads(await answer.content.readline())
            assert [(event["type"], event["object"]["metadata"]["name"]) for event in (first, second)] == [
                ("ADDED", "first"),
                ("ADDED", "second"),
            ]
            assert await answer.content.readline() == b""


async def test_discovery_knows_workflows_and_everything_is_allowed() -> None:
    """What the sensor asks at its start is answered."""
    async with _api() as client:
        _, found = await _call(client, "GET", "/apis/argoproj.io/v1alpha1")
        assert {("Workflow", "workflows", True)} <= {(r["kind"], r["name"], r["namespaced"]) for r in found["resources"]}
        _, core = await _call(client, "GET", "/api/v1")
        assert {("Namespace", False)} <= {(r["kind"], r["namespaced"]) for r in core["resources"]}
        _, groups = await _call(client, "GET", "/apis")
        assert [group["name"] for group in groups["groups"]] == ["argoproj.io"]
        review = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        assert (await _call(client, "POST", review, {"spec": {}}))[1]["status"]["allowed"] is True


async def test_an_account_gets_a_token() -> None:
    """The demo asks for one on every API alike; of an account that is not there it gets none."""
    async with _api() as client:
        accounts = "/api/v1/namespaces/demo/serviceaccounts"
        await _call(client, "POST", accounts, {"metadata": {"name": "a"}})
        assert (await _call(client, "POST", f"{accounts}/a/token", {"spec": {}}))[1]["status"]["token"]
        assert (await _call(client, "POST", f"{accounts}/b/token", {"spec": {}}))[0] == 404
