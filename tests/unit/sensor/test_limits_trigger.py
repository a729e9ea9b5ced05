"""The limits of one trigger together, what is paused, and what its document may ask for."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import generate_latest

from common.errors import ConfigurationError, Unavailable
from common.metrics import REGISTRY
from common.subjects import Names
from sensor import plan, rules
from sensor.gate import Stopping
from sensor.limits import Limits
from sensor.limits.cell import Stored
from sensor.limits.pause import LOOK, Paused, Pauses, change
from sensor.limits.rate import Rate
from sensor.limits.window import Window
from sensor.metrics import LimitMetrics
from sensor.ports import Firing, Reach, Target
from sensor.triggers import Surroundings
from tests.fakes_eventsource import until
from tests.fakes_limits import FakeCell, virtual
from tests.fakes_sensor import FakeCluster

FIRING = Firing("a" * 64, {}, 0.0)
ORDERS = Paused("ns", "orders")


def more(trigger: str) -> Any:  # noqa: ANN401 - a step
    """Pause one more trigger."""
    return lambda paused: replace(paused, triggers=paused.triggers | {trigger})


@virtual
async def test_everything_is_paused_until_it_is_known() -> None:
    """A pod that has not asked yet fires nothing; a bus that does not answer leaves things as they were."""
    cell, heard = FakeCell(), []
    pauses = Pauses(cell, ORDERS, lambda: heard.append(1))
    limits = Limits("workflow", pauses)
    assert (limits.most(), limits.is_paused) == (0, False)
    assert limits.why == "it is not known yet what is paused"
    await pauses.load()
    assert limits.why is None
    assert limits.most() > 1000
    cell.failures = [Unavailable("away")]
    with pytest.raises(Unavailable):
        await pauses.load()
    assert limits.why is None
    assert len(heard) == 1


@pytest.mark.promise("D4")
@virtual
async def test_a_pause_is_heard_of_and_what_is_in_hand_goes_back() -> None:
    """Within a second; the sibling goes on, and the dlqTrigger of the paused one does not."""
    cell = FakeCell()
    pauses = Pauses(cell, ORDERS, lambda: None)
    limits, sibling = Limits("workflow", pauses), Limits("other", pauses)
    task = asyncio.get_running_loop().create_task(pauses.keep())
    await until(lambda: limits.why is None)
    cell.failures = [Unavailable("away")]
    await asyncio.sleep(LOOK)
    async with limits.turn(FIRING), limits.unless_paused(FIRING):
        await change(cell, ORDERS, more("workflow"))
        await until(lambda: limits.is_paused, within=1.0)
    for turn in (limits.turn, limits.unless_paused):
        with pytest.raises(Stopping, match="paused by an operator"):
            async with turn(FIRING):
                pass
    async with sibling.turn(FIRING):
        pass
    task.cancel()


@virtual
async def test_two_operators_at_once_lose_nothing() -> None:
    """Both pause a trigger of the same sensor at the same moment: both are paused, and a change to the same writes nothing."""
    cell = FakeCell(slow=0.1)
    await asyncio.gather(*(change(cell, ORDERS, more(name)) for name in ("a", "b", "c")))
    paused = await change(cell, ORDERS, more("a"))
    assert paused.triggers == {"a", "b", "c"}
    assert cell.writes == 3
    assert paused == ORDERS.read(Stored(paused.written()))


@virtual
async def test_who_waits_for_a_permit_goes_back_when_the_trigger_is_paused() -> None:
    """It would fire in the middle of the pause otherwise."""
    cell = FakeCell()
    pauses = Pauses(cell, ORDERS, lambda: None)
    await pauses.load()
    limits = Limits("workflow", pauses, Rate(FakeCell(), Window(3600.0, 1), asyncio.Event()))
    async with limits.turn(FIRING):
        pass
    assert (limits.most(), limits.why) == (0, "the rate limit is reached")
    waiting = asyncio.get_running_loop().create_task(_through(limits))
    await asyncio.sleep(10)
    await change(cell, ORDERS, more("workflow"))
    await pauses.load()
    with pytest.raises(Stopping, match="paused"):
        await waiting


async def _through(limits: Limits) -> None:
    async with limits.turn(FIRING):
        pass


WORKFLOW = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "a-"}, "spec": {}}


def planned(dest: str = "spec.x", outer: str = "", operation: str = "create", **resource: Any) -> tuple[plan.Planned, ...]:  # noqa: ANN401 - the document's
    """Plan a trigger with a cap."""
    parameter = {"src": {"dependencyName": "d", "dataKey": "body"}}
    source = {"resource": WORKFLOW | resource}
    k8s = {"operation": operation, "source": source, "parameters": [parameter | {"dest": dest}]}
    trigger: dict[str, Any] = {"template": {"name": "t", "k8s": k8s}, "argosy": {"maxActive": 7}}
    if outer:
        trigger["parameters"] = [parameter | {"dest": outer}]
    spec = {"dependencies": [{"name": "d", "eventSourceName": "a", "eventName": "b"}], "triggers": [trigger]}
    sensor = rules.read({"metadata": {"name": "s"}, "spec": spec}).value
    return plan.plan(sensor, Surroundings("s", "ns", FakeCluster()), Names())


def test_a_cap_needs_the_right_to_list_and_to_watch() -> None:
    """The pod asks for what it needs, and the readiness tells what it may not."""
    [trigger] = planned()
    verbs = ("create", "get", "list", "watch")
    assert trigger.max_active == 7
    assert trigger.reaches == (Reach(Target("argoproj.io/v1alpha1", "Workflow"), "ns", verbs),)


@pytest.mark.parametrize("dest", ["metadata.labels.a", "metadata.name", "metadata.generateName", "spec.arguments", "kinds"])
def test_events_may_choose_all_but_where_and_what(dest: str) -> None:
    """Names and labels are no matter: what is created is found by its labels and told apart by its annotation."""
    assert planned(dest)
    assert planned(outer=f"k8s.source.resource.{dest}")


@pytest.mark.parametrize(
    "asked",
    [
        {"dest": "metadata.namespace"},
        {"dest": "metadata"},
        {"dest": "kind"},
        {"outer": "k8s.source.resource.metadata.namespace"},
        {"outer": "k8s.source.resource"},
        {"outer": "k8s.operation"},
        {"outer": "argoWorkflow"},
        {"operation": "update", "metadata": {"name": "x"}},
        {"kind": "ConfigMap", "apiVersion": "v1"},
    ],
)
def test_a_cap_that_could_not_be_kept_is_refused(asked: dict[str, Any]) -> None:
    """What is not created, or may turn up anywhere, cannot be counted; the document says so at start."""
    with pytest.raises(ConfigurationError, match=r"spec\.triggers\[0\]\.argosy\.maxActive: "):
        planned(**asked)


@pytest.mark.promise("H2")
def test_the_gauges_of_the_limits_are_there_at_zero() -> None:
    """From the start, for every trigger, with or without limits."""
    LimitMetrics("limits-ns", "s", "t").follow(paused=lambda: False, limited=lambda: False, active=lambda: 0, cap=0)
    lines = generate_latest(REGISTRY).decode().splitlines()
    for name in ("paused", "rate_limited", "active", "max_active"):
        assert f'argosy_sensor_{name}{{namespace="limits-ns",sensor_name="s",trigger_name="t"}} 0.0' in lines
    assert any(line.startswith("argosy_sensor_in_flight_limit ") for line in lines)
