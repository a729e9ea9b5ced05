"""Filters in the way of an event: what they keep out is counted with its reason, what they cannot decide is parked."""

import asyncio
import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from common.subjects import Names
from sensor import plan, rules
from sensor.triggers import Surroundings
from tests.fakes_eventsource import play
from tests.fakes_sensor import FakeCluster, World, delivery, event


def planned(filters: dict[str, Any] | None, operator: str = "", transform: dict[str, Any] | None = None) -> plan.Planned:
    """Make the trigger of a sensor whose one dependency has these filters and this transform ready."""
    dependency = {"name": "order", "eventSourceName": "orders", "eventName": "created"}
    dependency |= {"filters": filters, "transform": transform}
    resource = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "x-"}}
    template = {"name": "t", "k8s": {"operation": "create", "source": {"resource": resource}}}
    document = {
        "metadata": {"name": "s"},
        "spec": {"dependencies": [{**dependency, "filtersLogicalOperator": operator}], "triggers": [{"template": template}]},
    }
    sensor = rules.read(document).value
    (trigger,) = plan.plan(sensor, Surroundings("s", "ns", FakeCluster()), Names())
    return trigger


def given(
    body: bytes, filters: dict[str, Any] | None = None, operator: str = "", transform: dict[str, Any] | None = None
) -> World:
    """Give one event to a sensor with these filters and this transform."""
    world = World(wishes=planned(filters, operator, transform).wishes)

    async def scenario() -> None:
        async with asyncio.timeout(60):
            await world.give(delivery(event(data=body)))

    play(scenario())
    return world


TEA = {"data": [{"path": "body.kind", "type": "string", "value": ["^tea$"]}]}


def test_what_a_filter_wants_fires() -> None:
    """The good way."""
    assert len(given(b'{"body":{"kind":"tea"}}', TEA).trigger.fired) == 1


@pytest.mark.promise("H5")
def test_what_a_filter_does_not_want_is_acked_and_counted() -> None:
    """It is neither fired nor parked, and the count says which filter it was."""
    world = given(b'{"body":{"kind":"rum"}}', TEA)
    assert (world.trigger.fired, world.parking.letters) == ([], [])
    assert world.line.counts == {"filtered": 1}


@pytest.mark.promise("H5")
def test_a_flood_of_filtered_events_is_counted_each_and_told_seldom() -> None:
    """20,000 events that a filter keeps out: the count is exact, the log has one line in ten seconds, and no event's body."""
    body = b'{"body":{"kind":"rum","secret":"nobody reads this"}}'

    async def scenario() -> None:
        world = World(wishes=planned(TEA).wishes)
        series = world.metrics.filtered["data"]
        before = series._value.get()
        started = time.monotonic()
        for number in range(20_000):
            await world.give(delivery(event(number, data=body)))
        windows = 1 + int((time.monotonic() - started) / 10)
        assert world.line.counts == {"filtered": 20_000}
        assert series._value.get() - before == 20_000
        told = [line for line in lines if line["event"] == "sensor.filtered"]
        assert 1 <= len(told) <= windows
        assert "data: body.kind is 'rum'" in told[0]["why"]
        assert "nobody reads this" not in str(lines)

    with capture_logs() as lines:
        play(scenario())


@pytest.mark.promise("A5")
def test_what_a_filter_cannot_decide_is_parked() -> None:
    """Argo Events drops an event whose field is missing with a line in its log; here it is kept, with the reason."""
    world = given(b'{"body":{}}', TEA)
    (letter,) = world.parking.letters
    assert (world.trigger.fired, letter.reason) == ([], "filter_error")
    assert "body.kind" in letter.detail


def test_one_filter_that_passes_is_enough_for_or() -> None:
    """An error beside it discards nothing (fault F8 of Argo Events)."""
    filters = TEA | {"context": {"source": "orders"}}
    assert len(given(b'{"body":{}}', filters, "or").trigger.fired) == 1


def test_an_expression_that_cannot_be_read_is_warned_about() -> None:
    """Argo Events accepts such a document, so it starts; its author is told the place."""
    exprs = [{"expr": "a ==", "fields": [{"path": "body", "name": "a"}]}]
    (warning,) = planned({"exprs": exprs}).warnings
    assert warning.startswith("spec.dependencies[0].filters.exprs[0].expr: ")


def test_a_transform_comes_before_the_filters() -> None:
    """The filters judge what the transform made, as in Argo Events."""
    shouted = b'{"BODY":{"KIND":"TEA"}}'
    assert not given(shouted, TEA).trigger.fired
    assert given(shouted, TEA, transform={"jq": "lower"}).trigger.fired


@pytest.mark.promise("A5")
def test_a_transform_that_fails_is_parked_with_the_original_event() -> None:
    """Argo Events drops such an event (fault F3)."""
    world = given(b'{"body":1}', transform={"script": "nonsense"})
    (letter,) = world.parking.letters
    assert (world.trigger.fired, letter.reason) == ([], "transform_error")
    assert b"specversion" in letter.body


def test_a_script_may_be_the_filter() -> None:
    """Its no is a no like any other."""
    assert given(b'{"body":"tea"}', {"script": "tea"}).trigger.fired
    assert given(b'{"body":"rum"}', {"script": "tea"}).line.counts == {"filtered": 1}


def test_the_languages_of_a_wish_are_known_before_an_event_comes() -> None:
    """So that a pod without jq or Lua says so at its start."""
    (wish,) = planned({"script": "return true"}, transform={"jq": "."}).wishes.values()
    assert list(wish.languages) == ["jq", "lua"]
