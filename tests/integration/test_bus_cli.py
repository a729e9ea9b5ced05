"""`argosy bus` against a real bus: what it tells, what it takes away, what it refuses."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import nats
import pytest
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig
from typer.testing import CliRunner

from argosy.cli import app
from argosy.servers.nats import NatsServer
from common.bus import Bus, BusConfig
from common.bus.register import Register, Wanted
from common.bus.streams import prepare_deadletters, prepare_events
from common.health import Condition
from common.subjects import Names

T = TypeVar("T")


class Installed:
    """A stream with the events and triggers of a sensor that is gone, and the tool."""

    def __init__(self, url: str, stream: str) -> None:
        """Prepare it; nothing is made yet."""
        self.url = url
        self.stream = stream
        self.subject = f"{stream}.orders.created"

    def make(self, count: int) -> None:
        """Register two triggers, publish, and let the first of them ack everything but the last event."""

        async def prepare(bus: Bus) -> None:
            await prepare_events(bus.jetstream, bus.names, bus.config)
            await prepare_deadletters(bus.jetstream, bus.names, bus.config)
            register = Register(bus)
            await register.prepare()
            wanted = [Wanted(name, self.subject, f"group-{name}") for name in ("done", "stuck")]
            await register.place("shop", "orders", wanted, foreign=False)
            await register.place("shop", "other", [Wanted("late", self.subject, "group-late", "oldest")], foreign=False)

        async def work(client: Client) -> None:
            bus = Bus(
                BusConfig(servers=(self.url,)), Names(self.stream, self.stream), title="test", prepare=prepare,
                condition=Condition("bus", "-"),
            )  # fmt: skip
            running = asyncio.get_running_loop().create_task(bus.run())
            await bus.wait_connected()
            js = client.jetstream()
            for number in range(count):
                await js.publish(self.subject, b"event %d" % number)
            for name in ("done", "stuck"):
                config = ConsumerConfig(
                    ack_policy=AckPolicy.EXPLICIT, filter_subject=self.subject, durable_name=f"group-{name}"
                )
                await js.add_consumer(self.stream, config)
            subscription = await js.pull_subscribe_bind("group-done", self.stream)
            for message in await subscription.fetch(count - 1, timeout=5):
                await message.ack_sync()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        self.run(work)

    def run(self, work: Callable[[Client], Awaitable[T]]) -> T:
        """Do something with a connection of the test's own."""

        async def connected() -> T:
            client = await nats.connect(self.url)
            try:
                return await work(client)
            finally:
                await client.close()

        return asyncio.run(connected())

    def argosy(self, *arguments: str, answer: str = "") -> tuple[int, str]:
        """Run the tool as in a pod: (exit code, what it said)."""
        environment = {
            "NATS_URL": self.url, "NATS_STREAM": self.stream, "NATS_SUBJECT_PREFIX": self.stream, "POD_NAMESPACE": "shop",
            "COLUMNS": "200",
        }  # fmt: skip
        result = CliRunner().invoke(app, ["bus", *arguments], env=environment, input=answer)
        return result.exit_code, result.output

    def status(self) -> dict[str, Any]:
        """Give the status as JSON."""
        code, output = self.argosy("status", "--output", "json")
        assert code == 0
        return dict(json.loads(output))

    def triggers(self) -> list[str]:
        """Give the triggers that are registered."""
        return [f"{r['sensor']}/{r['trigger']}" for r in self.status()["readers"] if r["trigger"]]

    def letters(self) -> list[bytes]:
        """Give what was parked."""

        async def work(client: Client) -> list[bytes]:
            js = client.jetstream()
            stream = f"{self.stream}-deadletters"
            last = (await js.stream_info(stream)).state.last_seq
            return [(await js.get_msg(stream, seq)).data or b"" for seq in range(1, last + 1)]

        return self.run(work)


@pytest.fixture
def installed(nats_server: NatsServer, stream: str) -> Installed:
    """Give a bus with 10 events and three triggers of two sensors."""
    made = Installed(nats_server.url, stream)
    made.make(10)
    return made


