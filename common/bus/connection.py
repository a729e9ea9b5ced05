"""The connection to the bus: made for ever, rebuilt when the client gave up, ready only when the streams are there.

`run` is an attendant of `common.service.serve`. Whoever subscribes watches `generation`: it grows when the client object
was replaced, and subscriptions of the old one are gone. A mere reconnect keeps them.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext

from common import backoff
from common.bus.config import BusConfig
from common.bus.pubacks import PubAck, PubAcks
from common.errors import ConfigurationError, Missing, Refused, ServiceError, Unavailable
from common.health import Condition
from common.log import Seldom
from common.metrics import BusMetrics
from common.subjects import Names

PING_INTERVAL = 5.0
"""Seconds between pings; two unanswered ones end the connection, so that a silent server is noticed within 15 s."""
CONNECT_TIMEOUT = 5.0
"""Seconds for one try to connect."""
RECONNECT_WAIT = 0.5
"""Seconds between two tries at the same server."""
BREATH = 0.01
"""Seconds between two looks at something that changes in a moment."""
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
        self._closing = False
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
            # Somebody took a stream away, or its leader did not answer: all of them are looked at, and made where missing.
            self._usable.clear()
            self._changed.set()
            raise

    async def run(self) -> None:
        """Connect, prepare, watch; again and again until cancelled."""
        while True:
            client = Client()
            self._closing = False
            try:
                await self._connect(client)
                await self._attend(client)
            except ServiceError as error:
                self._fail(str(error))
            finally:
                self._usable.clear()
                self._closing = True
                await _close(client)
            await asyncio.sleep(RECONNECT_WAIT)

    async def _connect(self, client: Client) -> None:
        options: dict[str, Any] = self.config.login.options()
        if self.config.tls is not None:
            options["tls"] = self.config.tls.context()
        # The client's annotations say int; it hands these to asyncio, which takes fractions.
        await client.connect(
            servers=list(self.config.servers),
            name=self._title,
            connect_timeout=CONNECT_TIMEOUT,  # type: ignore[arg-type]
            reconnect_time_wait=RECONNECT_WAIT,  # type: ignore[arg-type]
            max_reconnect_attempts=-1,
            ping_interval=PING_INTERVAL,  # type: ignore[arg-type]
            max_outstanding_pings=2,
            flush_timeout=CONNECT_TIMEOUT,
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnect,
            reconnected_cb=self._on_change,
            closed_cb=self._on_disconnect,
            **options,
        )
        self._client = client
        self._pubacks = PubAcks(client)
        await self._pubacks.open()
        self.generation += 1

    async def _attend(self, client: Client) -> None:
        """Prepare after every connect, and return when the client gave up for good."""
        failures = 0
        while not client.is_closed:
            self._changed.clear()
            if client.is_connected and not self._usable.is_set():
                failures = 0 if await self._try_to_prepare() else failures + 1
            if failures:
                pause = backoff.delay(failures, first=PREPARE_FIRST, cap=PREPARE_CAP, jitter=random.random())  # noqa: S311
                await asyncio.sleep(pause)
            elif client.is_connected:
                await self._changed.wait()
            else:
                await asyncio.sleep(RECONNECT_WAIT / 2)

    async def _try_to_prepare(self) -> bool:
        try:
            await self._prepare(self)
        except (ServiceError, nats.errors.Error, TimeoutError, OSError) as error:
            if isinstance(error, ConfigurationError):
                # A stream of somebody else, or one that cannot be made ours: said, and looked at again for ever.
                error = Refused("; ".join(error.faults))
            self._fail(f"{error}" or type(error).__name__)
            return False
        self._usable.set()
        self._condition.ok()
        self._metrics.connected.set(1)
        self._log.info("bus.ready", servers=self.config.servers, stream=self.names.stream)
        return True

    def _fail(self, why: str) -> None:
        self._condition.fail(why)
        self._seldom.warning("bus", "bus.away", why=why)

    async def _on_error(self, error: Exception) -> None:
        self._seldom.warning("bus", "bus.error", why=str(error) or type(error).__name__)
        if not self.connected:
            self._condition.fail(str(error) or type(error).__name__)

    async def _on_disconnect(self) -> None:
        self._usable.clear()
        self._metrics.connected.set(0)
        if self._closing:
            return
        self._condition.fail("the connection to the bus is lost")
        if self._pubacks is not None:
            self._pubacks.abandon("the connection to the bus was lost before the confirmation came")
        self._seldom.warning("bus", "bus.disconnected")
        self._changed.set()

    async def _on_change(self) -> None:
        self._metrics.reconnects.inc()
        self._changed.set()


async def _close(client: Client) -> None:
    """Send what is buffered (acks, above all), then close."""
    try:
        if client.is_connected:
            await client.flush(timeout=2)
        await client.close()
    except (nats.errors.Error, TimeoutError, OSError):
        # The server went first; what it did not get is redelivered.
        pass
