"""What every implementation of the sensor's ports does: the doubles of unit tests, and the real ones on real servers."""

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import pytest

from sensor.ports import Attempts, Cluster, Ledger, NameTaken, Target

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
            assert await subject.attempts.load(ONE) == ()
            await subject.attempts.save(ONE, (1.5,))
            await subject.attempts.save(ONE, (1.5, 2.5))
            assert await subject.attempts.load(ONE) == (1.5, 2.5)
            assert await subject.attempts.load(OTHER) == ()
            await subject.attempts.forget(ONE)
            assert await subject.attempts.load(ONE) == ()

        subject.run(scenario())
