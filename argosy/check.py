"""`argosy check`: whether the bus, the queues and the cluster are there and let us, asked as a pod of a service would ask.

The chart runs it as `helm test`, in pods that have the environment, the files and the account of the real ones. Nothing is
received, published or created.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from common.bus import Bus, BusConfig
from common.errors import ConfigurationError, ServiceError
from common.health import Condition
from common.log import configure
from common.service import first
from common.subjects import Names
from eventsource.spec import SqsEvent
from sensor.ports import Reach

if TYPE_CHECKING:
    from eventsource.consume import Aws
    from eventsource.metrics import SourceMetrics
    from sensor.app import Prepared

WITHIN = 20.0
"""Seconds that each answer may take."""
BAD_DOCUMENT = 2
"""The exit code of a bad document or setting, as the services have it."""

Answer = tuple[str, str | None]
"""What was asked, and why the answer is no; None where it is yes."""


class Service(StrEnum):
    """Whose environment this is."""

    EVENTSOURCE = "eventsource"
    SENSOR = "sensor"


def command(service: Annotated[Service, typer.Argument(help="Whose environment this is.", show_default=False)]) -> None:
    """Ask the bus, and the queues or the API server, whether they are there and let us.

    Reads the same environment as the service. Ends with 0 if all say yes, 1 if one says no, 2 for a bad document or setting.
    """
    configure(level="error", service="check")
    try:
        answers = asyncio.run(_collected(_source() if service is Service.EVENTSOURCE else _sensor()))
    except ConfigurationError as error:
        for fault in error.faults:
            print(f"no   {fault}")
        raise typer.Exit(BAD_DOCUMENT) from None
    raise typer.Exit(1 if any(why for _, why in answers) else 0)


async def _collected(answers: AsyncIterator[Answer]) -> list[Answer]:
    found = []
    async for what, why in answers:
        print(f"no   {what}: {why}" if why else f"yes  {what}", flush=True)
        found.append((what, why))
    return found


async def _source() -> AsyncIterator[Answer]:
    # Only here: what a pod loads of its clients is not what the other commands need of them.
    from eventsource.app import prepare  # noqa: PLC0415
    from eventsource.consume import Aws  # noqa: PLC0415
    from eventsource.metrics import SourceMetrics  # noqa: PLC0415

    prepared = prepare()
    yield await _bus(prepared.bus, prepared.names)
    metrics = SourceMetrics(prepared.namespace, prepared.document.metadata.name)
    for name, event in prepared.document.spec.sqs.items():
        yield await _answer(f"queue {event.target.name}", _depth(Aws(prepared.bus_settings.secrets_dir), event, metrics, name))


async def _depth(aws: "Aws", event: SqsEvent, metrics: "SourceMetrics", name: str) -> str | None:
    queue = aws.queue(event, pollers=1, metrics=metrics.of(name, event.target.name))
    try:
        await queue.open()
        await queue.depth()
    finally:
        await queue.close()
    return None


async def _sensor() -> AsyncIterator[Answer]:
    from sensor.app import prepare  # noqa: PLC0415 - as above

    prepared = prepare()
    yield await _bus(prepared.bus, prepared.names)
    reaches = {reach for trigger in prepared.triggers for reach in trigger.reaches}
    async with prepared.cluster:
        for reach in sorted(reaches, key=str):
            yield await _answer(f"{reach.target.kind} in {reach.namespace}", _allowed(prepared, reach))


async def _allowed(prepared: "Prepared", reach: Reach) -> str | None:
    missing = [verb for verb in reach.verbs if not await prepared.cluster.allowed(reach.target, reach.namespace, verb)]
    return f"may not {', '.join(missing)}" if missing else None


async def _bus(config: BusConfig, names: Names) -> Answer:
    """Connect as the services do, and ask for the account: JetStream has to be on."""
    condition = Condition("bus", "no answer")

    async def ask(bus: Bus) -> None:
        await bus.jetstream.account_info()

    bus = Bus(config, names, title="argosy check", prepare=ask, condition=condition)
    await first(bus.run(), bus.wait_connected(), timeout=WITHIN)
    return f"the bus at {', '.join(config.servers)}", condition.why


async def _answer(what: str, asked: Awaitable[str | None]) -> Answer:
    try:
        async with asyncio.timeout(WITHIN):
            return what, await asked
    except TimeoutError:
        return what, f"no answer within {WITHIN:g} s"
    except ServiceError as error:
        return what, str(error)
