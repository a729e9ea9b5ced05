"""`policy.k8s` at the real API server, with the test in the place of a controller: it puts the labels there."""

import asyncio
from typing import Any

import pytest

from argosy.servers.kubeclient import WORKFLOWS
from common.errors import Failed, Rejected
from sensor.gate import Stopping
from sensor.ports import Fired, Firing
from sensor.ports import Trigger as Fires
from tests.cluster.acting import Acting, argo, firing, k8s

WORKFLOW: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "order-"},
    "spec": {"entrypoint": "main"},
}
DONE = {"workflows.argoproj.io/phase": "Succeeded"}
SHORT = {"steps": 2, "duration": "10ms", "jitter": 0}
LONG = {"steps": 1000, "duration": "20ms", "factor": 1, "jitter": 0}
STRICT = {"labels": DONE, "errorOnBackoffTimeout": True}


def workflows(acting: Acting) -> list[dict[str, Any]]:
    """List the Workflows."""
    return acting.kube.client.workflows(acting.namespace)


async def made(acting: Acting) -> list[dict[str, Any]]:
    """Wait until there is a Workflow."""
    for _ in range(2000):
        if found := await asyncio.to_thread(workflows, acting):
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("no Workflow was made")


async def finish(acting: Acting) -> None:
    """Do what the controller does: put the labels of a Workflow there."""
    found = await made(acting)
    path = f"{WORKFLOWS}/namespaces/{acting.namespace}/workflows/{found[0]['metadata']['name']}"
    await asyncio.to_thread(acting.kube.client.patch, path, {"metadata": {"labels": DONE}})


@pytest.mark.parametrize("template", [k8s("create", WORKFLOW), argo("submit", WORKFLOW)], ids=["k8s", "argoWorkflow"])
def test_it_is_done_when_the_labels_are_there(acting: Acting, template: dict[str, Any]) -> None:
    """The trigger waits for them, also after a submission (fault F5 of Argo Events: there it always fails)."""

    async def work(trigger: Fires) -> Fired:
        async with asyncio.TaskGroup() as tasks:
            fired = tasks.create_task(trigger.fire(firing()))
            await asyncio.sleep(0.2)
            assert not fired.done()
            await finish(acting)
        return fired.result()

    assert acting.with_trigger(template, work, STRICT | {"backoff": LONG}).how == "fired"
    assert len(workflows(acting)) == 1


@pytest.mark.promise("B2")
def test_a_policy_that_fails_makes_no_second_object(acting: Acting) -> None:
    """Each attempt looks at the same object again, in this process and in another; the reason is the policy's."""
    template = k8s("create", WORKFLOW)

    async def failing(trigger: Fires) -> list[str]:
        reasons = []
        for ask in (trigger.fire, trigger.fire, trigger.find):
            with pytest.raises(Failed) as failed:
                await ask(firing())
            reasons.append(failed.value.exhausted)
        return reasons

    for _ in range(2):
        assert acting.with_trigger(template, failing, STRICT | {"backoff": SHORT}) == ["policy_failed"] * 3
    assert len(workflows(acting)) == 1
    asyncio.run(finish(acting))
    assert acting.with_trigger(template, lambda trigger: trigger.fire(firing()), STRICT | {"backoff": SHORT}).how == "duplicate"
    assert len(workflows(acting)) == 1


def test_an_object_that_is_gone_is_not_made_again(acting: Acting) -> None:
    """Deleted before it had its labels, it never gets them: the event is parked, without further attempts."""

    async def work(trigger: Fires) -> str:
        with pytest.raises(Failed):
            await trigger.fire(firing())
        path = f"{WORKFLOWS}/namespaces/{acting.namespace}/workflows"
        await asyncio.to_thread(acting.kube.client.delete, path)
        with pytest.raises(Rejected) as rejected:
            await trigger.fire(firing())
        return rejected.value.reason

    assert acting.with_trigger(k8s("create", WORKFLOW), work, STRICT | {"backoff": SHORT}) == "policy_failed"
    assert workflows(acting) == []


def test_without_the_error_a_timeout_is_a_success(acting: Acting) -> None:
    """As in Argo Events: the labels are waited for, and then not missed."""
    acting.fire(k8s("create", WORKFLOW), policy={"labels": DONE, "backoff": SHORT})
    assert len(workflows(acting)) == 1


@pytest.mark.parametrize("operation", ["update", "patch"])
def test_a_change_is_not_repeated_for_its_policy(acting: Acting, operation: str) -> None:
    """What somebody else set after the change stays, though the event comes again until the labels are there."""
    maps = f"/api/v1/namespaces/{acting.namespace}/configmaps"
    resource = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "ours"}}
    acting.put(maps, {**resource, "data": {"k": "first"}})

    async def work(trigger: Fires) -> Fired:
        with pytest.raises(Failed):
            await trigger.fire(firing())
        change = {"data": {"k": "theirs"}, "metadata": {"labels": DONE}}
        await asyncio.to_thread(acting.kube.client.patch, f"{maps}/c", change)
        return await trigger.fire(firing())

    acting.with_trigger(k8s(operation, resource), work, STRICT | {"backoff": SHORT})
    assert acting.get(f"{maps}/c")["data"] == {"k": "theirs"}


def test_a_sensor_that_ends_gives_the_event_back(acting: Acting) -> None:
    """Waiting ends at once; the event comes again, finds the object, and waits on."""

    async def work(trigger: Fires) -> list[dict[str, Any]]:
        async def ends(what: Firing) -> None:
            with pytest.raises(Stopping):
                await trigger.fire(what)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ends(firing()))
            found = await made(acting)
            acting.stop.set()
        return found

    assert len(acting.with_trigger(k8s("create", WORKFLOW), work, STRICT | {"backoff": {"duration": "1h", "jitter": 0}})) == 1
