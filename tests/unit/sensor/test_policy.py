"""How the policy of a trigger waits, and what it remembers."""

# ruff: noqa: ANN401 - documents, and what is changed in them, are any JSON

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from common import documents
from common.errors import ConfigurationError, Failed, Rejected, Unavailable
from sensor.gate import Stopping
from sensor.ports import Fired, Firing, Target
from sensor.spec import TriggerPolicy
from sensor.triggers import Surroundings
from sensor.triggers.k8s import policy as module
from sensor.triggers.k8s.access import Access, Address
from sensor.triggers.k8s.policy import Acted, Policy
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeCluster

ADDRESS = Address(Target("v1", "ConfigMap"), "ns", "ns", "c")


def firing(digest: str) -> Firing:
    """Make a firing."""
    return Firing(digest, {}, 0.0)


@dataclass
class Watched(FakeCluster):
    """A cluster whose object gets its labels when it has been looked at so often."""

    after: int = 1
    looks: int = 0
    gone: bool = False
    trouble: list[Exception] = field(default_factory=list)

    async def get(self, target: Target, namespace: str, name: str) -> Mapping[str, Any] | None:  # noqa: ARG002
        """Look."""
        self.looks += 1
        if self.trouble:
            raise self.trouble.pop()
        if self.gone:
            return None
        return {"metadata": {"labels": {"a": "1", "b": "2"} if self.looks >= self.after else {"a": "1"}}}


def policy(cluster: FakeCluster, stop: asyncio.Event | None = None, **k8s: Any) -> Policy:
    """Make a policy that wants two labels."""
    written = {"k8s": {"labels": {"a": "1", "b": "2"}, "errorOnBackoffTimeout": True} | k8s}
    around = Surroundings("s", "ns", cluster, stop=stop or asyncio.Event())
    return Policy(documents.parse(TriggerPolicy, written).value, Access(cluster, None, "ns"), around, "here")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the pauses, which take no time."""
    seconds: list[float] = []

    async def pause(stop: asyncio.Event, wait: float) -> bool:
        seconds.append(wait)
        return stop.is_set()

    monkeypatch.setattr(module, "pause", pause)
    monkeypatch.setattr(module, "_draw", lambda: 0.5)
    return seconds


@pytest.mark.parametrize(
    ("backoff", "expected"),
    [
        (None, [1.5, 1.5, 1.5, 1.5]),
        ({"steps": 3, "duration": "2s", "factor": 2, "jitter": 0}, [2.0, 4.0]),
        ({"steps": 3, "duration": 1_000_000_000, "factor": 3, "jitter": 1}, [1.5, 4.5]),
        ({"steps": 1}, []),
    ],
)
def test_the_pauses_are_those_of_argo_events(pauses: list[float], backoff: Any, expected: list[float]) -> None:
    """One look a step, the first at once, none after the last pause; without a backoff 5 steps of a second and jitter."""
    cluster = Watched(after=99)
    with pytest.raises(Failed, match="a=1, b=2") as failed:
        play(policy(cluster, backoff=backoff).met(ADDRESS))
    assert failed.value.exhausted == "policy_failed"
    assert pauses == expected
    assert cluster.looks == len(expected) + 1


def test_all_labels_have_to_be_there(pauses: list[float]) -> None:
    """One of two is not enough; when both are there it is done at once."""
    play(policy(Watched(after=3)).met(ADDRESS))
    assert len(pauses) == 2


def test_no_labels_wait_for_nothing(pauses: list[float]) -> None:
    """An empty list is met by any object; without a list nobody looks."""
    cluster = Watched()
    play(policy(cluster, labels={}).met(ADDRESS))
    assert cluster.looks == 1
    play(policy(cluster, labels=None).met(ADDRESS))
    assert cluster.looks == 1
    assert pauses == []


def test_a_malformed_backoff_is_refused() -> None:
    """Argo Events finds out when the object is made."""
    with pytest.raises(ConfigurationError, match=r"k8s\.backoff\.duration"):
        policy(Watched(), backoff={"duration": "x"})


@dataclass
class Action:
    """An action that counts how often it was done."""

    done: int = 0

    async def __call__(self) -> Acted:
        """Do it."""
        self.done += 1
        return ADDRESS, Fired("fired", "done")


def test_what_was_done_is_not_done_again(pauses: list[float]) -> None:
    """A policy that fails, and a cluster that is away meanwhile, lead to further looks, not to further actions."""
    cluster, action = Watched(after=3), Action()
    waiting = policy(cluster, backoff={"steps": 1})

    async def scenario() -> Fired:
        for error in (Unavailable("away"), None):
            cluster.trouble = [error] if error else []
            with pytest.raises(Unavailable if error else Failed):
                await waiting.after(firing("one"), action)
        return await waiting.after(firing("one"), action)

    assert play(scenario()) == Fired("fired", "done")
    assert action.done == 1
    assert pauses == []


def test_memory_is_bounded(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest firing is forgotten first; what has succeeded is forgotten at once."""
    monkeypatch.setattr(module, "KEPT", 2)
    cluster, actions = Watched(after=99), {name: Action() for name in "abc"}
    waiting = policy(cluster, backoff={"steps": 1})

    async def scenario() -> None:
        for name in "abcbca":
            with pytest.raises(Failed):
                await waiting.after(firing(name), actions[name])
        cluster.after = 0
        await waiting.after(firing("c"), actions["c"])
        await waiting.after(firing("c"), actions["c"])

    play(scenario())
    assert {name: action.done for name, action in actions.items()} == {"a": 2, "b": 1, "c": 2}
    assert pauses == []


