"""What every implementation of the sensor's ports does: the doubles of unit tests, and the real ones on real servers."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

import pytest

from common.errors import Failed
from sensor.dependencies.join import Asking, Begun, Body, Fate, Index, JoinState, Leaving, Waiting
from sensor.ports import APPLY, Attempts, Cluster, Ledger, Missing, NameTaken, Target, Tried

MAP = Target("v1", "ConfigMap")
NAMESPACE = Target("v1", "Namespace")
ONE, OTHER = "ab" * 32, "ab" * 10 + "cd" * 22
"""Two hashes that share their first 12 bits, and so their subject in the ledger."""

Run = Callable[[Coroutine[Any, Any, None]], None]


@dataclass
class ClusterSubject:
    """A cluster under test, a namespace that is there, and a way to run a scenario."""

    cluster: Cluster
    namespace: str
    run: Run


def config_map(name: str, value: str = "v") -> bytes:
    """Write an object."""
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"k": value}}).encode()


class ClusterContract:
    """The behaviour of a cluster; a test module gives the fixture `subject`."""

    def test_what_was_created_can_be_got(self, subject: ClusterSubject) -> None:
        """An object is there after its creation, and only then."""

        async def scenario() -> None:
            assert await subject.cluster.get(MAP, subject.namespace, "one") is None
            await subject.cluster.create(MAP, subject.namespace, config_map("one"))
            found = await subject.cluster.get(MAP, subject.namespace, "one")
            assert found is not None
            assert found["data"] == {"k": "v"}

        subject.run(scenario())

    def test_a_name_is_taken_once(self, subject: ClusterSubject) -> None:
        """A second object of the name is refused, and the first stays as it was."""

        async def scenario() -> None:
            await subject.cluster.create(MAP, subject.namespace, config_map("two", "first"))
            with pytest.raises(NameTaken):
                await subject.cluster.create(MAP, subject.namespace, config_map("two", "second"))
            found = await subject.cluster.get(MAP, subject.namespace, "two")
            assert found is not None
            assert found["data"] == {"k": "first"}

        subject.run(scenario())

    def test_a_change_of_what_was_read_wins_once(self, subject: ClusterSubject) -> None:
        """An object is replaced by what was made of it, unless somebody else was faster; what is not there is missing."""

        async def scenario() -> None:
            place = (MAP, subject.namespace, "three")
            await subject.cluster.create(MAP, subject.namespace, config_map("three"))
            read = dict(await subject.cluster.get(*place) or {})
            await subject.cluster.update(*place, json.dumps({**read, "data": {"k": "1"}}).encode())
            found = await subject.cluster.get(*place)
            assert found is not None
            assert found["data"] == {"k": "1"}
            stale = {**read, "metadata": {**read["metadata"], "resourceVersion": "1"}, "data": {"k": "2"}}
            if "resourceVersion" in read["metadata"]:
                with pytest.raises(Failed):
                    await subject.cluster.update(*place, json.dumps(stale).encode())
            with pytest.raises(Missing):
                await subject.cluster.update(MAP, subject.namespace, "none", config_map("none"))

        subject.run(scenario())

    def test_patches_change_what_they_name(self, subject: ClusterSubject) -> None:
        """A merge patch sets and removes; applying creates by itself, any other patch needs an object."""

        async def scenario() -> None:
            merge = "application/merge-patch+json"
            await subject.cluster.create(MAP, subject.namespace, config_map("four"))
            await subject.cluster.patch(MAP, subject.namespace, "four", b'{"metadata":{},"data":{"k":null,"x":"1"}}', merge)
            await subject.cluster.patch(MAP, subject.namespace, "five", config_map("five"), APPLY)
            await subject.cluster.patch(MAP, subject.namespace, "five", config_map("five", "w"), APPLY)
            for name, data in (("four", {"x": "1"}), ("five", {"k": "w"})):
                found = await subject.cluster.get(MAP, subject.namespace, name)
                assert found is not None
                assert found["data"] == data
            with pytest.raises(Missing):
                await subject.cluster.patch(MAP, subject.namespace, "none", b'{"metadata":{}}', merge)

        subject.run(scenario())

    def test_what_was_deleted_is_gone(self, subject: ClusterSubject) -> None:
        """Deleting says whether there was anything to delete."""

        async def scenario() -> None:
            await subject.cluster.create(MAP, subject.namespace, config_map("six"))
            assert await subject.cluster.delete(MAP, subject.namespace, "six")
            assert not await subject.cluster.delete(MAP, subject.namespace, "six")
            assert await subject.cluster.get(MAP, subject.namespace, "six") is None

        subject.run(scenario())

    def test_kinds_live_in_namespaces_or_not(self, subject: ClusterSubject) -> None:
        """ConfigMaps do, Namespaces do not."""

        async def scenario() -> None:
            assert await subject.cluster.namespaced(MAP)
            assert not await subject.cluster.namespaced(NAMESPACE)
            assert await subject.cluster.allowed(MAP, subject.namespace, "create")

        subject.run(scenario())


@dataclass
class LedgerSubject:
    """A ledger under test."""

    ledger: Ledger
    run: Run


class LedgerContract:
    """The behaviour of a ledger."""

    def test_it_holds_what_was_appended(self, subject: LedgerSubject) -> None:
        """That firing and no other, not even one on the same subject; twice is as good as once."""

        async def scenario() -> None:
            assert not await subject.ledger.holds(ONE)
            await subject.ledger.append(OTHER)
            assert not await subject.ledger.holds(ONE)
            await subject.ledger.append(ONE)
            await subject.ledger.append(ONE)
            assert await subject.ledger.holds(ONE)
            assert await subject.ledger.holds(OTHER)

        subject.run(scenario())


@dataclass
class AttemptsSubject:
    """Attempts under test."""

    attempts: Attempts
    run: Run


class AttemptsContract:
    """The behaviour of the attempts."""

    def test_they_are_kept_until_they_are_forgotten(self, subject: AttemptsSubject) -> None:
        """Nothing at first, the last saved afterwards, nothing again."""

        async def scenario() -> None:
            assert await subject.attempts.load(ONE) == Tried()
            await subject.attempts.save(ONE, Tried((1.5,)))
            last = Tried((1.5, 2.5), "it failed", (3.5,))
            await subject.attempts.save(ONE, last)
            assert await subject.attempts.load(ONE) == last
            assert await subject.attempts.load(OTHER) == Tried()
            await subject.attempts.forget(ONE)
            assert await subject.attempts.load(ONE) == Tried()

        subject.run(scenario())


@dataclass
class JoinSubject:
    """The state of a join under test, as two replicas see it."""

    one: JoinState
    other: JoinState
    run: Run


def _came(number: int) -> Callable[[Index], tuple[Index, int]]:
    """Let one more event wait; the answer tells how many waited before."""
    event = Waiting("a", f"{number:064x}", number, float(number))
    return lambda index: (replace(index, waiting=(*index.waiting, event)), len(index.waiting))


class JoinContract:
    """The behaviour of the state of a join."""

    def test_replicas_share_one_index(self, subject: JoinSubject) -> None:
        """Changes of two replicas at once all count, each over the one before."""

        async def scenario() -> None:
            assert await subject.one.load() == Index()
            each = [subject.one.change(_came(n)) for n in range(10)] + [subject.other.change(_came(n)) for n in range(10, 20)]
            assert sorted(await asyncio.gather(*each)) == list(range(20))
            found = await subject.other.load()
            assert found == await subject.one.load()
            assert sorted(event.sequence for event in found.waiting) == list(range(20))

        subject.run(scenario())

    def test_an_index_comes_back_as_it_was(self, subject: JoinSubject) -> None:
        """Whatever it holds: who waits, what fires, who is let go and why, the last reset, and who is asked about."""
        event = Waiting("a-b_c", ONE, 7, 1.25)
        begun = Begun((event, replace(event, dependency="d")), replace(event, sequence=8))
        index = Index((event,), (begun,), (Leaving(event, Fate.RESET),), 1700000000.5, (Asking(OTHER, 3),), 5)

        async def scenario() -> None:
            assert await subject.one.change(lambda _: (index, "done")) == "done"
            assert await subject.other.load() == index

        subject.run(scenario())

    def test_bodies_are_kept_until_they_are_dropped(self, subject: JoinSubject) -> None:
        """As they came and as their dependency made them, line ends and all; the other replica reads them too."""
        body = Body(b'{"new": 1}\n', b"\n\x00 as it came \n", "default.orders.created", 7, {"Nats-Msg-Id": "x"})
        plain = Body(b"same", b"same")

        async def scenario() -> None:
            assert await subject.one.body(ONE) is None
            await subject.one.keep(ONE, body)
            await subject.one.keep(OTHER, plain)
            found, same = await subject.other.body(ONE), await subject.other.body(OTHER)
            assert found is not None
            assert same is not None
            assert (found.event, found.original, found.subject, found.sequence) == (body.event, body.original, body.subject, 7)
            assert found.headers["Nats-Msg-Id"] == "x"
            assert (same.event, same.original) == (b"same", b"same")
            await subject.one.drop([ONE])
            assert await subject.other.body(ONE) is None
            assert await subject.other.body(OTHER) is not None
            assert await subject.one.sweep() == 0

        subject.run(scenario())
