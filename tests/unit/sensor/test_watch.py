"""Readiness by asking: is the API server there, and may we do what we do."""

import asyncio

from common.errors import Unavailable
from common.health import Health
from sensor.gate import Gate
from sensor.ports import Reach, Target
from sensor.watch import Watch
from tests.fakes_eventsource import play, until
from tests.fakes_sensor import FakeCluster

WORKFLOW = Target("argoproj.io/v1alpha1", "Workflow")


def test_ready_means_there_and_allowed() -> None:
    """Away, denied, allowed, and taken away again while nothing happens: the condition follows each."""

    async def scenario() -> None:
        health = Health("test")
        condition = health.condition("kubernetes")
        cluster = FakeCluster(failures=[Unavailable("away")] * 3, denied=frozenset({"get"}))
        breaker = Gate.breaker(asyncio.Event(), lambda _: None)
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(Watch(cluster, [Reach(WORKFLOW, "ns")], condition, breaker).run())
            await until(lambda: condition.why == "away")
            await until(lambda: condition.why == "may not get Workflow of argoproj.io/v1alpha1 in ns")
            cluster.denied = frozenset()
            await until(lambda: condition.why is None)
            cluster.denied = frozenset({"create"})
            await until(lambda: condition.why is not None, within=60)
            cluster.denied = frozenset()
            await until(lambda: condition.why is None)
            breaker.failed("overloaded", probe=False)
            await until(lambda: condition.why == "overloaded", within=60)
            task.cancel()

    play(scenario())