def test_an_object_that_is_gone_ends_it(pauses: list[float]) -> None:
    """It can never have the labels: the event is parked under the policy's name."""
    with pytest.raises(Rejected) as rejected:
        play(policy(Watched(gone=True)).after(firing("one"), Action()))
    assert rejected.value.reason == "policy_failed"
    assert pauses == []


def test_the_end_of_the_sensor_ends_it() -> None:
    """However long the pause is: the event goes back to the bus."""

    async def scenario() -> None:
        stop = asyncio.Event()
        waiting = policy(Watched(after=9), stop, backoff={"duration": "1h"})
        async with asyncio.TaskGroup() as tasks:
            met = tasks.create_task(_stopped(waiting))
            await asyncio.sleep(0.01)
            assert not met.done()
            stop.set()

    asyncio.run(asyncio.wait_for(scenario(), 10))


async def _stopped(waiting: Policy) -> None:
    with pytest.raises(Stopping):
        await waiting.met(ADDRESS)


@pytest.mark.promise("B3")
def test_what_may_be_done_but_once_is_remembered_before_the_waiting(pauses: list[float]) -> None:
    """It is in the ledger while the labels are missing; an action that may be repeated is not, until it is through."""
    for once, remembered in ((True, ["done"]), (False, [])):
        notes: list[str] = []

        async def remember(notes: list[str] = notes) -> None:
            notes.append("done")

        with pytest.raises(Failed):
            play(policy(Watched(after=9), backoff={"steps": 1}).after(Firing("one", {}, 0.0, remember), Action(), once=once))
        assert notes == remembered
    assert pauses == []


def test_what_this_process_knows_is_found(pauses: list[float]) -> None:
    """An event that comes again waits on for its labels, before anybody looks into the ledger."""
    cluster = Watched(after=3)
    waiting = policy(cluster, backoff={"steps": 1})

    async def scenario() -> list[Fired | None]:
        found = [await waiting.found(firing("one"))]
        with pytest.raises(Failed):
            await waiting.after(firing("one"), Action())
        with pytest.raises(Failed):
            await waiting.found(firing("one"))
        return [*found, await waiting.found(firing("one")), await waiting.found(firing("one"))]

    assert play(scenario()) == [None, Fired("fired", "done"), None]
    assert pauses == []