@pytest.mark.promise("A8")
def test_status_tells_how_far_everybody_is_and_who_holds_back(installed: Installed) -> None:
    """Streams with owner and limits, triggers with what waits, and the one that is the least far, for people and programs."""
    found = installed.status()
    assert found["streams"][0]["name"] == installed.stream
    assert (found["streams"][0]["owner"], found["streams"][0]["messages"]) == ("argosy", 10)
    assert found["streams"][0]["max_bytes"] > 0
    waiting = {reader["trigger"]: (reader["floor"], reader["waiting"], reader["there"]) for reader in found["readers"]}
    assert waiting == {"done": (9, 1, True), "stuck": (0, 10, True), "late": (0, 10, False)}
    [subject] = found["subjects"]
    assert (subject["subject"], subject["events"]) == (installed.subject, 10)
    assert subject["trigger"] in {"stuck", "late"}
    code, table = installed.argosy("status")
    assert code == 0
    for text in (installed.stream, "shop/orders/stuck", "last seen", "HELD BACK BY", f"{installed.stream}-deadletters"):
        assert text in table


@pytest.mark.promise("A8")
def test_prune_parks_what_waits_and_takes_the_sensor_off_the_bus(installed: Installed) -> None:
    """Asked first, shown first; then the events are in the dead letters, the sensor is gone, the other one keeps its own."""
    code, output = installed.argosy("prune", "orders", "--force", "--dry-run")
    assert (code, installed.triggers(), installed.letters()) == (0, ["orders/done", "orders/stuck", "other/late"], [])
    assert "11 events would be parked" in output
    assert installed.argosy("prune", "orders", "--force", answer="n\n")[0] == 1
    assert len(installed.triggers()) == 3
    code, output = installed.argosy("prune", "orders", "--force", "--yes")
    assert (code, "2 removed" in output) == (0, True)
    assert sorted(set(installed.letters())) == [b"event %d" % n for n in range(10)]
    assert len(installed.letters()) == 11
    assert installed.triggers() == ["other/late"]
    assert installed.status()["streams"][0]["messages"] == 10
    assert installed.argosy("prune", "orders", "--force")[0] == 1


def test_prune_drops_what_nobody_wants_and_lets_the_subject_go(installed: Installed) -> None:
    """With --drop there are no letters; when the last trigger of a subject is gone, so are the events it was kept for."""
    for which in ("orders/stuck", "orders/done", "other"):
        assert installed.argosy("prune", which, "--force", "--drop", "--yes")[0] == 0
    assert installed.letters() == []
    assert installed.triggers() == []
    assert installed.status()["streams"][0]["messages"] == 0


def test_prune_refuses_a_sensor_that_is_at_work(installed: Installed) -> None:
    """Pods that have just spoken, or ask for events now, are alive: without this their events would be taken from them."""
    code, output = installed.argosy("prune", "orders", "--yes")
    assert (code, "was in the document of a pod" in output) == (2, True)

    async def work(client: Client) -> tuple[int, str]:
        js = client.jetstream()
        subscription = await js.pull_subscribe_bind("group-stuck", installed.stream)
        for message in await subscription.fetch(10, timeout=5):
            await message.ack_sync()
        asking = asyncio.get_running_loop().create_task(subscription.fetch(1, timeout=8))
        answer = await asyncio.to_thread(installed.argosy, "prune", "orders", "--force", "--yes")
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        return answer

    code, output = installed.run(work)
    assert (code, "is at work" in output) == (2, True)
    assert len(installed.triggers()) == 3


def test_a_bus_without_the_stream_is_said_so(nats_server: NatsServer, stream: str) -> None:
    """A typo in a name makes no stream."""
    code, output = Installed(nats_server.url, stream).argosy("status")
    assert (code, f"there is no stream {stream}" in output) == (2, True)


@pytest.mark.parametrize("command", ["status", "prune"])
def test_help_tells_how_it_ends(command: str) -> None:
    """Help that reads like documentation."""
    code, output = Installed("", "").argosy(command, "--help")
    assert code == 0
    assert "Ends with 0" in output
