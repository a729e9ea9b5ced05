"""Slots of `maxActive` as replicas take and free them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from common.errors import Failed, Rejected, Unavailable
from sensor.gate import Stopping
from sensor.limits.active import COMPLETED, Active, is_finished, selector
from sensor.limits.slots import GRACE, SETTLED, Slots
from sensor.limits.watching import RELIST, Watching
from sensor.ports import Listing, Reach, Target
from tests.fakes_eventsource import until
from tests.fakes_limits import FakeCell, FakeOverview, virtual

REACH = Reach(Target("argoproj.io/v1alpha1", "Workflow"), "ns")


def go_on() -> None:
    """Let it wait."""


@dataclass
class World:
    """One API server, one value on the bus, and replicas before them."""

    cell: FakeCell = field(default_factory=FakeCell)
    server: FakeOverview = field(default_factory=FakeOverview)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    most: int = 0

    @asynccontextmanager
    async def replicas(self, count: int, cap: int) -> AsyncIterator[list[Slots]]:
        """Run replicas; each has listed what there is."""
        made = [Slots(self.cell, cap, Watching(self.server, REACH, "s"), self.stop, lambda: None) for _ in range(count)]
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(each.keep()) for each in made]
            running += [tasks.create_task(each.watching.run()) for each in made]
            await until(lambda: all(each.watching.ready for each in made))
            yield made
            for task in running:
                task.cancel()

    async def create(self, slots: Slots, digest: str, seconds: float = 1.0) -> None:
        """Create an object in a slot, which finishes by itself after a while."""
        async with slots.slot(digest, go_on):
            self.server.tell("ADDED", digest)
            self.most = max(self.most, sum(not is_finished(found) for found in self.server.objects.values()))
        await asyncio.sleep(seconds)
        self.server.tell("MODIFIED", digest, "Succeeded")


@pytest.mark.promise("D1")
@virtual
async def test_replicas_share_the_slots() -> None:
    """Three replicas, 60 firings, 4 slots: never more than 4 unfinished, all come through, and all slots are free after."""
    world = World()
    async with world.replicas(3, 4) as replicas:
        async with asyncio.TaskGroup() as tasks:
            for number in range(60):
                tasks.create_task(world.create(replicas[number % 3], f"{number:064x}"[::-1]))
        await until(lambda: world.cell.stored.value == {})
    assert world.most == 4
    assert len(world.server.objects) == 60


@pytest.mark.parametrize("error", [Failed("no"), Rejected("rejected", "no")])
@virtual
async def test_a_create_that_failed_gives_its_slot_back_at_once(error: Exception) -> None:
    """It was refused for certain: nobody has to wait for a list."""
    world = World()
    async with world.replicas(1, 1) as [slots]:
        with pytest.raises(type(error)):
            async with slots.slot("a" * 64, go_on):
                raise error
        assert world.cell.stored.value == {}
        assert slots.most() == 1


@virtual
async def test_a_create_without_an_answer_keeps_its_slot_and_finds_it_again() -> None:
    """It may have been made: the slot stays through all tries, is one and the same, and is freed when the object is done."""
    world = World()
    async with world.replicas(1, 1) as [slots]:
        for _ in range(2):
            with pytest.raises(Unavailable):
                async with slots.slot("a" * 64, go_on):
                    raise Unavailable("no answer")
        assert list(world.cell.stored.value) == ["a" * 20]
        world.server.tell("ADDED", "a" * 64)
        async with slots.slot("a" * 64, go_on):
            pass
        await asyncio.sleep(GRACE)
        assert list(world.cell.stored.value) == ["a" * 20]
        world.server.tell("DELETED", "a" * 64)
        await until(lambda: world.cell.stored.value == {})


@virtual
async def test_an_object_that_was_done_before_leaves_no_slot_behind() -> None:
    """The firing turned out to be a duplicate of one that has finished: a list tells, as no event will."""
    world = World()
    async with world.replicas(1, 1) as [slots]:
        async with slots.slot("a" * 64, go_on):
            pass
        await until(lambda: world.cell.stored.value == {})
        assert world.server.lists >= 2


@virtual
async def test_a_slot_of_a_pod_that_died_is_freed_after_a_grace() -> None:
    """It had no object yet. Until then events are fetched for it, so that its own comes again; then it is free."""
    world = World()
    await world.cell.write({"b" * 20: 1}, 0)
    async with world.replicas(1, 1) as [slots]:
        await until(lambda: slots.most() == 1)
        assert len(slots.taken) == 1
        await until(lambda: not slots.taken)
    assert world.cell.stored.value == {}


@virtual
async def test_who_waits_does_not_keep_out_the_event_whose_slot_it_waits_for() -> None:
    """A pod died with the only slot. The one that waits here leaves room for the other's event, which finds its slot.

    Without the room nothing moves until the grace is over.
    """
    world = World()
    await world.cell.write({"b" * 20: 1}, 0)
    began = asyncio.get_running_loop().time()
    async with world.replicas(1, 1) as [slots]:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(world.create(slots, "a" * 64))
            await until(lambda: slots.most() == 2)
            tasks.create_task(world.create(slots, "b" * 64))
        await until(lambda: world.cell.stored.value == {})
    assert len(world.server.objects) == 2
    assert asyncio.get_running_loop().time() - began < GRACE / 2


class Late(FakeOverview):
    """Answers a list with what there was when it was asked for, after some seconds."""

    seconds = 0.0

    async def listed(self, target: Target, namespace: str, selector: str) -> Listing:
        """List."""
        found = await super().listed(target, namespace, selector)
        await asyncio.sleep(self.seconds)
        return found


@pytest.mark.promise("D1")
@virtual
async def test_an_attempt_that_begins_while_a_list_is_made_keeps_its_slot() -> None:
    """A pod died with the only slot. Its event comes to another just when the grace is over and a list shows no object yet.

    Free what is due whatever the slot says by now (the step of `Slots._reconcile`) to see it fail.
    """
    world = World(server=Late())
    await world.cell.write({"b" * 20: 1}, 0)
    async with world.replicas(2, 1) as [one, other]:
        world.server.seconds, before = 1.0, world.server.lists
        await until(lambda: world.server.lists > before)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(world.create(other, "b" * 64, seconds=30.0))
            tasks.create_task(world.create(one, "a" * 64))
        await until(lambda: world.cell.stored.value == {})
    assert len(world.server.objects) == 2
    assert world.most == 1


@pytest.mark.promise("D1")
@virtual
async def test_the_grace_of_a_slot_begins_anew_with_each_attempt() -> None:
    """The event of a pod that died came to another one right before the grace was over, and its answer takes a while.

    Let `Slots._grant` tell of no attempts that begin to see it fail.
    """
    world = World()
    await world.cell.write({"b" * 20: 1}, 0)
    async with world.replicas(2, 1) as [one, other]:
        await asyncio.sleep(GRACE - 3)
        async with asyncio.TaskGroup() as tasks:
            async with other.slot("b" * 64, go_on):
                tasks.create_task(world.create(one, "a" * 64))
                await asyncio.sleep(9)
                world.server.tell("ADDED", "b" * 64)
            world.server.tell("MODIFIED", "b" * 64)
            assert len(world.server.objects) == 1
            world.server.tell("DELETED", "b" * 64)
        await until(lambda: world.cell.stored.value == {})
    assert world.most == 1


@virtual
async def test_a_slot_whose_object_was_seen_is_freed_by_the_first_list() -> None:
    """Everything ended while nobody watched: no grace is needed, for what was there can only have gone."""
    world = World()
    await world.cell.write({"b" * 20: -1}, 0)
    began = asyncio.get_running_loop().time()
    async with world.replicas(1, 1) as [slots]:
        await until(lambda: world.cell.stored.value == {} and slots.most() == 1)
    assert SETTLED < asyncio.get_running_loop().time() - began < GRACE / 2


@virtual
async def test_what_is_there_already_takes_slots_even_beyond_the_cap() -> None:
    """Objects of before, and those of a bucket that somebody took away, count from the first list on."""
    world = World()
    for digest in ("a", "b", "c"):
        world.server.tell("ADDED", digest * 64)
    world.server.tell("ADDED", "d" * 64, "Failed")
    async with world.replicas(1, 2) as [slots]:
        await until(lambda: len(slots.taken) == 3)
        assert slots.most() == 0
        assert slots.why == "maxActive: 3 of 2 are unfinished"
        world.cell.stored = type(world.cell.stored)()
        await until(lambda: world.cell.stored.revision > 0)
        assert len(slots.taken) == 3


@virtual
async def test_nothing_is_fetched_before_the_first_list() -> None:
    """Without the right to list, or without a server, nobody knows how many there are; the reason is told."""
    world = World(server=FakeOverview(failures=[Unavailable("the API server is away")] * 100))
    slots = Slots(world.cell, 5, Watching(world.server, REACH, "s"), world.stop, lambda: None)
    task = asyncio.get_running_loop().create_task(slots.watching.run())
    await until(lambda: slots.watching.why)
    assert slots.most() == 0
    assert "have not been listed: the API server is away" in slots.why
    task.cancel()


@virtual
async def test_who_waits_for_a_slot_stops_with_the_service() -> None:
    """What waits in hand goes back to the bus."""
    world = World()
    async with world.replicas(1, 1) as [slots], slots.slot("a" * 64, go_on):
        waiting = asyncio.get_running_loop().create_task(world.create(slots, "b" * 64))
        await asyncio.sleep(5)
        world.stop.set()
        with pytest.raises(Stopping):
            await waiting


@virtual
async def test_a_watch_that_ends_goes_on_without_a_list() -> None:
    """Only a gap needs a new list; a watch that came to its time has none. What it missed all the same is found in minutes."""
    world = World()
    async with world.replicas(1, 1) as [slots]:
        lists = world.server.lists
        world.server.end_watches()
        await asyncio.sleep(60)
        async with slots.slot("a" * 64, go_on):
            world.server.tell("ADDED", "a" * 64)
        assert world.server.lists == lists
        world.server.objects.clear()
        for _ in range(2):
            await asyncio.sleep(RELIST)
            world.server.end_watches()
        await until(lambda: world.cell.stored.value == {})


@pytest.mark.parametrize(
    ("found", "finished"),
    [
        ({}, False),
        ({"status": {"phase": "Running"}}, False),
        ({"status": {"phase": "Error"}}, True),
        ({"metadata": {"labels": {COMPLETED: "true"}}}, True),
        ({"metadata": {"labels": {COMPLETED: "false"}}, "status": None}, False),
    ],
)
def test_what_counts_as_finished(found: dict[str, object], *, finished: bool) -> None:
    """A phase that is an end, or the label that Argo's controller sets."""
    assert is_finished(found) is finished


def test_a_copy_of_an_object_keeps_its_slot_taken() -> None:
    """Somebody resubmitted a Workflow by hand, annotations and all: the slot is free when both are done."""
    active = Active()
    one = {"metadata": {"uid": "1", "annotations": {"argosy.io/firing": "a" * 64}}}
    two = {"metadata": {"uid": "2", "annotations": {"argosy.io/firing": "a" * 64}}}
    assert active.changed(one, is_gone=False) | active.changed(two, is_gone=False) == set()
    assert active.changed(one, is_gone=True) == set()
    assert active.changed(two, is_gone=True) == {"a" * 20}
    assert active.listed([{"metadata": {"uid": "go-made"}}]) == set()
    assert active.slots == {"go-made"}


def test_only_what_is_not_done_is_asked_for() -> None:
    """The selector leaves finished Workflows, of which there may be thousands, with the server."""
    assert selector("s", "t") == f"events.argoproj.io/sensor=s,events.argoproj.io/trigger=t,{COMPLETED}!=true"
