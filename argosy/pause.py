"""`argosy pause` and `argosy resume`: stop a sensor, or one of its triggers, and let it go on.

All replicas obey within a second. What is paused is a value on the bus, so it outlives restarts and upgrades; the events
wait, first on the bus, then in SQS.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, TypeVar

import typer
from nats.js.errors import NotFoundError
from rich.console import Console

from argosy.deadletters import options
from argosy.deadletters.link import with_bus
from common import settings
from common.bus import Bus
from common.bus.keys import keys_of
from common.bus.streams import LIMITS_MAX_BYTES, prepare_bucket
from common.errors import ConfigurationError, ServiceError
from common.settings import PodSettings
from common.subjects import safe
from sensor.limits.cell import BusCell, Stored
from sensor.limits.pause import PREFIX, Paused, change

REFUSED, BAD_INPUT = 1, 2
"""Exit codes."""
T = TypeVar("T")

Which = Annotated[
    str, typer.Argument(metavar="SENSOR[/TRIGGER]", help="A whole sensor, or one of its triggers.", show_default=False)
]
Namespace = Annotated[str, typer.Option("--namespace", "-n", help="Of the sensor; else POD_NAMESPACE.", show_default=False)]


def pause(
    which: Which = "",
    *,
    namespace: Namespace = "",
    force: Annotated[bool, typer.Option("--force", help="Also what no sensor on this bus has registered yet.")] = False,
    url: options.Url = "",
    stream: options.Stream = "",
    creds: options.Creds = None,
) -> None:
    """Pause a sensor or one of its triggers; without a name, list what is paused.

    Within a second no replica fetches or fires any more. What is being sent is finished, everything else waits on the bus, and
    then in SQS: nothing is lost, also not over restarts. Pods stay ready; the status page and `argosy_sensor_paused` tell.

    ```
    argosy pause orders --namespace shop
    argosy pause orders/workflow --namespace shop
    argosy pause
    ```

    Ends with 0, 1 if there is no such sensor or trigger on this bus, 2 for bad usage or if there is no bus.
    """
    bus = options.over(url, stream, creds)
    if not which:
        _say(_run(bus, _listed), "nothing is paused")
        return
    sensor, trigger = _split(which)
    of = Paused(namespace or settings.read(PodSettings).namespace, sensor)
    missing = None if force else _run(bus, lambda link: _missing(link, of, trigger))
    if missing:
        Console(stderr=True).print(f"{missing}; --force pauses it all the same", style="red", markup=False)
        raise typer.Exit(REFUSED)
    step = _more if trigger else _whole
    _say([_run(bus, lambda link: _changed(link, of, lambda paused: step(paused, trigger)))], "nothing is paused")


def resume(
    which: Which,
    *,
    namespace: Namespace = "",
    url: options.Url = "",
    stream: options.Stream = "",
    creds: options.Creds = None,
) -> None:
    """Let a paused sensor, or one of its triggers, go on where it was.

    Resuming a sensor resumes all of its triggers, those that were paused one by one included.

    ```
    argosy resume orders --namespace shop
    argosy resume orders/workflow --namespace shop
    ```

    Ends with 0, 1 if the trigger stays paused because its whole sensor is, 2 for bad usage or if there is no bus.
    """
    sensor, trigger = _split(which)
    of = Paused(namespace or settings.read(PodSettings).namespace, sensor)
    left = _run(options.over(url, stream, creds), lambda link: _changed(link, of, lambda paused: _less(paused, trigger)))
    _say([left], f"{which} goes on")
    if left.whole:
        Console(stderr=True).print(f"the whole sensor {sensor} is paused: resume that", style="red", markup=False)
        raise typer.Exit(REFUSED)


def _whole(paused: Paused, _: str) -> Paused:
    return replace(paused, whole=True)


def _more(paused: Paused, trigger: str) -> Paused:
    return replace(paused, triggers=paused.triggers | {trigger})


def _less(paused: Paused, trigger: str) -> Paused:
    return replace(paused, triggers=paused.triggers - {trigger}) if trigger else Paused(paused.namespace, paused.sensor)


def _split(which: str) -> tuple[str, str]:
    """Take SENSOR[/TRIGGER] apart; the names of triggers may hold further slashes, those of sensors none."""
    sensor, slash, trigger = which.partition("/")
    if not sensor or (slash and not trigger):
        raise typer.BadParameter(f"{which!r} is neither SENSOR nor SENSOR/TRIGGER")
    return sensor, trigger


def _say(paused: list[Paused], nothing: str) -> None:
    lines = [
        f"{each.namespace}/{each.sensor}: " + ("the whole sensor is paused" if each.whole else f"paused: {', '.join(listed)}")
        for each in paused
        if (listed := sorted(each.triggers)) or each.whole
    ]
    for line in lines or [nothing]:
        typer.echo(line)


async def _changed(bus: Bus, of: Paused, step: Callable[[Paused], Paused]) -> Paused:
    await prepare_bucket(bus.jetstream, bus.names.limits, bus.config, max_bytes=LIMITS_MAX_BYTES)
    return await change(BusCell(bus, bus.names.limits, of.key), of, step)


async def _missing(bus: Bus, of: Paused, trigger: str) -> str:
    """Say what is not on this bus, if anything: a misspelt name must not look as if it were paused."""
    known = (await BusCell(bus, bus.names.register, f"{safe(of.namespace)}.{safe(of.sensor)}").read()).value or {}
    triggers = sorted({entry["trigger"] for entry in known.get("triggers", ())})
    if not triggers:
        return f"no sensor {of.sensor} in namespace {of.namespace} has registered on this bus"
    return "" if not trigger or trigger in triggers else f"{of.sensor} has no trigger {trigger}, but {', '.join(triggers)}"


async def _listed(bus: Bus) -> list[Paused]:
    try:
        keys = await keys_of(bus.jetstream, bus.names.limits, f"{PREFIX}>")
    except NotFoundError:
        return []
    found = [await BusCell(bus, bus.names.limits, key).read() for key in keys]
    return [_of(stored) for stored in found]


def _of(stored: Stored) -> Paused:
    value = stored.value or {}
    return Paused(value.get("namespace", ""), value.get("sensor", "")).read(stored)


def _run(over: dict[str, object], work: Callable[[Bus], Awaitable[T]]) -> T:
    try:
        return asyncio.run(with_bus(over, work))
    except ServiceError as error:
        lines = error.faults if isinstance(error, ConfigurationError) else (str(error),)
        for line in lines:
            Console(stderr=True).print(line, style="red", markup=False)
        raise typer.Exit(BAD_INPUT) from None
