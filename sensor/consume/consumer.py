"""A consumer that is kept at work: attached, asked, watched, and attached anew when anything about it broke.

What it holds is bounded by what it asks for, and kept ours by a sign every third of the bus' patience. It never ends before it
is told to: an outage is waited for, a consumer that was deleted is made again at its registered floor.
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError

from common import backoff
from common.bus import Bus
from common.bus.clock import bus_time
from common.errors import Missing, ServiceError
from common.health import Condition
from common.log import Seldom
from common.service import first, pause
from sensor.consume import durable, wire
from sensor.consume.delivery import BusDelivery
from sensor.consume.durable import Channel, Find
from sensor.consume.pull import Pull
from sensor.consume.replayed import replayed
from sensor.metrics import TriggerMetrics
from sensor.ports import Delivery, Envelope

TICK = 1.0
"""Seconds between two looks at the connection."""
LOOK = 10.0
"""Seconds between two looks at the consumer itself."""
STUCK_AFTER = 2
"""Looks in a row at a consumer that has events for us and gives none, before it is attached anew."""
SURELY_OURS = 0.5
"""The part of the bus' patience for which a message is surely ours, whether the bus hears that we work on it or not."""
FIRST, CAP = 0.25, 10.0
"""Seconds between two tries to attach."""

Handle = Callable[[Delivery], Awaitable[None]]
"""Does all that is to be done about a delivery, and settles it. Raises nothing."""


