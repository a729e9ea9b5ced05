"""The books themselves: whatever is missing, there twice, or not what it should be, is told."""

from collections.abc import Callable

import pytest
from nats.js import JetStreamContext

from argosy.servers.kubeclient import WORKFLOWS
from tests.chaos.campaign import Campaign
from tests.chaos.stores import NAMES, stored
from tests.chaos.traffic import LEFT, RIGHT, Kind, named
from tests.endtoend.rig import eventually

GOOD = Kind.GOOD


@pytest.mark.timeout(120)
def test_the_books_see_what_is_missing_doubled_and_strange(campaign: Callable[[int], Campaign]) -> None:
    """One Workflow deleted, one made twice, one with another body: each is told, with its story."""
    run = campaign(3)
    world, kube = run.world, run.world.kube.client
    workflows = f"{WORKFLOWS}/namespaces/{world.rig.namespace}/workflows"
    run.traffic.orders(5)
    eventually("five Workflows", lambda: world.rig.count() == 5, 60)
    by_body = {w["spec"]["arguments"]["parameters"][0]["value"]: w for w in world.rig.workflows()}
    first, second, third = (by_body[run.traffic.sent[n].body] for n in (0, 1, 2))
    kube.delete(f"{workflows}/{first['metadata']['name']}")
    kube.create(workflows, second | {"metadata": {"name": "once-more"}})
    third["spec"]["arguments"]["parameters"][0]["value"] += "!"
    kube.create(workflows, third | {"metadata": {"name": "another"}})
    wrong = "\n".join(run.round(iter(())))
    assert "1 lost: [0]; 1 doubled: [1]" in wrong
    assert f"message 0 (created, good): MessageId {run.traffic.sent[0].id}" in wrong
    assert f"message 1 (created, good): MessageId {run.traffic.sent[1].id}" in wrong
    assert "once-more" in wrong
    assert "sensor.fired" in wrong
    assert "a body that was never sent: another" in wrong


@pytest.mark.timeout(120)
def test_the_books_see_a_dead_letter_too_few_and_too_many(campaign: Callable[[int], Campaign]) -> None:
    """One dead letter taken away, one stored twice, one of a message that fired, and a pair without its Workflow."""
    run = campaign(4)
    world, kube = run.world, run.world.kube.client
    run.traffic.send((LEFT, Kind.NO_JSON), (LEFT, Kind.NO_TEXT), (LEFT, GOOD), (RIGHT, GOOD), (RIGHT, GOOD))
    eventually("all of it settled", lambda: not world.rest(), 60)
    (pair,) = (workflow for workflow in world.rig.workflows() if workflow["spec"]["entrypoint"] == "pair")
    _, fired = named(pair["spec"]["arguments"]["parameters"][1]["value"])
    parked = 7 - fired
    kube.delete(f"{WORKFLOWS}/namespaces/{world.rig.namespace}/workflows/{pair['metadata']['name']}")
    letters = world.on_bus(lambda js: stored(js, NAMES.deadletters, 1))[-3:]
    by_subject = {letter.headers["Argosy-Subject"]: letter for letter in letters}
    of_source, of_left, of_right = (by_subject[subject] for subject in ("", "default.orders.left", "default.orders.right"))

    async def tamper(js: JetStreamContext) -> None:
        await js.delete_msg(NAMES.deadletters, of_source.sequence)
        await js.publish(of_left.subject, of_left.body, headers={**of_left.headers, "Nats-Msg-Id": "once more"})
        headers = {**of_right.headers, "Nats-Msg-Id": "not owed", "Argosy-Part": "single"}
        await js.publish(of_right.subject, of_right.body, headers=headers)

    world.on_bus(tamper)
    wrong = "\n".join(run.round(iter(())))
    assert f"3 lost: {sorted([0, 2, fired])}; 2 doubled: {sorted([1, parked])}" in wrong
    assert f"message {parked} at single: " in wrong
    assert "message 0 (left, no JSON): " in wrong


@pytest.mark.timeout(120)
def test_the_books_know_what_was_overtaken(campaign: Callable[[int], Campaign]) -> None:
    """Three left ones, then three right ones: all fire in pairs, and of the newest one pair; what it let go is no loss."""
    run = campaign(5)
    world = run.world
    run.traffic.send(*[(LEFT, GOOD)] * 3)
    eventually("the left ones wait", lambda: len(world.join("pair").waiting) == 3 and not world.unread(), 60)
    run.traffic.send(*[(RIGHT, GOOD)] * 3)
    eventually("all of it settled", lambda: not world.rest(), 60)
    run.books.take(world)
    counted = run.books.count()
    assert counted.total() == 6 + 3 + 6
    # One of an earlier test may have waited for the first of them.
    assert counted["overtaken"] in {2, 3}
    assert counted["waiting"] == 1
    assert run.books.wrong() + run.books.lost() + run.books.doubled() == []
