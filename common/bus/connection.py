"""The connection to the bus: made for ever, made anew when it is lost, ready only when the streams are there.

`run` is an attendant of `common.service.serve`. Whoever subscribes watches `generation`: it grows with each connection, and
the subscriptions of the one before are gone.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext

from common import backoff
from common.bus.config import BusConfig
from common.bus.dial import CONNECT_TIMEOUT, dial, hang_up
from common.bus.pubacks import PubAck, PubAcks
from common.errors import ConfigurationError, Missing, Refused, ServiceError, Unavailable
from common.health import Condition
from common.log import Seldom
from common.metrics import BusMetrics
from common.service import first
from common.subjects import Names

DIAL_FIRST, DIAL_CAP = 0.25, 2.0
"""Seconds between two tries to connect."""
BREATH = 0.01
"""Seconds between two looks at something that changes in a moment."""
LOOK = 1.0
"""Seconds between two looks at the connection: what the library tells of its end may come late, or never."""
PREPARE_FIRST, PREPARE_CAP = 0.25, 10.0
"""Seconds between two tries to prepare the streams."""

Prepare = Callable[["Bus"], Awaitable[None]]
"""Makes sure that the streams are there; runs after every connect."""


class Bus:
    """One NATS connection with JetStream."""

    def __init__(self, config: BusConfig, names: Names, *, title: str, prepare: Prepare, condition: Condition) -> None:
        self.config = config
        self.names = names
        self.generation = 0
        self._title = title
        self._prepare = prepare
        self._condition = condition
        self._client: Client | None = None
        self._pubacks: PubAcks | None = None
        self._usable = asyncio.Event()
        self._changed = asyncio.Event()
        self._heard = ""
        self._log = structlog.get_logger("bus")
        self._seldom = Seldom(self._log)
        self._metrics = BusMetrics()

    @property
    def client(self) -> Client:
        """The present client. Raises `Unavailable` before the first connect."""
        if self._client is None:
            raise Unavailable("the bus has not been reached yet")
        return self._client

    @property
    def jetstream(self) -> JetStreamContext:
        """JetStream over the present client. Raises `Unavailable` before the first connect."""
        return self.client.jetstream(timeout=CONNECT_TIMEOUT)

    @property
    def connected(self) -> bool:
        """Whether the bus is connected and the streams are prepared."""
        return self._usable.is_set() and self._client is not None and self._client.is_connected

    @property
    def max_payload(self) -> int:
        """Bytes that the server takes in one message, headers included."""
        return self.client.max_payload

    async def wait_connected(self) -> None:
        """Wait until the bus can be used."""
        await self._usable.wait()
        while not self.connected:
            # The client has noticed a lost connection, and its callback, which clears the event, runs in a moment.
            await asyncio.sleep(BREATH)
            await self._usable.wait()

    async def publish(
        self,
        subject: str,
        payload: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        timeout: float = 5.0,  # noqa: ASYNC109 - how long the bus may take, in seconds
    ) -> PubAck:
        """Publish and wait until the message is stored.

        Raises `Unavailable` when the bus is away, full or slow (publish the same `Nats-Msg-Id` again later), and
        `Rejected("too_large")` for what the server will never take.
        """
        if not self.connected or self._pubacks is None:
            raise Unavailable("the bus is away")
        try:
            return await self._pubacks.publish(subject, payload, headers, timeout)
        except Missing:
            self.look_again()
            raise

    def look_again(self) -> None:
        """Look at all streams, and make them where they are missing: somebody took one away, or its leader did not answer."""
        self._usable.clear()
        self._changed.set()

    async def run(self) -> None:
        """Connect, prepare, watch; again and again until cancelled."""
        failures = 0
        while True:
            try:
                client = await dial(self.config, self._title, on_error=self._on_error, on_lost=self._on_lost)
            except ServiceError as error:
                failures += 1
                self._fail(str(error))
            else:
                began = asyncio.get_running_loop().time()
                try:
                    await self._attend(client)
                    self._lost()
                finally:
                    self._usable.clear()
                    self._metrics.connected.set(0)
                    await hang_up(client)
                failures = failures + 1 if asyncio.get_running_loop().time() - began < DIAL_CAP else 0
            _pass_on_cancellation()
            await asyncio.sleep(backoff.delay(failures, first=DIAL_FIRST, cap=DIAL_CAP, jitter=random.random()))  # noqa: S311

    async def _attend(self, client: Client) -> None:
        """Prepare the streams, and again when one is missed; returns when the connection is lost."""
        pubacks = PubAcks(client)
        try:
            await pubacks.open()
        except (nats.errors.Error, OSError):
            return
        self._client, self._pubacks = client, pubacks
        self.generation += 1
        if self.generation > 1:
            self._metrics.reconnects.inc()
        failures = 0
        while client.is_connected:
            _pass_on_cancellation()
            self._changed.clear()
            if not self._usable.is_set():
                failures = 0 if await self._try_to_prepare() else failures + 1
            wait = LOOK
            if failures:
                wait = backoff.delay(failures, first=PREPARE_FIRST, cap=PREPARE_CAP, jitter=random.random())  # noqa: S311
            await first(self._changed.wait(), timeout=wait)

    async def _try_to_prepare(self) -> bool:
        self._heard = ""
        try:
            await self._prepare(self)
        except (ServiceError, nats.errors.Error, TimeoutError, OSError) as error:
            if isinstance(error, ConfigurationError):
                # A stream of somebody else, or one that cannot be made ours: said, and looked at again for ever.
                error = Refused("; ".join(error.faults))
            why = str(error) or type(error).__name__
            # What the server says against a request comes beside it, and the request itself gets no answer.
            self._fail(f"{why} ({self._heard})" if self._heard else why)
            return False
        self._usable.set()
        self._condition.ok()
        self._metrics.connected.set(1)
        self._log.info("bus.ready", servers=self.config.servers, stream=self.names.stream)
        return True

    def _fail(self, why: str) -> None:
        self._condition.fail(why)
        self._seldom.warning("bus", "bus.away", why=why)

    def _lost(self) -> None:
        self._usable.clear()
        self._condition.fail("the connection to the bus is lost")
        if self._pubacks is not None:
            self._pubacks.abandon("the connection to the bus was lost before the confirmation came")
        self._seldom.warning("bus", "bus.disconnected")

    async def _on_error(self, error: Exception) -> None:
        why = str(error) or type(error).__name__
        self._heard = why
        self._seldom.warning("bus", "bus.error", why=why)

    async def _on_lost(self) -> None:
        self._changed.set()


def _pass_on_cancellation() -> None:
    """Raise the CancelledError that the library swallows while it writes."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