class Consumer:
    """One trigger's consumer on one subject.

    `find` asks under which name it is, and `named` tells that name as far as it is known: the channel's, where nothing is said.
    `allowed`: whether to ask for more at all; `most`: how many may be in hand just now. At 0 what was asked for is taken back.
    """

    def __init__(
        self,
        bus: Bus,
        channel: Channel,
        *,
        slots: int,
        handle: Handle,
        allowed: Callable[[], bool],
        most: Callable[[], int] = lambda: sys.maxsize,
        find: Find,
        named: Callable[[], str] | None = None,
        condition: Condition,
        metrics: TriggerMetrics,
    ) -> None:
        self.channel = channel
        self.held: set[BusDelivery] = set()
        self.pending = 0
        self._bus = bus
        self._slots = slots
        self._handle = handle
        self._allowed = allowed
        self._most = most
        self._find = find
        self._named = named or (lambda: channel.name)
        self._condition = condition
        self._metrics = metrics
        self._waits, self._delivered = metrics.consumer(channel.stream, channel.name)
        self._wake = asyncio.Event()
        self._hands: asyncio.TaskGroup | None = None
        self._pull: Pull | None = None
        self._leaving = False
        self._made = 0.0
        self._attached = 0.0
        self._sure: asyncio.Future[bool] | None = None
        self._arrivals = 0
        self._log = structlog.get_logger("consume").bind(trigger=channel.trigger, subject=channel.subject)
        self._seldom = Seldom(self._log)

    def wake(self) -> None:
        """Look at once whether there is room again."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish what is in hand."""
        async with asyncio.TaskGroup() as outer:
            keepers = [
                outer.create_task(self._keep_alive(), name=f"{self.channel.name} in progress"),
                outer.create_task(self._wake_on(stop), name=f"{self.channel.name} stop"),
            ]
            async with asyncio.TaskGroup() as hands:
                self._hands = hands
                await self._attend(stop)
            for keeper in keepers:
                keeper.cancel()

    # ------------------------------------------------------------------------------------------------------ attaching

    async def _attend(self, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            await first(self._bus.wait_connected(), stop.wait())
            started = asyncio.get_running_loop().time()
            why = ""
            try:
                if not stop.is_set():
                    why = await self._session(stop)
            except (NotFoundError, Missing) as error:
                # A consumer that is gone is made again on the way: what is missing is the stream.
                self._bus.look_again()
                why = str(error)
            except (ServiceError, nats.errors.Error, TimeoutError, OSError) as error:
                why = str(error) or type(error).__name__
            if stop.is_set():
                return
            failures = failures + 1 if asyncio.get_running_loop().time() - started < CAP else 1
            self._condition.fail(why)
            self._metrics.rebuilds.inc()
            self._seldom.warning("detached", "consumer.detached", why=why)
            await pause(stop, backoff.delay(failures, first=FIRST, cap=CAP, jitter=random.random()))  # noqa: S311 - no secret

    async def _session(self, stop: asyncio.Event) -> str:
        """Attach and pull until something breaks; gives what."""
        generation, client = self._bus.generation, self._bus.client
        self._call(self._named())
        info = await durable.ensure(self._bus, self.channel, self._find)
        self._call(str(info.name))
        self._made = _seconds(info.created)
        self._attached = await bus_time(client, self.channel.stream)
        self._seen(info)
        pull = Pull(
            client, stream=self.channel.stream, consumer=self.channel.name, arrived=self._arrived, changed=self._wake.set
        )
        self._leaving, self._pull = False, pull
        await pull.open()
        self._condition.ok()
        self._log.info("consumer.attached", consumer=self.channel.name, pending=self.pending)
        try:
            return await self._pump(pull, stop, lambda: self._bus.generation == generation)
        finally:
            self._leaving = True
            await pull.leave()

    def _call(self, name: str) -> None:
        """Have the consumer under another name."""
        if name != self.channel.name:
            for gauge in (self._waits, self._delivered):
                gauge.set(0)
            self.channel = replace(self.channel, name=name)
            self._waits, self._delivered = self._metrics.consumer(self.channel.stream, name)

    async def _pump(self, pull: Pull, stop: asyncio.Event, same_connection: Callable[[], bool]) -> str:
        look = asyncio.get_running_loop().time() + LOOK
        stuck, arrivals = 0, self._arrivals
        while not stop.is_set():
            self._wake.clear()
            if self.channel.name != self._named():
                return "the consumer gets its own name back"
            if not same_connection():
                return "the connection to the bus was made anew"
            if pull.broken:
                return pull.broken
            if pull.silent():
                return "the bus is silent"
            if pull.outstanding and self._most() <= 0:
                await self._withdraw(pull)
            elif (room := self._room()) and self._allowed():
                await self._ask(pull, room)
            if asyncio.get_running_loop().time() >= look:
                look = asyncio.get_running_loop().time() + LOOK
                idle = pull.outstanding > 0 and not self.held and self._arrivals == arrivals
                arrivals = self._arrivals
                stuck = stuck + 1 if await self._waiting() and idle else 0
                if stuck >= STUCK_AFTER:
                    return f"{self.pending} events wait and none comes"
            await self._tick()
        return ""

    async def _ask(self, pull: Pull, count: int) -> None:
        """Ask for so many more, then see that it is the consumer that we know: another pod may have made it anew.

        Nobody tells us that it was deleted while we had asked for nothing, and the new one gives again, as if for the first
        time, what other pods have done with. So what comes waits for this look, and where that finds another consumer it may
        have come before. The look follows the request: if it finds the consumer that we know, that one has got the request.
        """
        sure = self._sure = asyncio.get_running_loop().create_future()
        try:
            await pull.ask(count)
            info = await self._bus.jetstream.consumer_info(self.channel.stream, self.channel.name)
            if _seconds(info.created) == self._made:
                sure.set_result(True)
                return
            pull.broken = "the consumer was made anew"
        except NotFoundError:
            pull.broken = "the consumer is gone"
        finally:
            if not sure.done():
                sure.set_result(False)
        self._wake.set()

    async def _withdraw(self, pull: Pull) -> None:
        """Take back what was asked for: the trigger may not have it any more. What is under way already goes back."""
        self._leaving = True
        try:
            await pull.leave()
            await pull.open()
        finally:
            self._leaving = False

    def _room(self) -> int:
        """Say how many more to ask for; 0 until there are enough to be worth a request."""
        most = min(self._slots, self._most())
        room = most - len(self.held) - (self._pull.outstanding if self._pull else 0)
        return room if room >= max(1, most // 4) else 0

    async def _tick(self) -> None:
        try:
            async with asyncio.timeout(TICK):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _waiting(self) -> bool:
        """Look at the consumer, and say whether anything waits there."""
        if not self._bus.connected:
            return False
        self._seen(await self._bus.jetstream.consumer_info(self.channel.stream, self.channel.name))
        return self.pending > 0

    def _seen(self, info: ConsumerInfo) -> None:
        self.pending = info.num_pending or 0
        self._waits.set(self.pending)
        self._delivered.set(info.num_ack_pending or 0)

    # -------------------------------------------------------------------------------------------------------- in hand

    def _arrived(self, message: Msg, asked: float) -> None:
        origin = wire.origin(message.reply)
        envelope = Envelope(
            subject=message.subject,
            body=message.data,
            headers=message.headers or {},
            sequence=origin.sequence,
            deliveries=origin.deliveries,
            stored=origin.stored,
        )
        if self.channel.replays:
            envelope = replayed(envelope)
        delivery = BusDelivery(
            envelope,
            message.reply,
            self._say,
            early=origin.stored < self._made,
            uncounted=origin.stored < self._attached,
            ours_until=asked + self.channel.ack_wait * SURELY_OURS,
        )
        self._arrivals += 1
        self._metrics.received.inc()
        self._metrics.in_flight.inc()
        if origin.deliveries > 1:
            self._metrics.redelivered.inc()
        self.held.add(delivery)
        if self._hands is None:
            raise RuntimeError("a message came before the consumer ran")
        self._hands.create_task(self._return(delivery) if self._leaving else self._work(delivery, self._sure))

    async def _work(self, delivery: BusDelivery, sure: asyncio.Future[bool] | None) -> None:
        try:
            if sure and not await sure:
                delivery.early = True
            await self._handle(delivery)
        finally:
            self._release(delivery)

    async def _return(self, delivery: BusDelivery) -> None:
        """Give back what came after we left."""
        try:
            self._metrics.outcomes["returned"].inc()
            await delivery.nak(0)
        finally:
            self._release(delivery)

    def _release(self, delivery: BusDelivery) -> None:
        self.held.discard(delivery)
        self._metrics.in_flight.dec()
        if delivery.settled:
            self._metrics.settled[delivery.settled].inc()
        if self._room():
            self._wake.set()

    async def _say(self, reply: str, payload: bytes) -> None:
        try:
            await self._bus.client.publish(reply, payload)
        except (ServiceError, nats.errors.Error, OSError) as error:
            # It comes again, and the ledger knows it.
            self._seldom.warning("unsaid", "consumer.unsaid", what=payload[:4].decode(), why=str(error))

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self.channel.ack_wait / 3)
            for delivery in list(self.held):
                if not delivery.settled:
                    await delivery.in_progress()
                    self._metrics.settled["in_progress"].inc()

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
